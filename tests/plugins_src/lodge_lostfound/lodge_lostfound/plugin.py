"""The manifest of lost and found, and its answers to the hooks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from litestar.handlers import HTTPRouteHandler

from core.sdk import (
    ApprovalKind,
    Event,
    Fragment,
    Invalid,
    JobSpec,
    KeptFor,
    Manifest,
    NavEntry,
    Permission,
    PolicySpec,
    TenantContext,
    TenantTable,
    TicketFacts,
    TicketType,
    Work,
    hookimpl,
)
from lodge_lostfound import (
    approvals,
    events,
    jobs,
    outlets,
    pages,
    permissions,
    policies,
    retention,
    routes,
    tables,
    tickets,
)

MANIFEST = Manifest(
    id="lostfound",
    title="Lost and found",
    version="0.1.0",
    requires_core=">=0.1,<0.2",
    package="lodge_lostfound",
    migrations=Path(__file__).parent / "migrations",
    events=(events.ITEM_HANDED_IN,),
)


class Lostfound:
    manifest = MANIFEST

    @hookimpl
    def register_routes(self) -> Sequence[HTTPRouteHandler]:
        return routes.HANDLERS

    @hookimpl
    def register_pages(self) -> Sequence[HTTPRouteHandler]:
        return pages.HANDLERS

    @hookimpl
    def register_permissions(self) -> Sequence[Permission]:
        return permissions.ALL

    @hookimpl
    def register_policies(self) -> Sequence[PolicySpec[Any]]:
        return [policies.KEEPING]

    @hookimpl
    def register_nav(self) -> Sequence[NavEntry]:
        return [NavEntry(label="Lost and found", icon="umbrella", path="", permission=permissions.VIEW.id, order=800)]

    @hookimpl
    def register_jobs(self) -> Sequence[JobSpec]:
        return [JobSpec("lostfound.release", jobs.release, every=24 * 60 * 60)]

    @hookimpl
    def register_ticket_types(self) -> Sequence[TicketType]:
        return [tickets.CLAIM]

    @hookimpl
    def register_approvals(self) -> Sequence[ApprovalKind]:
        return [approvals.EARLY]

    @hookimpl
    def register_retention(self) -> Sequence[KeptFor]:
        return [retention.THINGS]

    @hookimpl
    def register_tables(self) -> Sequence[type[TenantTable]]:
        return [tables.LostfoundItem, tables.LostfoundTicket]

    @hookimpl
    async def outlet_fill(self, work: Work, outlet: str, subject: object) -> Sequence[Fragment]:
        if outlet == "ticket.side" and isinstance(subject, TicketFacts):
            return await outlets.found_lately(work, subject)
        return []

    @hookimpl
    async def event_deliver(self, work: Work, event: Event) -> None:
        if event.type == "ticket.created.v1":
            await events.count_ticket(work, event)

    @hookimpl
    async def ticket_validate(self, ctx: TenantContext, draft: TicketFacts) -> None:
        if draft.category == outlets.LOST_PROPERTY and not any(map(str.isalnum, draft.description)):
            raise Invalid.field("description", "Say what was lost and where.")


plugin = Lostfound()
