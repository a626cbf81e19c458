"""The canary world served alone, so that it may be changed, and the rows there are for a request to name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import msgspec

from core.hooks.manager import PluginHost
from core.tenancy.directory import Site
from tests.support.bodies import Bodies
from tests.support.lodge import Databases, Lodge, SettableClock, lodge_on
from tests.support.routes import Caller, Route, client_of, openapi_of, routes_of, session_of
from tests.support.web import Web, web_on
from tests.world import Half, World, build, digests

# Tables of ids that are not called after their table.
TABLES = {
    "import_id": "roll_import",
    "token_id": "api_token",
    "assignee_id": "membership",
    "assignee": "membership",
    "responsible_id": "membership",
    "responsible": "membership",
    "concerns_id": "membership",
    "concerns": "membership",
    "giver_id": "membership",
    "taker_id": "membership",
    "colleague_id": "membership",
    "colleague": "membership",
    "owner_id": "membership",
    "actor_id": "membership",
    "subject_id": "ticket",
    "visitor_id": "membership",
    "cashier_id": "membership",
    "technician_id": "membership",
    "steward_id": "membership",
    "member_id": "membership",
    "collector_id": "membership",
    "collector": "membership",
    "holder_id": "membership",
    "dunning_id": "billing_dunning",
    "emergency_id": "membership",
    "id": "membership",
}
# Names of rows that are no ids: the table, and its column that has them.
KEYS = {"code": ("repairs_price", "code"), "role_key": ("role", "key")}
# Page marks and search texts: a place in one's own list, whatever it is made from.
MARKS = frozenset({"after", "cursor", "q"})
_WRITTEN = """
SELECT array_agg(quote_ident(attname)) FROM pg_attribute
WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""


class Stage(msgspec.Struct, frozen=True):
    """The canary world served alone, so that it may be changed. `ids` are those of (table, site or company), `keys`
    those of (parameter, site) that are no ids, `kept` digests of the tables as they were."""

    lodge: Lodge
    world: World
    web: Web
    client: httpx.AsyncClient
    routes: list[Route]
    bodies: Bodies
    admin: Any
    lock: asyncio.Lock  # of the one connection of `admin`
    ids: dict[tuple[str, UUID | None], list[UUID]]
    keys: dict[tuple[str, UUID], str]
    kept: dict[str, str]
    company: Caller
    local: Caller

    def table_of(self, name: str, module: str = "") -> str:
        """The table whose rows a parameter names; the module's, if several could be meant."""
        found = self.named_by(name, module)
        assert found is not None, f"say in TABLES which table's rows {name} names"
        return found

    def named_by(self, name: str, module: str = "") -> str | None:
        stem = TABLES.get(name, name.removesuffix("s").removesuffix("_id"))
        fitting = {t for t, _ in self.ids if t == stem or t.endswith(f"_{stem}")}
        return min(sorted(fitting), key=lambda t: (t != f"{module}_{stem}", len(t))) if fitting else None

    def rows_of(self, name: str, half: Half, site: Site | None, module: str = "") -> list[UUID]:
        """Ids that a parameter can name: of the site, where rows have one, else of the company. A ticket is of the
        module's kind."""
        table = self.table_of(name, module)
        if table == "ticket" and site and (site.id, module) in half.kinds:
            return [half.kinds[site.id, module]]
        found = self.ids.get((table, site.id if site else None)) or self.ids.get((table, half.company_id), [])
        assert found, f"the world has no row of {table}"
        return found

    def sited(self, name: str, module: str = "") -> bool:
        """Whether the rows that a parameter names belong to a site each."""
        return name in MARKS or (self.table_of(name, module), self.world.a.house.sites[0].id) in self.ids

    def named(self) -> dict[str, object]:
        """Ids by the names that fitting bodies and paths give them: rows by their table, members of staff by role."""
        a = self.world.a.house
        whose = (a.company_id, a.sites[0].id)
        rows: dict[str, object] = {table: ids[0] for (table, owner), ids in self.ids.items() if owner in whose}
        return rows | {role: staff.membership_id for role, staff in a.staff.items()}

    async def restore(self) -> None:
        """All rows of the company that looks as they were, whatever requests made of them."""
        company_id, tables = self.world.a.company_id, self.world.tables
        async with self.lock, self.admin.transaction():
            now = await digests(self.admin, tables, company_id)
            await self.admin.execute("SET LOCAL session_replication_role = replica")  # no triggers: references too
            for table in tables:
                if now[table] != self.kept[table]:
                    columns = ", ".join(await self.admin.fetchval(_WRITTEN, f"lodge.{table}"))
                    await self.admin.execute(f"DELETE FROM lodge.{table} WHERE company_id = $1", company_id)
                    await self.admin.execute(
                        f"INSERT INTO lodge.{table} ({columns}) "
                        f"SELECT {columns} FROM kept_{table} WHERE company_id = $1",
                        company_id,
                    )
        self.lodge.forget()

    async def version(self, ticket_id: object) -> int:
        """Of the ticket as it is now; 1 of what is none."""
        async with self.lock:
            found: int | None = await self.admin.fetchval("SELECT version FROM lodge.ticket WHERE id = $1", ticket_id)
        return found or 1


