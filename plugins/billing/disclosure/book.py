"""Expenses as a workbook: written, filled in, and read back row by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final, get_args
from uuid import UUID

import msgspec

from core.sdk import (
    Cell,
    Invalid,
    Malformed,
    ReportTable,
    View,
    cell_text,
    local_month,
    msgid,
    sees_amounts,
)
from plugins.billing.disclosure.model import CATEGORIES, Category, Expense, NewExpense, OwnCategory
from plugins.billing.headed import headed_rows

MANY: Final = 500  # expenses of a workbook
_HEADINGS: Final = (
    msgid("Month"),
    msgid("Expense category"),
    msgid("Amount (yuan)"),
    msgid("Document number"),
    msgid("Supplier"),
    msgid("Remark"),
)
# what may stand above a column that is read, besides the headings of our own workbook
_COLUMNS: Final = {
    "month": ("月份", "month"),
    "category": ("支出科目", "科目", "expense category"),
    "yuan": ("金额（元）", "金额(元)", "金额", "amount (yuan)"),
    "document": ("单据号", "document number"),
    "supplier": ("供应商", "supplier"),
    "remark": ("摘要", "备注", "remark"),
}
_NEEDED: Final = ("month", "category", "yuan")
_LENGTHS: Final = {"document": 80, "supplier": 80, "remark": 200}


class Row(msgspec.Struct, frozen=True):
    """A row as it was read; `problem` (with `params`) says why it is no expense."""

    row: int
    texts: dict[str, str]
    expense: NewExpense | None
    problem: str = ""
    params: dict[str, object] = {}


def table(view: View, rows: Iterable[Expense], held: frozenset[str]) -> ReportTable:
    """The sheet that `read` takes back, in the reader's language."""
    sees = sees_amounts(held)
    return ReportTable(
        view.say(msgid("Expenses")),
        [view.say(heading) for heading in _HEADINGS],
        [
            (
                f"{each.month:%Y-%m}",
                view.say(each.title or CATEGORIES[each.category]),
                each.amount_fen / 100 if sees else None,
                each.document,
                each.supplier,
                each.remark,
            )
            for each in rows
        ],
    )


async def read(view: View, data: bytes, own: Iterable[OwnCategory], today: date) -> list[Row]:
    """The rows of a workbook. Raises Invalid for one without the headings or rows, or with too many; TooLarge."""
    named: dict[str, tuple[Category, UUID | None]] = {}
    for code in get_args(Category):
        if title := CATEGORIES.get(code):  # those of the company's own have none
            named[title.lower()] = named[view.say(title).lower()] = (code, None)
    named |= {each.title.lower(): ("own", each.id) for each in own}
    rows = [_row(number, cells, named, today) for number, cells in await headed_rows(data, _COLUMNS, _NEEDED)]
    if not rows:
        raise Invalid.field("file", msgid("There is no expense in this workbook."))
    if len(rows) > MANY:
        raise Invalid.field("file", msgid("The sheet has more than {n} expenses: split it."), n=MANY)
    return rows


def _row(number: int, cells: Mapping[str, Cell], named: Mapping[str, tuple[Category, UUID | None]], today: date) -> Row:
    texts = {name: cell_text(cells.get(name)) for name in _COLUMNS}
    month, fen = _month(cells["month"]), _fen(cells["yuan"])
    category = named.get(texts["category"].lower())
    if month is None or month > today:
        return _left(number, texts, "month", msgid("Column {column}: give a month that has begun, such as 2026-11."))
    if category is None:
        return _left(number, texts, "category", msgid("Column {column}: there is no such category. Add it first."))
    if fen is None:
        problem = msgid("Column {column}: give an amount above 0 with two places at most.")
        return _left(number, texts, "yuan", problem)
    for name, most in _LENGTHS.items():
        if len(texts[name]) > most:
            return _left(number, texts, name, msgid("Column {column}: give at most {n} characters."), n=most)
    code, category_id = category
    what = {name: texts[name] for name in _LENGTHS}
    made = NewExpense(month=month, category=code, category_id=category_id, amount_fen=fen, **what)
    return Row(number, texts, made)


def _left(number: int, texts: dict[str, str], column: str, problem: str, **more: object) -> Row:
    return Row(number, texts, None, problem, {"column": _COLUMNS[column][0], **more})


def _month(cell: Cell) -> date | None:
    if isinstance(cell, date):
        return cell.replace(day=1)
    try:
        return local_month(cell_text(cell))
    except Malformed:
        return None


def _fen(cell: Cell) -> int | None:
    """Whole fen above nought; a spreadsheet computes 0.3 as 0.30000000000000004."""
    text = f"{cell:.4f}" if isinstance(cell, float) and abs(cell) < 10**11 else cell_text(cell).replace(",", "")
    try:
        fen = Decimal(text) * 100
    except InvalidOperation:
        return None
    if not fen.is_finite() or fen != fen.to_integral_value() or not 0 < fen <= 10**12:
        return None
    return int(fen)
