"""The rules of handling a complaint (CMP-2 to CMP-4): steps, findings, level, authorities. Callers commit."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import msgspec

from core.sdk import (
    Conflict,
    Event,
    Forbidden,
    Invalid,
    NotFound,
    Platform,
    PreconditionFailed,
    Severity,
    Site,
    Ticket,
    TicketStep,
    Work,
    new_id,
)
from plugins.complaints import events, repository, rules
from plugins.complaints.kind import MAJOR, TYPE
from plugins.complaints.model import (
    Case,
    CasePage,
    CaseStep,
    Findings,
    LevelChange,
    NewReferral,
    NewStep,
    Publication,
    ReferralNews,
    Wanted,
)
from plugins.complaints.permissions import DECLARE
from plugins.complaints.policies import HANDLING, Handling

PAGE = 50
PUBLISHED = "notice"  # the channel of an answer that is put up


async def get(work: Work, site: Site, ticket_id: UUID) -> Case:
    """Raises NotFound, also for one about the reader."""
    if site.id not in work.ctx.site_ids:
        raise NotFound
    case = await repository.read(work.uow, site.id, ticket_id)
    if case is None:
        raise NotFound
    return case


async def held(work: Work, site: Site, ticket_id: UUID) -> Case:
    """An open complaint that nobody else changes before this work ends. Raises NotFound, Conflict for a closed one."""
    await work.uow.lock_row("ticket", ticket_id)
    return _still_open(await get(work, site, ticket_id))


async def listed(work: Work, site: Site, wanted: Wanted) -> CasePage:
    """The site's complaints, the newest first."""
    if site.id not in work.ctx.site_ids:
        raise NotFound
    rows = await repository.listed(work.uow, site.id, wanted, work.now, PAGE)
    return CasePage(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


async def add_step(platform: Platform, work: Work, site: Site, ticket_id: UUID, new: NewStep) -> Case:
    """Put what was done on record. Raises Invalid, or Conflict for what comes first (CMP-4)."""
    case = await held(work, site, ticket_id)
    first = rules.before_step(case, await _rules(platform, work, site), new.kind)
    if first:
        raise Conflict(first)
    new = msgspec.structs.replace(new, text=new.text.strip(), heard=new.heard.strip())
    if not new.text:
        raise Invalid.field("text", "Write down what was said or done.")
    if new.kind == "hear_other" and not new.heard:
        raise Invalid.field("heard", "Write down who was heard.")
    if new.kind == "refer":
        raise Invalid.field("kind", "Name the authority: a referral is recorded with it.")
    await repository.add_step(work.uow, site.id, case, new, work.now, clerk(work))
    told(work, site, case, "step_recorded", {"step": new.kind})
    return await get(work, site, ticket_id)


async def find(platform: Platform, work: Work, site: Site, ticket_id: UUID, found: Findings, expected: int) -> Case:
    """Store what was found out; the department's team gets it (CMP-4). Raises Invalid, Conflict, PreconditionFailed."""
    if site.id not in work.ctx.site_ids:
        raise NotFound
    policy = await _rules(platform, work, site)
    department = next((d for d in policy.departments if d.name == found.department), None)
    await work.uow.lock_row("ticket", ticket_id)
    team = department.team if department is not None else ""
    case, team_id = await repository.read_with_team(work.uow, site.id, ticket_id, team)
    if case is None:
        raise NotFound
    if expected != _still_open(case).version:
        raise PreconditionFailed
    reason = found.reason.strip()
    if case.kind is not None and found.kind != case.kind and not reason:
        raise Invalid.field("reason", "Say why it is of another kind than it was taken for.")
    if found.cause and found.cause not in policy.causes:
        raise Invalid.field("cause", "Choose one of the site's causes.")
    if found.department and department is None:
        raise Invalid.field("department", "Choose one of the site's departments.")
    rows, steps = [repository.findings(site.id, found)], case.steps
    if reason and found.kind != case.kind:
        by_id, name = clerk(work)
        steps = (*steps, CaseStep(new_id(), "note", "", reason, work.now, name))
        rows.append(repository.other_kind(site.id, steps[-1], by_id))
    if team_id is not None and found.department != case.department and "ticket.assign" in work.ctx.permissions:
        step = TicketStep(team_id=team_id)
        await platform.tickets.act(work, site, ticket_id, "assign", step, None, beside=rows)
    else:
        await repository.write(work.uow, ticket_id, rows)
    if found.kind != case.kind and found.kind is not None:
        work.emit(Event(events.KIND_FOUND, site.id, ticket_id, {"number": case.number, "kind": found.kind}))
    if found.injury and not case.injury:
        work.emit(Event(events.INJURY_REPORTED, site.id, ticket_id, {"number": case.number}))
    told(work, site, case, "findings_recorded", {"kind": [case.kind, found.kind], "department": found.department})
    facts = {name: getattr(found, name) for name in ("kind", "cause", "department", "contractor", "injury")}
    return msgspec.structs.replace(case, **facts, steps=steps, version=case.version + 1)


async def set_level(platform: Platform, work: Work, site: Site, ticket_id: UUID, wanted: LevelChange) -> Case:
    """Declare it major, or general again, with the reason; promises and escalation follow (CMP-3)."""
    reason = wanted.reason.strip()
    if not reason:
        raise Invalid.field("reason", "Say why.")
    case = await held(work, site, ticket_id)
    if case.level == wanted.level:
        raise Conflict("It is that already.")
    severity: Severity = MAJOR if wanted.level == "major" else "routine"
    at, name = work.now if wanted.level == "major" else None, work.ctx.actor.name
    declared = repository.level(site.id, at, name, reason)
    step = TicketStep(text=reason, severity=severity)
    await platform.tickets.act(work, site, ticket_id, "reclassify", step, None, beside=[declared])
    work.emit(Event(events.LEVEL_CHANGED, site.id, ticket_id, {"number": case.number, "level": wanted.level}))
    changed = {"severity": severity, "major_at": at, "major_by_name": name, "major_reason": reason}
    return msgspec.structs.replace(case, **changed, version=case.version + 1)


async def refer(platform: Platform, work: Work, site: Site, ticket_id: UUID, new: NewReferral) -> Case:
    """Forward it to an authority, and note when that is asked again (CMP-2). Raises Invalid, Conflict."""
    case = await held(work, site, ticket_id)
    policy = await _rules(platform, work, site)
    first = rules.before_step(case, policy, "refer")
    if first:
        raise Conflict(first)
    authority = new.authority.strip()
    if not authority:
        raise Invalid.field("authority", "Name the authority.")
    on = new.forwarded_on or site.today(work.now)
    chase = new.chase_on or on + timedelta(days=policy.chase_days)
    if chase < on:
        raise Invalid.field("chase_on", "Choose a day after it was forwarded.")
    new = msgspec.structs.replace(new, authority=authority, reference=new.reference.strip())
    await repository.refer(work.uow, site.id, case, new, on, chase, work.now, clerk(work))
    told(work, site, case, "referred", {"on": on.isoformat()})
    return await get(work, site, ticket_id)


async def hear(
    platform: Platform, work: Work, site: Site, ticket_id: UUID, referral_id: UUID, news: ReferralNews
) -> Case:
    """Note the authority's answer or, without one, that it was asked again. Raises NotFound, Conflict once answered."""
    case = await held(work, site, ticket_id)
    referral = next((each for each in case.referrals if each.id == referral_id), None)
    if referral is None:
        raise NotFound
    if referral.answered_on is not None:
        raise Conflict("The authority has answered already.")
    answer, today = news.answer.strip(), site.today(work.now)
    policy = await _rules(platform, work, site)
    chase: date | None = None if answer else news.chase_on or today + timedelta(days=policy.chase_days)
    await repository.hear(
        work.uow, ticket_id, referral, answer, today if answer else None, chase, news.reference.strip()
    )
    told(work, site, case, "authority_answered" if answer else "authority_chased", {"referral": str(referral_id)})
    return await get(work, site, ticket_id)


async def publish(platform: Platform, work: Work, site: Site, ticket_id: UUID, said: Publication) -> Ticket:
    """Put up the answer to somebody unknown, which is the answer on record (TKT-3). Raises Conflict, Invalid."""
    step = TicketStep(text=said.text, channel=PUBLISHED)
    ticket = await platform.tickets.act(work, site, ticket_id, "answer", step, None)
    if ticket.type != TYPE:
        raise NotFound
    if not ticket.fields.get("anonymous"):
        raise Conflict("The complainant is known: answer them.")
    return ticket


async def check(work: Work, platform: Platform, ticket: Ticket, action: str, step: TicketStep) -> None:
    """Raise Conflict where an action on the ticket waits for a step of the complaint (CMP-2, CMP-4), Forbidden where it
    makes the complaint major, or general again, and the actor may not declare that (CMP-3)."""
    if ticket.type != TYPE:
        return
    declares = action == "reclassify" and step.severity and (step.severity == MAJOR) != (ticket.severity == MAJOR)
    if declares and DECLARE.id not in work.ctx.permissions:
        raise Forbidden("Whether a complaint is major is for supervisors and managers to say.")
    if action not in rules.HANDLED:
        return
    case = await repository.read(work.uow, ticket.site_id, ticket.id)
    if case is None:
        return
    policy = await platform.policies.value(work, HANDLING, ticket.site_id)
    first = rules.before_done(case, policy) if action == "resolve" else rules.before_step(case, policy)
    if first:
        raise Conflict(first)


def clerk(work: Work) -> tuple[UUID | None, str]:
    """Who acts: a member, or a program by its name."""
    actor = work.ctx.actor
    return actor.id if actor.kind == "person" else None, actor.name


def told(work: Work, site: Site, case: Case, what: str, changes: dict[str, object]) -> None:
    """Audit a change of a complaint, and have its open pages look again."""
    work.audit(f"complaints.{what}", "ticket", case.ticket_id, {"number": case.number, **changes}, site_id=site.id)
    work.announce("ticket", site.id, case.ticket_id, hidden_from=case.concerns_id)


async def _rules(platform: Platform, work: Work, site: Site) -> Handling:
    return await platform.policies.value(work, HANDLING, site.id)


def _still_open(case: Case) -> Case:
    if case.status == "closed":
        raise Conflict("This complaint is closed: take it up again first.")
    return case
