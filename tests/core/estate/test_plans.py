"""At 20,000 units each lookup goes by indexes, as lodge_app under row level security and with a plan for any value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec
import pytest

from core.estate import households_repository as repository
from core.estate.lookup import Query, read_query
from tests.support.lodge import NOW, House, Lodge

UNITS = 20_000
_FILL = f"""
WITH numbers AS (
    SELECT n, n / 200 + 1 AS building, n % 4 + 1 AS entrance, 100 + n % 200 AS room,
        gen_random_uuid() AS unit_id, gen_random_uuid() AS party_id
    FROM generate_series(1, {UNITS}) n
), units AS (
    INSERT INTO unit (company_id, id, site_id, building, entrance, room, label)
    SELECT $1, unit_id, $2, building, entrance, room, concat(building, '幢', entrance, '单元', room) FROM numbers
), parties AS (
    INSERT INTO party (company_id, id, site_id, kind, name)
    SELECT $1, party_id, $2, 'person', chr(20000 + n % 300) || chr(21000 + n % 997) FROM numbers
), calendar AS (
    INSERT INTO calendar_value (company_id, id, value) VALUES ($1, $2, '{{}}')
), tickets AS (
    INSERT INTO ticket (company_id, id, site_id, number, type, status, severity, category, channel, description,
        unit_id, place, reporter_name, reporter_phone, convenient_time, owner_name, assignee_name, calendar_id,
        created_at, updated_at)
    SELECT $1, gen_random_uuid(), $2, 'GD' || n, 'repair', 'new', 'routine', 'other', 'call', '', unit_id, '', '', '',
        '', '', '', $2, now(), now()
    FROM numbers
), contacts AS (
    INSERT INTO contact (company_id, id, site_id, party_id, phone)
    SELECT $1, gen_random_uuid(), $2, party_id, 13800000000 + n * 7919 FROM numbers
)
INSERT INTO occupancy (company_id, id, site_id, unit_id, party_id, role)
SELECT $1, gen_random_uuid(), $2, unit_id, party_id, 'owner' FROM numbers
"""
_OTHERS = f"""
INSERT INTO unit (company_id, id, site_id, building, entrance, room, label)
SELECT $1, gen_random_uuid(), $2, n / 200 + 1, 1, 100 + n % 200, '' FROM generate_series(1, {UNITS}) n
"""


@pytest.fixture(scope="module")
async def full(lodge: Lodge) -> House:
    """A house with 20,000 units and a matter open at each beside another's, their statistics known."""
    house, other = await lodge.house(), await lodge.house()
    async with lodge.owner.begin(other.company_id) as uow:
        await uow.execute(_OTHERS, other.company_id, other.sites[0].id)
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute(_FILL, house.company_id, house.sites[0].id)
        await uow.execute("ANALYZE unit, party, contact, occupancy, ticket")
    return house


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


def _arguments(text: str) -> tuple[object, ...]:
    query = read_query(text)
    assert isinstance(query, Query)
    return repository.meanings(query)


STATEMENTS = {
    "by phone": (repository.CARDS_BY_PHONE, ("13800007919",)),
    **{f"suggest {text}": (repository.SUGGEST, (*_arguments(text), 10)) for text in (
        "3幢2单元18", "3-2-102", "102", "1", "丠", "13800007919", "7919",
    )},
    "a page": (repository.PAGE, ("000050", UUID(int=0), 50)),
}  # fmt: skip


@pytest.mark.parametrize("name", STATEMENTS)
async def test_a_lookup_reads_what_it_needs_and_little_else(lodge: Lodge, full: House, name: str) -> None:
    statement, arguments = STATEMENTS[name]
    values = full.company_id, full.sites[0].id, full.sites[0].today(NOW), *arguments
    async with lodge.work(full, read_only=True) as work:
        [run] = msgspec.json.decode(await work.uow.value(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", *values))
        [plan] = msgspec.json.decode(await work.uow.value(f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {statement}", *values))
    assert sum(map(_rows_read, _nodes(run["Plan"]))) < UNITS / 10
    assert "Seq Scan" not in {node["Node Type"] for node in _nodes(plan["Plan"])}


def _rows_read(node: dict[str, Any]) -> float:
    if "Relation Name" not in node:
        return 0
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    rows: float = node["Actual Loops"] * (node["Actual Rows"] + removed)
    return rows
