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
    NoticeSpec,
    Permission,
    PolicySpec,
    Service,
    TenantContext,
    Work,
    hookimpl,
)
from plugins.billing import events, permissions, policies, story, tables, web
from plugins.billing.arrears import offered as arrears_offered
from plugins.billing.arrears import outlets as arrears_outlets
from plugins.billing.arrears import tables as arrears_tables
from plugins.billing.arrears.damages import service as damages
from plugins.billing.closing import tables as closing_tables
from plugins.billing.collection import tables as collection_tables
from plugins.billing.corrections import tables as corrections_tables
from plugins.billing.corrections import work as corrections_work
from plugins.billing.counter import refunds
from plugins.billing.counter import tables as counter_tables
from plugins.billing.disclosure import policy as disclosure_policy
from plugins.billing.disclosure import tables as disclosure_tables
from plugins.billing.discounts import service as discounts
from plugins.billing.discounts import tables as discounts_tables
from plugins.billing.meters import tables as meters_tables
from plugins.billing.navigation import NAV
from plugins.billing.offers import tables as offers_tables
from plugins.billing.payments import policy as payments_policy
from plugins.billing.payments import tables as payments_tables
from plugins.billing.payments import work as payments_work
from plugins.billing.record import RECORD
from plugins.billing.rents import tables as rents_tables
from plugins.billing.runs import work as runs_work
from plugins.billing.sharing import tables as sharing_tables
from plugins.billing.statements import policy as statements_policy
from plugins.billing.statements import tables as statements_tables

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
        return web.API

    @hookimpl
    def register_pages(self) -> Sequence[HTTPRouteHandler]:
        return web.PAGES

    @hookimpl
    def register_permissions(self) -> Sequence[Permission]:
        return permissions.ALL

    @hookimpl
    def register_policies(self) -> Sequence[PolicySpec[Any]]:
        return (*policies.ALL, *statements_policy.ALL, *disclosure_policy.ALL, *payments_policy.ALL)

    @hookimpl
    def register_nav(self) -> Sequence[NavEntry]:
        return NAV

    @hookimpl
    def register_jobs(self) -> Sequence[JobSpec]:
        return (*runs_work.JOBS, *corrections_work.JOBS, *payments_work.JOBS)

    @hookimpl
    def register_notices(self) -> Sequence[NoticeSpec]:
        return events.NOTICES

    @hookimpl
    def register_approvals(self) -> Sequence[ApprovalKind]:
        return [discounts.GRANT, discounts.FIXED, refunds.KIND, damages.WAIVER]

    @hookimpl
    def register_chapters(self) -> Sequence[Chapter]:
        return story.ALL

    @hookimpl
    def register_tables(self) -> Sequence[type[KeyedTable]]:
        return (
            *tables.ALL,
            *meters_tables.ALL,
            *sharing_tables.ALL,
            *discounts_tables.ALL,
            *offers_tables.ALL,
            *counter_tables.ALL,
            *closing_tables.ALL,
            *arrears_tables.ALL,
            *corrections_tables.ALL,
            *statements_tables.ALL,
            *rents_tables.ALL,
            *disclosure_tables.ALL,
            *collection_tables.ALL,
            *payments_tables.ALL,
        )

    @hookimpl
    def register_services(self) -> Sequence[Service[Any]]:
        return [Service(ARREARS, arrears_offered.Arrears())]

    @hookimpl
    async def outlet_fill(self, work: Work, ctx: TenantContext, outlet: str, subject: object) -> Sequence[Fragment]:
        if outlet == "household.card" and isinstance(subject, HouseholdCard):
            return await arrears_outlets.of_household(work, ctx, subject)
        return []


plugin = Billing()
