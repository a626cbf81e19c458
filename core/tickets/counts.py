"""How many tickets a site has in which state: read from the counters, and remembered until one of them changes."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec

from core.remembered import Remembered
from core.tenancy.directory import Site
from core.tickets import reading
from core.work import Work

_KEEP = timedelta(seconds=5)  # the longest that a count may be old where an announcement was lost


class _Known(msgspec.Struct):
    counts: dict[str, int]
    pressing: dict[timedelta, tuple[int, int]] = {}


class Counts:
    """Every open screen asks for these after every change; one answer serves all of a process until the next.

    `forget` is called when a change of a ticket is announced.
    """

    def __init__(self) -> None:
        self._known: Remembered[UUID, _Known] = Remembered()
        self.forget = self._known.forget

    async def of(self, work: Work, site: Site) -> dict[str, int]:
        """By state. Work that may itself have changed a ticket reads what it has written."""
        if not work.uow.read_only:
            return await reading.counts(work.uow, site.id)
        known = self._remembered(work, site)
        if known is None:
            since = self._known.changes
            known = _Known(await reading.counts(work.uow, site.id))
            self._keep(work, site, known, since)
        return known.counts

    async def pressing(self, work: Work, site: Site, within: timedelta) -> tuple[int, int]:
        """Open tickets due within that time, and overdue ones: seconds old at most. Brings the counts along."""
        known = self._remembered(work, site) if work.uow.read_only else None
        if known is None or within not in known.pressing:
            since = self._known.changes
            counts, pressing = await reading.pressing(work.uow, site.id, work.now, work.now + within)
            known = _Known(counts, {within: pressing})
            if work.uow.read_only:
                self._keep(work, site, known, since)
        return known.pressing[within]

    def _remembered(self, work: Work, site: Site) -> _Known | None:
        return self._known.get(work.ctx.company_id, site.id, work.now)

    def _keep(self, work: Work, site: Site, known: _Known, since: int) -> None:
        self._known.keep(work.ctx.company_id, site.id, known, work.now + _KEEP, since=since)
