"""The process that opens one picture under limits: bytes on stdin, kind and `Limits` as arguments, a `Reply` on stdout.

Whatever came in is decoded to pixels, and only pixels go out: no place, camera, preview, comment or trailing data.
"""

from __future__ import annotations

import io
import resource
import sys
import warnings
from pathlib import Path

import msgspec
import pillow_heif
from PIL import Image, ImageOps

from core.files._protocol import Limits, Reply

_FORMATS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "heic": "HEIF"}
_KEPT_AS = {"jpeg": "jpeg", "png": "png", "webp": "webp", "heic": "jpeg"}
_OPTIONS = {"jpeg": {"quality": 85}, "png": {"compress_level": 6}, "webp": {"quality": 85, "method": 4}}


def main() -> None:
    """Reads stdin, writes the reply. Dies without one when it outgrows its limits."""
    kind, limits = sys.argv[1], msgspec.json.decode(sys.argv[2], type=Limits)
    _confine(limits)
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer(sys.stdin.buffer.read(), kind, limits)))


def answer(content: bytes, kind: str, limits: Limits) -> Reply:
    """The picture made anew, or the refusal."""
    warnings.simplefilter("ignore")
    pillow_heif.register_heif_opener(thumbnails=False)
    try:
        with Image.open(io.BytesIO(content), formats=[_FORMATS[kind]]) as opened:
            if opened.width * opened.height >= limits.pixels:
                return Reply(refusal="too_large")
            opened.draft("RGB", (limits.edge, limits.edge))  # a large JPEG is decoded small
            picture = _pixels(opened, limits.edge)
    except Image.DecompressionBombError:
        return Reply(refusal="too_large")
    except (OSError, SyntaxError, ValueError, EOFError, IndexError):  # what Pillow's decoders raise for broken files
        return Reply(refusal="damaged")
    kept = _KEPT_AS[kind]
    if kept == "jpeg":
        picture = _on_white(picture)
    small = _on_white(picture)
    small.thumbnail((limits.thumbnail, limits.thumbnail))
    return Reply(kept, _saved(picture, kept), _saved(small, "jpeg"))


def _confine(limits: Limits) -> None:
    """Lowers this process's own limits; what the interpreter already holds is not counted."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    memory = pages * resource.getpagesize() + limits.memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _pixels(opened: Image.Image, edge: int) -> Image.Image:
    """Upright as the camera was held, at most `edge` long, and without anything but pixels."""
    picture = ImageOps.exif_transpose(opened)
    picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    picture.thumbnail((edge, edge))
    picture.info.clear()
    return picture


def _on_white(picture: Image.Image) -> Image.Image:
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture if picture.mode == "RGBA" else None)
    return ground


def _saved(picture: Image.Image, kind: str) -> bytes:
    target = io.BytesIO()
    picture.save(target, _FORMATS[kind], **_OPTIONS[kind])
    return target.getvalue()


if __name__ == "__main__":
    main()
