"""Complaints over the JSON API, below /api/v1/sites/{site_id}/complaints."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import Platform, Site, Work
from plugins.complaints import compensation, service
from plugins.complaints.model import (
    Case,
    CasePage,
    Decision,
    Findings,
    KindAsked,
    Level,
    LevelChange,
    NewCompensation,
    NewReferral,
    NewStep,
    Payment,
    Publication,
    ReferralNews,
    Wanted,
    Which,
)
from plugins.complaints.permissions import APPROVE, DECLARE, HANDLE, PAY, PROPOSE, VIEW

Department = Annotated[str | None, QueryParameter(max_length=100)]


@get("/cases", permission=VIEW.id)
async def list_cases(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    which: FromQuery[Which] = "open",
    kind: FromQuery[KindAsked | None] = None,
    level: FromQuery[Level | None] = None,
    department: Department = None,
    late: FromQuery[bool] = False,
    q: Annotated[str | None, QueryParameter(max_length=100)] = None,
    before: FromQuery[UUID | None] = None,
) -> CasePage:
    """The site's complaints, the newest first; `late`: their answer is overdue (CMP-3)."""
    wanted = Wanted(which=which, kind=kind, level=level, department=department, late=late, q=q, before=before)
    return await service.listed(work, site, wanted)


@get("/cases/{ticket_id:uuid}", permission=VIEW.id)
async def get_case(
    work: NamedDependency[Work], site: NamedDependency[Site], ticket_id: FromPath[UUID]
) -> Response[Case]:
    """A complaint with its steps, authorities and compensation."""
    return _answer(await service.get(work, site, ticket_id))


@put("/cases/{ticket_id:uuid}", permission=HANDLE.id)
async def record_findings(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    if_match: NamedDependency[int],
    ticket_id: FromPath[UUID],
    data: JSONBody[Findings],
) -> Response[Case]:
    """Say of which kind it is, whose department it is about, and what caused it (CMP-1, CMP-2)."""
    return _answer(await service.find(platform, work, site, ticket_id, data, if_match))


@post("/cases/{ticket_id:uuid}/steps", permission=HANDLE.id)
async def add_step(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    data: JSONBody[NewStep],
) -> Case:
    """Put what was done on record: contact, hearing, apology, remedy, explanation (CMP-2, CMP-4)."""
    return await service.add_step(platform, work, site, ticket_id, data)


@post("/cases/{ticket_id:uuid}/level", permission=DECLARE.id, status_code=200)
async def set_level(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    data: JSONBody[LevelChange],
) -> Case:
    """Declare it major, or general again (CMP-3); asks for the right to classify tickets too."""
    return await service.set_level(platform, work, site, ticket_id, data)


@post("/cases/{ticket_id:uuid}/publication", permission=HANDLE.id, status_code=200)
async def publish_answer(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    data: JSONBody[Publication],
) -> Case:
    """Put up the answer to an anonymous complaint (TKT-3)."""
    await service.publish(platform, work, site, ticket_id, data)
    return await service.get(work, site, ticket_id)


@post("/cases/{ticket_id:uuid}/referrals", permission=HANDLE.id)
async def refer_case(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    data: JSONBody[NewReferral],
) -> Case:
    """Forward it to an authority."""
    return await service.refer(platform, work, site, ticket_id, data)


@post("/cases/{ticket_id:uuid}/referrals/{referral_id:uuid}/news", permission=HANDLE.id, status_code=200)
async def hear_authority(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    referral_id: FromPath[UUID],
    data: JSONBody[ReferralNews],
) -> Case:
    """Note what the authority answered or, without an answer, that it was asked again."""
    return await service.hear(platform, work, site, ticket_id, referral_id, data)


@post("/cases/{ticket_id:uuid}/compensations", permission=PROPOSE.id)
async def propose_compensation(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    ticket_id: FromPath[UUID],
    data: JSONBody[NewCompensation],
) -> Case:
    """Propose an amount, in fen."""
    return await compensation.propose(work, site, ticket_id, data)


@post("/cases/{ticket_id:uuid}/compensations/{compensation_id:uuid}/decision", permission=APPROVE.id, status_code=200)
async def decide_compensation(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    compensation_id: FromPath[UUID],
    data: JSONBody[Decision],
) -> Case:
    """Approve or refuse what somebody else proposed, within one's limit."""
    return await compensation.decide(platform, work, site, ticket_id, compensation_id, data)


@post("/cases/{ticket_id:uuid}/compensations/{compensation_id:uuid}/payment", permission=PAY.id, status_code=200)
async def pay_compensation(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    ticket_id: FromPath[UUID],
    compensation_id: FromPath[UUID],
    data: JSONBody[Payment],
) -> Case:
    """Note that it was paid out."""
    return await compensation.pay(work, site, ticket_id, compensation_id, data)


def _answer(case: Case) -> Response[Case]:
    return Response(case, headers={"ETag": f'"{case.version}"'})


HANDLERS: list[HTTPRouteHandler] = [
    list_cases,
    get_case,
    record_findings,
    add_step,
    set_level,
    publish_answer,
    refer_case,
    hear_authority,
    propose_compensation,
    decide_compensation,
    pay_compensation,
]
