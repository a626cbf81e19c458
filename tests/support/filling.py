"""Rows for any table of a tenant, made from the catalogue: every column filled, references met, texts recognisable."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from core.db.ids import new_id

TENANT_TABLES = """
SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'company_id'
WHERE c.relnamespace = 'lodge'::regnamespace AND c.relkind IN ('r', 'p') AND NOT a.attisdropped ORDER BY 1
"""
_COLUMNS = """
SELECT a.attname::text, format_type(a.atttypid, NULL) FROM pg_attribute a
WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum
"""
_REFERENCES = """
SELECT k.confrelid::regclass::text, ARRAY(SELECT attname::text FROM unnest(k.conkey) WITH ORDINALITY u (n, o)
           JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = n ORDER BY o),
       ARRAY(SELECT attname::text FROM unnest(k.confkey) WITH ORDINALITY u (n, o)
           JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = n ORDER BY o)
FROM pg_constraint k WHERE k.contype = 'f' AND k.conrelid = $1::text::regclass
"""
_CHECKS = """
SELECT a.attname::text, pg_get_constraintdef(k.oid) FROM pg_constraint k
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
WHERE k.contype = 'c' AND cardinality(k.conkey) = 1 AND k.conrelid = $1::text::regclass
"""
_ONE_OF = re.compile(r"CHECK \(\(\"?\w+\"? (?:= ANY \(|<@ )ARRAY\[([^\]]+)\]\)?\)\)")
_AT_LEAST = re.compile(r">(=?) (\d+)\)")


class Table(msgspec.Struct, frozen=True):
    """A tenant's table: its columns with their types, and the references (target, own columns, target's columns).

    `words` are the few that a CHECK lets a column hold, `least` the number that one asks for of a column.
    """

    name: str
    columns: dict[str, str]
    references: tuple[tuple[str, list[str], list[str]], ...]
    words: dict[str, list[str]]
    least: dict[str, int]


async def tables_of(connection: Any, names: Iterable[str]) -> list[Table]:
    """These tables, each after those it refers to."""
    found = {name: await _table(connection, name) for name in names}
    ordered: dict[str, Table] = {}

    def place(name: str) -> None:
        if name in found and name not in ordered:
            for target, _, _ in found[name].references:
                if target != name:
                    place(target)
            ordered[name] = found[name]

    for name in sorted(found):
        place(name)
    return list(ordered.values())


async def _table(connection: Any, name: str) -> Table:
    checks = [tuple(row) for row in await connection.fetch(_CHECKS, name)]
    lists = {column: _ONE_OF.fullmatch(check) for column, check in checks}
    floors = {column: _AT_LEAST.search(check) for column, check in checks}
    return Table(
        name,
        dict(tuple(row) for row in await connection.fetch(_COLUMNS, name)),
        tuple(tuple(row) for row in await connection.fetch(_REFERENCES, name)),
        {column: re.findall(r"'([^']*)'", found[1]) for column, found in lists.items() if found},
        {column: int(found[2]) + (not found[1]) for column, found in floors.items() if found},
    )


async def fill(
    connection: Any,
    table: Table,
    company_id: UUID,
    site_id: UUID,
    text: str,
    now: datetime,
    values: Mapping[str, Any],
    ticket: UUID | None = None,
) -> None:
    """Insert a row for the site: `values` where given, rows of that site where it refers to some, `text` elsewhere.

    Of the rows that it can refer to, `ticket` and what belongs to it come first. A CHECK of one column is heeded.
    Raises what else PostgreSQL has against the row, such as a CHECK of several columns, which `values` must be chosen
    for.
    """
    row: dict[str, Any] = {"company_id": company_id, "site_id": site_id}
    row = {column: row.get(column, _UNSET) for column in table.columns}
    for target, columns, targets in table.references:
        wanted = [column for column in columns if row[column] is _UNSET and column not in values]
        if wanted:
            found = await _existing(connection, target, company_id, site_id, ticket)
            row.update({column: found[targets[columns.index(column)]] for column in wanted})
    for column, kind in table.columns.items():
        if column in values:
            row[column] = values[column]
        elif row[column] is _UNSET and column in table.words:
            word = next(filter(None, table.words[column]))
            row[column] = [word] if kind == "text[]" else word
        elif row[column] is _UNSET and column in table.least:
            row[column] = max(1, table.least[column])
        elif row[column] is _UNSET:
            row[column] = _made(kind, f"{text} {column}", now)
    places = ", ".join(f"${n}::{kind}" for n, kind in enumerate(table.columns.values(), 1))
    await connection.execute(
        f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES ({places})", *(row[c] for c in table.columns)
    )


_UNSET = object()


async def _existing(connection: Any, table: str, company_id: UUID, site_id: UUID, ticket: UUID | None) -> Any:
    """A row of the table that belongs to the company, and to the site where rows have one; the ticket's if any."""
    site = await connection.fetchval(
        "SELECT count(*) FROM pg_attribute WHERE attrelid = $1::text::regclass AND attname = 'site_id'", table
    )
    if table == "site":
        where, args = "company_id = $1 AND id = $2", [company_id, site_id]
    elif site:
        where, args = "company_id = $1 AND site_id = $2", [company_id, site_id]
    elif table == "person":
        where, args = "id IN (SELECT person_id FROM membership WHERE company_id = $1)", [company_id]
    else:
        where, args = "company_id = $1", [company_id]
    key = "id" if table == "ticket" else "ticket_id"
    order = f"ORDER BY to_jsonb({table}) ->> '{key}' = ${len(args) + 1} DESC NULLS LAST"
    found = await connection.fetchrow(f"SELECT * FROM {table} WHERE {where} {order} LIMIT 1", *args, str(ticket))
    assert found is not None, f"{table} has no row to refer to"
    return found


def _made(kind: str, text: str, now: datetime) -> Any:
    match kind:
        case "text":
            return text
        case "text[]":
            return [text]
        case "jsonb":
            return msgspec.json.encode({"text": text}).decode()
        case "uuid":
            return new_id()
        case "uuid[]":
            return [new_id()]
        case "bytea":
            return text.encode()
        case "bytea[]":
            return [text.encode()]
        case "timestamp with time zone":
            return now
        case "date":
            return now.date()
        case "boolean":
            return True
        case "smallint" | "integer" | "bigint":
            return 1
        case "numeric":
            return Decimal(1)
    raise NotImplementedError(f"say how a {kind} is filled")
