"""What comes of a request when the database fails it: an honest error, nothing half-written, service afterwards."""

from __future__ import annotations

import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest

from core.db.connect import prepare
from core.db.embedded import EmbeddedPostgres
from core.hooks.manager import PluginHost
from tests.contract.conftest import NEW
from tests.support.lodge import SECRET, Databases, House, Lodge, SettableClock, lodge_on, migration_apps
from tests.support.postgres import UNSAFE_BUT_FAST
from tests.support.web import Web, problem, web_on

BEFORE_THE_COMMIT = """
CREATE FUNCTION lodge.fail() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN {} RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON lodge.ticket DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION lodge.fail();
"""
FAILURES = {
    "refused by a constraint": ("RAISE 'not today';", 500),
    "lost with its connection": ("PERFORM pg_terminate_backend(pg_backend_pid());", 503),
    "chosen as the victim of a deadlock": ("RAISE SQLSTATE '40P01';", 503),
    "out of disk": ("RAISE SQLSTATE '53100';", 503),
}
WRITTEN = ("ticket", "ticket_event", "ticket_goal", "ticket_sequence", "outbox", "idempotency_key")


@pytest.fixture
async def lone_web(lone_lodge: Lodge) -> AsyncIterator[Web]:
    async with web_on(lone_lodge.platform) as web:
        yield web


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("headers", [{}, {"idempotency-key": "once"}], ids=["", "with a key"])
async def test_a_commit_that_fails_is_an_error_and_leaves_nothing(
    lone_lodge: Lodge, lone_web: Web, databases: Databases, failure: str, headers: dict[str, str]
) -> None:
    what, status = FAILURES[failure]
    house = await lone_lodge.house()
    client, path = await lone_web.api(house, "clerk"), f"/api/v1/sites/{house.sites[0].slug}/tickets"
    admin = await asyncpg.connect(databases.admin_dsn(lone_lodge.dsns))
    try:
        await admin.execute(BEFORE_THE_COMMIT.format(what))
        refused = await client.post(path, json=NEW, headers=headers)
        left = {table: await admin.fetchval(f"SELECT count(*) FROM lodge.{table}") for table in WRITTEN}
        await admin.execute("DROP TRIGGER fail ON lodge.ticket")
    finally:
        await admin.close()

    assert problem(refused)["status"] == refused.status_code == status
    assert left == dict.fromkeys(WRITTEN, 0)
    again = await client.post(path, json=NEW, headers=headers)
    assert again.status_code == 201
    assert again.json()["number"].endswith("-0001")


@contextmanager
def own_server() -> Iterator[EmbeddedPostgres]:
    """A server that a test may stop."""
    with tempfile.TemporaryDirectory(prefix="lodge-test-") as folder:
        server = EmbeddedPostgres(Path(folder), options=UNSAFE_BUT_FAST)
        server.start()
        try:
            yield server
        finally:
            server.stop()


async def test_without_its_database_the_service_says_so_soon_and_comes_back(
    host: PluginHost, clock: SettableClock, tmp_path: Path
) -> None:
    with own_server() as server:
        dsns = await prepare(server.dsn(server.superuser, "postgres"), SECRET, migration_apps(host))
        async with lodge_on(dsns, host, clock, tmp_path) as lodge, web_on(lodge.platform) as web:
            house = await lodge.house()
            api, console = await web.api(house, "clerk"), await web.console(house, "clerk")
            paths = [
                (api, f"/api/v1/sites/{house.sites[0].slug}/tickets"),
                (console, f"/s/{house.sites[0].slug}/tickets"),
            ]
            for client, path in paths:
                assert (await client.get(path)).status_code == 200

            await lodge.owner.close()
            server.stop()
            for client, path in paths:
                await _unavailable(client, path)
            assert (await api.get("/health/live")).status_code == 200
            assert (await api.get("/health/ready")).status_code == 503
            wrote = await api.post(paths[0][1], json=NEW, headers={"idempotency-key": "k"})
            assert wrote.status_code == 503

            server.start()
            await _back(api, "/health/ready")
            for client, path in paths:
                assert (await client.get(path)).status_code == 200
            assert (await api.post(paths[0][1], json=NEW, headers={"idempotency-key": "k"})).status_code == 201


async def _unavailable(client: httpx.AsyncClient, path: str) -> None:
    began = time.monotonic()
    answer = await client.get(path)
    assert time.monotonic() - began < 3
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1


async def _back(client: httpx.AsyncClient, path: str) -> None:
    """Ask until it is well again, for fifteen seconds at most (FA-2)."""
    end = time.monotonic() + 15
    while (await client.get(path)).status_code != 200:
        assert time.monotonic() < end


async def test_au_5_ten_wrong_passwords_close_the_door_for_a_quarter_of_an_hour(
    lone_lodge: Lodge, lone_web: Web, clock: SettableClock
) -> None:
    house: House = await lone_lodge.house()
    client = await lone_web.anonymous(accept="application/json")
    right = {"login": house.staff["clerk"].login, "password": "correct horse battery staple"}
    wrong = {**right, "password": "wrong"}
    for n in range(10):
        forged = {"x-forwarded-for": f"192.0.2.{n}"}
        answer = await client.post("/api/v1/auth/tokens", json=wrong, headers=forged)
        assert problem(answer)["status"] == 401
    closed = await client.post("/api/v1/auth/tokens", json=right, headers={"x-forwarded-for": "192.0.2.99"})
    assert problem(closed)["status"] == 429
    assert int(closed.headers["retry-after"]) <= 15 * 60
    door = await client.post("/login", data=right)
    assert door.status_code == 429
    assert "set-cookie" not in door.headers

    clock.advance(minutes=15, seconds=1)
    opened = await client.post("/api/v1/auth/tokens", json=right)
    assert opened.status_code == 201
    assert (await client.post("/login", data=right)).status_code == 303


async def test_au_7_who_is_not_known_is_answered_like_who_gave_a_wrong_password(
    lone_lodge: Lodge, lone_web: Web
) -> None:
    house = await lone_lodge.house()
    client = await lone_web.anonymous(**{"accept-language": "en"})
    answers = [
        problem(await client.post("/api/v1/auth/tokens", json={"login": login, "password": "wrong"}))
        for login in (house.staff["clerk"].login, "nobody.here")
    ]
    for answer in answers:
        del answer["instance"]
    assert answers[0] == answers[1]
