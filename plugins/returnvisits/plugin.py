"""The manifest of return visits, and their answers to the hooks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from litestar.handlers import HTTPRouteHandler

from core.sdk import (
    Chapter,
    Event,
    Fragment,
    HouseholdCard,
    JobSpec,
    Manifest,
    NavEntry,
    NoticeSpec,
    Permission,
    Platform,
    PolicySpec,
    TenantContext,
    TenantTable,
    Ticket,
    Work,
    hookimpl,
)
from plugins.returnvisits import events, jobs, outlets, permissions, policies, story, tables
from plugins.returnvisits.areas import pages as areas_pages
from plugins.returnvisits.areas import routes as areas_routes
from plugins.returnvisits.month import web as month_web
from plugins.returnvisits.record import RECORD
from plugins.returnvisits.regular import web as regular_web
from plugins.returnvisits.sampling import web as sampling_web
from plugins.returnvisits.visits import owed, rework
from plugins.returnvisits.visits import pages as visits_pages
from plugins.returnvisits.visits import paper as visits_paper
from plugins.returnvisits.visits import routes as visits_routes

MANIFEST = Manifest(
    id="returnvisits",
    title="Return visits",
    version="0.1.0",
    requires_core=">=0.1,<0.2",
    package="plugins.returnvisits",
    priority=40,
    migrations=Path(__file__).parents[2] / "migrations" / "returnvisits",
    events=events.ALL,
    record=RECORD,
)


class ReturnVisits:
    manifest = MANIFEST

    @hookimpl
    def register_routes(self) -> Sequence[HTTPRouteHandler]:
        return [
            *visits_routes.HANDLERS,
            *visits_paper.API,
            *areas_routes.HANDLERS,
            *sampling_web.API,
            *month_web.API,
            *regular_web.API,
        ]

    @hookimpl
    def register_pages(self) -> Sequence[HTTPRouteHandler]:
        return [
            *visits_pages.HANDLERS,
            *visits_paper.PAGES,
            *areas_pages.HANDLERS,
            *sampling_web.PAGES,
            *month_web.PAGES,
            *regular_web.PAGES,
        ]

    @hookimpl
    def register_permissions(self) -> Sequence[Permission]:
        return permissions.ALL

    @hookimpl
    def register_policies(self) -> Sequence[PolicySpec[Any]]:
        return policies.ALL

    @hookimpl
    def register_nav(self) -> Sequence[NavEntry]:
        return [
            NavEntry(
                label="Return visits",
                icon="phone-check",
                path="",
                permission=permissions.VIEW.id,
                hotkey="g h",
                order=34,
                count="count",
            )
        ]

    @hookimpl
    def register_jobs(self) -> Sequence[JobSpec]:
        return jobs.ALL

    @hookimpl
    def register_notices(self) -> Sequence[NoticeSpec]:
        return events.NOTICES

    @hookimpl
    def register_chapters(self) -> Sequence[Chapter]:
        return story.ALL

    @hookimpl
    def register_tables(self) -> Sequence[type[TenantTable]]:
        return tables.ALL

    @hookimpl
    async def outlet_fill(self, work: Work, ctx: TenantContext, outlet: str, subject: object) -> Sequence[Fragment]:
        if outlet == "ticket.side" and isinstance(subject, Ticket):
            return await outlets.of_ticket(work, subject)
        if outlet == "household.card" and isinstance(subject, HouseholdCard):
            return await outlets.of_household(work, subject)
        return []

    @hookimpl
    async def event_deliver(self, work: Work, platform: Platform, event: Event) -> None:
        if event.type == events.VISIT_FAILED:
            await rework.hear(work, platform, event)
        else:
            await owed.hear(work, platform, event)


plugin = ReturnVisits()