@asynccontextmanager
async def staged(
    databases: Databases, host: PluginHost, clock: SettableClock, home: Path, **settings: Any
) -> AsyncIterator[Stage]:
    """A stage for the block."""
    async with lodge_on(await databases.migrated(), host, clock, home, **settings) as lodge:
        admin_dsn = databases.admin_dsn(lodge.dsns)
        world = await build(lodge, admin_dsn)
        admin = await asyncpg.connect(admin_dsn)
        try:
            async with web_on(lodge.platform) as web:
                a = world.a.house
                company, local = await session_of(web, a, "admin"), await session_of(web, a, a.local[0])
                for table in world.tables:
                    await admin.execute(f"CREATE TEMP TABLE kept_{table} AS TABLE lodge.{table}")
                yield Stage(
                    lodge,
                    world,
                    web,
                    await client_of(web),
                    [r for r in routes_of(lodge.platform) if r.access != "public"],
                    Bodies(openapi_of(lodge.platform)),
                    admin,
                    asyncio.Lock(),
                    await _ids(admin, world),
                    {
                        (name, site_id): key
                        for name, (table, column) in KEYS.items()
                        for site_id, key in await admin.fetch(
                            f"SELECT s.id, t.{column} FROM lodge.{table} t JOIN lodge.site s USING (company_id) "
                            "WHERE coalesce((to_jsonb(t) ->> 'site_id')::uuid, s.id) = s.id"
                        )
                    },
                    await digests(admin, world.tables, a.company_id),
                    company,
                    local,
                )
        finally:
            await admin.close()


async def _ids(admin: Any, world: World) -> dict[tuple[str, UUID | None], list[UUID]]:
    """Ids by table and site; of rows without a site by table and company."""
    found: dict[tuple[str, UUID | None], list[UUID]] = {}
    for table in world.a.ids:
        sited = await admin.fetchval(
            "SELECT count(*) FROM pg_attribute WHERE attrelid = $1::text::regclass AND attname = 'site_id'",
            f"lodge.{table}",
        )
        whose = "coalesce(site_id, company_id)" if sited else "company_id"
        for owner, id in await admin.fetch(f"SELECT {whose}, id FROM lodge.{table} ORDER BY 1, 2"):
            found.setdefault((table, owner), []).append(id)
    for half in (world.a, world.b):
        found["company", half.company_id] = [half.company_id]
        for site, staff in zip(half.house.sites, half.house.local, strict=True):
            found["site", site.id] = [site.id]
            found["membership", site.id] = [staff.membership_id]
    return found
