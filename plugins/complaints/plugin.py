"""The manifest of complaints, and their answers to the hooks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from litestar.handlers import HTTPRouteHandler

from core.sdk import KeyedTable, Manifest, NavEntry, Permission, TicketType, hookimpl
from plugins.complaints import pages, permissions, tables
from plugins.complaints.kind import COMPLAINT

MANIFEST = Manifest(
    id="complaints",
    title="Complaints",
    version="0.1.0",
    requires_core=">=0.1,<0.2",
    package="plugins.complaints",
    priority=30,
    migrations=Path(__file__).parents[2] / "migrations" / "complaints",
)


class Complaints:
    manifest = MANIFEST

    @hookimpl
    def register_pages(self) -> Sequence[HTTPRouteHandler]:
        return pages.HANDLERS

    @hookimpl
    def register_permissions(self) -> Sequence[Permission]:
        return permissions.ALL

    @hookimpl
    def register_nav(self) -> Sequence[NavEntry]:
        return [
            NavEntry(
                label="Complaints",
                icon="message-exclamation",
                path="",
                permission=permissions.VIEW.id,
                hotkey="g p",
                order=32,
            )
        ]

    @hookimpl
    def register_tables(self) -> Sequence[type[KeyedTable]]:
        return tables.ALL

    @hookimpl
    def register_ticket_types(self) -> Sequence[TicketType]:
        return [COMPLAINT]


plugin = Complaints()
