"""What is measured on: a PostgreSQL that keeps its promises (fsync), companies with tickets, and requests to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import time
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import msgspec

from core.auth.api_tokens import NewApiToken, issue
from core.db.connect import prepare
from core.db.embedded import EmbeddedPostgres
from core.hooks.manager import PluginHost
from core.settings import Settings
from core.tenancy.directory import Site
from core.tickets.model import Page, Ticket
from plugins.reception.cards import CallCard
from tests.bench.bare import Seen
from tests.bench.desk import Desk, desks_of
from tests.bench.household import ring, seen_card
from tests.support.crowd import crowd
from tests.support.lodge import SECRET, House, Lodge, SettableClock, lodge_on, migration_apps
from tests.support.statements import Statement, plan_of, recording
from tests.support.web import Web, web_on

GROWING = frozenset({"ticket", "ticket_goal", "ticket_event", "ticket_timer"})
PATTERNS = 200  # tickets lived through by the service; the others are copies of them
PERMISSIONS = ("ticket.view", "ticket.create", "reception.call.take")
NEW = {
    "description": "厨房水管漏水，水已流到楼下，请尽快派人",
    "category": "plumbing_electric",
    "severity": "urgent",
    "place": "3-1802",
    "reporter_name": "王芳",
    "reporter_phone": "13800001234",
}


class Target(msgspec.Struct, frozen=True):
    """A site, a token to ask about it, and a call of a household there."""

    house: House
    site: Site
    token: str
    call_id: UUID


class Request(msgspec.Struct, frozen=True):
    """A request to Lodge."""

    method: str
    path: str
    token: str
    body: bytes = b""

    def text(self, path: str | None = None) -> str:
        """As it is sent; to the bare server with a path of its own."""
        lines = [
            f"{self.method} {path or self.path} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Authorization: Bearer {self.token}",
            "Accept: application/json",
        ]
        if self.body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(self.body)}"]
        return "\r\n".join((*lines, "", self.body.decode()))


class Stage(msgspec.Struct, frozen=True):
    """Ready to be measured. By route: requests, statements seen, round trips, and tables read from end to end.
    `desks`: where calls wait."""

    admin_dsn: str
    seconds_to_fill: float
    tickets: int
    requests: dict[str, list[Request]]
    seen: dict[str, list[Seen]]
    round_trips: dict[str, int]
    read_whole: dict[str, list[str]]
    desks: list[Desk]


@asynccontextmanager
async def stage(home: Path, companies: int, copies: int) -> AsyncIterator[Stage]:
    """Companies with two sites and PATTERNS × `copies` tickets each, on a server that stops with the block."""
    with EmbeddedPostgres(home / "postgres", options={"autovacuum": "off"}) as postgres:
        await _execute(postgres.dsn(postgres.superuser, "postgres"), "CREATE DATABASE lodge")
        admin_dsn = postgres.dsn(postgres.superuser, "lodge")
        began = time()
        # what a crash would lose now is made again; it is as in production once it is measured
        await _execute(admin_dsn, "ALTER SYSTEM SET synchronous_commit = off", "SELECT pg_reload_conf()")
        host = PluginHost.load(None, strict=False)
        dsns = await prepare(admin_dsn, SECRET, migration_apps(host))
        clock = SettableClock(datetime.now(UTC))
        async with lodge_on(dsns, host, clock, home) as lodge:
            plugins = [plugin.id for plugin in host.plugins]
            houses = [await lodge.house(sites=2, plugins=plugins) for _ in range(companies)]
            await crowd(lodge, clock, admin_dsn, houses, patterns=PATTERNS, copies=copies)
            calls = {site.id: await ring(lodge, house, site) for house in houses for site in house.sites}
            await _execute(admin_dsn, "VACUUM (ANALYZE)", "ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()")
            filled = time() - began
            targets = [target for house in houses for target in await _targets(lodge, house, calls)]
            async with web_on(lodge.platform) as web:
                requests, seen, trips = await _rehearse(lodge, web, targets)
            desks = await desks_of(lodge, houses)
            read_whole = {route: await _read_whole(lodge, targets[0], seen[route][0]) for route in seen}
        await _execute(admin_dsn, "CHECKPOINT")
        yield Stage(admin_dsn, filled, companies * PATTERNS * copies, requests, seen, trips, read_whole, desks)


async def _execute(dsn: str, *statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _targets(lodge: Lodge, house: House, calls: dict[UUID, UUID]) -> list[Target]:
    async with lodge.work(house, "admin") as work:
        _, token = await issue(work, NewApiToken("bench", list(PERMISSIONS), [site.id for site in house.sites]))
    return [Target(house, site, token, calls[site.id]) for site in house.sites]


async def _rehearse(
    lodge: Lodge, web: Web, targets: Iterable[Target]
) -> tuple[dict[str, list[Request]], dict[str, list[Seen]], dict[str, int]]:
    """Send each request once and note the statements it comes to, and the most round trips of each route."""
    requests: dict[str, list[Request]] = {}
    seen: dict[str, list[Seen]] = {}
    trips: dict[str, int] = {}
    client = await web.anonymous()
    for target in targets:
        tickets = f"/api/v1/sites/{target.site.slug}/tickets"
        page = await _send(client, Request("GET", tickets, target.token))  # also warms the caches for this company
        newest = await _send(client, Request("GET", f"{tickets}?sort=newest&limit=200", target.token))
        found = [row for answer in (page, newest) for row in msgspec.json.decode(answer.content, type=Page).items]
        await _send(client, Request("POST", tickets, target.token, msgspec.json.encode(NEW)))
        await _send(client, Request("GET", _card(target), target.token))  # reads the policies of what is said
        for route, request in (
            ("list", Request("GET", tickets, target.token)),
            *(("detail", Request("GET", f"{tickets}/{row.id}", target.token)) for row in found[:: len(found) // 5]),
            ("counts", Request("GET", f"{tickets}/counts", target.token)),
            ("card", Request("GET", _card(target), target.token)),
            ("create", Request("POST", tickets, target.token, msgspec.json.encode(NEW))),
        ):
            began = int(time() * 1000)
            async with recording(web.platform.db) as sent:
                answer = await _send(client, request)
            between, card = tuple(sent[1:-1]), None
            if route == "card":
                shown = msgspec.json.decode(answer.content, type=CallCard)
                card = await seen_card(lodge, target.house, target.site, target.token, shown)
            requests.setdefault(route, []).append(request)
            seen.setdefault(route, []).append(
                Seen(
                    sent[0].sql,
                    between,
                    frozenset(_made(between, began)),
                    msgspec.json.decode(answer.content, type=Ticket) if route == "create" else None,
                    card,
                )
            )
            trips[route] = max(trips.get(route, 0), len(sent))
    return requests, seen, trips


def _card(target: Target) -> str:
    return f"/api/v1/sites/{target.site.slug}/reception/calls/{target.call_id}/card"


async def _send(client: httpx.AsyncClient, request: Request) -> httpx.Response:
    headers = {"authorization": f"Bearer {request.token}", "content-type": "application/json"}
    answer = await client.request(request.method, request.path, content=request.body, headers=headers)
    answer.raise_for_status()
    return answer


def _made(statements: Iterable[Statement], since: int) -> Iterator[UUID]:
    """The ids among the arguments that were made since that millisecond: a UUIDv7 begins with its time."""
    waiting: list[Any] = [statement.arguments for statement in statements]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list | tuple):
            waiting += value
        elif isinstance(value, UUID) and value.version == 7 and value.int >> 80 >= since:
            yield value


async def _read_whole(lodge: Lodge, target: Target, seen: Seen) -> list[str]:
    """Tables of tickets that a statement of the request would read from end to end."""
    found = set()
    async with lodge.work(target.house) as work:
        for statement in seen.statements:
            for generic in (False, True):
                for node in await plan_of(work.uow, statement, generic=generic):
                    if node.kind == "Seq Scan" and node.relation in GROWING:
                        found.add(node.relation)
    return sorted(found)


def pool_size(home: Path) -> int:
    """Of a server with default settings."""
    return Settings(home=home, secret=SECRET).pool_size
