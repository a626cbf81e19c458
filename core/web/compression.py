"""Compresses pages on their way out, to a length that does not tell what is in them."""

from __future__ import annotations

import secrets
import zlib
from struct import pack
from typing import Final

LEAST: Final = 1400  # bytes: what fits into a packet as it is
_LEVEL: Final = 4
_NOISE: Final = 100  # bytes at most
_HEAD: Final = (
    b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff"  # deflate, with a file name, of no time and system (RFC 1952)
)


def accepts(encodings: str) -> bool:
    """Whether a request with that Accept-Encoding may be answered with gzip."""
    for each in encodings.lower().split(","):
        name, _, weight = each.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def compress(content: bytes) -> bytes:
    """The content as gzip. The name in its head is of a random length: a page that shows what somebody typed beside
    what they must not know would tell it by growing less where the two agree (BREACH)."""
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    name = b"x" * secrets.randbelow(_NOISE + 1) + b"\0"
    packed = deflate.compress(content) + deflate.flush()
    return b"".join((_HEAD, name, packed, pack("<LL", zlib.crc32(content), len(content) & 0xFFFFFFFF)))
