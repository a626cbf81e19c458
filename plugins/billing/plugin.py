"""The manifest of billing, and its answers to the hooks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from litestar.handlers import HTTPRouteHandler

from core.sdk import (
    ApprovalKind,
    Chapter,
    JobSpec,
    KeyedTable,
    Manifest,
    NavEntry,
    NoticeSpec,
    Permission,
    PolicySpec,
    hookimpl,
)
from plugins.billing import events, permissions, policies, story, tables
from plugins.billing.closing import pages as closing_pages
from plugins.billing.closing import routes as closing_routes
from plugins.billing.closing import tables as closing_tables
from plugins.billing.closing.bank import pages as bank_pages
from plugins.billing.closing.bank import routes as bank_routes
from plugins.billing.closing.days import pages as days_pages
from plugins.billing.closing.days import routes as days_routes
from plugins.billing.corrections import pages as corrections_pages
from plugins.billing.corrections import routes as corrections_routes
from plugins.billing.corrections import similar_pages
from plugins.billing.corrections import tables as corrections_tables
from plugins.billing.corrections import work as corrections_work
from plugins.billing.counter import pages as counter_pages
from plugins.billing.counter import receipt_pages, refund_pages, refunds, register
from plugins.billing.counter import routes as counter_routes
from plugins.billing.counter import tables as counter_tables
from plugins.billing.discounts import pages as discounts_pages
from plugins.billing.discounts import routes as discounts_routes
from plugins.billing.discounts import service as discounts
from plugins.billing.discounts import tables as discounts_tables
from plugins.billing.ledger import pages as ledger_pages
from plugins.billing.ledger import routes as ledger_routes
from plugins.billing.meters import importing as meters_importing
from plugins.billing.meters import pages as meters_pages
from plugins.billing.meters import routes as meters_routes
from plugins.billing.meters import tables as meters_tables
from plugins.billing.record import RECORD
from plugins.billing.reports import pages as reports_pages
from plugins.billing.reports import routes as reports_routes
from plugins.billing.runs import pages as runs_pages
from plugins.billing.runs import routes as runs_routes
from plugins.billing.runs import work as runs_work
from plugins.billing.sharing import pages as sharing_pages
from plugins.billing.sharing import routes as sharing_routes
from plugins.billing.sharing import tables as sharing_tables
from plugins.billing.singles import pages as singles_pages
from plugins.billing.singles import routes as singles_routes
from plugins.billing.statements import pages as statements_pages
from plugins.billing.statements import policy as statements_policy
from plugins.billing.statements import routes as statements_routes
from plugins.billing.statements import tables as statements_tables
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
            *reports_routes.HANDLERS,
            *closing_routes.HANDLERS,
            *days_routes.HANDLERS,
            *bank_routes.HANDLERS,
            *corrections_routes.HANDLERS,
            *statements_routes.HANDLERS,
            *meters_routes.HANDLERS,
            *sharing_routes.HANDLERS,
            *singles_routes.HANDLERS,
            *discounts_routes.HANDLERS,
            *counter_routes.HANDLERS,
        ]

    @hookimpl
    def register_pages(self) -> Sequence[HTTPRouteHandler]:
        return [
            *tariffs_pages.HANDLERS,
            *quantities_pages.HANDLERS,
            *price_list.PAGES,
            *runs_pages.HANDLERS,
            *ledger_pages.HANDLERS,
            *reports_pages.HANDLERS,
            *closing_pages.HANDLERS,
            *days_pages.HANDLERS,
            *bank_pages.HANDLERS,
            *corrections_pages.HANDLERS,
            *similar_pages.HANDLERS,
            *statements_pages.HANDLERS,
            *meters_pages.HANDLERS,
            *meters_importing.HANDLERS,
            *sharing_pages.HANDLERS,
            *singles_pages.HANDLERS,
            *discounts_pages.HANDLERS,
            *counter_pages.HANDLERS,
            *register.HANDLERS,
            *receipt_pages.HANDLERS,
            *refund_pages.HANDLERS,
        ]

    @hookimpl
    def register_permissions(self) -> Sequence[Permission]:
        return permissions.ALL

    @hookimpl
    def register_policies(self) -> Sequence[PolicySpec[Any]]:
        return (*policies.ALL, *statements_policy.ALL)

    @hookimpl
    def register_nav(self) -> Sequence[NavEntry]:
        return [
            NavEntry(
                label="Counter",
                icon="cash-register",
                path="counter",
                permission=permissions.COUNTER_TAKE.id,
                group="house",
                hotkey="g z",
                order=43,
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
            NavEntry(
                label="Charged and received",
                icon="report-money",
                path="reports",
                permission=permissions.REPORT_VIEW.id,
                group="analysis",
                order=60,
            ),
            NavEntry(
                label="Cash closing",
                icon="checks",
                path="cash",
                permission=permissions.CASH_VIEW.id,
                group="house",
                order=48,
            ),
            NavEntry(
                label="Corrections",
                icon="history-toggle",
                path="corrections",
                permission=permissions.CORRECTION_VIEW.id,
                group="house",
                order=50,
            ),
            NavEntry(
                label="Meter readings",
                icon="gauge",
                path="readings",
                permission=permissions.METER_VIEW.id,
                group="house",
                order=49,
            ),
        ]

    @hookimpl
    def register_jobs(self) -> Sequence[JobSpec]:
        return (*runs_work.JOBS, *corrections_work.JOBS)

    @hookimpl
    def register_notices(self) -> Sequence[NoticeSpec]:
        return events.NOTICES

    @hookimpl
    def register_approvals(self) -> Sequence[ApprovalKind]:
        return [discounts.GRANT, refunds.KIND]

    @hookimpl
    def register_chapters(self) -> Sequence[Chapter]:
        return story.ALL

    @hookimpl
    def register_tables(self) -> Sequence[type[KeyedTable]]:
        return (
            *tables.ALL,
            *closing_tables.ALL,
            *corrections_tables.ALL,
            *statements_tables.ALL,
            *meters_tables.ALL,
            *sharing_tables.ALL,
            *discounts_tables.ALL,
            *counter_tables.ALL,
        )


plugin = Billing()
