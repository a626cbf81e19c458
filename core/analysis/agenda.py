"""The agenda of a site's regular meeting (TKT-6): matters come on it, and stay until each has an outcome."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from core.analysis import agenda_repository as repository
from core.analysis.agenda_repository import Held
from core.analysis.model import Agenda, ItemChange, Meeting, MeetingPlan, NewItem, RepeatGroup
from core.analysis.periods import add_months
from core.analysis.policies import AGENDA, AgendaRules
from core.analysis.repeats import Repeats, case_id_of
from core.analysis.staff import responsible_name
from core.db.ids import new_id
from core.errors import Conflict, Invalid, NotFound, PreconditionFailed
from core.tenancy.directory import Site
from core.work import Work

if TYPE_CHECKING:
    from core.policies.service import Policies
    from core.tenancy.directory import Directory

_LATE = timedelta(days=7)  # for so long after a month's end its repeated matters are still collected


class Meetings:
    """The service of meetings and their agenda; one for the process."""

    def __init__(self, policies: Policies, directory: Directory, repeats: Repeats) -> None:
        self._policies = policies
        self._directory = directory
        self._repeats = repeats

    async def agenda(self, work: Work, site: Site) -> Agenda:
        """What the next meeting is to talk about, the gravest reasons first."""
        meeting = await repository.next_meeting(work.uow, site.id)
        items = await repository.open_items(work.uow, site.id, meeting.id if meeting else None)
        return Agenda(meeting, items)

    async def held(self, work: Work, site: Site) -> list[Meeting]:
        """The site's meetings that are over, the latest first."""
        return await repository.held(work.uow, site.id)

    async def meeting(self, work: Work, site: Site, meeting_id: UUID) -> Agenda:
        """A meeting with the items it deals, or dealt, with. Raises NotFound."""
        meeting = await repository.meeting(work.uow, site.id, meeting_id)
        if meeting is None:
            raise NotFound
        if meeting.closed_at is None:
            return Agenda(meeting, await repository.open_items(work.uow, site.id, meeting.id))
        return Agenda(meeting, await repository.dealt_with(work.uow, site.id, meeting.id))

    async def plan(self, work: Work, site: Site, wanted: MeetingPlan) -> Meeting:
        """Plan the next meeting. Raises Conflict where one is planned already, Invalid for a day gone by."""
        wanted = self._checked(work, site, wanted)
        meeting = Meeting(new_id(), wanted.held_on, wanted.attendees, wanted.notes, None, "", work.now, 1)
        if not await repository.plan(work.uow, site.id, meeting.id, wanted, work.now):
            raise Conflict("The next meeting is planned already. Close it first, or change its date.")
        self._record(work, site, "meeting.planned", meeting.id, {"held_on": wanted.held_on})
        return meeting

    async def replan(self, work: Work, site: Site, meeting_id: UUID, wanted: MeetingPlan, expected: int) -> Meeting:
        """Change date, attendees or notes of the next meeting. Raises NotFound, Conflict or PreconditionFailed."""
        before = await self._next(work, site, meeting_id)
        if wanted.held_on != before.held_on:
            wanted = self._checked(work, site, wanted)
        version = await repository.replan(work.uow, site.id, meeting_id, wanted, expected)
        if version is None:
            raise PreconditionFailed
        self._record(work, site, "meeting.changed", meeting_id, {"held_on": [before.held_on, wanted.held_on]})
        return msgspec.structs.replace(
            before, held_on=wanted.held_on, attendees=wanted.attendees, notes=wanted.notes, version=version
        )

    async def close(self, work: Work, site: Site, meeting_id: UUID, next_on: date | None, expected: int) -> Meeting:
        """End the meeting; what has no outcome stays for the next one, planned for `next_on` if that is given.

        Raises NotFound, Conflict (closed already, or not held yet), Invalid or PreconditionFailed.
        """
        before = await self._next(work, site, meeting_id)
        if before.held_on > site.today(work.now):
            raise Conflict("The meeting has not taken place yet. Change its date if it was held earlier.")
        version = await repository.close(work.uow, site.id, meeting_id, work.ctx.actor.name, expected, work.now)
        if version is None:
            raise PreconditionFailed
        self._record(work, site, "meeting.closed", meeting_id, {"held_on": before.held_on})
        if next_on is not None:
            await self.plan(work, site, MeetingPlan(next_on, before.attendees))
        return msgspec.structs.replace(before, closed_at=work.now, closed_by=work.ctx.actor.name, version=version)

    async def collect(self, work: Work, site: Site) -> int:
        """Put what the site's policy names on the agenda (TKT-6, TKT-7); how many matters were not there yet.

        Whoever collects at the same time, or again, adds nothing twice.
        """
        rules = await self._policies.value(work, AGENDA, site.id)
        groups = await self._unanswered(work, site, rules)
        missed_by = work.now - timedelta(hours=rules.overdue_hours)
        added = await repository.collect(
            work.uow, site.id, missed_by, rules.critical, rules.escalated_to, groups, work.now
        )
        if added:
            self._record(work, site, "agenda.collected", site.id, {"items": added})
        return added

    async def raise_item(self, work: Work, site: Site, new: NewItem) -> UUID:
        """Put a matter on the agenda by hand; its id. Raises Invalid, or Conflict for a ticket that is on it."""
        title = new.title.strip()
        if not title:
            raise Invalid.field("title", "Say what is to be talked about.")
        if new.ticket_id is not None and not await repository.is_ticket_of(work.uow, site.id, new.ticket_id):
            raise Invalid.field("ticket_id", "There is no such ticket at this site.")
        name = responsible_name(self._directory, work, site, new.responsible_id)
        item_id = new_id()
        columns = (item_id, site.id, new.ticket_id, title, new.responsible_id, name, new.due_on)
        if not await repository.raise_item(work.uow, (*columns, work.now, work.ctx.actor.name)):
            raise Conflict("This ticket is on the agenda already.")
        self._record(work, site, "agenda.raised", item_id, {"title": title})
        return item_id

    async def change_item(self, work: Work, site: Site, item_id: UUID, change: ItemChange, expected: int) -> int:
        """Record who sees to an item until when, what the meeting said, and the outcome; the new version.

        An outcome settles the item. Raises NotFound, PreconditionFailed, Invalid, or Conflict: minutes without a
        meeting, or an item that an earlier meeting settled.
        """
        held = await repository.lock_item(work.uow, site.id, item_id)
        if held is None:
            raise NotFound
        item = held.item
        if item.version != expected:
            raise PreconditionFailed
        change = msgspec.structs.replace(change, minutes=change.minutes.strip(), outcome=change.outcome.strip())
        _check(held, change)
        name = responsible_name(self._directory, work, site, change.responsible_id)
        settled_at = item.settled_at or (work.now if change.outcome else None)
        version = await repository.change_item(work.uow, site.id, item_id, change, name, settled_at, held.meeting_id)
        changes: dict[str, tuple[object, object]] = {
            "responsible": (item.responsible_name, name),
            "due_on": (item.due_on, change.due_on),
            "outcome": (item.outcome, change.outcome),
        }
        changed = {field: pair for field, pair in changes.items() if pair[0] != pair[1]}
        self._record(work, site, "agenda.settled" if change.outcome else "agenda.changed", item_id, changed)
        return version

    async def _unanswered(self, work: Work, site: Site, rules: AgendaRules) -> list[tuple[UUID, RepeatGroup]]:
        """Repeated matters without a countermeasure, of this month and, in its first days, of the last one."""
        if not rules.repeats:
            return []
        today = site.today(work.now)
        months = {today.replace(day=1)}
        if today - today.replace(day=1) < _LATE:
            months.add(add_months(today.replace(day=1), -1))
        groups = [group for first in sorted(months) for group in await self._repeats.month(work, site, first)]
        return [(case_id_of(work.ctx.company_id, site, g), g) for g in groups if g.times and not g.countermeasure]

    async def _next(self, work: Work, site: Site, meeting_id: UUID) -> Meeting:
        meeting = await repository.meeting(work.uow, site.id, meeting_id)
        if meeting is None:
            raise NotFound
        if meeting.closed_at is not None:
            raise Conflict("This meeting is closed; its record stays as it is.")
        return meeting

    @staticmethod
    def _checked(work: Work, site: Site, wanted: MeetingPlan) -> MeetingPlan:
        if wanted.held_on < site.today(work.now):
            raise Invalid.field("held_on", "Choose today or a later day.")
        return msgspec.structs.replace(wanted, attendees=wanted.attendees.strip(), notes=wanted.notes.strip())

    @staticmethod
    def _record(work: Work, site: Site, action: str, subject_id: UUID, changes: Mapping[str, object]) -> None:
        work.audit(action, action.partition(".")[0], subject_id, changes, site_id=site.id)


def _check(held: Held, change: ItemChange) -> None:
    if change.minutes and held.meeting_id is None:
        raise Conflict("Plan the meeting first: minutes belong to one.")
    settled_at, planned_at = held.item.settled_at, held.meeting_planned_at
    if settled_at is not None and (planned_at is None or settled_at < planned_at):
        raise Conflict("This matter has its outcome. Put it on the agenda again if it has come up anew.")
    if settled_at is not None and not change.outcome:
        raise Invalid.field("outcome", "An outcome cannot be taken back. Put the matter on the agenda again.")
