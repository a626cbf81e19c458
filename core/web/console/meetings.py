"""Meetings on screen: planned, changed, closed, and the record of those that are over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.analysis.model import MeetingPlan
from core.errors import Conflict, Invalid, PreconditionFailed
from core.platform import Platform
from core.tenancy.directory import Site
from core.web.console.agenda import MANAGE, page, read, shown, version_of
from core.web.view import View
from core.work import Work


class _Closing(msgspec.Struct, frozen=True):
    next_on: date | None = None


@post("/meetings", permission=MANAGE, status_code=200)
async def meeting_plan(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    form = await view.form()
    try:
        await platform.meetings.plan(work, site, _plan(form))
    except (Invalid, Conflict) as refused:
        return await page(work, site, platform, view, form=form, refused=refused)
    return view.redirect(f"/s/{site.slug}/agenda")


@get("/meetings/{meeting_id:uuid}", permission="analysis.view")
async def meeting_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    meeting_id: FromPath[UUID],
) -> Response[str]:
    """The record of a meeting, as it is printed."""
    agenda = await platform.meetings.meeting(work, site, meeting_id)
    return await view.html("analysis/meeting.html", **await shown(work, site, platform, agenda, editable=False))


@post("/meetings/{meeting_id:uuid}", permission=MANAGE, status_code=200)
async def meeting_change(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    meeting_id: FromPath[UUID],
) -> Response[Any]:
    """Date, attendees and notes of the next meeting."""
    form = await view.form()
    try:
        await platform.meetings.replan(work, site, meeting_id, _plan(form), version_of(form))
    except (Invalid, Conflict, PreconditionFailed) as refused:
        return await page(work, site, platform, view, form=form, refused=refused)
    return view.redirect(f"/s/{site.slug}/agenda")


@post("/meetings/{meeting_id:uuid}/close", permission=MANAGE, status_code=200)
async def meeting_close(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    meeting_id: FromPath[UUID],
) -> Response[Any]:
    """End the meeting; its record is shown, and what has no outcome waits for the next one."""
    form = await view.form()
    wanted = read(_Closing, next_on=form.get("next_on") or None)
    try:
        await platform.meetings.close(work, site, meeting_id, wanted.next_on, version_of(form))
    except (Invalid, Conflict, PreconditionFailed) as refused:
        return await page(work, site, platform, view, form=form, refused=refused)
    return view.redirect(f"/s/{site.slug}/meetings/{meeting_id}")


def _plan(form: Mapping[str, str]) -> MeetingPlan:
    return read(
        MeetingPlan, held_on=form.get("held_on", ""), attendees=form.get("attendees", ""), notes=form.get("notes", "")
    )


HANDLERS = [meeting_plan, meeting_page, meeting_change, meeting_close]
