"""Meetings and their agenda in the JSON API (TKT-6)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.analysis.model import Agenda, ItemChange, Meeting, MeetingPlan, NewItem
from core.platform import Platform
from core.tenancy.directory import Site
from core.work import Work


class Meetings(msgspec.Struct, frozen=True):
    """Meetings that are over, the latest first."""

    items: list[Meeting]


class Closing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`next_on`: when the next meeting is held, if that is known."""

    next_on: date | None = None


class Raised(msgspec.Struct, frozen=True):
    id: UUID


class Collected(msgspec.Struct, frozen=True):
    """How many matters were not on the agenda before."""

    added: int


class Changed(msgspec.Struct, frozen=True):
    version: int


@get("/agenda", permission="analysis.view")
async def show_agenda(
    work: NamedDependency[Work], site: NamedDependency[Site], platform: NamedDependency[Platform]
) -> Agenda:
    """The next meeting, if one is planned, and what is to be talked about."""
    return await platform.meetings.agenda(work, site)


@post("/agenda", permission="agenda.manage")
async def raise_item(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    data: JSONBody[NewItem],
) -> Raised:
    """Put a matter on the agenda by hand."""
    return Raised(await platform.meetings.raise_item(work, site, data))


@post("/agenda/collect", permission="agenda.manage", status_code=200)
async def collect(
    work: NamedDependency[Work], site: NamedDependency[Site], platform: NamedDependency[Platform]
) -> Collected:
    """Put overdue, important and repeated matters on the agenda now; a job does so every ten minutes."""
    return Collected(await platform.meetings.collect(work, site))


@put("/agenda/{agenda_item_id:uuid}", permission="agenda.manage")
async def change_item(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    if_match: NamedDependency[int],
    agenda_item_id: FromPath[UUID],
    data: JSONBody[ItemChange],
) -> Response[Changed]:
    """Minutes, responsible person, due date; an outcome settles the item. Needs If-Match."""
    version = await platform.meetings.change_item(work, site, agenda_item_id, data, if_match)
    return Response(Changed(version), headers={"ETag": f'"{version}"'})


@get("/meetings", permission="analysis.view")
async def list_meetings(
    work: NamedDependency[Work], site: NamedDependency[Site], platform: NamedDependency[Platform]
) -> Meetings:
    """Meetings that are over."""
    return Meetings(await platform.meetings.held(work, site))


@post("/meetings", permission="agenda.manage")
async def plan_meeting(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    data: JSONBody[MeetingPlan],
) -> Response[Meeting]:
    """Plan the next meeting."""
    return _answer(await platform.meetings.plan(work, site, data), 201)


@get("/meetings/{meeting_id:uuid}", permission="analysis.view")
async def show_meeting(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    meeting_id: FromPath[UUID],
) -> Agenda:
    """A meeting with the items it deals, or dealt, with as they stood then."""
    return await platform.meetings.meeting(work, site, meeting_id)


@put("/meetings/{meeting_id:uuid}", permission="agenda.manage")
async def change_meeting(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    if_match: NamedDependency[int],
    meeting_id: FromPath[UUID],
    data: JSONBody[MeetingPlan],
) -> Response[Meeting]:
    """Change date, attendees or notes of the next meeting. Needs If-Match."""
    return _answer(await platform.meetings.replan(work, site, meeting_id, data, if_match), 200)


@post("/meetings/{meeting_id:uuid}/close", permission="agenda.manage", status_code=200)
async def close_meeting(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    if_match: NamedDependency[int],
    meeting_id: FromPath[UUID],
    data: JSONBody[Closing],
) -> Response[Meeting]:
    """End the meeting; items without an outcome stay for the next one. Needs If-Match."""
    return _answer(await platform.meetings.close(work, site, meeting_id, data.next_on, if_match), 200)


def _answer(meeting: Meeting, status: int) -> Response[Meeting]:
    return Response(meeting, status_code=status, headers={"ETag": f'"{meeting.version}"'})


HANDLERS = [
    show_agenda,
    raise_item,
    collect,
    change_item,
    list_meetings,
    plan_meeting,
    show_meeting,
    change_meeting,
    close_meeting,
]
