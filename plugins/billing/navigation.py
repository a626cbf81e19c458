"""Where billing stands in the navigation."""

from __future__ import annotations

from core.sdk import NavEntry
from plugins.billing import permissions

NAV: list[NavEntry] = [
    NavEntry(
        label="Fee dashboard",
        icon="layout-dashboard",
        path="dashboard",
        permission=permissions.REPORT_VIEW.id,
        group="money",
        order=42,
    ),
    NavEntry(
        label="Counter",
        icon="cash-register",
        path="counter",
        permission=permissions.COUNTER_TAKE.id,
        group="money",
        hotkey="g z",
        order=43,
    ),
    NavEntry(
        label="Arrears",
        icon="hourglass",
        path="arrears",
        permission=permissions.ARREARS_VIEW.id,
        group="money",
        hotkey="g q",
        order=44,
    ),
    NavEntry(
        label="Fee items",
        icon="receipt-yuan",
        path="",
        permission=permissions.TARIFF_VIEW.id,
        group="money",
        hotkey="g y",
        order=45,
    ),
    NavEntry(
        label="Billing runs",
        icon="calculator",
        path="runs",
        permission=permissions.RUN_VIEW.id,
        group="money",
        hotkey="g i",
        order=46,
    ),
    NavEntry(
        label="Ledger",
        icon="book-2",
        path="ledger",
        permission=permissions.LEDGER_VIEW.id,
        group="money",
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
        group="money",
        order=48,
    ),
    NavEntry(
        label="Corrections",
        icon="history-toggle",
        path="corrections",
        permission=permissions.CORRECTION_VIEW.id,
        group="money",
        order=50,
    ),
    NavEntry(
        label="Meter readings",
        icon="gauge",
        path="readings",
        permission=permissions.METER_VIEW.id,
        group="money",
        order=49,
    ),
    NavEntry(
        label="Collection at home",
        icon="home-dollar",
        path="collection",
        permission=permissions.COLLECTION_VIEW.id,
        group="money",
        order=51,
    ),
    NavEntry(
        label="Income and expenses",
        icon="scale",
        path="disclosures",
        permission=permissions.REPORT_VIEW.id,
        group="money",
        order=52,
    ),
]
