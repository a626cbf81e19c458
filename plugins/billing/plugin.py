"""The manifest of billing, and its answers to the hooks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from litestar.handlers import HTTPRouteHandler

from core.sdk import (
    ARREARS,
    ApprovalKind,
    Chapter,
    Fragment,
    HouseholdCard,
    JobSpec,
    KeyedTable,
    Manifest,
    NavEntry,
    Permission,
    PolicySpec,
    Service,
    TenantContext,
    Work,
    hookimpl,
)
from plugins.billing import events, permissions, policies, story, tables
from plugins.billing.arrears import household as arrears_household
from plugins.billing.arrears import offered as arrears_offered
from plugins.billing.arrears import outlets as arrears_outlets
from plugins.billing.arrears import pages as arrears_pages
from plugins.billing.arrears import routes as arrears_routes
from plugins.billing.arrears import tables as arrears_tables
from plugins.billing.arrears.damages import pages as damages_pages
from plugins.billing.arrears.damages import routes as damages_routes
from plugins.billing.arrears.damages import service as damages_service
from plugins.billing.arrears.dunning import pages as dunning_pages
from plugins.billing.arrears.dunning import routes as dunning_routes
from plugins.billing.ledger import pages as ledger_pages
from plugins.billing.ledger import routes as ledger_routes
from plugins.billing.record import RECORD
from plugins.billing.runs import pages as runs_pages
from plugins.billing.runs import routes as runs_routes
from plugins.billing.runs import work as runs_work
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
    events=events.ALL,
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
            *runs_routes.HANDLERS,
            *ledger_routes.HANDLERS,
            *arrears_routes.HANDLERS,
            *dunning_routes.HANDLERS,
            *damages_routes.HANDLERS,
        ]

    @hookimpl
    def register_pages(self) -> Sequence[HTTPRouteHandler]:
        return [
            *tariffs_pages.HANDLERS,
            *quantities_pages.HANDLERS,
            *price_list.PAGES,
            *runs_pages.HANDLERS,
            *ledger_pages.HANDLERS,
            *arrears_pages.HANDLERS,
            *arrears_household.HANDLERS,
            *dunning_pages.HANDLERS,
            *damages_pages.HANDLERS,
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
                label="Arrears",
                icon="hourglass",
                path="arrears",
                permission=permissions.ARREARS_VIEW.id,
                group="house",
                hotkey="g q",
                order=44,
            ),
            NavEntry(
                label="Fee items",
                icon="receipt-yuan",
                path="",
                permission=permissions.TARIFF_VIEW.id,
                group="house",
                hotkey="g y",
                order=45,
            ),
            NavEntry(
                label="Billing runs",
                icon="calculator",
                path="runs",
                permission=permissions.RUN_VIEW.id,
                group="house",
                hotkey="g i",
                order=46,
            ),
            NavEntry(
                label="Ledger",
                icon="book-2",
                path="ledger",
                permission=permissions.LEDGER_VIEW.id,
                group="house",
                order=47,
            ),
        ]

    @hookimpl
    def register_jobs(self) -> Sequence[JobSpec]:
        return runs_work.JOBS

    @hookimpl
    def register_chapters(self) -> Sequence[Chapter]:
        return story.ALL

    @hookimpl
    def register_tables(self) -> Sequence[type[KeyedTable]]:
        return (*tables.ALL, *arrears_tables.ALL)

    @hookimpl
    def register_approvals(self) -> Sequence[ApprovalKind]:
        return [damages_service.WAIVER]

    @hookimpl
    def register_services(self) -> Sequence[Service[Any]]:
        return [Service(ARREARS, arrears_offered.Arrears())]

    @hookimpl
    async def outlet_fill(self, work: Work, ctx: TenantContext, outlet: str, subject: object) -> Sequence[Fragment]:
        if outlet == "household.card" and isinstance(subject, HouseholdCard):
            return await arrears_outlets.of_household(work, ctx, subject)
        return []


plugin = Billing()
