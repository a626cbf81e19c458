"""A bank's statement as a file: a workbook or text with commas, its columns found by their headings (BIL-4)."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

import msgspec

from core.sdk import Cell, Invalid, TooLarge, cell_text, msgid, parse_date, read_workbook

MOST: Final = 5_000  # lines of a file
_BYTES: Final = 4 << 20
_LOOKED_AT: Final = 30  # rows in which the headings are looked for
_LONGEST: Final = 10**13  # fen
HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "day": ("交易日期", "日期", "记账日期", "入账日期", "交易时间", "date"),
    "income": ("收入", "贷方金额", "贷方发生额", "收入金额", "贷方", "credit"),
    "expense": ("支出", "借方金额", "借方发生额", "支出金额", "借方", "debit"),
    "payer": ("对方户名", "对方名称", "对方账户名称", "付款人名称", "付款人", "payer"),
    "serial": ("流水号", "交易流水号", "交易流水", "核心流水号", "serial"),
}
REMARKS: Final = ("摘要", "附言", "用途", "备注", "交易附言", "remark")
_NEEDED: Final = ("day", "income", "serial")


class Line(msgspec.Struct, frozen=True):
    """A line of the statement; the amount in fen is above nought where money came."""

    serial: str
    booked_on: date
    amount_fen: int
    payer: str
    remark: str


class Mistake(msgspec.Struct, frozen=True):
    """A row of the file that cannot be taken, and why: `message` is a message id."""

    row: int
    message: str


class Statement(msgspec.Struct, frozen=True):
    """What a file holds: the lines with their rows, and the rows that are wrong."""

    lines: list[tuple[int, Line]]
    mistakes: list[Mistake]


async def read(name: str, data: bytes) -> Statement:
    """The statement in a file. Raises Invalid where it is none, or TooLarge."""
    if len(data) > _BYTES:
        raise TooLarge("More than {megabytes} MB cannot be taken in at once. Split the file.", params={"megabytes": 4})
    if data[:4] == b"PK\x03\x04" or name.lower().endswith(".xlsx"):
        for sheet in await read_workbook(data):
            if found := statement(sheet.rows):
                return found
    elif found := statement(_rows(data)):
        return found
    needed = "、".join(HEADINGS[each][0] for each in _NEEDED)
    raise Invalid.field("file", msgid("No row has these headings: {headings}."), headings=needed)


def statement(rows: Sequence[Sequence[Cell]]) -> Statement | None:
    """The lines below the row of headings; None without one. Raises Invalid for too many."""
    for number, row in enumerate(rows[:_LOOKED_AT]):
        titles = [_title(cell) for cell in row]
        places = {
            name: next((titles.index(each) for each in known if each in titles), None)
            for name, known in HEADINGS.items()
        }
        if any(places[name] is None for name in _NEEDED):
            continue
        below = rows[number + 1 :]
        if len(below) > MOST:
            raise Invalid.field("file", msgid("The file has more than {n} lines: split it."), n=MOST)
        columns = {name: place for name, place in places.items() if place is not None}
        remarks = [place for place, title in enumerate(titles) if title in REMARKS]
        return _read(below, number + 2, columns, remarks)
    return None


def _read(rows: Sequence[Sequence[Cell]], first: int, columns: Mapping[str, int], remarks: Sequence[int]) -> Statement:
    lines: list[tuple[int, Line]] = []
    mistakes = []
    for number, row in enumerate(rows, first):

        def cell(name: str, row: Sequence[Cell] = row) -> Cell:
            place = columns.get(name, len(row))
            return row[place] if place < len(row) else None

        came, went = _fen(cell("income")), _fen(cell("expense"))
        if came == 0 and went == 0:
            continue  # no money: blank, a heading of its own, or a balance
        day, serial = _day(cell("day")), cell("serial")
        texts = [cell_text(row[place]) for place in remarks if place < len(row)]
        if came is None or went is None or abs(came - went) > _LONGEST:
            mistakes.append(Mistake(number, msgid("The amount cannot be read.")))
        elif came == went:
            mistakes.append(Mistake(number, msgid("What came and what went are the same.")))
        elif day is None:
            mistakes.append(Mistake(number, msgid("The date cannot be read.")))
        elif isinstance(serial, float) and abs(serial) >= 1e15:
            message = msgid("Excel has rounded the serial number: format its column as text and save the file anew.")
            mistakes.append(Mistake(number, message))
        elif not cell_text(serial):
            mistakes.append(Mistake(number, msgid("The serial number is missing.")))
        elif len(cell_text(serial)) > 80:
            mistakes.append(Mistake(number, msgid("The serial number is too long.")))
        else:
            remark = " ".join(filter(None, texts))[:200]
            line = Line(cell_text(serial), day, came - went, cell_text(cell("payer"))[:80], remark)
            lines.append((number, line))
    return Statement(lines, mistakes)


def _rows(data: bytes) -> list[list[Cell]]:
    """Text as most banks write it, in either encoding, with commas or tabs."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            raise Invalid.field("file", msgid("The file is neither a workbook nor text that can be read.")) from None
    if "\0" in text:
        raise Invalid.field("file", msgid("The file is neither a workbook nor text that can be read."))
    head = text[:20_000]
    delimiter = "\t" if head.count("\t") > head.count(",") else ","
    try:
        return [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
    except csv.Error:
        raise Invalid.field("file", msgid("The file is neither a workbook nor text that can be read.")) from None


def _title(cell: Cell) -> str:
    """A heading without spaces, and without what stands in brackets behind it."""
    return cell_text(cell).replace(" ", "").partition("(")[0].lower()


def _day(cell: Cell) -> date | None:
    return parse_date(cell_text(cell)[:10].strip() if isinstance(cell, str) else cell)


def _fen(cell: Cell) -> int | None:
    """Fen, exact; 0 for nothing, None where it is no amount."""
    text = cell_text(cell).replace(",", "").replace("¥", "").replace("元", "").strip()
    if text in ("", "-", "--"):
        return 0
    try:
        fen = Decimal(text) * 100
    except InvalidOperation:
        return None
    return int(fen) if fen.is_finite() and abs(fen) < Decimal(10) ** 15 and fen == int(fen) else None
