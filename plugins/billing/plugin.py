"""The manifest of billing, and its answers to the hooks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from litestar.handlers import HTTPRouteHandler

from core.sdk import KeyedTable, Manifest, NavEntry, Permission, hookimpl
from plugins.billing import permissions, tables
from plugins.billing.ledger import pages as ledger_pages
from plugins.billing.ledger import routes as ledger_routes
from plugins.billing.record import RECORD

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
        return [*ledger_routes.HANDLERS]

    @hookimpl
    def register_pages(self) -> Sequence[HTTPRouteHandler]:
        return [*ledger_pages.HANDLERS]

    @hookimpl
    def register_nav(self) -> Sequence[NavEntry]:
        return [
            NavEntry(
                label="Ledger",
                icon="book-2",
                path="ledger",
                permission=permissions.LEDGER.id,
                group="house",
                order=62,
            )
        ]

    @hookimpl
    def register_permissions(self) -> Sequence[Permission]:
        return permissions.ALL

    @hookimpl
    def register_tables(self) -> Sequence[type[KeyedTable]]:
        return tables.ALL


plugin = Billing()
