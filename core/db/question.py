"""A question to the database that is asked alone, or carried along by another statement in the same round trip."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec

from core.db.uow import UnitOfWork

T = TypeVar("T")


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
