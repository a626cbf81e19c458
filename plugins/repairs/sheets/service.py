"""The rules of work contact sheets (REP-4): promised, chased, done, and accepted by the owner or done again.

Callers commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from core.sdk import (
    Conflict,
    Event,
    Invalid,
    Note,
    NotFound,
    Platform,
    Site,
    TenantContext,
    Work,
    msgid,
)
from plugins.repairs.sheets import repository
from plugins.repairs.sheets.model import (
    CHANGED,
    ISSUED,
    OVERDUE,
    Kind,
    NewSheet,
    NewStep,
    Sheet,
    SheetDetail,
    Sheets,
    Status,
    Wanted,
)
from plugins.repairs.sheets.policy import SHEETS, SheetRules

# Where each step may be taken from.
FROM: Final[dict[Kind, Status]] = {
    "promise": "open",
    "chase": "open",
    "done": "open",
    "fail": "done",
    "accept": "done",
    "withdraw": "open",
}
_SAID: Final[dict[Kind, str]] = {
    "chase": "Write down what the builder answered.",
    "fail": "Say what the owner does not accept.",
    "withdraw": "Say why the sheet is withdrawn.",
}


async def rules(platform: Platform, work: Work, site: Site) -> SheetRules:
    """What the site has chosen."""
    return await platform.policies.value(work, SHEETS, site.id)


async def issue(platform: Platform, work: Work, site: Site, new: NewSheet) -> Sheet:
    """Send the builder a sheet about a ticket; the ticket's timeline says so. Raises NotFound, Invalid."""
    enter(work, site)
    limits, today = await rules(platform, work, site), site.today(work.now)
    _promised(new.promised_on, limits, today)
    note = Note(msgid("issued a work contact sheet to the builder"), icon="file-export")
    try:
        ticket = await platform.tickets.note(work, site, new.ticket_id, note)
    except NotFound:
        raise Invalid.field("ticket_id", "There is no such ticket at this site.") from None
    new = msgspec.structs.replace(
        new, place=new.place.strip() or ticket.place, matter=new.matter.strip() or ticket.description[:1000]
    )
    chase_on = _next(limits.chase_days, new.promised_on, today)
    sheet = await repository.issue(work.uow, site.id, new, ticket.number, chase_on, today.year, work.now, _by(work))
    if sheet is None:
        raise Invalid.field("contractor_id", "Choose a builder from the list.")
    _changed(work, site, sheet, "issue")
    return sheet


async def detail(work: Work, site: Site, sheet_id: UUID) -> SheetDetail:
    """A sheet with all that happened to it. Raises NotFound, also for one of another site or company."""
    enter(work, site)
    sheet = await repository.get(work.uow, site.id, sheet_id)
    if sheet is None:
        raise NotFound
    return SheetDetail(sheet, await repository.history(work.uow, site.id, sheet_id))


async def step(platform: Platform, work: Work, site: Site, sheet_id: UUID, said: NewStep) -> Sheet:
    """Take the next step. Raises NotFound, Invalid for what has to be said, Conflict where it does not follow."""
    enter(work, site)
    limits, today = await rules(platform, work, site), site.today(work.now)
    found = await repository.lock(work.uow, site.id, sheet_id)
    if found is None:
        raise NotFound
    sheet, ticket = found
    if sheet.status != FROM[said.kind]:
        raise Conflict("The sheet has moved on: load it again.")
    if said.kind in _SAID and not said.text.strip():
        raise Invalid.field("text", _SAID[said.kind])
    if said.kind == "chase" and not said.spoke_with.strip():
        raise Invalid.field("spoke_with", "Write down whom you spoke with.")
    if said.kind == "promise" and said.promised_on is None:
        raise Invalid.field("promised_on", "Write down the date that the builder promises.")
    if said.kind in ("promise", "chase", "fail"):
        _promised(said.promised_on, limits, today)
    replace = msgspec.structs.replace
    match said.kind:
        case "promise" | "chase" | "fail":
            promised = said.promised_on or (None if said.kind == "fail" else sheet.promised_on)
            if said.next_on is not None and not today < said.next_on <= today + timedelta(limits.promise_days):
                raise Invalid.field("next_on", "The next chase lies ahead, {n} days at most.", n=limits.promise_days)
            sheet = replace(
                sheet,
                status="open",
                round=sheet.round + (said.kind == "fail"),
                done_at=None,
                promised_on=promised,
                overdue_at=None if said.promised_on or said.kind == "fail" else sheet.overdue_at,
                chase_on=said.next_on or _next(limits.chase_days, promised, today),
            )
        case "done":
            sheet = replace(sheet, status="done", done_at=work.now, chase_on=today + timedelta(limits.accept_days))
        case "accept":
            if said.signature is None:
                raise Invalid.field("signature", "The owner signs that the work is accepted.")
            signed = await platform.files.sign(work, site, ticket, said.signature)
            sheet = replace(
                sheet,
                status="accepted",
                chase_on=None,
                closed_at=work.now,
                accepted_by=signed.signer,
                signature_id=signed.attachment.id if signed.attachment else None,
            )
            said = replace(said, text=said.text or signed.remark)
        case "withdraw":
            sheet = replace(sheet, status="withdrawn", chase_on=None, closed_at=work.now)
    sheet = await repository.save(work.uow, site.id, sheet, work.now, _by(work), said)
    _changed(work, site, sheet, said.kind)
    return sheet


