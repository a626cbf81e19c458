"""Closings as pages, workbooks and paper show them. Labels are message ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from core.sdk import ReportTable, Site, View, Work, amount_for, local_text, msgid, sees_amounts, views
from plugins.billing.closing.days.figures import Figures, Found, OfItem
from plugins.billing.closing.days.model import ClosingDetail
from plugins.billing.ledger.pages import ACCOUNT_WORDS, MEANS_WORDS
from plugins.billing.telling import yuan

KINDS: Final = {"day": msgid("Day closing"), "week": msgid("Week closing")}
ODDITIES: Final = {
    "difference": views.Word("difference", msgid("The count of a shift differs"), "breach"),
    "without_shift": views.Word("without_shift", msgid("Money without a shift"), "warn"),
    "reversal": views.Word("reversal", msgid("An entry was undone"), "warn"),
    "large": views.Word("large", msgid("A large amount"), "warn"),
    "back_and_forth": views.Word("back_and_forth", msgid("Money back and forth"), "warn"),
    "arrears": views.Word("arrears", msgid("Large arrears"), "breach"),
}
_SUMS: Final = (
    msgid("Means"),
    msgid("Entries"),
    msgid("By the ledger (yuan)"),
    msgid("In shifts (yuan)"),
    msgid("Without a shift (yuan)"),
    msgid("Counted (yuan)"),
    msgid("Difference (yuan)"),
)
_ITEMS: Final = (msgid("Fee item"), msgid("Amount (yuan)"))
_FOUND: Final = (msgid("Out of the ordinary"), msgid("Unit"), msgid("Times"), msgid("Amount (yuan)"), msgid("Number"))


class Sheet(msgspec.Struct, frozen=True):
    """A closing on paper, in the reader's language."""

    title: str
    company: str
    site: str
    days: str
    closed: str
    note: str
    sums: list[list[str]]
    items: list[list[str]]
    found: list[list[str]]


def item_title(view: View, item: OfItem) -> str:
    """What the money was for; where that is no fee item, whose it is until then."""
    if item.account in ("prepayment", "deposit"):
        account = view.say(ACCOUNT_WORDS[item.account])
        return f"{account} · {item.item}" if item.item else account
    return item.item or view.say(ACCOUNT_WORDS[item.account])


def sheet(work: Work, site: Site, view: View, detail: ClosingDetail) -> Sheet:
    """For paper."""
    held, closing = work.ctx.permissions, detail.closing

    def amount(fen: int) -> str:
        return amount_for(held, yuan(fen))

    sums = [
        [view.say(MEANS_WORDS[m.means]), str(m.entries), amount(m.ledger_fen), amount(m.in_shifts_fen),
         amount(m.ledger_fen - m.in_shifts_fen), amount(m.in_shifts_fen + m.difference_fen), amount(m.difference_fen)]
        for m in detail.figures.means
    ]  # fmt: skip
    items = [[item_title(view, item), amount(item.amount_fen)] for item in detail.figures.items]
    found = [
        [view.say(ODDITIES[each.kind].label), each.unit, amount(each.amount_fen)] for each in detail.found
    ]  # fmt: skip
    return Sheet(
        view.say(KINDS[closing.kind]),
        view.page.brand,
        site.name,
        str(closing.first_day) if closing.kind == "day" else f"{closing.first_day} – {closing.last_day}",
        f"{closing.by_name} {local_text(site, closing.at)}",
        closing.note,
        sums,
        items,
        found,
    )


def tables(work: Work, view: View, figures: Figures, found: Sequence[Found]) -> list[ReportTable]:
    """For a workbook: sums by means, by item, what was out of the ordinary."""
    sees = sees_amounts(work.ctx.permissions)

    def amount(fen: int) -> float | None:
        return fen / 100 if sees else None

    sums: list[list[Any]] = [
        [view.say(MEANS_WORDS[m.means]), m.entries, amount(m.ledger_fen), amount(m.in_shifts_fen),
         amount(m.ledger_fen - m.in_shifts_fen), amount(m.in_shifts_fen + m.difference_fen), amount(m.difference_fen)]
        for m in figures.means
    ]  # fmt: skip
    items: list[list[Any]] = [[item_title(view, item), amount(item.amount_fen)] for item in figures.items]
    odd: list[list[Any]] = [
        [view.say(ODDITIES[each.kind].label), each.unit, each.times or None, amount(each.amount_fen),
         str(each.entry_id or each.shift_id or "")]
        for each in found
    ]  # fmt: skip
    return [
        ReportTable(view.say(msgid("By means")), [view.say(heading) for heading in _SUMS], sums),
        ReportTable(view.say(msgid("By fee item")), [view.say(heading) for heading in _ITEMS], items),
        ReportTable(view.say(msgid("Out of the ordinary")), [view.say(heading) for heading in _FOUND], odd),
    ]
