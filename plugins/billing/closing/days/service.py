"""The rules of closing days and weeks: in order, once, not by whoever took the cash (BIL-4). Callers commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from core.sdk import (
    Conflict,
    Event,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    Platform,
    Site,
    Work,
    msgid,
    new_id,
)
from plugins.billing import events
from plugins.billing.access import enter
from plugins.billing.closing.days import figures as sums
from plugins.billing.closing.days import repository
from plugins.billing.closing.days.figures import Figures, Found
from plugins.billing.closing.days.model import (
    Closing,
    ClosingDetail,
    ClosingKind,
    ClosingPage,
    Missing,
    NewClosing,
    Preview,
    Seen,
)
from plugins.billing.closing.model import PAGE
from plugins.billing.ledger import repository as ledger
from plugins.billing.policies import CLOSING

MISSING: Final = {
    "closed": msgid("This is closed already. What comes later counts on the next day."),
    "earlier": msgid("Close {day} first."),
    "late": msgid("Close {day} first."),
    "open_shift": msgid("A shift is open still. It is counted and closed first."),
    "not_over": msgid("The week is not over yet."),
    "future": msgid("This day has not come yet."),
}


async def preview(platform: Platform, work: Work, site: Site, kind: ClosingKind, day: date) -> Preview:
    """What closing a day, or the week of a day, would come to, and what comes before."""
    enter(work, site)
    shown, _ = await _seen(platform, work, site, kind, day)
    return shown


async def close(platform: Platform, work: Work, site: Site, new: NewClosing) -> ClosingDetail:
    """Close a day or a week for good. Whoever is posting is waited for. A day takes what came since the last one was
    closed, so that nothing falls between; a week is the sum of its days.

    Raises Conflict for one that is closed, has not come or has something before it, Forbidden for whoever took cash on
    the day, Invalid without a note where something is out of the ordinary. Managers are told of that.
    """
    enter(work, site)
    await ledger.hold_alone(work.uow, site.id)
    shown, seen = await _seen(platform, work, site, new.kind, new.day)
    if shown.missing:
        raise Conflict(MISSING[shown.missing], params={"day": str(shown.first or "")})
    actor, note = work.ctx.actor, new.note.strip()
    if seen is not None and any(shift.cashier_id == actor.id for shift in seen.shifts):
        raise Forbidden(msgid("A day is closed by somebody else than who took its cash."))
    if shown.found and not note:
        raise Invalid.field("note", msgid("Say what is done about what is out of the ordinary."))
    entries, ledger_fen, difference = sums.total(shown.figures)
    closing = Closing(
        new_id(), new.kind, shown.first_day, shown.last_day, entries, ledger_fen, difference, len(shown.found), note,
        work.now, actor.name,
    )  # fmt: skip
    covered = [each.entry_id for each in seen.moved] if seen else []
    await repository.write(work.uow, site.id, closing, actor.id, shown.figures, shown.found, covered)
    changes = {
        "closed": new.kind,
        "first_day": str(shown.first_day),
        "amount_fen": ledger_fen,
        "difference_fen": difference,
        "anomalies": len(shown.found),
    }
    work.audit("billing.closing.closed", "billing_closing", closing.id, changes, site_id=site.id)
    if seen is not None and shown.found and seen.managers:
        told: dict[str, str | int] = {
            "day": str(shown.first_day), "anomalies": len(shown.found), "members": seen.managers
        }  # fmt: skip
        work.emit(Event(events.CLOSING_FOUND, site.id, closing.id, told))
    return ClosingDetail(closing, shown.figures, shown.found)


async def get(work: Work, site: Site, closing_id: UUID) -> ClosingDetail:
    """A closing as it was. Raises NotFound."""
    enter(work, site)
    found = await repository.get(work.uow, site.id, closing_id)
    if found is None:
        raise NotFound
    return found


async def listed(
    work: Work, site: Site, kind: ClosingKind | None = None, cursor: str | None = None, limit: int = 50
) -> ClosingPage:
    """The site's closings, the latest first. Raises Malformed for a cursor that is not one of ours."""
    enter(work, site)
    most = min(limit, PAGE)
    found = await repository.listed(work.uow, site.id, _read(cursor), kind, most + 1)
    items = found[:most]
    return ClosingPage(items, f"{items[-1].last_day}_{items[-1].id}" if len(found) > most else None)


def monday_of(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


async def _seen(
    platform: Platform, work: Work, site: Site, kind: ClosingKind, day: date
) -> tuple[Preview, Seen | None]:
    today = site.today(work.now)
    if not date(2000, 1, 1) <= day <= date(2199, 12, 1):
        raise Invalid.field("day", msgid("Choose a day."))
    if kind == "week":
        return await _week(work, site, monday_of(day), today), None
    rules = await platform.policies.value(work, CLOSING, site.id)
    seen = await repository.look(work.uow, site.id, day, rules)
    found = sums.odd(seen.moved, seen.shifts, seen.back, seen.arrears, rules)
    figures = sums.summed(seen.moved, seen.items, seen.shifts)
    if seen.last is not None and day <= seen.last:
        return Preview(kind, day, day, Figures(), [], "closed", None), seen
    return Preview(kind, day, day, figures, found, *_missing(seen, day, today)), seen


def _missing(seen: Seen, day: date, today: date) -> tuple[Missing, date | None]:
    if day > today:
        return "future", None
    if seen.earlier is not None:
        return "earlier", seen.earlier
    if any(shift.open for shift in seen.shifts):
        return "open_shift", None
    return "", None


async def _week(work: Work, site: Site, monday: date, today: date) -> Preview:
    sunday = monday + timedelta(days=6)
    closed, first, days = await repository.week(work.uow, site.id, monday, sunday)
    figures = sums.added([figures for figures, _ in days])
    found: Sequence[Found] = [each for _, found in days for each in found][: sums.LISTED]
    missing: Missing = "closed" if closed else "not_over" if today <= sunday else "late" if first else ""
    return Preview("week", monday, sunday, figures, list(found), missing, first)


def _read(cursor: str | None) -> tuple[date | None, UUID | None]:
    if not cursor:
        return None, None
    try:
        day, _, id = cursor.partition("_")
        return date.fromisoformat(day), UUID(id)
    except ValueError:
        raise Malformed("This page mark is not valid. Start from the first page.") from None
