"""Event delivery: in order per aggregate, each handler's effect once, the failing later, the hopeless parked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec
import pytest

from core.db.ids import new_id
from core.events.delivery import _CLAIM, AT_ONCE, ATTEMPTS, NEXT, PER_COMPANY, Delivery
from core.hooks.types import Event
from core.tenancy.context import TenantContext
from core.work import Work
from tests.core.hooks.memory import host_of, manifest_of, plugin_of
from tests.support.lodge import Databases, House, Lodge, SettableClock, lodge_on

Step = Callable[[Work, Event], Awaitable[None]]
NOTE = (
    "INSERT INTO audit_entry (company_id, id, at, actor_kind, actor_name, action, subject_type, subject_id, changes, \
request_id) VALUES ($1, $2, $3, 'system', '', 'heard', 'event', $4, '{}', '')"
)


class Listener:
    """A plugin's handler: it leaves a note in the delivery's transaction, and does what the test says besides."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, UUID]] = []
        self.step: Step | None = None

    async def __call__(self, work: Work, ctx: TenantContext, event: Event) -> None:
        self.heard.append((event.type, event.aggregate_id))
        await work.uow.execute(NOTE, ctx.company_id, new_id(), work.now, event.type)
        if self.step is not None:
            await self.step(work, event)


@pytest.fixture
def parking() -> Listener:
    return Listener()


@pytest.fixture
def archives() -> Listener:
    return Listener()


@pytest.fixture
async def lodge(
    parking: Listener,
    archives: Listener,
    databases: Databases,
    clock: SettableClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Lodge]:
    """A database of its own and two plugins that listen."""

    def listening(id: str, listener: Listener) -> object:
        async def event_deliver(work: Work, ctx: TenantContext, event: Event) -> None:
            await listener(work, ctx, event)

        return plugin_of(manifest_of(id), event_deliver=event_deliver)

    host = host_of(monkeypatch, listening("archives", archives), listening("parking", parking))
    async with lodge_on(await databases.migrated(), host, clock, tmp_path) as lodge:
        yield lodge


@pytest.fixture
async def house(lodge: Lodge) -> House:
    return await lodge.house(plugins=["archives", "parking"])


async def emit(lodge: Lodge, house: House, *types: str, aggregate_id: UUID | None = None) -> UUID:
    """Events of one aggregate, in one transaction."""
    aggregate_id = aggregate_id or new_id()
    async with lodge.work(house) as work:
        for type in types:
            work.emit(Event(f"gate.{type}.v1", house.sites[0].id, aggregate_id, {"n": 1}))
    return aggregate_id


async def deliver(lodge: Lodge) -> None:
    """Until nothing is due."""
    delivery = Delivery(lodge.platform)
    while await delivery.run_once():
        pass


async def outbox(lodge: Lodge, house: House) -> list[tuple[str, int, bool]]:
    """What waits: type, attempts, whether it is parked."""
    async with lodge.owner.begin(house.company_id) as uow:
        sql = "SELECT type, attempts, dead_at IS NOT NULL FROM outbox ORDER BY id"
        return await uow.fetch(lambda *row: row, sql)


async def notes(lodge: Lodge, house: House) -> int:
    async with lodge.owner.begin(house.company_id) as uow:
        count: int = await uow.value("SELECT count(*) FROM audit_entry WHERE action = 'heard'")
        return count


def types(listener: Listener) -> list[str]:
    return [type.split(".")[1] for type, _ in listener.heard]


async def test_an_event_is_heard_by_every_plugin_that_is_on_and_then_gone(
    lodge: Lodge, house: House, parking: Listener, archives: Listener
) -> None:
    half = await lodge.house(plugins=["parking"])
    await emit(lodge, house, "opened")
    await emit(lodge, half, "opened")

    await deliver(lodge)

    assert (types(parking), types(archives)) == (["opened"] * 2, ["opened"])
    assert await outbox(lodge, house) == await outbox(lodge, half) == []


async def test_an_event_of_work_that_failed_never_was(lodge: Lodge, house: House, parking: Listener) -> None:
    with pytest.raises(ZeroDivisionError):
        async with lodge.work(house) as work:
            work.emit(Event("gate.opened.v1", None, new_id()))
            raise ZeroDivisionError

    await deliver(lodge)

    assert parking.heard == []


