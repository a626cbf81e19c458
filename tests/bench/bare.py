"""The yardstick: a bare application that sends PostgreSQL the statements which Lodge was seen to send.

No row level security (it connects as a superuser), nobody signed in, no middleware; reads also alone, without the
transaction that sets a tenant. Otherwise like Lodge: Litestar on granian and uvloop, asyncpg with as many connections,
which are not reset between requests, rows as the same structs, answers encoded by msgspec.
"""

from __future__ import annotations

import asyncio
import pickle
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import uvloop
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server
from litestar import Litestar, get, post
from litestar.params import FromPath

from core.db.ids import new_id
from core.tickets.model import NewTicket, Page, Ticket, TicketDetail, TicketRow, TimelineEntry
from core.tickets.reading import Tally
from core.tickets.sections import read
from core.web.api.tickets import Counts
from plugins.reception.cards import CallCard
from tests.bench.household import SeenCard, bare_card
from tests.support.statements import Statement


class Seen(msgspec.Struct, frozen=True):
    """The statements of one request, `begin` with the tenant in front and COMMIT at the end; of one that makes a ticket
    also the ids it gave to new rows, and the ticket; of a call's card the card."""

    begin: str
    statements: tuple[Statement, ...]
    made: frozenset[UUID] = frozenset()
    ticket: Ticket | None = None
    card: SeenCard | None = None


class Script(msgspec.Struct, frozen=True):
    """What the bare server repeats: by route, what each of the requests to it sent."""

    dsn: str
    port: int
    pool_size: int
    seen: dict[str, list[Seen]]


ALONE, IN_A_TRANSACTION = "alone", "transaction"  # the ways to send a read; each route's path begins with one
_tally = msgspec.json.Decoder(Tally).decode
_strings = msgspec.json.Decoder(dict[str, str])


def create_app(script: Script) -> Litestar:
    pool: Any = None

    async def connect() -> None:
        nonlocal pool
        pool = await asyncpg.create_pool(
            script.dsn,
            min_size=1,
            max_size=script.pool_size,
            reset=_keep,
            server_settings={"search_path": "lodge"},
        )

    @asynccontextmanager
    async def connected(way: str, seen: Seen) -> AsyncIterator[Any]:
        async with pool.acquire() as connection:
            if way == ALONE:
                yield connection
            else:
                await connection.execute(seen.begin)
                yield connection
                await connection.execute("COMMIT")

    @get("/nothing/{n:int}")
    async def nothing(n: FromPath[int]) -> Counts:
        return Counts({})

    @get("/{way:str}/list/{n:int}")
    async def list_tickets(way: FromPath[str], n: FromPath[int]) -> Page:
        seen = script.seen["list"][n]
        [page] = seen.statements
        async with connected(way, seen) as connection:
            return Page([TicketRow(*row) for row in await connection.fetch(page.sql, *page.arguments)][:50], None)

    @get("/{way:str}/counts/{n:int}")
    async def counts(way: FromPath[str], n: FromPath[int]) -> Counts:
        seen = script.seen["counts"][n]
        [counted] = seen.statements
        async with connected(way, seen) as connection:
            return Counts(_tally(await connection.fetchval(counted.sql, *counted.arguments)).counts)

    @get("/{way:str}/detail/{n:int}")
    async def detail(way: FromPath[str], n: FromPath[int]) -> TicketDetail:
        seen = script.seen["detail"][n]
        ticket, sections, timeline = seen.statements
        async with connected(way, seen) as connection:
            found = Ticket(*await connection.fetchrow(ticket.sql, *ticket.arguments))
            goals, beside = read(*await connection.fetchrow(sections.sql, *sections.arguments))
            entries = [_entry(*columns) for columns in await connection.fetch(timeline.sql, *timeline.arguments)]
            return TicketDetail(found, goals, entries, [], beside)

    @get("/{way:str}/card/{n:int}")
    async def card(way: FromPath[str], n: FromPath[int]) -> CallCard:
        seen = script.seen["card"][n]
        assert seen.card is not None
        async with connected(way, seen) as connection:
            return await bare_card(connection, seen.statements, seen.card)

    @post("/{way:str}/create/{n:int}")
    async def create(way: FromPath[str], n: FromPath[int], data: NewTicket) -> Ticket | None:
        seen = script.seen["create"][n]
        fresh = {made: new_id() for made in seen.made}
        async with connected(way, seen) as connection:
            for statement in seen.statements:
                await connection.fetch(statement.sql, *(_renewed(value, fresh) for value in statement.arguments))
        return seen.ticket

    return Litestar([nothing, list_tickets, counts, detail, card, create], on_startup=[connect], openapi_config=None)


async def _keep(connection: object) -> None:
    """Reset nothing, as Lodge's pool does."""


def _entry(
    seq: int, at: datetime, kind: str, actor_kind: str, actor_name: str, text: str, details: str
) -> TimelineEntry:
    return TimelineEntry(seq, at, kind, actor_kind, actor_name, text, _strings.decode(details))


def _renewed(value: Any, fresh: dict[UUID, UUID]) -> Any:
    """The argument with new ids in place of those that were made for the request once seen."""
    if isinstance(value, list | tuple):
        return [_renewed(item, fresh) for item in value]
    return fresh.get(value, value) if isinstance(value, UUID) else value


async def main(script: Script) -> None:
    server = Server(
        create_app(script),
        address="127.0.0.1",
        port=script.port,
        interface=Interfaces.ASGI,
        log_level=LogLevels.error,
        websockets=False,
    )
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    await server.serve()


if __name__ == "__main__":
    uvloop.run(main(pickle.loads(Path(sys.argv[1]).read_bytes())))
