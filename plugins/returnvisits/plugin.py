"""The manifest of return visits, and their answers to the hooks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from litestar.handlers import HTTPRouteHandler

from core.sdk import (
    Event,
    JobSpec,
    Manifest,
    NavEntry,
    Permission,
    Platform,
    PolicySpec,
    TenantTable,
    Work,
    hookimpl,
)
from plugins.returnvisits import events, jobs, permissions, policies, tables
from plugins.returnvisits.visits import owed, rework
from plugins.returnvisits.visits import pages as visits_pages
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
)


class ReturnVisits:
    manifest = MANIFEST

    @hookimpl
    def register_routes(self) -> Sequence[HTTPRouteHandler]:
        return [*visits_routes.HANDLERS]

    @hookimpl
    def register_pages(self) -> Sequence[HTTPRouteHandler]:
        return [*visits_pages.HANDLERS]

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
            )
        ]

    @hookimpl
    def register_jobs(self) -> Sequence[JobSpec]:
        return jobs.ALL

    @hookimpl
    def register_tables(self) -> Sequence[type[TenantTable]]:
        return tables.ALL

    @hookimpl
    async def event_deliver(self, work: Work, platform: Platform, event: Event) -> None:
        if event.type == events.VISIT_FAILED:
            await rework.hear(work, platform, event)
        else:
            await owed.hear(work, platform, event)


plugin = ReturnVisits()