async def test_events_of_one_aggregate_keep_their_order_also_past_a_failure(
    lodge: Lodge, house: House, parking: Listener, clock: SettableClock
) -> None:
    async def fail_first(work: Work, event: Event) -> None:
        if len(parking.heard) == 1:
            raise ZeroDivisionError

    parking.step = fail_first
    blocked = await emit(lodge, house, "opened", "passed", "shut")
    free = await emit(lodge, house, "opened")

    await deliver(lodge)
    first = list(parking.heard)
    clock.advance(seconds=1)
    await deliver(lodge)

    assert first == [("gate.opened.v1", blocked), ("gate.opened.v1", free)]
    of_blocked = [type for type, aggregate_id in parking.heard if aggregate_id == blocked]
    assert of_blocked == [f"gate.{type}.v1" for type in ("opened", "opened", "passed", "shut")]


async def test_what_a_failing_handler_did_is_undone_and_others_are_not_asked_again(
    lodge: Lodge, house: House, parking: Listener, archives: Listener, clock: SettableClock
) -> None:
    async def fail_twice(work: Work, event: Event) -> None:
        if len(parking.heard) < 3:
            raise ZeroDivisionError

    parking.step = fail_twice
    await emit(lodge, house, "opened")
    for _ in range(4):
        await deliver(lodge)
        clock.advance(seconds=10)

    assert (len(parking.heard), len(archives.heard)) == (3, 1)
    assert await notes(lodge, house) == 2
    assert await outbox(lodge, house) == []


async def test_delays_double_and_a_hopeless_event_is_parked_and_blocks_nothing(
    lodge: Lodge, house: House, parking: Listener, clock: SettableClock
) -> None:
    async def fail(work: Work, event: Event) -> None:
        if event.type == "gate.opened.v1":
            raise ZeroDivisionError

    parking.step = fail
    await emit(lodge, house, "opened", "shut")
    waited = []
    for _ in range(ATTEMPTS):
        before = len(parking.heard)
        started = clock()
        await deliver(lodge)
        while len(parking.heard) == before:
            clock.advance(seconds=1)
            await deliver(lodge)
        waited.append(int((clock() - started).total_seconds()))
    await deliver(lodge)

    assert waited[:6] == [0, 1, 2, 4, 8, 16]
    assert types(parking) == ["opened"] * ATTEMPTS + ["shut"]
    assert await outbox(lodge, house) == [("gate.opened.v1", ATTEMPTS, True)]


async def test_two_dispatchers_deliver_each_event_once_and_in_order(
    lodge: Lodge, house: House, parking: Listener
) -> None:
    async def dawdle(work: Work, event: Event) -> None:
        await asyncio.sleep(0.005)

    parking.step = dawdle
    aggregates = [await emit(lodge, house, "opened", "passed", "shut") for _ in range(6)]

    await asyncio.gather(*(deliver(lodge) for _ in range(2)))
    await deliver(lodge)

    for aggregate_id in aggregates:
        heard = [type.split(".")[1] for type, id in parking.heard if id == aggregate_id]
        assert heard == ["opened", "passed", "shut"]


async def test_what_another_dispatcher_is_at_is_left_to_it(lodge: Lodge, house: House, parking: Listener) -> None:
    await emit(lodge, house, "opened")
    async with lodge.owner.begin(house.company_id) as another:
        await another.execute("SELECT FROM outbox FOR UPDATE")

        assert await asyncio.wait_for(Delivery(lodge.platform).run_once(), 10) == 0

    assert parking.heard == []


async def test_a_dispatcher_that_dies_before_it_is_done_delivers_again_without_a_second_effect(
    lodge: Lodge, house: House, parking: Listener, archives: Listener
) -> None:
    async def die(work: Work, event: Event) -> None:
        asyncio.get_running_loop().call_soon(crashing.cancel)
        await asyncio.sleep(1)

    parking.step = die
    await emit(lodge, house, "opened")
    crashing = asyncio.create_task(Delivery(lodge.platform).run_once())
    with pytest.raises(asyncio.CancelledError):
        await crashing
    assert [row[:2] for row in await outbox(lodge, house)] == [("gate.opened.v1", 0)]
    parking.step = None

    await deliver(lodge)

    assert (len(parking.heard), len(archives.heard)) == (2, 1)
    assert await notes(lodge, house) == 2


async def test_a_handler_that_runs_late_counts_as_failed(
    lodge: Lodge, house: House, parking: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lodge.platform.hooks, "_time_limit", 0.02)

    async def hang(work: Work, event: Event) -> None:
        await asyncio.Event().wait()

    parking.step = hang
    await emit(lodge, house, "opened")

    await deliver(lodge)

    assert await outbox(lodge, house) == [("gate.opened.v1", 1, False)]
    assert await notes(lodge, house) == 1, "the other plugin's"


