"""Repeated matters (TKT-7, VIS-6): noticed while they are taken in, listed by month, answered by a countermeasure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

import msgspec

from core.analysis import repeat_repository as repository
from core.analysis.model import Countermeasure, Recurrence, RepeatGroup
from core.analysis.periods import month_of
from core.analysis.policies import REPEATS, RepeatRules
from core.analysis.staff import responsible_name
from core.errors import Invalid, NotFound, PreconditionFailed
from core.policies.ticket_categories import TICKET_CATEGORIES
from core.tenancy.directory import Site
from core.tickets.model import AlikeTicket, TicketDetail
from core.work import Work

if TYPE_CHECKING:
    from core.policies.service import Policies
    from core.tenancy.directory import Directory
    from core.tickets.types import Types

_RECORDED = ("cause", "countermeasure", "responsible_name", "due_on", "outcome")


class Repeats:
    """The service of repeated matters; one for the process."""

    def __init__(self, policies: Policies, directory: Directory, types: Types) -> None:
        self._policies = policies
        self._types = types
        self._directory = directory

    async def before(self, work: Work, site: Site, category: str, unit_id: UUID | None, place: str) -> Recurrence:
        """What has come of that category to that unit, or else place, before a matter that is taken in now."""
        rules = await self._policies.value(work, REPEATS, site.id)
        known = (await self._policies.value(work, TICKET_CATEGORIES, site.id)).categories
        kind = next((c.ticket_type for c in known if c.key == category), "")
        earlier: list[AlikeTicket] = []
        if unit_id is not None or place.strip():
            since = work.now - timedelta(days=rules.window_days)
            earlier = await repository.alike(work.uow, site.id, category, unit_id, place.strip(), since)
        return Recurrence(len(earlier) + 1, rules.threshold(self._types.basic(kind)), rules.window_days, earlier)

    async def of_ticket(self, work: Work, site: Site, detail: TicketDetail) -> Recurrence:
        """How often the matter of a ticket had come when it was taken in."""
        rules = await self.rules(work, site)
        since = detail.ticket.created_at - timedelta(days=rules.window_days)
        earlier = [alike for alike in detail.sections.alike if alike.created_at > since]
        return Recurrence(
            len(earlier) + 1, rules.threshold(self._types.basic(detail.ticket.type)), rules.window_days, earlier
        )

    async def month(self, work: Work, site: Site, day: date) -> list[RepeatGroup]:
        """The repeated matters of the month of the site that `day` lies in, the most frequent first."""
        complaints, repairs = (self._types.counting_as(basic) for basic in ("complaint", "repair"))
        rules = await self.rules(work, site)
        return await repository.groups(work.uow, site.id, month_of(site, day), rules, complaints, repairs)

    async def rules(self, work: Work, site: Site) -> RepeatRules:
        """What counts as repeated at the site."""
        return await self._policies.value(work, REPEATS, site.id)

    async def record(self, work: Work, site: Site, entry: Countermeasure, expected: int) -> RepeatGroup:
        """Record cause, countermeasure, responsible person, due date and outcome of a repeated matter.

        `expected` is the version seen, 0 where nothing was recorded yet. Raises NotFound where no such matter was
        repeated in that month, Invalid, or PreconditionFailed.
        """
        groups = await self.month(work, site, entry.month)
        group = next((g for g in groups if _same(g, entry)), None)
        if group is None:
            raise NotFound
        entry = _tidied(entry, group)
        name = responsible_name(self._directory, work, site, entry.responsible_id)
        if entry.countermeasure and entry.responsible_id is None:
            raise Invalid.field("responsible_id", "Say who sees to the countermeasure.")
        case_id = case_id_of(work.ctx.company_id, site, group)
        version = await repository.record(work.uow, case_id, site.id, entry, name, expected, work.now)
        if version is None:
            raise PreconditionFailed
        after = msgspec.structs.replace(
            group,
            cause=entry.cause,
            countermeasure=entry.countermeasure,
            responsible_id=entry.responsible_id,
            responsible_name=name,
            due_on=entry.due_on,
            outcome=entry.outcome,
            version=version,
        )
        changes = {
            field: [getattr(group, field), getattr(after, field)]
            for field in _RECORDED
            if getattr(group, field) != getattr(after, field)
        }
        work.audit("repeat.recorded", "repeat_case", case_id, changes, site_id=site.id)
        return after


def case_id_of(company_id: UUID, site: Site, group: RepeatGroup) -> UUID:
    """The id of a repeated matter: the same whoever records it first."""
    spot = group.unit_id or f"={group.place}"
    return uuid5(company_id, f"repeat {site.id} {group.month} {group.category} {spot}")


def _same(group: RepeatGroup, entry: Countermeasure) -> bool:
    if group.category != entry.category or group.unit_id != entry.unit_id:
        return False
    return entry.unit_id is not None or group.place == entry.place.strip()


def _tidied(entry: Countermeasure, group: RepeatGroup) -> Countermeasure:
    return msgspec.structs.replace(
        entry,
        month=group.month,
        place="" if group.unit_id else group.place,
        cause=entry.cause.strip(),
        countermeasure=entry.countermeasure.strip(),
        outcome=entry.outcome.strip(),
    )
