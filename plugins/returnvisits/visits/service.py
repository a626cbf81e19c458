"""The rules of making visits: who tried when, what the household says, who signs (VIS-4). Callers commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

import msgspec

from core.sdk import (
    Conflict,
    Event,
    Forbidden,
    Invalid,
    Malformed,
    NewSignature,
    NotFound,
    Platform,
    PreconditionFailed,
    Site,
    TenantContext,
    Work,
)
from plugins.returnvisits import events
from plugins.returnvisits.areas import repository as areas
from plugins.returnvisits.permissions import ASSIGN, RECORD
from plugins.returnvisits.policies import HANDLING
from plugins.returnvisits.visits import repository
from plugins.returnvisits.visits.model import (
    Assign,
    Attempt,
    Cancel,
    Measure,
    Outcome,
    Visit,
    VisitDetail,
    VisitFilter,
)

_AHEAD: Final = timedelta(days=60)  # the furthest that a next try may lie ahead


def wanted(**fields: object) -> VisitFilter:
    """The filter that these make. Raises Malformed."""
    try:
        return msgspec.convert(fields, VisitFilter, strict=False)
    except msgspec.ValidationError as error:
        raise Malformed from error


async def page(work: Work, site: Site, wanted: VisitFilter) -> tuple[list[Visit], str | None]:
    """A page of visits, and the mark of the next."""
    _enter(work, site)
    me = work.ctx.actor.id if wanted.mine else None
    return await repository.page(work.uow, site.id, wanted, me, work.now, wanted.limit)


async def waiting(work: Work, site: Site) -> int:
    """How many visits whoever asks could make now."""
    _enter(work, site)
    me = work.ctx.actor.id
    return await repository.waiting(work.uow, site.id, me, work.now) if me is not None else 0


async def detail(work: Work, site: Site, visit_id: UUID) -> VisitDetail:
    """A visit with its history and what may be done now. Raises NotFound, also for one of another site."""
    _enter(work, site)
    visit = await repository.get(work.uow, site.id, visit_id)
    if visit is None:
        raise NotFound
    return VisitDetail(visit, await repository.steps(work.uow, visit_id), actions(work, visit))


def actions(work: Work, visit: Visit) -> list[str]:
    """What whoever asks may do with the visit as it is."""
    permissions = work.ctx.permissions
    found = []
    if visit.status == "open" and RECORD.id in permissions and not is_own_work(work, visit):
        found += ["outcome", "attempt"]
    if visit.status in ("open", "held") and ASSIGN.id in permissions:
        found += ["assign", "cancel"]
    if visit.status == "done" and not visit.signed and RECORD.id in permissions:
        found.append("signature")
    if visit.status == "done" and visit.failed and ASSIGN.id in permissions:
        found.append("measure")
    return found


def lead(work: Work) -> None:
    """Raises Forbidden for whoever does not give visits to others."""
    if ASSIGN.id not in work.ctx.permissions:
        raise Forbidden


def is_own_work(work: Work, visit: Visit) -> bool:
    """Whether whoever asks did the work that the visit checks (VIS-5)."""
    return visit.handled_by is not None and visit.handled_by == work.ctx.actor.id


async def attempt(
    platform: Platform, work: Work, site: Site, visit_id: UUID, said: Attempt, expected: int | None
) -> Visit:
    """Nobody was reached. After as many calls as the site's policy has, the household is to be visited.

    Raises NotFound, Forbidden, PreconditionFailed, Conflict or Invalid.
    """
    visit = await _open(work, site, visit_id, expected)
    handling = await platform.policies.value(work, HANDLING, site.id)
    again = said.again_at or work.now + timedelta(hours=handling.again_hours)
    if not work.now < again <= work.now + _AHEAD:
        raise Invalid.field("again_at", "Try again at a time that lies ahead, 60 days at most.")
    steps = [("no_answer", _joined(said.way, said.text))]
    tried = visit.attempts + 1
    if said.way == "phone" and tried >= handling.phone_tries and visit.way in ("any", "phone"):
        visit = msgspec.structs.replace(visit, way="visit")
        steps.append(("to_visit", str(tried)))
    visit = msgspec.structs.replace(visit, attempts=tried, next_at=again)
    return await _store(work, visit, "attempted", steps)


async def finish(
    platform: Platform, work: Work, site: Site, visit_id: UUID, said: Outcome, expected: int | None
) -> Visit:
    """What the household says (VIS-4). One that is dissatisfied, or for whom nothing was solved, leads to more work.

    Raises NotFound, Forbidden (one's own work), PreconditionFailed, Conflict or Invalid.
    """
    visit = await _open(work, site, visit_id, expected)
    if visit.way in ("visit", "onsite") and said.way == "phone":
        raise Invalid.field("way", "This household is to be visited, not called.")
    failed = said.effect == "unsolved" or said.satisfaction == "dissatisfied"
    if failed and not said.shortcomings.strip():
        raise Invalid.field("shortcomings", "Say what the household is not content with.")
    actor = work.ctx.actor
    visit = msgspec.structs.replace(
        visit,
        done_at=work.now,
        done_by=actor.id if actor.kind == "person" else None,
        done_by_name=actor.name,
        done_way=said.way,
        quality=said.quality,
        effect=said.effect,
        satisfaction=said.satisfaction,
        shortcomings=said.shortcomings.strip(),
        opinions=said.opinions.strip(),
        signed="phone" if said.way == "phone" else "",
        failed=failed,
    )
    visit = await _store(work, visit, "made", [("done", said.way)])
    told: dict[str, str | bool] = {"rule": visit.rule, "failed": failed, "in_time": work.now <= visit.due_at}
    work.emit(Event(events.VISIT_DONE, site.id, visit.id, told))
    if failed:
        work.emit(Event(events.VISIT_FAILED, site.id, visit.id, {"rule": visit.rule, "number": visit.ticket_number}))
    return visit


async def sign(platform: Platform, work: Work, site: Site, visit_id: UUID, signature: NewSignature) -> Visit:
    """The household signs what it said (VIS-4), once: the version does not matter, for what follows from the visit may
    be noted meanwhile. A drawn signature becomes a file of the ticket; where there is none, it signs on paper.

    Raises NotFound, Conflict or Invalid.
    """
    _enter(work, site)
    visit, ticket = await repository.lock_with_ticket(work.uow, site.id, visit_id)
    if visit is None:
        raise NotFound
    if visit.status != "done" or visit.signed:
        raise Conflict("This visit is not waiting for a signature.")
    if ticket is not None:
        kept = await platform.files.sign(work, site, ticket, signature)
        file_id = kept.attachment.id if kept.attachment else None
    elif signature.picture is not None or not signature.on_paper or not signature.remark.strip():
        raise Invalid.field("on_paper", "Have it signed on paper, and say where the paper is kept.")
    else:
        file_id = None
    signed = "paper" if signature.on_paper else "pad"
    text = _joined(signature.signer.strip(), signature.remark)
    return await _store(
        work, msgspec.structs.replace(visit, signed=signed, signature_id=file_id), "signed", [("signed", text)]
    )


async def assign(platform: Platform, work: Work, site: Site, visit_id: UUID, to: Assign, expected: int | None) -> Visit:
    """Give the visit to a colleague, not to whoever did the work (VIS-5). Raises NotFound, PreconditionFailed, Conflict
    or Invalid."""
    visit = await _lock(work, site, visit_id, expected)
    if visit.status not in ("open", "held"):
        raise Conflict("This visit is over.")
    names = {c.id: c.name for c in platform.directory.colleagues(work.ctx.company_id, site)}
    if to.visitor_id not in names:
        raise Invalid.field("visitor_id", "Choose a colleague of this site.")
    if to.visitor_id == visit.handled_by:
        raise Invalid.field("visitor_id", "Nobody checks their own work: choose somebody else.")
    name = names[to.visitor_id]
    visit = msgspec.structs.replace(visit, visitor_id=to.visitor_id, visitor_name=name)
    return await _store(work, visit, "assigned", [("assign", name)])


async def cancel(work: Work, site: Site, visit_id: UUID, said: Cancel, expected: int | None) -> Visit:
    """The visit is not made, for a reason that shows in the report. Raises NotFound, PreconditionFailed, Conflict,
    Invalid."""
    visit = await _lock(work, site, visit_id, expected)
    if visit.status not in ("open", "held"):
        raise Conflict("This visit is over.")
    reason = said.reason.strip()
    if not reason:
        raise Invalid.field("reason", "Say why the visit is not made.")
    visit = msgspec.structs.replace(visit, void_at=work.now, void_reason=reason)
    return await _store(work, visit, "cancelled", [("cancel", reason)])


async def measure(
    platform: Platform, work: Work, site: Site, visit_id: UUID, said: Measure, expected: int | None
) -> Visit:
    """What is done about a visit that failed, by whom and until when (VIS-6). Raises NotFound, PreconditionFailed,
    Conflict or Invalid."""
    visit = await _lock(work, site, visit_id, expected)
    if not visit.failed:
        raise Conflict("Only a visit that failed needs a countermeasure.")
    names = {c.id: c.name for c in platform.directory.colleagues(work.ctx.company_id, site)}
    if said.responsible_id not in names:
        raise Invalid.field("responsible_id", "Choose a colleague of this site.")
    text = said.measure.strip()
    if not text:
        raise Invalid.field("measure", "Write down what is done about it.")
    visit = msgspec.structs.replace(
        visit,
        measure=text,
        measure_by=said.responsible_id,
        measure_by_name=names[said.responsible_id],
        measure_due=said.due_on,
    )
    return await _store(work, visit, "answered", [("measure", text)])


async def notice_late(work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
    """A job: visits that were not made in time show, and go up to supervisors and managers (TKT-6)."""
    leads: dict[UUID, list[UUID]] = {}
    for visit in await repository.late(work.uow, ctx.site_ids, work.now):
        if visit.site_id not in leads:
            around = await areas.around(work.uow, visit.site_id, None)
            leads[visit.site_id] = [*around.of_role("supervisor"), *around.of_role("manager")]
        told = dict.fromkeys(([visit.visitor_id] if visit.visitor_id else []) + leads[visit.site_id])
        work.emit(Event(events.VISIT_OVERDUE, visit.site_id, visit.id, {"rule": visit.rule, "members": joined(told)}))
        work.announce("desk", visit.site_id, visit.id)


def joined(members: Mapping[UUID, object] | Sequence[UUID]) -> str:
    """Members as an event's payload names them."""
    return ",".join(str(id) for id in members)


async def _open(work: Work, site: Site, visit_id: UUID, expected: int | None) -> Visit:
    visit = await _lock(work, site, visit_id, expected)
    if visit.status == "held":
        raise Conflict("The matter is being worked on again: the visit waits until that is done.")
    if visit.status != "open":
        raise Conflict("This visit is over.")
    if is_own_work(work, visit):
        raise Forbidden("Nobody checks their own work: somebody else makes this visit.")
    if visit.not_before is not None and work.now < visit.not_before:
        raise Conflict("It is too early for this visit.")
    return visit


async def _lock(work: Work, site: Site, visit_id: UUID, expected: int | None) -> Visit:
    _enter(work, site)
    visit = await repository.lock(work.uow, site.id, visit_id)
    if visit is None:
        raise NotFound
    if expected is not None and expected != visit.version:
        raise PreconditionFailed
    return visit


async def _store(work: Work, visit: Visit, action: str, steps: repository.Noted) -> Visit:
    actor = work.ctx.actor
    by = actor.id if actor.kind == "person" else None, actor.name
    saved = await repository.save(work.uow, visit, work.now, by, steps)
    changes = {"status": saved.status, "rule": saved.rule}
    work.audit(f"returnvisits.visit.{action}", "returnvisits_visit", saved.id, changes, site_id=saved.site_id)
    work.announce("desk", saved.site_id, saved.id)
    return saved


def _enter(work: Work, site: Site) -> None:
    if site.id not in work.ctx.site_ids:
        raise NotFound


def _joined(first: str, second: str) -> str:
    return f"{first}: {second.strip()}" if second.strip() else first
