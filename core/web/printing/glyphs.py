"""Which characters a font can show, from its `cmap` table (OpenType 1.9, sub-table format 12)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_UNICODE = {(0, 4), (0, 6), (3, 10)}  # platform and encoding of sub-tables over the whole of Unicode


def characters_of(font: bytes) -> frozenset[str]:
    """All characters that have a glyph. Raises ValueError for a font without such a table."""
    cmap = _table(font, b"cmap")
    (count,) = struct.unpack_from(">H", font, cmap + 2)
    for record in range(count):
        platform, encoding, offset = struct.unpack_from(">HHI", font, cmap + 4 + 8 * record)
        if (platform, encoding) in _UNICODE and struct.unpack_from(">H", font, cmap + offset) == (12,):
            return frozenset(chr(code) for group in _groups(font, cmap + offset) for code in group)
    raise ValueError("the font maps no Unicode characters")


def _table(font: bytes, tag: bytes) -> int:
    (count,) = struct.unpack_from(">H", font, 4)
    for record in range(count):
        name, _, offset, _ = struct.unpack_from(">4sIII", font, 12 + 16 * record)
        if name == tag:
            return int(offset)
    raise ValueError(f"the font has no table {tag!r}")


def _groups(font: bytes, table: int) -> Iterator[range]:
    (count,) = struct.unpack_from(">I", font, table + 12)
    for group in range(count):
        first, last, glyph = struct.unpack_from(">III", font, table + 16 + 12 * group)
        yield range(first + (glyph == 0), last + 1)
