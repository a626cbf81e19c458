"""A household that calls (REC-5): its people, what is open for it, the call that rings; and the card of it, bare."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from core.estate import households_repository
from core.tenancy.directory import Site
from core.tickets.model import NewTicket
from plugins.reception import service
from plugins.reception.cards import CallCard, logged
from plugins.reception.policies import Greeting
from plugins.reception.schemas import Call, Report
from plugins.reception.scripts import service as scripts
from plugins.reception.scripts.service import Piece, Speaker
from tests.plugins.reception.conftest import household
from tests.support.lodge import House, Lodge
from tests.support.statements import Statement

T = TypeVar("T")
_PHONE = "13817626207"


async def ring(lodge: Lodge, house: House, site: Site) -> UUID:
    """Somebody of a household with three open tickets calls; the call's id."""
    known = await household(lodge, house, site, "3幢1802", "王丽华", "owner", _PHONE)
    platform = lodge.platform
    async with lodge.work(house, "clerk") as work:
        for category in ("plumbing_electric", "lift", "other"):
            matter = NewTicket(description="厨房水管漏水，请尽快派人", category=category, unit_id=known.unit_id)
            await platform.tickets.create(work, site, matter)
        return (await service.report(platform, work, site, Report("bench", "ringing", _PHONE))).id


class SeenCard(msgspec.Struct, frozen=True):
    """A card, with what it takes to say again what is said on it."""

    card: CallCard
    greeting: Greeting
    pieces: tuple[tuple[Piece, ...], ...]
    speaker: Speaker


async def seen_card(lodge: Lodge, house: House, site: Site, token: str, card: CallCard) -> SeenCard:
    """The card that was given to whoever has the token."""
    principal = await lodge.platform.principals.of_api_token(token)
    async with lodge.work(house) as work:
        texts = await scripts.texts(lodge.platform, work, site)
    assert card.caller is not None and card.household is not None
    speaker = Speaker(site, principal, card.caller.name, card.household.label)
    return SeenCard(card, texts.greeting, texts.pieces(), speaker)


async def bare_card(connection: Any, statements: tuple[Statement, ...], seen: SeenCard) -> CallCard:
    """The card of the same two statements, with the same texts filled in; how the caller stands is as it was seen."""
    called, lived = statements
    call = Call(*await connection.fetchrow(called.sql, *called.arguments))
    company_id, site_id, today, unit_id = lived.arguments
    [home] = await households_repository.cards(_Rows(connection, company_id), site_id, today, lived.sql, unit_id)  # type: ignore[arg-type]
    caller = next(each for each in home.occupants if each.party_id == call.party_id)
    zh, en = seen.speaker.values(seen.speaker.words(seen.greeting, datetime.now(UTC)))
    steps, situations, guidance = (tuple(piece.said(zh, en) for piece in group) for group in seen.pieces)
    return CallCard(
        call=logged(call, in_full=True),
        match=seen.card.match,
        household=home,
        caller=caller,
        identity=seen.card.identity,
        candidates=[],
        script=steps,
        situations=situations,
        guidance=guidance,  # type: ignore[arg-type]
    )


class _Rows:
    """As much of a unit of work as reading a household asks for."""

    def __init__(self, connection: Any, company_id: UUID) -> None:
        self._connection, self.company_id = connection, company_id

    async def fetch(self, shape: Callable[..., T], sql: str, *arguments: Any) -> list[T]:
        return [shape(*row) for row in await self._connection.fetch(sql, *arguments)]
