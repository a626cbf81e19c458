"""Files of every kind, made on the spot."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()
_MAKE, _ORIENTATION, _GPS = 0x010F, 0x0112, 0x8825


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **options: object) -> bytes:
    """A picture from a telephone: with the camera's make, held upright, and the place where it was taken."""
    exif = Image.Exif()
    exif[_MAKE], exif[_ORIENTATION] = "Camera of Li Hua", 6
    exif.get_ifd(_GPS)[1] = "N"
    target = io.BytesIO()
    Image.new("RGB", size, "teal").save(target, kind, exif=exif, **options)
    return target.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of some kilobytes that unpacks to `width` × `height` pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width // 8 + 2) * height), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def office(*names: str) -> bytes:
    """An archive with files of these names."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            archive.writestr(name, "<xml/>")
    return target.getvalue()


JPEG = picture()
PNG = picture("PNG")
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"
XLSX = office("[Content_Types].xml", "xl/workbook.xml")
DOCX = office("[Content_Types].xml", "word/document.xml")
MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" + bytes(100)
M4A = b"\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00M4A mp42isom" + bytes(40)
AMR = b"#!AMR\n" + bytes(32)
TEXT = "厨房漏水\r\n3-1802".encode()
