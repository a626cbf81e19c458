"""TI-5, TI-7, TI-8 and TI-10 at length: crowds, streams, and whatever leaves the house, opened and read."""

from __future__ import annotations

import asyncio
import io
import logging
import random
import zipfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest import mock

import httpx
import msgspec
import pytest
from pypdf import PdfReader
from structlog.testing import capture_logs

from core.hooks.manager import PluginHost
from core.notify.channels import email
from core.notify.channels.email import Mail
from core.notify.egress import Answer, Egress
from core.notify.outgoing import Result
from core.settings import Smtp
from core.tenancy.directory import Site
from tests.core.notify.post import Mailbox, Office, Receiver
from tests.isolation.requests import Target, send, values_of
from tests.isolation.stage import Stage, staged
from tests.isolation.test_crowd import crowd
from tests.isolation.test_routes_live import Ear, News, listening, take_in
from tests.support.lodge import Databases, House, Lodge, SettableClock
from tests.support.routes import Caller, Route, session_of
from tests.support.web import Web
from tests.world import Half, World

SMTP = Smtp(host="127.0.0.1", port=9, tls=False, user="", password="", sender="lodge@example.com")
CLIENTS, REQUESTS = 100, 100
DOCUMENTS = ("application/pdf", "application/zip", "application/vnd.", "text/csv")


def opened(content: bytes) -> str:
    """All the text that a body holds: of an archive that of all its files, of a PDF that of its pages."""
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "\n".join(part for name in archive.namelist() for part in (name, opened(archive.read(name))))
    if content.startswith(b"%PDF-"):
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return content.decode(errors="replace")


def told_by(answer: httpx.Response) -> str:
    return f"{answer.headers} {opened(answer.content)}"


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", [20261122])
async def test_ti_5_a_hundred_tasks_with_two_thousand_units_of_work_each_never_read_across(
    world: World, seed: int
) -> None:
    await crowd(world, seed, tasks=100, units=2000)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", [20261122])
async def test_ti_5_a_crowd_of_clients_that_break_off_never_reads_across(
    databases: Databases, host: PluginHost, clock: SettableClock, tmp_path: Path, seed: int
) -> None:
    """The same over HTTP, on a pool of five: some break off, some ask for what is the others'."""
    chance = random.Random(seed)
    ended = {"answered": 0, "refused": 0, "busy": 0, "broken off": 0}
    async with staged(databases, host, clock, tmp_path, pool_size=5) as stage:
        halves = (stage.world.a, stage.world.b)
        callers = {half.company_id: await session_of(stage.web, half.house, "clerk") for half in halves}

        async def visitor(mine: Half, other: Half) -> None:
            caller, here = callers[mine.company_id], mine.house.sites[0]
            own, foreign = mine.tickets[here.id].id, other.tickets[other.house.sites[0].id].id
            tickets = f"/api/v1/sites/{here.slug}/tickets"
            paths = [
                tickets,
                f"{tickets}/counts",
                f"{tickets}/{own}",
                f"{tickets}/{foreign}",
                f"/s/{here.slug}/tickets",
            ]
            headers = {"authorization": f"Bearer {caller.bearer}", "cookie": caller.cookie}
            for _ in range(REQUESTS):
                patience = chance.random() * 0.05 if chance.random() < 0.2 else None
                try:
                    async with asyncio.timeout(patience):
                        answer = await stage.client.get(path := chance.choice(paths), headers=headers)
                except TimeoutError:
                    ended["broken off"] += 1
                    continue
                told = told_by(answer)
                assert [canary for canary in other.canaries if canary in told] == []
                outcome = {200: "answered", 404: "refused", 503: "busy"}[answer.status_code]
                assert outcome != "answered" or mine.house.slug in told or path.endswith("/counts")
                ended[outcome] += 1

        async with asyncio.TaskGroup() as group:
            for number in range(CLIENTS):
                group.create_task(visitor(*halves[:: 1 if number % 2 else -1]))
        assert sum(ended.values()) == CLIENTS * REQUESTS
        assert min(ended["answered"], ended["refused"], ended["broken off"]) > CLIENTS, ended
        async with asyncio.timeout(10):
            while stage.lodge.platform.db.in_use:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0)


@pytest.mark.timeout(1800)
async def test_ti_7_of_a_thousand_events_of_others_none_is_heard_and_the_stream_ends_when_revoked(
    web: Web, lodge: Lodge, house: House
) -> None:
    other = await lodge.house()
    here, there = house.sites
    caller = await session_of(web, house, "clerk")
    async with listening(web, caller, here) as ear:
        for n in range(1000):
            await take_in(lodge, *((other, other.sites[0]) if n % 2 else (house, there)))
        own = await take_in(lodge, house, here)
        assert await _next(ear) == News("ticket.changed", str(own))  # the first that is heard at all
        client = await web.anonymous(cookie=caller.cookie)
        assert (await client.post("/logout", headers={"x-csrf-token": caller.csrf})).status_code == 303
        async with asyncio.timeout(5):
            assert await ear.next() is None


async def _next(ear: Ear) -> News | None:
    """The next piece of news, but for the word that some may have been missed."""
    while (news := await ear.next()) is not None and news.type == "resync":
        pass
    return news


