"""How many tickets a site has in which state: read from the counters, and remembered until one of them changes."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec

from core.remembered import Remembered
from core.tenancy.directory import Site
from core.tickets import reading
from core.tickets.reading import Tally
from core.work import Work

_KEEP = timedelta(seconds=5)  # the longest that a count may be old where an announcement was lost


class _Known(msgspec.Struct):
    tally: Tally
    pressing: dict[tuple[timedelta, UUID | None], tuple[int, int]] = {}

    def pressing_key(self, work: Work, within: timedelta) -> tuple[timedelta, UUID | None]:
        """One answer serves everybody but those from whom a complaint is hidden (CMP-6), or all but some buildings."""
        reader = work.uow.reader
        return within, reader if work.ctx.areas or self.tally.is_about(reader) else None


class Counts:
    """Every open screen asks for these after every change; one answer serves all of a process until the next.

    `forget` is called when a change of a ticket is announced.
    """

    def __init__(self) -> None:
        self._known: Remembered[UUID, _Known] = Remembered()
        self.forget = self._known.forget

    async def of(self, work: Work, site: Site) -> dict[str, int]:
        """By state. Work that may itself have changed a ticket reads what it has written."""
        if site.id in work.ctx.areas:
            return await reading.seen(work.uow, site.id)
        if not work.uow.read_only:
            return (await reading.counts(work.uow, site.id)).seen_by(work.uow.reader)
        known = self._remembered(work, site)
        if known is None:
            since = self._known.changes
            known = _Known(await reading.counts(work.uow, site.id))
            self._keep(work, site, known, since)
        return known.tally.seen_by(work.uow.reader)

    async def pressing(self, work: Work, site: Site, within: timedelta) -> tuple[int, int]:
        """Open tickets due within that time, and overdue ones: seconds old at most. Brings the counts along."""
        known = self._remembered(work, site) if work.uow.read_only else None
        if known is not None and (found := known.pressing.get(known.pressing_key(work, within))) is not None:
            return found
        since = self._known.changes
        tally, pressing = await reading.pressing(work.uow, site.id, work.now, work.now + within)
        known = _Known(tally)
        known.pressing[known.pressing_key(work, within)] = pressing
        if work.uow.read_only:
            self._keep(work, site, known, since)
        return pressing

    def _remembered(self, work: Work, site: Site) -> _Known | None:
        return self._known.get(work.ctx.company_id, site.id, work.now)

    def _keep(self, work: Work, site: Site, known: _Known, since: int) -> None:
        self._known.keep(work.ctx.company_id, site.id, known, work.now + _KEEP, since=since)
