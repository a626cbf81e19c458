"""How many tickets a site has in which state: read from the counters, and remembered until one of them changes."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from core.tenancy.directory import Site
from core.tickets import reading
from core.work import Work

_KEEP = timedelta(seconds=5)  # the longest that a count may be old where an announcement was lost


class _Known(msgspec.Struct):
    until: datetime
    counts: dict[str, int]
    pressing: dict[timedelta, tuple[int, int]] = {}


class Counts:
    """Every open screen asks for these after every change; one answer serves all of a process until the next.

    `forget` is called after each commit of this process that touches a ticket, and when another's is announced.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[UUID, UUID], _Known] = {}
        self._changes = 0

    async def of(self, work: Work, site: Site) -> dict[str, int]:
        """By state. Work that may itself have changed a ticket reads what it has written."""
        if not work.uow.read_only:
            return await reading.counts(work.uow, site.id)
        known = self._remembered(work, site)
        if known is None:
            changes = self._changes
            known = _Known(work.now + _KEEP, await reading.counts(work.uow, site.id))
            self._remember(work, site, known, changes)
        return known.counts

    async def pressing(self, work: Work, site: Site, within: timedelta) -> tuple[int, int]:
        """Open tickets due within that time, and overdue ones: seconds old at most. Brings the counts along."""
        known = self._remembered(work, site) if work.uow.read_only else None
        if known is None or within not in known.pressing:
            changes = self._changes
            counts, pressing = await reading.pressing(work.uow, site.id, work.now, work.now + within)
            known = _Known(work.now + _KEEP, counts, {within: pressing})
            if work.uow.read_only:
                self._remember(work, site, known, changes)
        return known.pressing[within]

    def _remembered(self, work: Work, site: Site) -> _Known | None:
        known = self._known.get((work.ctx.company_id, site.id))
        return None if known is None or known.until <= work.now else known

    def _remember(self, work: Work, site: Site, known: _Known, changes: int) -> None:
        if self._changes == changes:  # else a change overtook the reading
            self._known[work.ctx.company_id, site.id] = known

    def forget(self, company_id: UUID | None) -> None:
        """None forgets all: announcements may have been missed."""
        self._changes += 1
        for key in [key for key in self._known if company_id in (None, key[0])]:
            del self._known[key]
