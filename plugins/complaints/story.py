"""What complaints tell of a demo company's past: steps on matters, and months signed off."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from uuid import UUID

import msgspec

from core.sdk import Chapter, Moment, Site, StoryStep, Teller, Work
from plugins.complaints import compensation, service
from plugins.complaints.analysis import service as analysis
from plugins.complaints.analysis.model import Signature
from plugins.complaints.model import (
    Decision,
    Findings,
    Kind,
    Level,
    LevelChange,
    NewCompensation,
    NewReferral,
    NewStep,
    Payment,
    Publication,
    ReferralNews,
    StepKind,
)


class _Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was written with a step."""

    text: str = ""


class Done(_Said, frozen=True, kw_only=True):
    """A step of handling; `heard` who was, for the other side."""

    kind: StepKind
    heard: str = ""


class Found(_Said, frozen=True, kw_only=True):
    """What was found out."""

    kind: Kind
    cause: str = ""
    department: str = ""
    contractor: str = ""


class Declared(_Said, frozen=True, kw_only=True):
    level: Level = "major"


class Referred(_Said, frozen=True, kw_only=True):
    """The authority is the words."""

    reference: str = ""


class Proposed(_Said, frozen=True, kw_only=True):
    yuan: int


class Months(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The month before each of `when` is signed off by that login, where nothing stands against it."""

    site: str
    by: str
    when: tuple[str, ...]
    remark: str = ""


async def _done(teller: Teller, told: Done, work: Work, site: Site, ticket_id: UUID) -> None:
    step = NewStep(kind=told.kind, heard=told.heard, text=told.text)
    await service.add_step(teller.platform, work, site, ticket_id, step)


async def _found(teller: Teller, told: Found, work: Work, site: Site, ticket_id: UUID) -> None:
    version = (await service.get(work, site, ticket_id)).version
    found = Findings(
        kind=told.kind, cause=told.cause, department=told.department, contractor=told.contractor, reason=told.text
    )
    await service.find(teller.platform, work, site, ticket_id, found, version)


async def _declared(teller: Teller, told: Declared, work: Work, site: Site, ticket_id: UUID) -> None:
    await service.set_level(teller.platform, work, site, ticket_id, LevelChange(told.level, told.text))


async def _referred(teller: Teller, told: Referred, work: Work, site: Site, ticket_id: UUID) -> None:
    new = NewReferral(authority=told.text, reference=told.reference)
    await service.refer(teller.platform, work, site, ticket_id, new)


async def _heard(teller: Teller, told: _Said, work: Work, site: Site, ticket_id: UUID) -> None:
    """Of the latest authority; without words it was asked again."""
    referral = (await service.get(work, site, ticket_id)).referrals[-1]
    await service.hear(teller.platform, work, site, ticket_id, referral.id, ReferralNews(answer=told.text))


async def _proposed(teller: Teller, told: Proposed, work: Work, site: Site, ticket_id: UUID) -> None:
    await compensation.propose(work, site, ticket_id, NewCompensation(told.yuan * 100, told.text))


async def _approved(teller: Teller, told: _Said, work: Work, site: Site, ticket_id: UUID) -> None:
    asked = (await service.get(work, site, ticket_id)).compensations[-1]
    await compensation.decide(teller.platform, work, site, ticket_id, asked.id, Decision(True, told.text))


async def _paid(teller: Teller, told: _Said, work: Work, site: Site, ticket_id: UUID) -> None:
    asked = (await service.get(work, site, ticket_id)).compensations[-1]
    await compensation.pay(work, site, ticket_id, asked.id, Payment(told.text))


async def _published(teller: Teller, told: _Said, work: Work, site: Site, ticket_id: UUID) -> None:
    await service.publish(teller.platform, work, site, ticket_id, Publication(told.text))


def _months(teller: Teller, told: Months) -> Iterator[Moment]:
    site = teller.site(told.site)
    for at in teller.instants(site, *told.when):
        yield at, partial(_sign, teller, site, told)


async def _sign(teller: Teller, site: Site, told: Months) -> None:
    work = teller.work_as(told.by)
    first = site.today(work.now).replace(day=1)
    month = first.replace(month=first.month - 1) if first.month > 1 else first.replace(year=first.year - 1, month=12)
    found = await analysis.analysis(teller.platform, work, site, month)
    answered = all(each.countermeasure and each.responsible_name for each in found.repeated)
    if found.figures.complaints and found.figures.signed is None and answered:
        await analysis.sign(teller.platform, work, site, Signature(month, told.remark))


CHAPTERS: list[Chapter | StoryStep] = [
    Chapter("months", Months, _months),
    StoryStep("step", Done, _done),
    StoryStep("find", Found, _found),
    StoryStep("level", Declared, _declared),
    StoryStep("refer", Referred, _referred),
    StoryStep("hear", _Said, _heard),
    StoryStep("propose", Proposed, _proposed),
    StoryStep("approve", _Said, _approved),
    StoryStep("pay", _Said, _paid),
    StoryStep("publish", _Said, _published),
]
