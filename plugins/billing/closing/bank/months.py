"""Months of the bank beside the ledger, signed by a person (BIL-4). Callers commit."""

from __future__ import annotations

from datetime import date, timedelta

from core.sdk import Conflict, Invalid, Site, Work, midnight, msgid, new_id
from plugins.billing.access import enter
from plugins.billing.closing.bank import repository, service
from plugins.billing.closing.bank.model import OPEN, MonthDetail, Sign, Signed
from plugins.billing.ledger.service import following


async def get(work: Work, site: Site, month: date) -> MonthDetail:
    """A month as it stands, with what is open in it. Raises Invalid for a day that is no month's first."""
    enter(work, site)
    first, last = _days(month)
    end = midnight(site, last, 1)
    now = await repository.month(work.uow, site.id, first, last, end)
    signed = await repository.signed(work.uow, site.id, first)
    lines = await repository.listed(work.uow, site.id, "open", (first, last), (None, None), OPEN)
    entries = await service.lonely(work, site, first, last) if now.open_entries else []
    carried = await repository.carried(work.uow, site.id, first, end, OPEN) if now.carried_lines else []
    return MonthDetail(now, signed, lines, entries, carried)


async def sign(work: Work, site: Site, asked: Sign) -> Signed:
    """Sign for what the bank and the ledger say of a month, once. Raises Conflict before it is over or where it is
    signed, Invalid without a note where they differ or something is open."""
    enter(work, site)
    first, last = _days(asked.month)
    if site.today(work.now) <= last:
        raise Conflict(msgid("The month is not over yet."))
    now = await repository.month(work.uow, site.id, first, last, midnight(site, last, 1))
    note, open_lines = asked.note.strip(), now.open_lines + now.carried_lines
    if (now.difference_fen or open_lines or now.open_entries) and not note:
        raise Invalid.field("note", msgid("Say why bank and ledger differ, and what is done about what is open."))
    actor = work.ctx.actor
    signed = Signed(
        new_id(), first, now.bank_fen, now.ledger_fen, now.difference_fen, open_lines, now.open_entries, note,
        work.now, actor.name,
    )  # fmt: skip
    if not await repository.sign(work.uow, site.id, signed, actor.id):
        raise Conflict(msgid("This month is signed already."))
    changes = {"month": f"{first:%Y-%m}", "difference_fen": now.difference_fen}
    work.audit("billing.reconciliation.signed", "billing_reconciliation", signed.id, changes, site_id=site.id)
    return signed


def latest(work: Work, site: Site) -> date:
    """The last month that is over."""
    return (site.today(work.now).replace(day=1) - timedelta(1)).replace(day=1)


def _days(month: date) -> tuple[date, date]:
    if month.day != 1 or not 2000 <= month.year < 2200:
        raise Invalid.field("month", msgid("Name the month by its first day."))
    return month, following(month) - timedelta(1)
