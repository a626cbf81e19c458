"""The price list as a workbook: written, and read back with other prices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from core.sdk import Invalid, ReportTable, View, cell_text, msgid, read_form, sees_amounts
from plugins.repairs.books import rows_of
from plugins.repairs.forms import scaled
from plugins.repairs.prices.model import PRICE_KINDS, NewPrice, Price

_COLUMNS: Final = {
    "code": ("编码", "Code"),
    "name": ("名称", "Name"),
    "kind": ("类别", "Kind of price"),
    "unit": ("单位", "Unit"),
    "price": ("单价（元）", "单价(元)", "Price (yuan)"),
    "warranty_days": ("保修天数", "Warranty (days)"),
}
_HEADINGS: Final = (
    msgid("Code"),
    msgid("Name"),
    msgid("Kind of price"),
    msgid("Unit"),
    msgid("Price (yuan)"),
    msgid("Warranty (days)"),
    msgid("From"),
)
_KINDS: Final = {"材料": "material", "人工": "labour", "费用": "fee"}


def table(view: View, listed: Sequence[Price]) -> ReportTable:
    """The list as a sheet that `read` takes back."""
    seen = sees_amounts(view.state.work.ctx.permissions)
    rows = [
        (
            p.code,
            p.name,
            view.say(PRICE_KINDS[p.kind]),
            p.unit,
            p.price_fen / 100 if seen else None,
            p.warranty_days,
            p.valid_from,
        )
        for p in listed
    ]
    return ReportTable(view.say(msgid("Price list")), [view.say(heading) for heading in _HEADINGS], rows)


async def read(data: bytes) -> tuple[NewPrice, ...]:
    """The prices of a workbook. Raises Invalid naming the row that does not fit."""
    found = []
    for number, row in await rows_of(data, _COLUMNS):
        kind = cell_text(row["kind"])
        try:
            found.append(
                read_form(
                    {
                        "code": cell_text(row["code"]),
                        "name": cell_text(row["name"]),
                        "kind": _KINDS.get(kind, kind.lower()),
                        "unit": cell_text(row["unit"]),
                        "price_fen": scaled(cell_text(row["price"]), 100, "price"),
                        "warranty_days": cell_text(row["warranty_days"]) or "0",
                    },
                    NewPrice,
                )
            )
        except Invalid as wrong:
            raise Invalid.field("file", "Row {n} cannot be read: correct it.", n=number) from wrong
    if not found:
        raise Invalid.field("file", "The sheet is empty.")
    return tuple(found)
