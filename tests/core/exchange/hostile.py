"""Hostile workbooks by name, each with the error it must meet (IN-5)."""

from __future__ import annotations

import zipfile
from collections.abc import Callable

from core.errors import Invalid, LodgeError, TooLarge
from tests.core.exchange.workbooks import archive, parts, shared_part, sheet_part

MIB = 1024 * 1024
SHEET = "xl/worksheets/sheet1.xml"


def _flagged_encrypted() -> bytes:
    data = bytearray(archive(parts()))
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 1)
    return bytes(data)


def _lying_about_sizes(content: bytes) -> bytes:
    """`content` as the worksheet, its unpacked size given as 100 bytes in the local and the central header."""
    honest = archive(parts(content))
    return honest.replace(len(content).to_bytes(4, "little"), (100).to_bytes(4, "little"))


def _twice_the_same_name() -> bytes:
    return archive(parts() | {"xl/worksheets/sheet2.xml": sheet_part()}).replace(b"sheet2.xml", b"sheet1.xml")


def _corners(*references: str) -> bytes:
    cells = "".join(f'<c r="{reference}"><v>1</v></c>' for reference in references)
    return archive(parts(sheet_part(f"<row>{cells}</row>")))


def _grid(rows: int, columns: int, cell: str = "<c><v>{}</v></c>") -> bytes:
    """Cells without references, with values that keep the compression ratio ordinary."""
    numbers = iter(range(rows * columns))
    return sheet_part(
        "".join(f"<row>{''.join(cell.format(next(numbers)) for _ in range(columns))}</row>" for _ in range(rows))
    )


def _laughs() -> str:
    levels = "".join(f'<!ENTITY l{n} "' + f"&l{n - 1};" * 10 + '">' for n in range(1, 10))
    return f'<!DOCTYPE x [<!ENTITY l0 "lol">{levels}]>'


