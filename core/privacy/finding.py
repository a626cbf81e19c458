"""Somebody's rows in every table that can hold any, found by what the tables declare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from core.db import rows
from core.db.personal import NOTHING
from core.db.uow import UnitOfWork
from core.estate.sealing import Sealer
from core.privacy.people import Who
from core.privacy.register import Held

Row = dict[str, Any]
_GENERATED = """
SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'lodge'::regnamespace AND a.attgenerated <> ''
"""
_BARRED = """
SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
WHERE c.relnamespace = 'lodge'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
    AND NOT has_column_privilege(c.oid, a.attnum, 'UPDATE')
UNION ALL SELECT relname FROM pg_class
WHERE relnamespace = 'lodge'::regnamespace AND relkind = 'r' AND NOT has_table_privilege(oid, 'DELETE')
"""
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Finder:
    """Finds one person's rows. Made for one transaction: what leads from table to table is looked up once."""

    def __init__(self, uow: UnitOfWork, register: Sequence[Held], sealer: Sealer, who: Who) -> None:
        self.uow = uow
        self.who = who
        self._sealer = sealer
        self._tables = {held.name: held for held in register}
        self._keys: dict[str, list[UUID]] = {}
        self._generated: frozenset[str] | None = None
        self._barred: frozenset[str] | None = None

    @property
    def given(self) -> tuple[object, ...]:
        """What every statement of core.db.rows takes."""
        who = self.who
        return self.uow.company_id, who.parties, who.phones, who.member, who.names

    async def generated(self) -> frozenset[str]:
        """`table.column` of what the database makes of other columns."""
        if self._generated is None:
            self._generated = frozenset(await self.uow.fetch(str, _GENERATED))
        return self._generated

    async def barred(self) -> frozenset[str]:
        """`table.column` of what may only be added, `table` of what is not deleted by us, such as operators."""
        if self._barred is None:
            self._barred = frozenset(await self.uow.fetch(str, _BARRED))
        return self._barred

    async def parents(self, held: Held) -> dict[str, list[UUID]]:
        """By column, the ids of the person's rows that rows of this table may belong with."""
        found = {}
        for column, target in held.privacy.parent.items():
            if target not in self._keys:
                table, _, key = target.partition(".")
                parent = self._tables[table]
                beyond = await self.parents(parent)
                whose = rows.condition(parent.privacy, beyond)
                self._keys[target] = await self.uow.fetch(
                    lambda id: id, rows.select_keys(table, key, whose), *self.given, *beyond.values()
                )
            found[column] = self._keys[target]
        return found

    async def rows(self, held: Held) -> list[Row]:
        """The table's rows about the person as they are to be told: what is theirs, not what is others' or secret."""
        parents = await self.parents(held)
        whose = rows.condition(held.privacy, parents)
        found: list[Row] = []
        hidden = {c.name for c in held.of("secret")} | set(held.staff) | {"company_id"}
        hidden |= {name.rpartition(".")[2] for name in await self.generated() if name.startswith(f"{held.name}.")}
        if whose:
            sql = rows.select_rows(held.name, whose)
            for row in await self.uow.fetch(_decode, sql, *self.given, *parents.values()):
                self._unseal(held, row)
                found.append({name: value for name, value in row.items() if name not in hidden})
        if self.who.member is not None and held.staff:
            sql = rows.select_rows(held.name, rows.condition(NOTHING, staff=held.staff))
            for row in await self.uow.fetch(_decode, sql, *self.given):
                found.append(self._as_colleague(held, row))
        return found

    def _unseal(self, held: Held, row: Row) -> None:
        assert self.uow.company_id is not None
        for column, bound in held.privacy.sealed.items():
            if row[column] is not None:
                sealed = bytes.fromhex(row[column].removeprefix("\\x"))
                row[column] = self._sealer.unseal(self.uow.company_id, UUID(row[bound]), sealed).decode(
                    errors="replace"
                )

    def _as_colleague(self, held: Held, row: Row) -> Row:
        """What the row says of the colleague: what happened and when, their own name, nobody else's."""
        kept = {c.name for c in held.columns if c.kind == "none"} - {"company_id"}
        member = str(self.who.member)
        kept |= {name for name, id in held.staff.items() if (row[id] == member if id else row[name] in self.who.names)}
        return {name: value for name, value in row.items() if name in kept}
