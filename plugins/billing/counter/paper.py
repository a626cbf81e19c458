"""A receipt on paper, A5 across: the amount in capitals too, and that it is a reprint, or void (BIL-3)."""

from __future__ import annotations

from typing import Final

import msgspec

from core.sdk import Site, View, Work, amount_for, local_text, msgid
from plugins.billing.counter.capitals import capitals
from plugins.billing.counter.model import ReceiptDetail, ReceiptLine
from plugins.billing.ledger.pages import MEANS_WORDS
from plugins.billing.telling import yuan

_MOST_LINES: Final = 60  # further ones are added up: a receipt is a slip, not a book


class Line(msgspec.Struct, frozen=True):
    """A line of the receipt, in the reader's language."""

    unit: str
    item: str
    period: str
    amount: str


class Paper(msgspec.Struct, frozen=True):
    """What stands on the receipt; '' for what does not."""

    company: str
    site: str
    number: str
    day: str
    payer: str
    agent: str
    lines: tuple[Line, ...]
    amount: str
    capital: str
    means: str
    given: str
    change: str
    rounded: str
    remark: str
    cashier: str
    void: str
    again: str
    slip: str
    printed: str


def paper(work: Work, site: Site, view: View, detail: ReceiptDetail) -> Paper:
    """The receipt's words."""
    receipt, say, held = detail.receipt, view.say, work.ctx.permissions

    def amount(fen: int | None) -> str:
        return "" if fen is None else amount_for(held, yuan(fen))

    paid = [line for line in detail.lines if line.kind != "rounding"]
    lines = [_line(view, line, amount(line.amount_fen)) for line in paid[:_MOST_LINES]]
    if rest := paid[_MOST_LINES:]:
        more = say(msgid("{n} further lines"), n=len(rest))
        lines.append(Line("", more, "", amount(sum(line.amount_fen for line in rest))))
    agent = receipt.agent_name and f"{receipt.agent_name}（{receipt.agent_relation}）"
    reference = receipt.reference and f" {receipt.reference}"
    slip = ""
    if receipt.paper_number:
        given = msgid("Paper receipt no. {number}, given at home on {day}, is the payer's receipt for this payment.")
        slip = say(given, number=receipt.paper_number, day=receipt.collected_on)
    voided = receipt.voided_at and f"{local_text(site, receipt.voided_at)} {receipt.voided_reason}"
    return Paper(
        company=view.page.brand,
        site=site.name,
        number=receipt.number,
        day=local_text(site, receipt.at),
        payer=receipt.payer_name,
        agent=agent,
        lines=tuple(lines),
        amount=amount(receipt.amount_fen),
        capital=amount_for(held, capitals(receipt.amount_fen)),
        means=say(MEANS_WORDS[receipt.means]) + reference,
        given=amount(receipt.given_fen),
        change=amount(receipt.change_fen),
        rounded=amount(receipt.rounded_fen) if receipt.rounded_fen else "",
        remark=receipt.remark,
        cashier=receipt.by_name,
        void=voided or "",
        again=say(msgid("Print {n}"), n=receipt.prints) if receipt.prints > 1 else "",
        slip=slip,
        printed=say(msgid("{at}, {name}"), at=local_text(site, work.now), name=work.ctx.actor.name),
    )


def _line(view: View, line: ReceiptLine, amount: str) -> Line:
    period = f"{line.first_day} – {line.last_day}" if line.first_day else ""
    item = view.say(msgid("Prepayment")) if line.kind == "prepayment" else line.item
    return Line(line.unit, item, period, amount)
