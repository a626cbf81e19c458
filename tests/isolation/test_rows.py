"""TI-2: on every tenant's table, whatever the verb and whatever the tenant in force, no row of another company."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from tests.world import World, digests

DENIED = "42501"  # insufficient_privilege: row level security's answer to a row that may not be, and a missing grant's

# What is set before the statements: A looks for what is B's.
TENANTS: dict[str, Callable[[World], UUID | str | None]] = {
    "other": lambda world: world.a.company_id,
    "unknown": lambda world: UUID(int=0),
    "no": lambda world: None,
    "empty": lambda world: "",
}


@pytest.fixture
async def app(world: World) -> AsyncIterator[Any]:
    """A bare connection as lodge_app: SQL that forgot its WHERE, or was injected."""
    connection = await asyncpg.connect(world.lodge.platform.db.dsn)
    assert await connection.fetchval("SELECT current_user") == "lodge_app"
    yield connection
    await connection.close()


@pytest.fixture
async def columns(world: World, admin: Any) -> dict[str, list[str]]:
    """The columns that can be written, by table."""
    sql = """SELECT attname::text FROM pg_attribute
             WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"""
    return {table: [row[0] for row in await admin.fetch(sql, f"lodge.{table}")] for table in world.tables}


@pytest.fixture
async def untouched(world: World, admin: Any) -> AsyncIterator[None]:
    """B's rows are after the test what they were."""
    before = await digests(admin, world.tables, world.b.company_id)
    yield
    assert await digests(admin, world.tables, world.b.company_id) == before


async def attempt(app: Any, tenant: UUID | str | None, sql: str, *args: Any) -> str | int:
    """The number of rows a statement touched, or PostgreSQL's code for refusing it. Committed, so that it shows."""
    try:
        async with app.transaction():
            if tenant is not None:
                await app.execute(f"SET LOCAL app.company_id = '{tenant}'")
            status: str = await app.execute(sql, *args)
            return int(status.rpartition(" ")[2])
    except asyncpg.PostgresError as error:
        return str(error.sqlstate)


async def copies(admin: Any, table: str, columns: list[str], company_id: UUID) -> str:
    """An INSERT of a row that the company has."""
    row = await admin.fetchval(
        f"SELECT to_jsonb(t)::text FROM lodge.{table} t WHERE company_id = $1 LIMIT 1", company_id
    )
    quoted = row.replace("'", "''")
    names = ", ".join(columns)
    return f"INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_populate_record(NULL::{table}, '{quoted}')"


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("tenant", TENANTS)
async def test_ti_2_rows_of_another_company_cannot_be_seen(tenant: str, world: World, app: Any) -> None:
    in_force = TENANTS[tenant](world)

    seen = {
        table: await attempt(app, in_force, f"SELECT FROM {table} WHERE company_id = '{world.b.company_id}'")
        for table in world.tables
    }

    assert set(seen.values()) == {0}


@pytest.mark.parametrize("tenant", [name for name in TENANTS if name != "other"])
async def test_ti_2_without_a_tenant_there_are_no_rows_at_all(tenant: str, world: World, app: Any) -> None:
    seen = {table: await attempt(app, TENANTS[tenant](world), f"SELECT FROM {table}") for table in world.tables}

    assert set(seen.values()) == {0}


async def test_ones_own_rows_are_there_and_nothing_else(world: World, app: Any, admin: Any) -> None:
    for table in world.tables:
        own = await admin.fetchval(f"SELECT count(*) FROM lodge.{table} WHERE company_id = $1", world.a.company_id)

        assert await attempt(app, world.a.company_id, f"SELECT FROM {table}") == own > 0, table


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("tenant", TENANTS)
async def test_ti_2_rows_of_another_company_cannot_be_added(
    tenant: str, world: World, app: Any, admin: Any, columns: dict[str, list[str]]
) -> None:
    in_force = TENANTS[tenant](world)

    answers = {
        table: await attempt(app, in_force, await copies(admin, table, columns[table], world.b.company_id))
        for table in world.tables
    }

    assert set(answers.values()) == {DENIED}


async def test_ones_own_rows_would_be_let_in(world: World, app: Any, admin: Any, columns: dict[str, list[str]]) -> None:
    answers = {
        table: await attempt(app, world.a.company_id, await copies(admin, table, columns[table], world.a.company_id))
        for table in world.tables
    }

    assert set(answers.values()) <= {"23505", "23P01"}, "they are there already, which only their tenant is told"


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("tenant", TENANTS)
@pytest.mark.parametrize("statement", ["UPDATE {} SET company_id = company_id", "DELETE FROM {}"])
async def test_ti_2_rows_of_another_company_cannot_be_changed(
    statement: str, tenant: str, world: World, app: Any
) -> None:
    in_force = TENANTS[tenant](world)

    answers = {
        table: await attempt(app, in_force, f"{statement.format(table)} WHERE company_id = '{world.b.company_id}'")
        for table in world.tables
    }

    assert set(answers.values()) <= {0, DENIED}


@pytest.mark.usefixtures("untouched")
async def test_ti_2_ones_own_rows_cannot_be_given_away(world: World, app: Any) -> None:
    for table in world.tables:
        sql = f"UPDATE {table} SET company_id = '{world.b.company_id}' WHERE company_id = '{world.a.company_id}'"

        assert await attempt(app, world.a.company_id, sql) == DENIED, table


@pytest.mark.parametrize("role", ["app", "dispatch"])
async def test_people_cannot_be_listed(role: str, world: World) -> None:
    connection = await asyncpg.connect(getattr(world.lodge.dsns, role))
    try:
        assert await attempt(connection, world.a.company_id, "SELECT FROM person") == DENIED
        assert await attempt(connection, None, "TRUNCATE ticket_timer") == DENIED
    finally:
        await connection.close()


async def test_ti_2_a_prepared_statement_forgets_the_tenant_it_was_planned_for(world: World, app: Any) -> None:
    statement = await app.prepare("SELECT company_id FROM ticket")
    for company_id in [world.a.company_id] * 7 + [world.b.company_id] * 7:  # past the sixth, the plan is generic
        async with app.transaction():
            await app.execute(f"SET LOCAL app.company_id = '{company_id}'")

            assert {row[0] for row in await statement.fetch()} == {company_id}
