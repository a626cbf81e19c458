"""The rules of shifts: opened, counted, closed for good, cash handed over (BIL-4). Callers commit."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

from core.sdk import (
    Conflict,
    Event,
    Forbidden,
    Invalid,
    NotFound,
    Platform,
    PreconditionFailed,
    Site,
    Work,
    msgid,
    new_id,
    read_mark,
    write_mark,
)
from plugins.billing import events
from plugins.billing.access import enter
from plugins.billing.closing import counting, repository
from plugins.billing.closing.counting import Count, Tally
from plugins.billing.closing.model import (
    PAGE,
    CountedShift,
    Handover,
    NewHandover,
    NewShift,
    Shift,
    ShiftDetail,
    ShiftPage,
)
from plugins.billing.ledger import repository as ledger
from plugins.billing.permissions import CASH_CLOSE
from plugins.billing.policies import CLOSING

CLOSED: Final = msgid("The shift is closed. What was counted stays.")


async def open_shift(work: Work, site: Site, new: NewShift) -> Shift:
    """Begin a shift, with so much for change in the drawer. Raises Conflict where the cashier has one open here.

    It belongs to today, or to the day after one that is closed already.
    """
    enter(work, site)
    cashier = work.ctx.actor
    if cashier.id is None:
        raise Forbidden
    await ledger.share(work.uow, site.id)  # no day is closed meanwhile
    who, today = (cashier.id, cashier.name), site.today(work.now)
    shift = await repository.open_shift(work.uow, site.id, new_id(), who, today, new.float_fen, work.now)
    if shift is None:
        raise Conflict(msgid("You have a shift open already. Close it first."))
    changes = {"amount_fen": shift.float_fen}
    work.audit("billing.shift.opened", "billing_shift", shift.id, changes, site_id=site.id)
    return shift


async def close(
    platform: Platform, work: Work, site: Site, shift_id: UUID, expected: int, count: CountedShift
) -> ShiftDetail:
    """Close a shift for good with what was counted. Whoever is posting is waited for and counts; whoever comes while it
    is closed waits, and counts in the next one.

    Raises NotFound, Forbidden for another's shift without the right to close days, Conflict where it is closed,
    PreconditionFailed, and Invalid without a reason where the count differs: the differences are told then.
    """
    enter(work, site)
    cash_fen = counting.cash(count.cash)
    await ledger.hold_alone(work.uow, site.id)
    found = await repository.look(work.uow, site.id, shift_id)
    if found is None:
        raise NotFound
    shift, tallies, managers = found
    _own(work, shift)
    if shift.version != expected:
        raise PreconditionFailed
    if shift.closed_at is not None:
        raise Conflict(CLOSED)
    counts = counting.counted(shift.float_fen, tallies, cash_fen, count.slips)
    reason, differing = count.reason.strip(), counting.differing(counts)
    if differing and not reason:
        raise Invalid.field("reason", msgid("The count differs from the ledger: count again, or say why."))
    by, values = (work.ctx.actor.id, work.ctx.actor.name), (counts, count.cash, reason)
    closed = await repository.close(work.uow, shift, site.id, new_id(), *values, work.now, by)
    if closed is None:
        raise PreconditionFailed
    difference = sum(each.difference_fen for each in differing)
    changes = {
        "amount_fen": sum(each.ledger_fen for each in counts),
        "difference_fen": difference,
        "entries": sum(each.entries for each in counts),
    }
    work.audit("billing.shift.closed", "billing_shift", shift.id, changes, site_id=site.id)
    if managers and differing:
        allowed = (await platform.policies.value(work, CLOSING, site.id)).difference_yuan * 100
        if counting.differing(counts, allowed):
            told: dict[str, str | int] = {"difference_fen": difference, "members": managers}
            work.emit(Event(events.SHIFT_DIFFERS, site.id, shift.id, told))
    return ShiftDetail(closed, counts, count.cash, reason, by[1], [], cash_fen)


async def hand_over(work: Work, site: Site, shift_id: UUID, new: NewHandover) -> Handover:
    """Cash leaves the drawer of a shift that is closed. Whoever brings it to the bank says the deposit slip's number;
    for finance somebody else than the cashier takes it, and says so.

    Raises NotFound, Invalid, Forbidden, and Conflict for more than is there.
    """
    enter(work, site)
    slip, held = new.slip_no.strip(), work.ctx.permissions
    await work.uow.lock_row("billing_shift", shift_id)
    detail = await get(work, site, shift_id)
    shift = detail.shift
    if new.goes_to == "finance" and (CASH_CLOSE.id not in held or shift.cashier_id == work.ctx.actor.id):
        raise Forbidden(msgid("Finance takes the cash and says so: somebody else than the cashier."))
    _own(work, shift)
    if new.goes_to == "bank" and not slip:
        raise Invalid.field("slip_no", msgid("Give the number of the deposit slip."))
    if shift.closed_at is None:
        raise Conflict(msgid("Count the cash and close the shift first."))
    if new.amount_fen > detail.in_drawer_fen:
        raise Conflict(msgid("There is not as much in the drawer."))
    made = Handover(new_id(), new.goes_to, new.amount_fen, slip, work.now, work.ctx.actor.name)
    by = work.ctx.actor.id, made.by_name
    await repository.hand_over(
        work.uow, site.id, shift.id, made.id, made.goes_to, made.amount_fen, slip, work.now, by
    )  # fmt: skip
    changes = {"amount_fen": made.amount_fen, "goes_to": made.goes_to}
    work.audit("billing.shift.handed_over", "billing_shift", shift.id, changes, site_id=site.id)
    return made


async def get(work: Work, site: Site, shift_id: UUID) -> ShiftDetail:
    """A shift with its count, or with what the ledger says so far. Raises NotFound."""
    enter(work, site)
    found = await repository.look(work.uow, site.id, shift_id)
    if found is None:
        raise NotFound
    shift, tallies, _ = found
    if shift.closed_at is None:
        return ShiftDetail(shift, _so_far(shift, tallies), [], "", "", [], 0)
    counts, handovers, pieces, reason, by_name = await repository.evidence(work.uow, site.id, shift_id)
    left = sum(count.counted_fen for count in counts if count.means == "cash")
    left -= sum(handover.amount_fen for handover in handovers)
    return ShiftDetail(shift, counts, pieces, reason, by_name, handovers, left)


async def own(work: Work, site: Site) -> Shift | None:
    """The shift that whoever asks has open here."""
    enter(work, site)
    return await repository.own(work.uow, site.id, work.ctx.actor.id)


async def listed(
    work: Work, site: Site, cursor: str | None = None, limit: int = 50, day: date | None = None
) -> ShiftPage:
    """The site's shifts, the latest first; of a day if it is given. Raises Malformed for a cursor that is not ours."""
    enter(work, site)
    most = min(limit, PAGE)
    after: tuple[datetime | None, UUID | None] = (None, None)
    if cursor:
        at, id = read_mark(cursor)
        after = datetime.fromisoformat(at), id
    found = await repository.listed(work.uow, site.id, after, day, most + 1)
    items = found[:most]
    return ShiftPage(items, write_mark(items[-1].opened_at, items[-1].id) if len(found) > most else None)


def _own(work: Work, shift: Shift) -> None:
    if shift.cashier_id != work.ctx.actor.id and CASH_CLOSE.id not in work.ctx.permissions:
        raise Forbidden(msgid("This is a colleague's shift. Finance can close it."))


def _so_far(shift: Shift, tallies: list[Tally]) -> list[Count]:
    counts = counting.counted(shift.float_fen, tallies, 0, [])
    return [Count(c.means, c.entries, c.ledger_fen, c.expected_fen, 0, 0, 0) for c in counts]
