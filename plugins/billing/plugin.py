"""The manifest of billing, and its answers to the hooks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from litestar.handlers import HTTPRouteHandler

from core.sdk import JobSpec, KeyedTable, Manifest, NavEntry, Permission, PolicySpec, hookimpl
from plugins.billing import events, permissions, policies, tables
from plugins.billing.record import RECORD
from plugins.billing.runs import pages as runs_pages
from plugins.billing.runs import routes as runs_routes
from plugins.billing.runs import work as runs_work

MANIFEST = Manifest(
    id="billing",
    title="Billing",
    version="0.1.0",
    requires_core=">=0.1,<0.2",
    package="plugins.billing",
    priority=50,
    migrations=Path(__file__).parents[2] / "migrations" / "billing",
    events=events.ALL,
    record=RECORD,
)


class Billing:
    manifest = MANIFEST

    @hookimpl
    def register_routes(self) -> Sequence[HTTPRouteHandler]:
        return [*runs_routes.HANDLERS]

    @hookimpl
    def register_pages(self) -> Sequence[HTTPRouteHandler]:
        return [*runs_pages.HANDLERS]

    @hookimpl
    def register_policies(self) -> Sequence[PolicySpec[Any]]:
        return policies.ALL

    @hookimpl
    def register_nav(self) -> Sequence[NavEntry]:
        return [
            NavEntry(
                label="Billing runs",
                icon="receipt-yuan",
                path="runs",
                permission=permissions.RUN_VIEW.id,
                hotkey="g i",
                order=60,
            )
        ]

    @hookimpl
    def register_jobs(self) -> Sequence[JobSpec]:
        return [*runs_work.JOBS]

    @hookimpl
    def register_permissions(self) -> Sequence[Permission]:
        return permissions.ALL

    @hookimpl
    def register_tables(self) -> Sequence[type[KeyedTable]]:
        return tables.ALL


plugin = Billing()
