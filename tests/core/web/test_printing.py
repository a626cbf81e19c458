"""Documents for paper: what was written is on them, and what cannot be is not lost without a word."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime

import msgspec
import pypdf
import pytest

from core.errors import TooLarge
from core.web.printing import Sheets, print_sheets, qr

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SOURCE = """
#for (number, line) in data.lines.enumerate() [
  #if number > 0 { pagebreak() }
  #t("Line") #line
]
"""
PIXEL = b'<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><rect width="4" height="4"/></svg>'


class Lines(msgspec.Struct, frozen=True):
    lines: tuple[str, ...]
    code: str = ""


async def printed(*lines: str, source: str = SOURCE, **more: object) -> tuple[Sheets, list[str]]:
    data = Lines(lines, qr("https://lodge.example/x"))
    sheets = await print_sheets(source, data, {"Line": "第{n}行"}, now=NOW, locale="zh-CN", **more)  # type: ignore[arg-type]
    return sheets, [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(sheets.data)).pages]


async def test_text_and_pages_can_be_read_back() -> None:
    sheets, pages = await printed("厨房水槽下方漏水", "Ünit 3-2")
    assert sheets.pages == len(pages) == 2
    assert sheets.missing == ()
    assert "第{n}行 厨房水槽下方漏水" in pages[0]
    assert "Ünit 3-2" in pages[1]


async def test_what_people_wrote_is_never_markup() -> None:
    hostile = '#panic("x") *bold* $x^2$ #include("/etc/passwd") <label> @ref \\ // end'
    _, pages = await printed(hostile)
    assert "".join(hostile.split()) in "".join(pages[0].split())


@pytest.mark.parametrize(
    ("given", "shown", "missing"),
    [
        ("王𠮷☑", "王〓〓", ("☑", "𠮷")),
        ("tab\tand\u200bzero\ufe0f", "tab andzero", ()),
        ("e\u0301", "é", ()),
        ("\u3000、", "\u3000、", ()),
    ],
    ids=["no glyph", "invisible", "composed", "wide space"],
)
async def test_a_character_without_a_glyph_is_replaced_and_named(
    given: str, shown: str, missing: tuple[str, ...]
) -> None:
    sheets, pages = await printed(given)
    assert sheets.missing == missing
    assert "".join(shown.split()) in "".join(pages[0].split())
    for character in missing:
        assert f"U+{ord(character):04X}" in pages[0], "its code stands at the foot"


async def test_pictures_and_codes_come_along() -> None:
    source = '#image("photo-1.svg", width: 10mm) #image(bytes(data.code), format: "svg", width: 20mm)'
    sheets, _ = await printed(source=source, files={"photo-1.svg": PIXEL})
    assert sheets.pages == 1


@pytest.mark.parametrize("name", ["../up.png", "/etc/passwd", "main.typ", "A.png"])
async def test_a_picture_is_named_as_pictures_are(name: str) -> None:
    with pytest.raises(ValueError, match="no name for a picture"):
        await printed(files={name: PIXEL})


@pytest.mark.parametrize("lines", [("漏" * 400_000,), tuple("漏" * 201)], ids=["text", "pages"])
async def test_more_than_anybody_prints_is_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(TooLarge):
        await printed(*lines)


async def test_the_server_goes_on_answering_meanwhile() -> None:
    turns = 0
    async with asyncio.TaskGroup() as group:
        task = group.create_task(printed(*("水槽漏水，" * 200 for _ in range(60))))
        while not task.done():
            await asyncio.sleep(0)
            turns += 1
    assert turns > 50, "the loop turns while a document is set"
