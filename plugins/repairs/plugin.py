"""The manifest of repairs, and its answers to the hooks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from litestar.handlers import HTTPRouteHandler

from core.sdk import (
    Chapter,
    Event,
    Fragment,
    JobSpec,
    Manifest,
    NavEntry,
    Permission,
    Platform,
    PolicySpec,
    Skill,
    StoryStep,
    TenantTable,
    Ticket,
    TicketFacts,
    TicketType,
    Work,
    hookimpl,
)
from plugins.repairs import events, gate, kinds, permissions, policies, story, tables
from plugins.repairs.charges import routes as charges_routes
from plugins.repairs.figures import web as figures_web
from plugins.repairs.mobile import pages as mobile_pages
from plugins.repairs.orders import pages as orders_pages
from plugins.repairs.orders import panel, panel_pages
from plugins.repairs.orders import routes as orders_routes
from plugins.repairs.prices import pages as prices_pages
from plugins.repairs.prices import routes as prices_routes
from plugins.repairs.record import RECORD
from plugins.repairs.sheets import contractor_pages
from plugins.repairs.sheets import model as sheets_model
from plugins.repairs.sheets import outlets as sheets_outlets
from plugins.repairs.sheets import pages as sheets_pages
from plugins.repairs.sheets import policy as sheets_policy
from plugins.repairs.sheets import routes as sheets_routes
from plugins.repairs.sheets import service as sheets
from plugins.repairs.sheets import tables as sheets_tables
from plugins.repairs.visits import pages as visits_pages
from plugins.repairs.visits import routes as visits_routes
from plugins.repairs.warranty import pages as warranty_pages
from plugins.repairs.warranty import routes as warranty_routes

MANIFEST = Manifest(
    id="repairs",
    title="Repairs",
    version="0.1.0",
    requires_core=">=0.1,<0.2",
    package="plugins.repairs",
    priority=20,
    migrations=Path(__file__).parents[2] / "migrations" / "repairs",
    events=(*events.ALL, *sheets_model.EVENTS),
    record=RECORD,
)


class Repairs:
    manifest = MANIFEST

    @hookimpl
    def register_routes(self) -> Sequence[HTTPRouteHandler]:
        return [
            *orders_routes.HANDLERS,
            *warranty_routes.HANDLERS,
            *visits_routes.HANDLERS,
            *prices_routes.HANDLERS,
            *charges_routes.HANDLERS,
            *figures_web.API,
            *sheets_routes.HANDLERS,
            *mobile_pages.API,
        ]

    @hookimpl
    def register_pages(self) -> Sequence[HTTPRouteHandler]:
        return [
            *orders_pages.HANDLERS,
            *panel_pages.HANDLERS,
            *visits_pages.HANDLERS,
            *prices_pages.HANDLERS,
            *warranty_pages.HANDLERS,
            *figures_web.PAGES,
            *sheets_pages.HANDLERS,
            *contractor_pages.HANDLERS,
            *mobile_pages.PAGES,
        ]

    @hookimpl
    def register_permissions(self) -> Sequence[Permission]:
        return permissions.ALL

    @hookimpl
    def register_policies(self) -> Sequence[PolicySpec[Any]]:
        return [*policies.ALL, sheets_policy.SHEETS]

    @hookimpl
    def register_nav(self) -> Sequence[NavEntry]:
        return [
            NavEntry(
                label="Work orders",
                icon="tools",
                path="",
                permission=permissions.VIEW.id,
                hotkey="g o",
                order=30,
            ),
            NavEntry(
                label="My orders",
                icon="device-mobile",
                path="mobile",
                permission=permissions.HANDLE.id,
                order=29,
            ),
            NavEntry(
                label="Contact sheets",
                icon="file-export",
                path="sheets",
                permission=permissions.SHEET_VIEW.id,
                order=31,
                count="sheets/count",
            ),
            NavEntry(
                label="Figures of repairs",
                icon="chart-bar",
                path="figures",
                permission=permissions.FIGURES.id,
                group="analysis",
                order=58,
            ),
        ]

    @hookimpl
    def register_tables(self) -> Sequence[type[TenantTable]]:
        return [*tables.ALL, *sheets_tables.ALL]

    @hookimpl
    def register_jobs(self) -> Sequence[JobSpec]:
        return [JobSpec("repairs.miss_promises", sheets.miss, every=3600, made_up=True)]

    @hookimpl
    def register_ticket_types(self) -> Sequence[TicketType]:
        return [kinds.TYPE]

    @hookimpl
    def register_chapters(self) -> Sequence[Chapter | StoryStep]:
        return story.CHAPTERS

    @hookimpl
    async def outlet_fill(self, work: Work, platform: Platform, outlet: str, subject: object) -> Sequence[Fragment]:
        if outlet == "ticket.main" and isinstance(subject, Ticket):
            return panel.of_ticket(work, platform, subject)
        if outlet == "ticket.side" and isinstance(subject, Ticket):
            return sheets_outlets.of_ticket(work, platform, subject)
        return []

    @hookimpl
    async def candidate_skills(self, work: Work, platform: Platform, ticket: TicketFacts) -> Sequence[Skill]:
        return await gate.skills(work, platform, ticket) if isinstance(ticket, Ticket) else []

    @hookimpl
    async def ticket_act(
        self, work: Work, platform: Platform, ticket: TicketFacts, action: str, answer: object
    ) -> None:
        if isinstance(ticket, Ticket):
            await gate.check(work, platform, ticket, action, answer)

    @hookimpl
    async def event_deliver(self, work: Work, platform: Platform, event: Event) -> None:
        await gate.follow(work, platform, event)


plugin = Repairs()
