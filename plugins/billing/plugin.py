"""The manifest of billing, and its answers to the hooks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from litestar.handlers import HTTPRouteHandler

from core.sdk import Chapter, KeyedTable, Manifest, NavEntry, Permission, hookimpl
from plugins.billing import permissions, story, tables
from plugins.billing.record import RECORD
from plugins.billing.tariffs import pages as tariffs_pages
from plugins.billing.tariffs import price_list
from plugins.billing.tariffs import routes as tariffs_routes
from plugins.billing.tariffs.quantities import pages as quantities_pages
from plugins.billing.tariffs.quantities import routes as quantities_routes

MANIFEST = Manifest(
    id="billing",
    title="Billing",
    version="0.1.0",
    requires_core=">=0.1,<0.2",
    package="plugins.billing",
    priority=50,
    migrations=Path(__file__).parents[2] / "migrations" / "billing",
    record=RECORD,
)


class Billing:
    manifest = MANIFEST

    @hookimpl
    def register_routes(self) -> Sequence[HTTPRouteHandler]:
        return [
            *tariffs_routes.HANDLERS,
            *quantities_routes.HANDLERS,
            *price_list.API,
        ]

    @hookimpl
    def register_pages(self) -> Sequence[HTTPRouteHandler]:
        return [
            *tariffs_pages.HANDLERS,
            *quantities_pages.HANDLERS,
            *price_list.PAGES,
        ]

    @hookimpl
    def register_nav(self) -> Sequence[NavEntry]:
        return [
            NavEntry(
                label="Billing",
                icon="receipt-yuan",
                path="",
                permission=permissions.TARIFF_VIEW.id,
                group="house",
                hotkey="g y",
                order=45,
            )
        ]

    @hookimpl
    def register_permissions(self) -> Sequence[Permission]:
        return permissions.ALL

    @hookimpl
    def register_chapters(self) -> Sequence[Chapter]:
        return story.ALL

    @hookimpl
    def register_tables(self) -> Sequence[type[KeyedTable]]:
        return tables.ALL


plugin = Billing()
