"""`python -m deploy.restore_company SLUG --from DSN`: puts one company back as it is in another database, which was
restored beside the live one. Everybody else's data stays as it is. Both by superusers; the live one is
LODGE_DATABASE_URL or, without it, the embedded one.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Mapping
from uuid import UUID

import asyncpg
import msgspec

from core.cli.boot import DATABASE
from core.db.embedded import EmbeddedPostgres
from core.settings import load_settings

_COMPANY = "SELECT company_id FROM company WHERE slug = $1"
_PARTS = """
SELECT c.relname, array_agg(a.attname ORDER BY a.attnum)::text[] FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
WHERE c.relnamespace = 'lodge'::regnamespace AND c.relkind = 'r'
AND EXISTS (SELECT FROM pg_attribute k WHERE k.attrelid = c.oid AND k.attname = 'company_id' AND NOT k.attisdropped)
GROUP BY c.relname ORDER BY c.relname
"""
_MIGRATIONS = "SELECT array_agg(app_name || ' ' || name ORDER BY app_name, name) FROM migration"
# People belong to no company: those whom the company had are put back only where they are gone altogether.
_PEOPLE = "SELECT p.* FROM person p JOIN membership m ON m.person_id = p.id WHERE m.company_id = $1"
_MISSING = "SELECT p.* FROM restored_person p WHERE NOT EXISTS (SELECT FROM person o WHERE o.id = p.id)"


class Restored(msgspec.Struct, frozen=True):
    """How many rows of each table there are now, tables without any left out."""

    company_id: UUID
    rows: Mapping[str, int]


class Impossible(RuntimeError):
    """The databases do not fit; nothing was changed."""


async def restore(slug: str, source_dsn: str, target_dsn: str) -> Restored:
    """Replace the company's rows by those of the source, in one transaction of either. Raises Impossible."""
    source, target = await _connect(source_dsn), await _connect(target_dsn)
    try:
        async with source.transaction(isolation="repeatable_read", readonly=True), target.transaction():
            if await source.fetchval(_MIGRATIONS) != await target.fetchval(_MIGRATIONS):
                raise Impossible("the databases are of different versions; bring the restored one up to date first")
            company_id = await source.fetchval(_COMPANY, slug)
            if company_id is None or await target.fetchval(_COMPANY, slug) not in (None, company_id):
                raise Impossible(f"the restored database has no company {slug!r}, or another one")
            # parts come in the order of their names, so keys are not looked at until all are there
            await target.execute("SET LOCAL session_replication_role = replica")
            await _people(source, target, company_id)
            rows = {}
            for table, columns in await target.fetch(_PARTS):
                await target.execute(f'DELETE FROM "{table}" WHERE company_id = $1', company_id)  # noqa: S608
                names = ", ".join(f'"{column}"' for column in columns)
                sql = f'SELECT {names} FROM "{table}" WHERE company_id = $1'  # noqa: S608
                if count := await _copy(source, sql, company_id, target, table, columns):
                    rows[table] = count
            return Restored(company_id, rows)
    finally:
        await source.close()
        await target.close()


async def _people(source: asyncpg.Connection, target: asyncpg.Connection, company_id: UUID) -> None:
    await target.execute("CREATE TEMP TABLE restored_person (LIKE lodge.person) ON COMMIT DROP")
    await _copy(source, _PEOPLE, company_id, target, "restored_person", None)
    await target.execute(f"INSERT INTO person {_MISSING}")


async def _copy(
    source: asyncpg.Connection,
    sql: str,
    company_id: UUID,
    target: asyncpg.Connection,
    table: str,
    columns: list[str] | None,
) -> int:
    with tempfile.TemporaryFile() as kept:
        await source.copy_from_query(sql, company_id, output=kept, format="binary")
        kept.seek(0)
        status = await target.copy_to_table(table, source=kept, columns=columns, format="binary")
    return int(status.rpartition(" ")[2])


async def _connect(dsn: str) -> asyncpg.Connection:
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "lodge, pg_temp"})
    if not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        raise Impossible("only a superuser sees every row and may put back rows before those they point to")
    return connection


def _live() -> str:
    settings = load_settings()
    embedded = EmbeddedPostgres(settings.home / "postgres")
    return settings.database_url or embedded.dsn(embedded.superuser, DATABASE)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m deploy.restore_company", description=__doc__)
    parser.add_argument("slug", help="the company")
    parser.add_argument("--from", dest="source", required=True, metavar="DSN", help="the restored database")
    arguments = parser.parse_args()
    found = asyncio.run(restore(arguments.slug, arguments.source, _live()))
    for name, count in found.rows.items():
        print(f"{name}: {count}")