async def printed(work: Work, site: Site, sheet_id: UUID) -> SheetDetail:
    """Put a print on record: who, when, and which one it is. Raises NotFound."""
    enter(work, site)
    sheet = await repository.print_again(work.uow, site.id, sheet_id, work.now, _by(work))
    if sheet is None:
        raise NotFound
    work.audit("repairs.sheet.printed", "repairs_sheet", sheet.id, {"print": sheet.prints}, site_id=site.id)
    return SheetDetail(sheet, await repository.history(work.uow, site.id, sheet_id))


async def page(work: Work, site: Site, wanted: Wanted) -> Sheets:
    """A page of the site's sheets, the latest first."""
    enter(work, site)
    found = await repository.page(work.uow, site.id, wanted, site.today(work.now), repository.PAGE)
    more = len(found) > repository.PAGE
    found = found[: repository.PAGE]
    return Sheets(found, found[-1].issued_at if more else None)


async def whole(work: Work, site: Site, wanted: Wanted, most: int) -> list[Sheet]:
    """All that a filter fits, for a workbook. Raises Invalid for more than `most`."""
    enter(work, site)
    found = await repository.page(work.uow, site.id, wanted, site.today(work.now), most)
    if len(found) > most:
        raise Invalid.field("q", "These are more than {most} sheets: narrow the list.", most=most)
    work.audit("repairs.sheet.exported", "repairs_sheet", site.id, {"rows": len(found)}, site_id=site.id)
    return found


async def due(work: Work, site: Site) -> int:
    """How many sheets somebody is to ask about today."""
    enter(work, site)
    return await repository.count_due(work.uow, site.id, site.today(work.now))


async def miss(work: Work, ctx: TenantContext, ids: Mapping[str, str], platform: Platform) -> None:
    """A job: promises that have passed are overdue, and go up to the supervisors, once each (TKT-6)."""
    company = platform.directory.known(ctx.company_id)
    for site in (site for site in (company.sites if company else ()) if site.id in ctx.site_ids):
        missed = await repository.miss(work.uow, site.id, site.today(work.now), work.now)
        members = ",".join(map(str, await repository.supervisors(work.uow, site.id))) if missed else ""
        for sheet in missed:
            assert sheet.promised_on is not None
            day = sheet.promised_on.isoformat()
            work.emit(Event(OVERDUE, site.id, sheet.id, {"ticket_id": str(sheet.ticket_id), "promised_on": day}))
            if members:
                passed = datetime.combine(sheet.promised_on + timedelta(1), time.min, ZoneInfo(site.timezone))
                told = {"goal": "resolve", "due_at": passed.isoformat(), "members": members, "quiet": "true"}
                work.emit(Event("ticket.escalated.v1", site.id, sheet.ticket_id, told))
            work.announce("desk", site.id, sheet.id)


def enter(work: Work, site: Site) -> None:
    """Raises NotFound where the actor does not work at the site."""
    if site.id not in work.ctx.site_ids:
        raise NotFound


def _promised(day: date | None, limits: SheetRules, today: date) -> None:
    if day is not None and not today <= day <= today + timedelta(limits.promise_days):
        raise Invalid.field(
            "promised_on", "The builder promises a day from today on, {n} days ahead at most.", n=limits.promise_days
        )


def _next(days: int, promised: date | None, today: date) -> date:
    """When to ask next: after the usual time, or on the promised day if that is sooner."""
    usual = today + timedelta(days)
    return min(usual, promised) if promised is not None and promised > today else usual


def _by(work: Work) -> tuple[UUID | None, str]:
    actor = work.ctx.actor
    return actor.id if actor.kind == "person" else None, actor.name


def _changed(work: Work, site: Site, sheet: Sheet, step: str) -> None:
    change = {"number": sheet.number, "status": sheet.status}
    work.audit(f"repairs.sheet.{step}", "repairs_sheet", sheet.id, change, site_id=site.id)
    told = {"ticket_id": str(sheet.ticket_id), "step": step, "status": sheet.status}
    work.emit(Event(ISSUED if step == "issue" else CHANGED, site.id, sheet.id, told))
    work.announce("desk", site.id, sheet.id)
    work.announce("ticket", site.id, sheet.ticket_id)
