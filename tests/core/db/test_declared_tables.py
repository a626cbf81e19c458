"""Declared tables and the migrations' schema say the same, both ways."""

from __future__ import annotations

from collections.abc import Iterator

from piccolo.table import Table

from core.hooks.manager import PluginHost
from core.tables import CORE_TABLES
from tests.support.lodge import Lodge

NOT_DECLARED = {
    "migration": "the migration runner's own list",
    "pgqueuer": "the job queue's library makes and reads its tables",
    "pgqueuer_log": "the job queue's library makes and reads its tables",
    "pgqueuer_schedules": "the job queue's library makes and reads its tables",
    "pgqueuer_statistics": "the job queue's library makes and reads its tables",
}
_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'lodge'::regnamespace AND c.relkind IN ('r', 'p')
"""
_NAMES = {"timestamptz": "timestamp with time zone", "time": "time without time zone"}

Column = tuple[str, str, str, bool]  # table, column, type, nullable


def declared(tables: Iterator[type[Table]]) -> Iterator[Column]:
    for table in tables:
        for column in table._meta.columns:
            kind = column.column_type.lower().replace(", ", ",")
            yield table._meta.tablename, column._meta.db_column_name, _NAMES.get(kind, kind), column._meta.null


async def test_every_column_is_declared_as_the_migrations_make_it(lodge: Lodge, host: PluginHost) -> None:
    tables = [*CORE_TABLES, *(table for plugin in host.plugins for table in plugin.tables)]
    async with lodge.owner.begin(None) as uow:
        made = set(await uow.fetch(lambda *column: column, _COLUMNS))

    assert {column for column in made if column[0] not in NOT_DECLARED} == set(declared(iter(tables)))
    assert {column[0] for column in made} >= set(NOT_DECLARED), "an exemption that is not needed any more"


async def test_every_tenant_table_is_declared_as_one(lodge: Lodge) -> None:
    belongs_to_none = {"job_slot", "person", "request_count", "sign_in_failure"}

    without_company = {t._meta.tablename for t in CORE_TABLES if not hasattr(t, "company_id")}

    assert without_company == belongs_to_none
