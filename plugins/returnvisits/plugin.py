"""The manifest of return visits, and their answers to the hooks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from litestar.handlers import HTTPRouteHandler

from core.sdk import Manifest, NavEntry, Permission, PolicySpec, TenantTable, hookimpl
from plugins.returnvisits import events, permissions, policies, tables
from plugins.returnvisits.visits import pages as visits_pages

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
    def register_tables(self) -> Sequence[type[TenantTable]]:
        return tables.ALL


plugin = ReturnVisits()
