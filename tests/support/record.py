"""OB-2, in every test: a request that changes a row has an audit entry in the same transaction, or fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import pytest

from core.db.uow import UnitOfWork
from core.work import Work

# What requests change without an entry, and why.
EXEMPT = {
    "idempotency_key": "the answer to a request, kept for whoever sends it again",
    "notification": "one's own bell: what was read",
    "policy_simulation": "what a change of a policy would come to: computed, looked at and thrown away",
}
# A statement that writes a row as it was where there is nothing new, by a part of it, and why.
UNCHANGED = {
    "SELECT ringing_at, answered_at, ended_at FROM reception_call": (
        "an exchange may report an event twice; tests.plugins.reception.test_reports says that what is new is on record"
    ),
}
_CHANGES = re.compile(r"\b(?:INSERT INTO|DELETE FROM|UPDATE(?=\s+\w+(?:\s+(?:AS\s+)?\w+)?\s+SET\b))\s+(\w+)")
_ASK = ("fetch", "fetch_one", "value", "execute")


class NotOnRecord(AssertionError):
    """A request changed these tables, and nobody could tell who did."""


@cache
def changed_by(sql: str) -> frozenset[str]:
    """The tables that a statement may change; only locking their rows is no change."""
    if any(part in sql for part in UNCHANGED):
        return frozenset()
    return frozenset(_CHANGES.findall(sql))


@contextmanager
def on_record() -> Iterator[None]:
    """While it lasts, a request's work that changes more than what is exempt ends in NotOnRecord, unless audited."""
    changed: WeakKeyDictionary[UnitOfWork, set[str]] = WeakKeyDictionary()
    audited: WeakKeyDictionary[UnitOfWork, bool] = WeakKeyDictionary()

    def watched(name: str) -> Any:
        ask = getattr(UnitOfWork, name)

        async def asked(self: UnitOfWork, *args: Any) -> Any:
            found = await ask(self, *args)
            if found:  # a change that fits no row tells of none
                changed.setdefault(self, set()).update(changed_by(next(arg for arg in args if isinstance(arg, str))))
            return found

        return asked

    many, flush = UnitOfWork.execute_many, Work._flush

    async def asked_many(self: UnitOfWork, sql: str, rows: list[tuple[Any, ...]]) -> None:
        await many(self, sql, rows)
        changed.setdefault(self, set()).update(changed_by(sql) if rows else ())

    async def flushed(self: Work, uow: UnitOfWork) -> None:
        audited[uow] = audited.get(uow, False) or bool(self._audit)
        unseen = changed.get(uow, set()) - EXEMPT.keys()
        if self.ctx.request_id and unseen and not audited[uow]:
            raise NotOnRecord(f"changed without an audit entry: {', '.join(sorted(unseen))}")
        await flush(self, uow)

    with pytest.MonkeyPatch.context() as patch:
        for name in _ASK:
            patch.setattr(UnitOfWork, name, watched(name))
        patch.setattr(UnitOfWork, "execute_many", asked_many)
        patch.setattr(Work, "_flush", flushed)
        yield