async def test_the_worker_wakes_for_an_event(lodge: Lodge, house: House, parking: Listener) -> None:
    heard = asyncio.Event()

    async def tell(work: Work, event: Event) -> None:
        heard.set()

    parking.step = tell
    worker = asyncio.create_task(lodge.platform.run_worker())
    try:
        async with asyncio.timeout(10):
            await lodge.platform.live.connected.wait()
            await emit(lodge, house, "opened")
            await heard.wait()
    finally:
        worker.cancel()
        with pytest.raises(asyncio.CancelledError):
            await worker


async def test_an_event_before_its_time_waits(lodge: Lodge, house: House, parking: Listener) -> None:
    await emit(lodge, house, "opened")
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute("UPDATE outbox SET available_at = $1", lodge.platform.clock() + timedelta(seconds=1))

    await deliver(lodge)

    assert parking.heard == []


async def flood(lodge: Lodge, house: House, aggregates: int) -> None:
    """20,000 events of the house's, shared out among so many aggregates, all older than any other."""
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute(
            "INSERT INTO outbox (company_id, id, site_id, aggregate_id, type, payload, created_at, available_at) "
            "SELECT $1, lpad(to_hex(n), 32, '0')::uuid, $2, lpad(to_hex(n % $4), 32, '0')::uuid, 'gate.flood.v1', "
            "'{}', $3, $3 FROM generate_series(1, 20000) n",
            house.company_id,
            house.sites[0].id,
            lodge.platform.clock(),
            aggregates,
        )


@pytest.mark.parametrize("aggregates", [20000, 1])
async def test_a_companys_flood_of_events_does_not_keep_anothers_waiting(
    lodge: Lodge, house: House, parking: Listener, aggregates: int
) -> None:
    """JB-5: also where the claim has to pass by all that wait behind the oldest of one aggregate."""
    small = await lodge.house(plugins=["parking"])
    first, second = sorted((house, small), key=lambda each: each.company_id)  # in the order of their turns
    await flood(lodge, first, aggregates)
    own = await emit(lodge, second, "opened", "shut")
    delivery = Delivery(lodge.platform)

    for heard in (["gate.opened.v1"], ["gate.opened.v1", "gate.shut.v1"]):
        await delivery.run_once()

        assert [type for type, id in parking.heard if id == own] == heard


async def test_those_behind_a_failed_event_do_not_stand_before_other_aggregates(
    lodge: Lodge, house: House, parking: Listener, clock: SettableClock
) -> None:
    """However many they are, and in order once it has been dealt with."""

    async def fail_first(work: Work, event: Event) -> None:
        if len(parking.heard) == 1:
            raise ZeroDivisionError

    parking.step = fail_first
    blocked = await emit(lodge, house, "opened", *["passed"] * NEXT, "shut")
    free = await emit(lodge, house, "opened")

    await deliver(lodge)
    assert parking.heard == [("gate.opened.v1", blocked), ("gate.opened.v1", free)]

    clock.advance(seconds=1)
    await deliver(lodge)
    assert types(parking) == ["opened"] * 3 + ["passed"] * NEXT + ["shut"]


async def test_companies_with_floods_take_turns(lodge: Lodge, house: House, parking: Listener) -> None:
    """JB-5: more of them than one pass can serve."""
    houses = [house, *[await lodge.house(plugins=["parking"]) for _ in range(5)]]
    for each in houses:
        for _ in range(12):
            await emit(lodge, each, "opened")
    delivery = Delivery(lodge.platform)

    for _ in range(3):
        assert await delivery.run_once() == AT_ONCE

    left = [len(await outbox(lodge, each)) for each in houses]
    assert max(left) - min(left) <= PER_COMPANY


async def test_the_claim_finds_each_companys_turn_by_its_index(
    lodge: Lodge, house: House, databases: Databases
) -> None:
    """JB-5"""
    await flood(lodge, house, 20000)
    admin = await asyncpg.connect(databases.admin_dsn(lodge.dsns), server_settings={"search_path": "lodge"})
    try:
        await admin.execute("ANALYZE outbox")
        arguments = (lodge.platform.clock(), house.company_id, PER_COMPANY, AT_ONCE, NEXT)
        [[plan]] = await admin.fetch(f"EXPLAIN (ANALYZE, FORMAT JSON) {_CLAIM}", *arguments)
    finally:
        await admin.close()
    assert "outbox_turn" in plan
    assert "Seq Scan" not in plan
    root = msgspec.json.decode(plan)[0]["Plan"]
    assert root["Actual Rows"] == PER_COMPANY