class Outside(msgspec.Struct):
    """What left the house: where to, and what it says."""

    sent: list[tuple[str, str]] = []

    def post(self, _egress: Egress, url: str, content: bytes, headers: dict[str, str]) -> Answer:
        self.sent.append((url, f"{headers} {opened(content)}"))
        return Answer(200, b'{"errcode": 0}')

    def mail(self, _smtp: Smtp | None, mail: Mail) -> Result:
        self.sent.append((mail.to, f"{mail.subject} {mail.text}"))
        return Result(250)


@contextmanager
def outside() -> Iterator[Outside]:
    """Nothing leaves for the block, and all that would have is kept."""
    found = Outside()
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(Egress, "post", lambda *args: found.post(*args)))
        stack.enter_context(mock.patch.object(email, "send", found.mail))
        yield found


async def answers(
    stage: Stage, half: Half, site: Site, caller: Caller, routes: Iterable[Route], office: Office
) -> AsyncIterator[tuple[Route, httpx.Response]]:
    """Every one of the routes asked about the half's own rows, with all that follows from it delivered and sent."""
    for route in routes:
        for values in values_of(stage, route, Target(site.slug, half, site)):
            asked_by = caller
            if route.access == "signed_in" and not route.safe:  # it may end the session
                asked_by = await session_of(stage.web, half.house, "admin")
            answer = await send(stage, route, asked_by, values, query={"site": site.slug} if not route.api else {})
            yield route, answer
            if not route.safe and answer.status_code < 400:
                await office.deliver()
                await office.send()
                await stage.restore()  # what one request took away, the next would not find


async def overhear(stage: Stage, caller: Caller, site: Site, heard: list[str]) -> None:
    """Every line of a screen that is open at that site, to its end."""
    headers = {"cookie": caller.cookie}
    asked = stage.client.stream("GET", "/live", params={"site": site.slug}, headers=headers, timeout=None)
    async with asked as response:
        async for line in response.aiter_lines():
            heard.append(line)


@pytest.mark.timeout(3600)
async def test_ti_8_ti_10_whatever_leaves_tells_of_nobody_else(
    databases: Databases, host: PluginHost, clock: SettableClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Answers with their headers, workbooks, documents and archives opened, live streams, mail, webhooks, chats, files
    on disk and logs; after the others have filled every cache. Of the other site, for those who enter one alone."""
    caplog.set_level(logging.DEBUG)
    complaints: list[str] = []
    documents: list[Route] = []
    heard: list[str] = []
    with outside() as left, capture_logs() as logs, Receiver().serving() as receiver:
        async with staged(databases, host, clock, tmp_path, smtp=SMTP) as stage:
            a, b = stage.world.a, stage.world.b
            here, there = a.house.sites
            offices = {half.company_id: Office(stage.lodge, half.house, clock, Mailbox(), receiver) for half in (a, b)}

            async def read(half: Half, caller: Caller, routes: Iterable[Route], hidden: tuple[str, ...]) -> None:
                site = half.house.sites[0]
                async for route, answer in answers(stage, half, site, caller, routes, offices[half.company_id]):
                    told = told_by(answer)
                    complaints.extend(
                        f"{route.key} tells {caller.name} of {canary}" for canary in hidden if canary in told
                    )
                    if answer.headers.get("content-type", "").startswith(DOCUMENTS) and route not in documents:
                        documents.append(route)

            screens = [asyncio.create_task(overhear(stage, who, here, heard)) for who in (stage.company, stage.local)]
            reading = [route for route in stage.routes if route.safe]
            for office in offices.values():
                await office.reach("admin", email=f"{office.house.slug}@example.com")
            await read(b, await session_of(stage.web, b.house, "admin"), reading, a.canaries)
            await read(a, stage.company, stage.routes, b.canaries)
            packed = [route for route in documents if not route.safe]
            await read(a, stage.local, [*reading, *packed], (*b.canaries, there.slug))
            for office in offices.values():
                await office.ticket(assignee="admin")
                await office.deliver()
                assert await office.send() > 0
            for screen in screens:
                screen.cancel()
            await asyncio.gather(*screens, return_exceptions=True)

    assert complaints == []
    assert len(documents) > 10
    assert any("ticket.changed" in line for line in heard)
    others = {str(id) for ids in b.ids.values() for id in ids}
    assert [line for line in heard if any(text in line for text in (*others, *b.canaries))] == []
    assert {"@" in to for to, _ in left.sent} == {True, False}, "mail, and what is posted"
    for to, text in left.sent:
        assert not all(any(canary in f"{to} {text}" for canary in half.canaries) for half in (a, b)), (to, text)
    for half, other in ((a, b), (b, a)):
        files = [file for file in (tmp_path / "files" / str(half.company_id)).rglob("*") if file.is_file()]
        assert [file for file in files if any(canary in opened(file.read_bytes()) for canary in other.canaries)] == []
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("http")]
    said = [*map(str, logs), *ours]
    assert [line for line in said if any(half.canaries[1] in line for half in (a, b))] == []
    assert [line for line in said if a.house.slug in line and b.house.slug in line] == []


def test_what_is_packed_is_read_too() -> None:
    inner, outer = io.BytesIO(), io.BytesIO()
    for target, name, content in ((inner, "zeisig.txt", b"13944440000"), (outer, "inner.zip", None)):
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, inner.getvalue() if content is None else content)
    told = opened(outer.getvalue())
    assert "zeisig.txt" in told
    assert "13944440000" in told
