"""What the clerk sees of a call: who it may be (REC-5), what is open for them, and what to say (REC-3)."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

from core.sdk import HouseholdCard, Occupant, Platform, Principal, Site, Work, masked
from plugins.reception import reading
from plugins.reception.identity import service as identity
from plugins.reception.identity.service import Identity
from plugins.reception.permissions import TAKE
from plugins.reception.schemas import Call, LoggedCall, Who
from plugins.reception.scripts import service as scripts
from plugins.reception.scripts.service import Advice, Line, Speaker

Match = Literal["known", "several", "unknown"]
_SUGGESTIONS = 8


class Candidate(msgspec.Struct, frozen=True):
    """Somebody the caller may be."""

    unit_id: UUID
    party_id: UUID | None
    name: str
    role: str
    unit: str


class Found(msgspec.Struct, frozen=True):
    """Whom a call is from: the household and, if known, the person; else whom it may be from."""

    household: HouseholdCard | None = None
    caller: Occupant | None = None
    candidates: list[Candidate] = []

    @property
    def who(self) -> Who:
        """As a form or a call names them."""
        if self.household is None:
            return Who()
        party_id, name = (self.caller.party_id, self.caller.name) if self.caller else (None, "")
        return Who(self.household.unit_id, self.household.label, party_id, name)


class CallCard(msgspec.Struct, frozen=True):
    """A call with everything the clerk needs. The phone is in full while somebody is on the line, and masked after."""

    call: LoggedCall
    match: Match
    household: HouseholdCard | None
    caller: Occupant | None
    identity: Identity
    candidates: list[Candidate]
    script: tuple[Line, ...]
    situations: tuple[Line, ...]
    guidance: tuple[Advice, ...]


async def by_phone(platform: Platform, work: Work, site: Site, phone: str) -> Who:
    """Who has that phone, nobody if several have; of a number that nobody has, who called from it before."""
    if not phone:
        return Who()
    found = _callers(await platform.estate.household_by_phone(work, site, phone))
    if not found:
        return await reading.earlier(work.uow, site.id, phone) or Who()
    return who(found[0]) if len(found) == 1 else Who()


async def by_words(platform: Platform, work: Work, site: Site, text: str) -> Who:
    """Who or which unit is meant by what was typed; nobody if it can mean several."""
    found = await suggested(platform, work, site, text)
    return who(found[0]) if len(found) == 1 else Who()


async def suggested(platform: Platform, work: Work, site: Site, text: str) -> list[Candidate]:
    """Whom and which units the text may mean, the likeliest first."""
    hits = await platform.estate.suggest_units(work, site, text, limit=_SUGGESTIONS)
    return [Candidate(hit.unit_id, hit.party_id, hit.name, "", hit.label) for hit in hits]


def who(candidate: Candidate) -> Who:
    return Who(candidate.unit_id, candidate.unit, candidate.party_id, candidate.name)


async def find(platform: Platform, work: Work, site: Site, call: Call) -> Found:
    """Who the call is from, in one statement."""
    if call.unit_id is not None:
        household = await platform.estate.household(work, site, call.unit_id)
        return Found(household, next((o for o in household.occupants if o.party_id == call.party_id), None))
    if call.phone:
        households = await platform.estate.household_by_phone(work, site, call.phone)
        candidates = _callers(households)
        if len(candidates) == 1:
            return Found(households[0], next(o for o in households[0].occupants if o.caller))
        return Found(candidates=candidates)
    return Found(candidates=await suggested(platform, work, site, call.note) if call.note else [])


async def build(platform: Platform, work: Work, site: Site, principal: Principal, call: Call, found: Found) -> CallCard:
    """The card of a call that `found` says who is behind."""
    caller = found.caller.name if found.caller else call.caller_name
    unit = found.household.label if found.household else call.place
    said = await scripts.spoken(platform, work, Speaker(site, principal, caller, unit))
    return CallCard(
        call=logged(call, in_full=call.open and TAKE.id in work.ctx.permissions),
        match="known" if found.household else "several" if found.candidates else "unknown",
        household=found.household,
        caller=found.caller,
        identity=await identity.of(platform, work, site, call),
        candidates=found.candidates,
        script=said.steps,
        situations=said.situations,
        guidance=said.guidance,
    )


def logged(call: Call, *, in_full: bool = False) -> LoggedCall:
    """The call as the log has it."""
    return LoggedCall(
        id=call.id,
        channel=call.channel,
        source=call.source,
        status=call.status,
        phone=call.phone if in_full else masked(call.phone),
        caller_name=call.caller_name,
        place=call.place,
        unit_id=call.unit_id,
        ringing_at=call.ringing_at,
        answered_at=call.answered_at,
        ended_at=call.ended_at,
        waited=call.waited,
        talked=call.talked,
        answered_by_name=call.answered_by_name,
        ticket_id=call.ticket_id,
        ticket_number=call.ticket_number,
        confirmed=call.confirmed,
        confirmed_at=call.confirmed_at,
        confirmed_by_name=call.confirmed_by_name,
        matter=call.about,
        answer=call.answer,
        called_back_at=call.called_back_at,
        called_back_by_name=call.called_back_by_name,
        erased_at=call.erased_at,
    )


def _callers(households: list[HouseholdCard]) -> list[Candidate]:
    return [
        Candidate(household.unit_id, o.party_id, o.name, o.role, household.label)
        for household in households
        for o in household.occupants
        if o.caller
    ]