def _noise(size: int) -> bytes:
    """Hardly compresses."""
    return b"".join(b"%016x" % (n * 2654435761 % 2**61) for n in range(size // 16))


def _filler(size: int) -> str:
    """Compresses like a large sheet, about 1 : 40."""
    return "".join(f"{n * 2654435761 % 2**32:08x}".ljust(400, "a") for n in range(size // 400))


_EXTERNAL = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
_LAUGH = '<row r="1"><c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row>'

CORPUS: dict[str, tuple[Callable[[], bytes], type[LodgeError]]] = {
    "empty file": (lambda: b"", Invalid),
    "plain text": (lambda: b"building,room\n1,101\n", Invalid),
    "only the magic": (lambda: b"PK\x03\x04", Invalid),
    "magic and noise": (lambda: b"PK\x03\x04" + _noise(MIB), Invalid),
    "cut off": (lambda: archive(parts())[:-40], Invalid),
    "other archive": (lambda: archive({"word/document.xml": b"<x/>"}), Invalid),
    "old or protected (OLE)": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096), Invalid),
    "encrypted entries": (_flagged_encrypted, Invalid),
    "bzip2 entries": (lambda: archive(parts(), zipfile.ZIP_BZIP2), Invalid),
    "lzma entries": (lambda: archive(parts(), zipfile.ZIP_LZMA), Invalid),
    "one name twice": (_twice_the_same_name, Invalid),
    "parent path": (lambda: archive(parts() | {"../../tmp/x.xml": b"<x/>"}), Invalid),
    "absolute path": (lambda: archive(parts() | {"/tmp/x.xml": b"<x/>"}), Invalid),
    "windows path": (
        lambda: archive(parts() | {"xl/..\\..\\x.xml": b"<x/>"}).replace(b"xl/../../x", b"xl/..\\..\\x"),
        Invalid,
    ),
    "broken XML": (lambda: archive(parts(b"<worksheet><sheetData></worksheet>")), Invalid),
    "not XML": (lambda: archive(parts(b"\x00\x01\x02")), Invalid),
    "UTF-16": (lambda: archive(parts(sheet_part(prolog=_EXTERNAL).decode().encode("utf-16"))), Invalid),
    "other encoding declared": (
        lambda: archive(parts(b'<?xml version="1.0" encoding="utf-7"?>' + sheet_part("<row><c><v>+AD0-</v>"))),
        Invalid,
    ),
    "no worksheet part": (lambda: archive({k: v for k, v in parts().items() if k != SHEET}), Invalid),
    "external entity": (lambda: archive(parts(sheet_part(prolog=_EXTERNAL))), Invalid),
    "external DTD": (
        lambda: archive(parts(sheet_part(prolog='<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">'))),
        Invalid,
    ),
    "billion laughs in a sheet": (lambda: archive(parts(sheet_part(_LAUGH, prolog=_laughs()))), Invalid),
    "billion laughs in shared strings": (
        lambda: archive(parts(shared=_laughs().encode() + shared_part("&l9;"))),
        Invalid,
    ),
    "bad cell reference": (lambda: _corners("A0"), Invalid),
    "absolute cell reference": (lambda: _corners("$A$1"), Invalid),
    "large file": (lambda: archive(parts() | {"xl/media/a.png": _noise(16 * MIB)}, zipfile.ZIP_STORED), TooLarge),
    "bomb": (lambda: archive(parts(b" " * (200 * MIB))), TooLarge),
    "bomb beside the sheets": (lambda: archive(parts() | {"xl/media/a.png": bytes(200 * MIB)}), TooLarge),
    "bomb with false sizes": (lambda: _lying_about_sizes(b" " * (100 * MIB)), Invalid),
    "bomb of many parts": (
        lambda: archive(parts() | {f"xl/worksheets/p{n}.xml": bytes(250_000) for n in range(100)}),
        TooLarge,
    ),
    "bomb of low ratio": (
        lambda: archive(parts(_filler(12 * MIB).encode()) | {"xl/styles.xml": _filler(5 * MIB).encode()}),
        TooLarge,
    ),
    "40,000 entries": (lambda: archive(parts() | {f"x/{n}": b"" for n in range(40_000)}), TooLarge),
    "400 entries": (lambda: archive(parts() | {f"x/{n}": b"" for n in range(400)}), TooLarge),
    "cell XFD1048576": (lambda: _corners("A1", "XFD1048576"), TooLarge),
    "cell xfd1048576": (lambda: _corners("xfd1048576"), TooLarge),
    "cell XFD1": (lambda: _corners("XFD1"), TooLarge),
    "cell A1048576": (lambda: _corners("A1048576"), TooLarge),
    "cells too far apart": (lambda: _corners("A20000", "CV1"), TooLarge),
    "dimension XFD1048576": (
        lambda: archive(parts(sheet_part("<row><c><v>1</v></c></row>", before='<dimension ref="A1:XFD1048576"/>'))),
        TooLarge,
    ),
    "row 1048576": (lambda: archive(parts(sheet_part('<row r="1048576"/>'))), TooLarge),
    "prefixed elements": (
        lambda: archive(
            parts(
                b'<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
                b'<x:row><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>'
            )
        ),
        TooLarge,
    ),
    "20,001 rows": (lambda: archive(parts(_grid(20_001, 1))), TooLarge),
    "101 columns": (lambda: archive(parts(_grid(1, 101))), TooLarge),
    "300,000 cells": (lambda: archive(parts(_grid(3_000, 100))), TooLarge),
    "31 sheets": (lambda: archive(parts(sheets=31)), TooLarge),
    "30 sheets on one large part": (lambda: archive(parts(_grid(10_000, 15), sheets=30)), TooLarge),
    "merge to XFD1048576": (
        lambda: archive(parts(sheet_part(after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'))),
        TooLarge,
    ),
    "overlapping merges": (
        lambda: archive(
            parts(sheet_part(after="<mergeCells>" + '<mergeCell ref="A1:A20000"/>' * 10_000 + "</mergeCells>")),
            zipfile.ZIP_STORED,
        ),
        TooLarge,
    ),
    "merge upside down": (
        lambda: archive(parts(sheet_part(after='<mergeCells><mergeCell ref="B9:A1"/></mergeCells>'))),
        Invalid,
    ),
    "one long text in every cell": (
        lambda: archive(parts(_grid(1_900, 100, '<c s="{}" t="s"><v>0</v></c>'), shared=shared_part("长" * 30_000))),
        TooLarge,
    ),
    "one text of 1,000 characters in every cell": (
        lambda: archive(parts(_grid(60, 100, '<c s="{}" t="s"><v>0</v></c>'), shared=shared_part("长" * 1_000))),
        TooLarge,
    ),
    "an impossible count of shared strings": (
        lambda: archive(
            parts(shared=shared_part("a").replace(b"<sst", b'<sst count="99999999999" uniqueCount="99999999999"'))
        ),
        TooLarge,
    ),
    "millions of elements": (
        lambda: archive(parts(shared=b"<sst>" + b"".join(b"<t/>" * 99 + b"%x" % n for n in range(30_000)) + b"</sst>")),
        TooLarge,
    ),
    "a million levels deep": (lambda: archive(parts(b"<a>" * 1_300_000), zipfile.ZIP_STORED), Invalid),
    "endless attribute": (lambda: archive(parts(sheet_part(before=f'<x y="{_filler(14 * MIB)}"/>'))), Invalid),
    "endless attributes": (
        lambda: archive(parts(sheet_part(before="<x " + " ".join(f'a{n}=""' for n in range(600_000)) + "/>"))),
        Invalid,
    ),
    "endless comment": (lambda: archive(parts(sheet_part(before=f"<!--{_filler(14 * MIB)}-->"))), Invalid),
}
