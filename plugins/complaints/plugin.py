"""The manifest of complaints, and their answers to the hooks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from litestar.handlers import HTTPRouteHandler

from core.sdk import (
    Chapter,
    Fragment,
    Invalid,
    KeyedTable,
    Manifest,
    NavEntry,
    Permission,
    Platform,
    PolicySpec,
    StoryStep,
    Ticket,
    TicketFacts,
    TicketStep,
    TicketType,
    Work,
    hookimpl,
    msgid,
)
from plugins.complaints import events, outlets, pages, permissions, policies, routes, service, story, tables
from plugins.complaints.analysis import web as analysis
from plugins.complaints.kind import COMPLAINT, MAJOR, TYPE
from plugins.complaints.record import RECORD

MANIFEST = Manifest(
    id="complaints",
    title="Complaints",
    version="0.1.0",
    requires_core=">=0.1,<0.2",
    package="plugins.complaints",
    priority=30,
    migrations=Path(__file__).parents[2] / "migrations" / "complaints",
    events=events.ALL,
    record=RECORD,
)
HURT = msgid("Somebody was hurt: take it in as critical, so that the supervisor is told at once.")


class Complaints:
    manifest = MANIFEST

    @hookimpl
    def register_routes(self) -> Sequence[HTTPRouteHandler]:
        return [*routes.HANDLERS, *analysis.API]

    @hookimpl
    def register_pages(self) -> Sequence[HTTPRouteHandler]:
        return [*pages.HANDLERS, *analysis.PAGES]

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
                label="Complaints",
                icon="message-exclamation",
                path="",
                permission=permissions.VIEW.id,
                hotkey="g k",
                order=32,
            ),
            NavEntry(
                label="Analysis of complaints",
                icon="report-analytics",
                path="analysis",
                permission=permissions.ANALYSE.id,
                group="analysis",
                order=57,
            ),
        ]

    @hookimpl
    def register_tables(self) -> Sequence[type[KeyedTable]]:
        return tables.ALL

    @hookimpl
    def register_ticket_types(self) -> Sequence[TicketType]:
        return [COMPLAINT]

    @hookimpl
    def register_chapters(self) -> Sequence[Chapter | StoryStep]:
        return story.CHAPTERS

    @hookimpl
    async def ticket_validate(self, draft: TicketFacts) -> None:
        if draft.type == TYPE and isinstance(draft, Ticket) and draft.fields.get("injury") and draft.severity != MAJOR:
            raise Invalid.field("severity", HURT)

    @hookimpl
    async def ticket_act(self, work: Work, platform: Platform, ticket: TicketFacts, action: str, step: object) -> None:
        if isinstance(ticket, Ticket) and isinstance(step, TicketStep):
            await service.check(work, platform, ticket, action, step)

    @hookimpl
    async def outlet_fill(self, work: Work, platform: Platform, outlet: str, subject: object) -> Sequence[Fragment]:
        if outlet == "ticket.main" and isinstance(subject, Ticket):
            return await outlets.case_of(platform, work, subject)
        return []


plugin = Complaints()
