"""Questions and rows that another statement carries along, in the same round trip."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec

from core.db.uow import UnitOfWork

T = TypeVar("T")


class Row(msgspec.Struct, frozen=True):
    """A row of another table, written in the statement that writes a ticket's change: company and ticket are its $1 and
    $2, `{row}` is the place of the values as JSON."""

    sql: str
    values: msgspec.Struct | None = None

    def at(self, place: int) -> tuple[str, list[str]]:
        """The statement with that place for its values, and the values if there are any."""
        if self.values is None:
            return self.sql, []
        return self.sql.replace("{row}", f"${place}::jsonb"), [msgspec.json.encode(self.values).decode()]


class Question(Generic[T]):
    """One row of `sql`, in which `{row}` is the place of `values` as JSON; `answer` is `shape(*columns)` of it."""

    def __init__(self, shape: Callable[..., T], sql: str, values: msgspec.Struct) -> None:
        self._shape = shape
        self._sql = sql
        self.argument = msgspec.json.encode(values).decode()
        self.answer: T | None = None

    def sql(self, place: int) -> str:
        """The statement, with that place for its values."""
        return self._sql.replace("{row}", f"${place}::jsonb")

    def read(self, *columns: Any) -> None:
        """Take the answer out of the columns of whoever carried the question."""
        self.answer = self._shape(*columns)

    async def ask(self, uow: UnitOfWork, *arguments: object) -> None:
        """Ask it alone; `arguments` are those it shares with who else might carry it, from $1 on."""
        await uow.fetch_one(self.read, self.sql(len(arguments) + 1), *arguments, self.argument)
