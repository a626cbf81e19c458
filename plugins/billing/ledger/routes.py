"""The ledger over the JSON API, below /api/v1/sites/{site_id}/billing/ledger. Amounts are whole fen."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import Site, Work
from plugins.billing.ledger import reading, service
from plugins.billing.ledger.model import (
    MOST,
    Close,
    Entry,
    Journal,
    Kind,
    Period,
    Posted,
    Reverse,
    UnitAccount,
    Wanted,
)
from plugins.billing.permissions import ENTRY_REVERSE, LEDGER_VIEW, PERIOD_CLOSE


@get("/ledger/entries", permission=LEDGER_VIEW.id)
async def list_entries(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    kind: FromQuery[Kind | None] = None,
    since: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
    unit_id: FromQuery[UUID | None] = None,
    text: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 50,
) -> Journal:
    """The journal: entries with their postings, debit above nought, the newest first; days both included."""
    return await reading.journal(work, site, Wanted(kind, since, until, unit_id, text), cursor, limit)


@get("/ledger/entries/{billing_entry_id:uuid}", permission=LEDGER_VIEW.id)
async def get_entry(
    work: NamedDependency[Work], site: NamedDependency[Site], billing_entry_id: FromPath[UUID]
) -> Entry:
    """An entry with its postings."""
    return await reading.entry(work, site, billing_entry_id)


@post("/ledger/entries/{billing_entry_id:uuid}/reversal", permission=ENTRY_REVERSE.id, status_code=200)
async def reverse_entry(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_entry_id: FromPath[UUID],
    data: JSONBody[Reverse],
) -> Posted:
    """Undo an entry by its mirror, once (MO-1); the same reason again answers with the first. 409 where later entries
    build on it."""
    return await service.reverse(work, site, billing_entry_id, data.reason)


@get("/ledger/accounts/{unit_id:uuid}", permission=LEDGER_VIEW.id)
async def get_account(work: NamedDependency[Work], site: NamedDependency[Site], unit_id: FromPath[UUID]) -> UnitAccount:
    """A household's account: open charges by item and age, what is prepaid, deposits."""
    return await reading.account(work, site, unit_id)


@get("/ledger/periods", permission=LEDGER_VIEW.id)
async def list_periods(work: NamedDependency[Work], site: NamedDependency[Site]) -> list[Period]:
    """The months, the latest first, and what comes before an open one can be closed."""
    return await reading.periods(work, site)


@post("/ledger/periods", permission=PERIOD_CLOSE.id)
async def close_period(work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[Close]) -> Period:
    """Close a month for good (MO-7). 409 before it has ended, before an earlier one, and for one that is closed."""
    return await service.close(work, site, data.month)


HANDLERS: list[HTTPRouteHandler] = [list_entries, get_entry, reverse_entry, get_account, list_periods, close_period]
