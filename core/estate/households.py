"""Who lives where: households by unit or phone, the unit lookup, the list of units, and full numbers for a reason."""

from __future__ import annotations

import base64
from uuid import UUID

from core.errors import Conflict, Forbidden, Invalid, Malformed, NotFound
from core.estate import households_repository as repository
from core.estate.access import enter
from core.estate.households_repository import Mark
from core.estate.lookup import read_query
from core.estate.model import HouseholdCard, UnitHit, UnitPage
from core.estate.sealing import CannotUnseal, Sealer
from core.exchange.normalise import cell_text, normalise_phone
from core.tenancy.directory import Site
from core.work import Work

MOST = 200  # rows a page may have (IN-9)
_MARK = "This page mark is not valid. Start from the first page."
_REASON_LENGTH = 200


class Households:
    """Answers about the estate of a site; phones are masked. Each method raises NotFound for a site the actor may not
    touch, and for ids of another as for those that do not exist."""

    _sealer: Sealer  # which the imports have sealed ID numbers with

    async def household(self, work: Work, site: Site, unit_id: UUID) -> HouseholdCard:
        """The unit with today's occupants and its open tickets. Raises NotFound."""
        today = enter(work, site)
        for card in await repository.cards(work.uow, site.id, today, repository.CARD, unit_id):
            return card
        raise NotFound

    async def household_by_phone(self, work: Work, site: Site, phone: str) -> list[HouseholdCard]:
        """The households of whoever has that phone, as anybody may write it; at most 20. Empty for no phone."""
        today = enter(work, site)
        number = normalise_phone(phone)
        if number is None:
            return []
        return await repository.cards(work.uow, site.id, today, repository.CARDS_BY_PHONE, number)

    async def suggest_units(self, work: Work, site: Site, text: str, limit: int = 10) -> list[UnitHit]:
        """Units that what was typed so far may mean, the likeliest first: by label or room, owner, phone or its end."""
        today = enter(work, site)
        query = read_query(text)
        return await repository.suggest(work.uow, site.id, today, query, _within(limit)) if query else []

    async def units(
        self, work: Work, site: Site, text: str, cursor: str | None, limit: int = 50, *, building: str | None = None
    ) -> UnitPage:
        """A page of the site's units in natural order: those `text` may mean, without it those of `building` or all.

        Raises Malformed for a cursor that is not one of ours; `limit` is 200 at most (IN-9).
        """
        today = enter(work, site)
        wanted = _within(limit)
        after = _read(cursor) if cursor else Mark()
        found = await repository.page(work.uow, site.id, today, read_query(text), building, after, wanted + 1)
        items = [row for row, _ in found[:wanted]]
        return UnitPage(items, _write(found[wanted - 1][1]) if len(found) > wanted else None)

    async def buildings(self, work: Work, site: Site) -> list[str]:
        """The site's buildings in natural order."""
        enter(work, site)
        return await repository.buildings(work.uow, site.id)

    async def reveal_phone(self, work: Work, site: Site, party_id: UUID, reason: str) -> list[str]:
        """A party's full phones, on record with the reason (PI-2). Raises Forbidden, Invalid or NotFound."""
        enter(work, site)
        reason = _needed(work, "estate.contact.reveal", reason)
        phones = await repository.full_phones(work.uow, site.id, party_id)
        if phones is None:
            raise NotFound
        work.audit("contact.revealed", "party", party_id, {"reason": reason, "phones": len(phones)}, site_id=site.id)
        return phones

    async def reveal_id_number(self, work: Work, site: Site, party_id: UUID, reason: str) -> str:
        """A party's full ID number, on record with the reason (PI-2). Raises Forbidden, Invalid or NotFound; Conflict
        where none is known, or it was sealed with a secret that is gone."""
        enter(work, site)
        reason = _needed(work, "estate.identity.reveal", reason)
        sealed = await repository.sealed_id_number(work.uow, site.id, party_id)
        if sealed is None:
            raise NotFound
        if not sealed:
            raise Conflict("No ID number is known here.")
        try:
            number = self._sealer.unseal(work.ctx.company_id, party_id, sealed).decode()
        except CannotUnseal:
            raise Conflict("This number was sealed with a key that is gone. Take it down anew.") from None
        work.audit("identity.revealed", "party", party_id, {"reason": reason}, site_id=site.id)
        return number


def _needed(work: Work, permission: str, reason: str) -> str:
    """What a full number is needed for, in the words to be recorded. Raises Forbidden or Invalid."""
    if permission not in work.ctx.permissions:
        raise Forbidden
    reason = cell_text(reason)
    if not 2 <= len(reason) <= _REASON_LENGTH:
        raise Invalid.field(
            "reason", "Say in 2 to {most} characters what you need the number for.", most=_REASON_LENGTH
        )
    return reason


def _within(limit: int) -> int:
    return max(1, min(limit, MOST))


def _write(mark: Mark) -> str:
    return base64.urlsafe_b64encode(f"{mark.unit_id} {mark.sort_key}".encode()).decode().rstrip("=")


def _read(cursor: str) -> Mark:
    try:
        unit_id, _, key = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(" ")
        if "\0" in key:  # which PostgreSQL refuses
            raise Malformed(_MARK)
        return Mark(key, UUID(unit_id))
    except ValueError:
        raise Malformed(_MARK) from None
