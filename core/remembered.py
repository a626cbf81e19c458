"""What a process remembers of companies between requests: what is committed, and until it changes."""

from __future__ import annotations

from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID
from weakref import WeakSet

from core.db.uow import UnitOfWork

K = TypeVar("K")
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """Values by company and key, each until an instant or until `forget`, which follows every change.

    A value whose reading a change has overtaken is not kept. Neither is what a transaction reads that has made a
    change itself: it may yet be undone, and such a transaction is given nothing that was kept before either.
    """

    def __init__(self, limit: int = 100_000) -> None:
        self._limit = limit
        self._kept: dict[tuple[UUID, K], tuple[datetime, V]] = {}
        self._changing: WeakSet[UnitOfWork] = WeakSet()
        self.changes = 0

    def get(self, company_id: UUID, key: K, now: datetime, uow: UnitOfWork | None = None) -> V | None:
        kept = self._kept.get((company_id, key))
        return None if kept is None or kept[0] <= now or uow in self._changing else kept[1]

    def keep(
        self, company_id: UUID, key: K, value: V, until: datetime, *, since: int, uow: UnitOfWork | None = None
    ) -> None:
        """Keep what was read; `since` is what `changes` was before the reading."""
        if since != self.changes or uow in self._changing:
            return
        if len(self._kept) >= self._limit:
            self._kept.clear()
        self._kept[company_id, key] = until, value

    def changed_in(self, uow: UnitOfWork) -> None:
        """That transaction changes what is remembered here."""
        self._changing.add(uow)

    def forget(self, company_id: UUID | None) -> None:
        """None forgets all companies: announcements may have been missed."""
        self.changes += 1
        for key in [key for key in self._kept if company_id in (None, key[0])]:
            del self._kept[key]
