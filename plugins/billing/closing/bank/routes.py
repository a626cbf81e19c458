"""Bank statements over the JSON API, below /api/v1/sites/{site_id}/billing/bank. Amounts are whole fen."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.params import Body, FromPath, FromQuery, JSONBody, QueryParameter

from core.sdk import Invalid, Site, Work
from plugins.billing.closing.bank import months, service
from plugins.billing.closing.bank.model import (
    BankDetail,
    BankLine,
    BankPage,
    Matched,
    MonthDetail,
    Settle,
    Sign,
    Signed,
    State,
    Taken,
)
from plugins.billing.closing.model import PAGE
from plugins.billing.permissions import BANK_RECONCILE


class NewStatement(msgspec.Struct, frozen=True):
    """A statement as the bank gives it out, .xlsx or .csv, and which account it is of where there are several."""

    file: UploadFile | None = None
    account: str = ""


@get("/bank/lines", permission=BANK_RECONCILE.id)
async def list_bank_lines(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    status: FromQuery[State | None] = None,
    since: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE)] = 50,
) -> BankPage:
    """Lines of the bank's statements, in fen, the latest first; days both included (BIL-4)."""
    return await service.listed(work, site, status, since, until, cursor, limit)


@post("/bank/statements", permission=BANK_RECONCILE.id)
async def take_in_statement(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    data: Annotated[NewStatement, Body(media_type=RequestEncodingType.MULTI_PART)],
) -> Taken:
    """Keep a statement's lines, each once, and find them in the ledger (BIL-4). Rows that are wrong are told with their
    number. 422 for a file without the headings."""
    if data.file is None:
        raise Invalid.field("file", "Choose a file.")
    return await service.take_in(work, site, data.account, data.file.filename, await data.file.read())


@post("/bank/matching", permission=BANK_RECONCILE.id, status_code=200)
async def match_bank_lines(work: NamedDependency[Work], site: NamedDependency[Site]) -> Matched:
    """Find open lines in the ledger: the same amount by transfer within three days, each entry once (BIL-4)."""
    return await service.match(work, site)


@get("/bank/lines/{billing_bank_line_id:uuid}", permission=BANK_RECONCILE.id)
async def get_bank_line(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_bank_line_id: FromPath[UUID],
    text: FromQuery[str] = "",
) -> Response[BankDetail]:
    """A line, whose payment it may be and why, and entries with its amount, in fen; `text` is part of a unit's name."""
    found = await service.detail(work, site, billing_bank_line_id, text)
    return Response(found, headers={"ETag": f'"{found.line.version}"'})


@post("/bank/lines/{billing_bank_line_id:uuid}/settlement", permission=BANK_RECONCILE.id, status_code=200)
async def settle_bank_line(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_bank_line_id: FromPath[UUID],
    if_match: NamedDependency[int],
    data: JSONBody[Settle],
) -> Response[BankLine]:
    """Say what a line is: a household's payment, which is posted, an entry of the ledger, or neither with a note
    (BIL-4). Needs If-Match."""
    return _answer(await service.settle(work, site, billing_bank_line_id, if_match, data))


@post("/bank/lines/{billing_bank_line_id:uuid}/reopening", permission=BANK_RECONCILE.id, status_code=200)
async def reopen_bank_line(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    billing_bank_line_id: FromPath[UUID],
    if_match: NamedDependency[int],
) -> Response[BankLine]:
    """Take back what was said of a line; what was posted for it stays in the ledger (BIL-4). Needs If-Match."""
    return _answer(await service.take_back(work, site, billing_bank_line_id, if_match))


@get("/bank/month", permission=BANK_RECONCILE.id)
async def get_bank_month(
    work: NamedDependency[Work], site: NamedDependency[Site], month: FromQuery[date | None] = None
) -> MonthDetail:
    """A month of the bank beside the ledger, in fen: what is open in it, and what was signed (BIL-4). The month is
    named by its first day; without one it is the last that is over."""
    return await months.get(work, site, month or months.latest(work, site))


@post("/bank/months", permission=BANK_RECONCILE.id)
async def sign_bank_month(work: NamedDependency[Work], site: NamedDependency[Site], data: JSONBody[Sign]) -> Signed:
    """Sign for a month, once (BIL-4). 409 before it is over and where it is signed, 422 without a note where bank and
    ledger differ or something is open."""
    return await months.sign(work, site, data)


def _answer(line: BankLine) -> Response[BankLine]:
    return Response(line, headers={"ETag": f'"{line.version}"'})


HANDLERS: list[HTTPRouteHandler] = [
    list_bank_lines,
    take_in_statement,
    match_bank_lines,
    get_bank_line,
    settle_bank_line,
    reopen_bank_line,
    get_bank_month,
    sign_bank_month,
]
