"""What a file is, told by its content alone. Whatever is not on the list is not taken, SVG and HTML least of all."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from typing import Final

import msgspec

_ENTRIES = 5000  # files in an office document; a large one has some hundred
_MARKUP = ("<!doctype", "<html", "<svg", "<?xml", "<script")


class Kind(msgspec.Struct, frozen=True):
    """A kind of file. `name` is stored; the first extension is the usual one."""

    name: str
    media_type: str
    extensions: tuple[str, ...]


_LIST: Final = (
    Kind("jpeg", "image/jpeg", ("jpg", "jpeg", "jpe", "jfif")),
    Kind("png", "image/png", ("png",)),
    Kind("webp", "image/webp", ("webp",)),
    Kind("heic", "image/heic", ("heic", "heif")),
    Kind("pdf", "application/pdf", ("pdf",)),
    Kind("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx",)),
    Kind("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ("docx",)),
    Kind("text", "text/plain", ("txt",)),
    Kind("mp3", "audio/mpeg", ("mp3",)),
    Kind("m4a", "audio/mp4", ("m4a",)),
    Kind("amr", "audio/amr", ("amr",)),
)
KINDS: Final[dict[str, Kind]] = {kind.name: kind for kind in _LIST}
PICTURES: Final = frozenset({"jpeg", "png", "webp", "heic"})
ACCEPT: Final = ",".join(f".{extension}" for kind in _LIST for extension in kind.extensions)
"""For a file field: what may be chosen."""

_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"})
_MP4 = frozenset({b"M4A ", b"M4B ", b"mp42", b"mp41", b"isom", b"iso2", b"3gp4", b"3gp5"})


def sniff(content: bytes) -> Kind | None:
    """The kind of a file; None for what is not taken."""
    name = _name(content)
    return KINDS[name] if name else None


def _name(content: bytes) -> str | None:
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if content[4:8] == b"ftyp":
        return _mp4(content)
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    if content.startswith(b"ID3") or _is_mp3(content):
        return "mp3"
    if content.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
        return "amr"
    return "text" if _is_text(content) else None


def _mp4(content: bytes) -> str | None:
    """The container of pictures, sound and films: films are not taken."""
    brand = content[8:12]
    if brand in _HEIC:
        return "heic"
    return "m4a" if brand in _MP4 and b"vide" not in content else None


def _office(content: bytes) -> str | None:
    """A workbook or a letter, without macros. Nothing in it is unpacked."""
    if content.count(b"PK\x01\x02") > _ENTRIES:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    if "[Content_Types].xml" not in names or any(name.endswith("vbaProject.bin") for name in names):
        return None
    if "xl/workbook.xml" in names:
        return "xlsx"
    return "docx" if "word/document.xml" in names else None


def _is_mp3(content: bytes) -> bool:
    """An MPEG audio frame of layer III, and not one of the values that no frame has."""
    if len(content) < 4 or content[0] != 0xFF or content[1] & 0xE6 != 0xE2:
        return False
    return content[2] >> 4 not in (0x0, 0xF) and content[2] & 0x0C != 0x0C


def _is_text(content: bytes) -> bool:
    for encoding in ("utf-16", "utf-8-sig", "gb18030"):
        if encoding == "utf-16" and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return not text.lstrip().lower().startswith(_MARKUP) and not any(
            unicodedata.category(character) == "Cc" and character not in "\t\n\r\f" for character in set(text)
        )
    return False
