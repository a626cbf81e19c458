"""Documents for paper: a package's typst template and data become a PDF that has every character, or says which not.

Templates stand beside the pages' (`<plugin id>/<name>.typ`). They find the data in `data`, say words with `t("…")`,
whose text is an English message id, and show the pictures handed over by their names. `base.typ` goes before each.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import segno
import structlog
from litestar import Response

from core.errors import TooLarge
from core.files.model import Content
from core.web.download import saved, shown
from core.web.printing.glyphs import characters_of
from core.web.rendering import HERE
from core.web.view import View

if TYPE_CHECKING:
    import typst

GETA: Final = "〓"  # what printers have always set for a character they lack
WORDS: Final = re.compile(r'\bt\("((?:[^"\\]|\\.)+)"')
_FONTS: Final = HERE / "static" / "dist"
_BASE: Final = (Path(__file__).parent / "base.typ").read_text(encoding="utf-8")
_END: Final = "#context [#metadata(counter(page).final().first()) <lodge-pages>]"
_MOST_DATA, _MOST_FILES, _MOST_PAGES = 1 << 20, 32 << 20, 200  # bytes, bytes, pages
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]*\.(jpg|png|svg)")
_UNSEEN: Final = frozenset("\u200b\u200c\u200d\u2060\ufeff") | {chr(code) for code in range(0xFE00, 0xFE10)}
_AT_ONCE = asyncio.Semaphore(2)  # typst takes a core each
log = structlog.get_logger(__name__)


class Sheets(msgspec.Struct, frozen=True):
    """A PDF, how many pages it has, and the characters that no font of ours has (shown as 〓 and named at its foot)."""

    data: bytes
    pages: int
    missing: tuple[str, ...]


async def document(
    view: View,
    template: str,
    name: str,
    data: msgspec.Struct,
    *,
    files: Mapping[str, bytes] | None = None,
    save: bool = False,
    now: datetime | None = None,
) -> Response[bytes]:
    """A template (`repairs/sheet.typ`) as a PDF called `name`, in the reader's language.

    It is shown, to be printed from there, or with `save` sent to be kept. See `print_sheets` for `data` and `files`.
    `now` is said where the request has no work of its own, since everybody may ask.
    """
    source = view.source(template)
    words = {message: view.say(message) for message in WORDS.findall(_BASE + source)}
    at = now or view.state.work.now
    sheets = await print_sheets(source, data, words, now=at, locale=view.state.locale, files=files)
    content = Content(f"{name}.pdf", "application/pdf", sheets.data)
    return saved(content) if save else shown(content)


async def print_sheets(
    source: str,
    data: msgspec.Struct,
    words: Mapping[str, str],
    *,
    now: datetime,
    locale: str,
    files: Mapping[str, bytes] | None = None,
) -> Sheets:
    """The template's `source` filled with `data`, in a thread: it takes tens of milliseconds a page.

    `words` are the template's texts in the reader's language, `files` its pictures by name (`photo-1.jpg`).
    Texts of the data are printed as they are, never read as markup. Raises TooLarge for what nobody would print.
    """
    missing: set[str] = set()
    inputs = {
        "data": msgspec.json.encode(_printable(msgspec.to_builtins(data), missing)).decode(),
        "words": msgspec.json.encode(_printable(dict(words), missing)).decode(),
        "locale": locale,
    }
    files = files or {}
    size = sum(len(content) for content in files.values())
    if len(inputs["data"].encode()) > _MOST_DATA or size > _MOST_FILES:
        raise TooLarge("This is too much for one document. Print less at a time.")
    inputs["missing"] = " ".join(f"U+{ord(character):04X}" for character in sorted(missing))
    if missing:
        log.warning("characters could not be printed", characters=inputs["missing"])
    async with _AT_ONCE:
        pdf, pages = await asyncio.to_thread(_compile, source, inputs, files, now)
    if pages > _MOST_PAGES:
        raise TooLarge("This is too much for one document. Print less at a time.")
    return Sheets(pdf, pages, tuple(sorted(missing)))


def qr(text: str) -> str:
    """A QR code as an SVG picture for a template: `image(bytes(data.code), format: "svg")`."""
    return segno.make_qr(text, error="m").svg_inline(border=0, scale=4)


def _compile(source: str, inputs: dict[str, str], files: Mapping[str, bytes], now: datetime) -> tuple[bytes, int]:
    with tempfile.TemporaryDirectory(prefix="lodge-print-") as folder:
        for name, content in files.items():
            if not _NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no name for a picture of a document")
            (Path(folder) / name).write_bytes(content)
        main = Path(folder) / "main.typ"
        main.write_text(f"{_BASE}\n{source}\n{_END}", encoding="utf-8")
        import typst  # seven megabytes that only a process that prints needs

        compiler = typst.Compiler(input=main, root=folder, font_paths=_fonts(), sys_inputs=inputs)
        pdf = compiler.compile(timestamp=int(now.timestamp()))
        pages = msgspec.json.decode(compiler.query("<lodge-pages>", field="value", one=True), type=int)
    assert isinstance(pdf, bytes)
    return pdf, pages


@cache
def _fonts() -> typst.Fonts:
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_FONTS)])


@cache
def _characters() -> frozenset[str]:
    """What both weights of the font can show."""
    fonts = sorted(_FONTS.glob("*.ttf"))
    if not fonts:
        raise RuntimeError("The fonts for printing are not built: run `python -m core.web.assets`.")
    return frozenset.intersection(*(characters_of(font.read_bytes()) for font in fonts))


def _printable(value: object, missing: set[str]) -> object:
    """The same data in characters that the font has; others become 〓 and are added to `missing`."""
    if isinstance(value, str):
        return "".join(_character(each, missing) for each in unicodedata.normalize("NFC", value))
    if isinstance(value, list | tuple):
        return [_printable(each, missing) for each in value]
    if isinstance(value, dict):
        return {key: _printable(each, missing) for key, each in value.items()}
    return value


def _character(character: str, missing: set[str]) -> str:
    if character == "\n" or character in _characters():
        return character
    if character in _UNSEEN or unicodedata.category(character) in {"Cf", "Cs"}:
        return ""
    if unicodedata.category(character) in {"Cc", "Zs"}:
        return " "
    missing.add(character)
    return GETA
