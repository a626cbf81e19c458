"""OB-1: whatever is done to the audit log behind its back is found: 100 % of the ways below."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from core.audit import chain
from core.audit.anchors import Anchor, Anchors, BadAnchors
from core.audit.chain import Chain
from core.audit.jobs import TAMPERED, Upkeep, state
from core.audit.verify import Verdict, verify
from core.db.ids import new_id
from core.hooks.types import Event
from core.notify.egress import Egress
from core.tenancy.context import SYSTEM
from core.work import Work
from tests.support.lodge import NOW, Databases, House, Lodge

WRITTEN = 12  # entries, of which the last two wait for their link
ANCHORED = 10


@pytest.fixture
async def master(databases: Databases, lodge: Lodge) -> AsyncIterator[Any]:
    """Somebody to whom the database obeys: a superuser, for whom keys are not checked."""
    settings = {"search_path": "lodge", "session_replication_role": "replica"}
    connection = await asyncpg.connect(databases.admin_dsn(lodge.dsns), server_settings=settings)
    yield connection
    await connection.close()


@pytest.fixture
def anchors(tmp_path: Path) -> Anchors:
    return Anchors(tmp_path / "audit")


async def write(lodge: Lodge, house: House, *numbers: int) -> None:
    work: Work
    for n in numbers:
        async with lodge.work(house, "admin") as work:
            work.audit("meter.read", "meter", f"{n:02}", {"to": [n, "°C"]}, site_id=house.sites[0].id)


async def link(lodge: Lodge, house: House, anchors: Anchors) -> None:
    async with lodge.platform.db.begin(house.company_id) as uow:
        _, end = await chain.link(uow, house.company_id)
    assert end is not None
    anchors.add([Anchor(house.company_id, end.seq, end.hash.hex(), NOW)])


async def computed(lodge: Lodge, house: House, anchors: Sequence[Anchor]) -> Verdict:
    async with lodge.platform.db.begin(house.company_id, read_only=True) as uow:
        return await verify(uow, house.company_id, anchors)


@pytest.fixture
async def chained(lodge: Lodge, house: House, anchors: Anchors) -> House:
    """Twelve entries: five linked and anchored, five more, two that wait."""
    await write(lodge, house, *range(1, 6))
    await link(lodge, house, anchors)
    await write(lodge, house, *range(6, 11))
    await link(lodge, house, anchors)
    await write(lodge, house, 11, 12)
    return house


async def test_what_nobody_touched_is_whole(lodge: Lodge, chained: House, anchors: Anchors) -> None:
    found = await computed(lodge, chained, anchors.of(chained.company_id))
    assert (found.entries, found.linked, found.waiting, found.anchors) == (WRITTEN, ANCHORED, 2, 2)
    assert found.fault is None

    await link(lodge, chained, anchors)
    found = await computed(lodge, chained, anchors.of(chained.company_id))
    assert (found.linked, found.waiting, found.fault) == (WRITTEN, 0, None)
    assert found.hash == anchors.of(chained.company_id)[-1].hash


_ENTRY = "(SELECT entry_id FROM audit_link WHERE company_id = $1 AND seq = {})"
_LAST = "(SELECT id FROM audit_entry WHERE company_id = $1 ORDER BY id DESC LIMIT 1)"
_COPY = """INSERT INTO audit_entry SELECT company_id, gen_random_uuid(), at, actor_kind, actor_id, actor_name, site_id,
    action, subject_type, '99', changes, request_id FROM audit_entry WHERE company_id = $1 AND subject_id = '04'"""
_COPIED = "FROM audit_entry WHERE company_id = $1 AND subject_id = '99'"
_DELETE = "DELETE FROM audit_entry WHERE company_id = $1 AND id ="
_SHIFT = "UPDATE audit_link SET seq = seq + {0} WHERE company_id = $1 AND seq {1}"
# What is done, and what is found: kind and place.
ATTACKS: dict[str, tuple[Sequence[str], str, int | None]] = {
    "an actor's name is altered": (
        [f"UPDATE audit_entry SET actor_name = 'x' WHERE company_id = $1 AND id = {_ENTRY.format(4)}"], "altered", 4,
    ),
    "an instant is altered by a microsecond": (
        [f"UPDATE audit_entry SET at = at + interval '1 us' WHERE company_id = $1 AND id = {_ENTRY.format(10)}"],
        "altered", 10,
    ),
    "a change is altered": (
        [f"UPDATE audit_entry SET changes = '{{}}' WHERE company_id = $1 AND id = {_ENTRY.format(1)}"], "altered", 1,
    ),
    "a null is put in a value's place": (
        [f"UPDATE audit_entry SET site_id = NULL WHERE company_id = $1 AND id = {_ENTRY.format(7)}"], "altered", 7,
    ),
    "a hash is altered": (["UPDATE audit_link SET hash = sha256('') WHERE company_id = $1 AND seq = 6"], "altered", 6),
    "an entry is deleted": ([f"{_DELETE} {_ENTRY.format(3)}"], "deleted", 3),
    "a link is deleted": (["DELETE FROM audit_link WHERE company_id = $1 AND seq = 3"], "deleted", 3),
    "an entry is deleted with its link": (
        [
            f"{_DELETE} {_ENTRY.format(3)}",
            "DELETE FROM audit_link WHERE company_id = $1 AND seq = 3",
        ],
        "deleted", 3,
    ),
    "and the later ones move up": (
        [
            f"{_DELETE} {_ENTRY.format(3)}",
            "DELETE FROM audit_link WHERE company_id = $1 AND seq = 3",
            _SHIFT.format(100, "> 3"), _SHIFT.format(-101, "> 100"),
        ],
        "deleted", 3,
    ),
    "the tail is cut": (
        [
            f"DELETE FROM audit_entry WHERE company_id = $1 AND id >= {_ENTRY.format(9)}",
            "DELETE FROM audit_link WHERE company_id = $1 AND seq >= 9",
            "DELETE FROM audit_unlinked WHERE company_id = $1",
            "UPDATE audit_tally SET entries = 8 WHERE company_id = $1",
        ],
        "cut", 9,
    ),
    "everything is gone": (
        [f"DELETE FROM {table} WHERE company_id = $1"
         for table in ("audit_link", "audit_entry", "audit_unlinked", "audit_tally")],
        "cut", 1,
    ),
    "two entries change places": (
        [
            *(f"UPDATE audit_link SET seq = {to} WHERE company_id = $1 AND seq = {at}"
              for at, to in ((4, 100), (8, 4), (100, 8))),
            """UPDATE audit_link l SET hash = o.hash FROM audit_link o
               WHERE l.company_id = $1 AND o.company_id = $1 AND l.seq IN (4, 8) AND o.seq = 12 - l.seq""",
        ],
        "reordered", 4,
    ),
    "an entry is put in and takes a place": (
        [
            _COPY, _SHIFT.format(100, ">= 5"), _SHIFT.format(-99, "> 100"),
            f"INSERT INTO audit_link SELECT company_id, 5, id, sha256('') {_COPIED}",
        ],
        "inserted", 5,
    ),
    "an entry is put in beside the chain": ([_COPY], "inserted", None),
    "an entry is put in and waits for a link": (
        [_COPY, f"INSERT INTO audit_unlinked SELECT company_id, id {_COPIED}"],
        "inserted", None,
    ),
    "an entry that waits is deleted": ([f"{_DELETE} {_LAST}"], "deleted", None),
    "and from the queue too": (
        [
            f"DELETE FROM audit_unlinked WHERE company_id = $1 AND entry_id = {_LAST}",
            f"{_DELETE} {_LAST}",
        ],
        "deleted", None,
    ),
    "an entry that waits is taken from the queue": (
        [f"DELETE FROM audit_unlinked WHERE company_id = $1 AND entry_id = {_LAST}"], "unlinked", None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
async def test_ob_1_an_attack_is_found(
    attack: str, lodge: Lodge, chained: House, anchors: Anchors, master: Any
) -> None:
    steps, kind, seq = ATTACKS[attack]
    async with master.transaction():
        for step in steps:
            await master.execute(step, chained.company_id)

    fault = (await computed(lodge, chained, anchors.of(chained.company_id))).fault

    assert fault is not None
    assert (fault.kind, fault.seq) == (kind, seq)
    assert seq is not None or fault.day is not None or fault.entry_id is not None  # where to look


async def test_ob_1_a_chain_that_is_computed_anew_does_not_agree_with_its_anchors(
    lodge: Lodge, chained: House, anchors: Anchors, master: Any
) -> None:
    company = chained.company_id
    await master.execute("UPDATE audit_entry SET actor_name = 'x' WHERE company_id = $1 AND subject_id = '07'", company)
    await master.execute(
        "INSERT INTO audit_unlinked SELECT $1, entry_id FROM audit_link WHERE company_id = $1", company
    )
    await master.execute("DELETE FROM audit_link WHERE company_id = $1", company)
    await link(lodge, chained, Anchors(anchors.folder.parent / "elsewhere"))

    assert (await computed(lodge, chained, [])).fault is None  # by itself it is as good as the old one
    fault = (await computed(lodge, chained, anchors.of(company))).fault
    assert fault is not None and (fault.kind, fault.seq) == ("rewritten", 10)


async def test_ob_1_an_older_database_is_found_also_when_work_went_on_with_it(
    lodge: Lodge, house: House, anchors: Anchors, master: Any
) -> None:
    await write(lodge, house, 1, 2, 3)
    await link(lodge, house, anchors)
    await write(lodge, house, 4)
    await link(lodge, house, anchors)
    for table, which in (("audit_link", "seq > 3"), ("audit_entry", "subject_id > '03'")):
        await master.execute(f"DELETE FROM {table} WHERE company_id = $1 AND {which}", house.company_id)
    await master.execute("UPDATE audit_tally SET entries = 3 WHERE company_id = $1", house.company_id)
    fault = (await computed(lodge, house, anchors.of(house.company_id))).fault
    assert fault is not None and (fault.kind, fault.seq) == ("cut", 4)

    await write(lodge, house, 5)
    await link(lodge, house, anchors)
    fault = (await computed(lodge, house, anchors.of(house.company_id))).fault
    assert fault is not None and (fault.kind, fault.seq) == ("rewritten", 4)


async def test_ob_1_the_server_itself_can_neither_change_nor_delete(lodge: Lodge, chained: House) -> None:
    for table, verbs in (
        ("audit_entry", ("UPDATE", "DELETE")),
        ("audit_link", ("UPDATE", "DELETE")),
        ("audit_check", ("UPDATE", "DELETE")),
        ("audit_tally", ("DELETE",)),
        ("audit_unlinked", ("UPDATE",)),
    ):
        for verb in verbs:
            async with lodge.platform.db.begin(chained.company_id) as uow:
                assert not await uow.value("SELECT has_table_privilege($1, $2)", table, verb), (table, verb)


async def test_what_was_rolled_back_is_not_missed(lodge: Lodge, house: House) -> None:
    with pytest.raises(ZeroDivisionError):
        async with lodge.work(house, "admin") as work:
            work.audit("meter.read", "meter", "1")
            await work._flush(work.uow)
            raise ZeroDivisionError
    assert (await computed(lodge, house, [])).fault is None


async def test_a_pass_links_every_company_and_anchors_where_its_chain_is(
    lone_lodge: Lodge, anchors: Anchors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "PORTION", 2)
    platform, houses = lone_lodge.platform, [await lone_lodge.house() for _ in range(2)]
    for house in houses:
        await write(lone_lodge, house, 1, 2, 3)
    links = Chain(platform.db, platform.dispatch, anchors, platform.clock)
    assert [await links.run_once() for _ in range(3)] == [True, False, False]
    for house in houses:
        assert [anchor.seq for anchor in anchors.of(house.company_id)] == [2, 3]
        assert (await computed(lone_lodge, house, anchors.of(house.company_id))).fault is None


async def test_a_chain_that_cannot_be_linked_keeps_no_other_waiting(
    lodge: Lodge, chained: House, anchors: Anchors, master: Any
) -> None:
    await master.execute(
        "INSERT INTO audit_unlinked SELECT $1, entry_id FROM audit_link WHERE company_id = $1 AND seq = 1",
        chained.company_id,
    )
    other = await lodge.house()
    await write(lodge, other, 1)
    platform = lodge.platform
    await Chain(platform.db, platform.dispatch, anchors, platform.clock).run_once()
    assert (await computed(lodge, other, anchors.of(other.company_id))).linked == 1
    await master.execute("DELETE FROM audit_unlinked WHERE company_id = $1", chained.company_id)


async def test_the_daily_check_keeps_what_it_found(lodge: Lodge, chained: House, anchors: Anchors, master: Any) -> None:
    upkeep, company = Upkeep(lodge.platform.settings, anchors, Egress()), chained.company_id
    ctx = await lodge.platform.system_context(company, None)
    assert ctx is not None and ctx.actor == SYSTEM

    async def check() -> None:
        async with lodge.platform.work(ctx) as work:
            await upkeep.check(work, ctx, {})

    async with lodge.work(chained, "admin", read_only=True) as work:
        found = await state(work)
        assert (found.linked, found.waiting, found.checked_at) == (10, 2, None)
    await check()
    async with lodge.work(chained, "admin", read_only=True) as work:
        found = await state(work)
        assert (found.checked_at, found.checked, found.fault) == (NOW, 10, None)
    await master.execute("UPDATE audit_entry SET action = 'x' WHERE company_id = $1 AND subject_id = '02'", company)
    await check()
    await check()
    async with lodge.work(chained, "admin", read_only=True) as work:
        found = await state(work)
        assert (found.fault, found.fault_seq) == ("altered", 2)
        sql = "SELECT site_id, payload ->> 'to' FROM outbox WHERE company_id = $1 AND type = $2"
        told = await work.uow.fetch(lambda *row: row, sql, company, TAMPERED.event)
    admins = {str(each.membership_id) for each in (chained.staff["admin"], *chained.local)}
    assert sorted(",".join(to for _, to in told).split(",")) == sorted(admins), "each once, of one break"

    async with lodge.platform.work(ctx) as work:
        for site_id, to in told:
            await lodge.platform.notify.hear(work, Event(TAMPERED.event, site_id, company, {"to": to}), new_id())
        sql = "SELECT member_id::text FROM notification WHERE company_id = $1 AND params ->> 'page' = '/admin/audit'"
        assert set(await work.uow.fetch(str, sql, company)) == admins


async def test_a_silent_company_is_anchored_too(lodge: Lodge, chained: House, tmp_path: Path) -> None:
    anchors = Anchors(tmp_path / "other")
    upkeep = Upkeep(lodge.platform.settings, anchors, Egress())
    for house, seqs in ((chained, [10]), (await lodge.house(), [])):
        ctx = await lodge.platform.system_context(house.company_id, None)
        assert ctx is not None
        async with lodge.platform.work(ctx) as work:
            await upkeep.anchor(work, ctx, {})
        assert [anchor.seq for anchor in anchors.of(house.company_id)] == seqs
    [file] = anchors.folder.iterdir()
    assert file.name == "2026-11-23.jsonl" and file.stat().st_mode & 0o777 == 0o600


async def test_a_line_that_is_no_anchor_is_told(chained: House, anchors: Anchors) -> None:
    [file] = anchors.folder.iterdir()
    file.write_text(file.read_text().replace('"seq":5', '"seq":"five"'))
    with pytest.raises(BadAnchors, match="line 1"):
        anchors.of(chained.company_id)
