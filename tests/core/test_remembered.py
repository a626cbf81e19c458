"""What is remembered is what was committed, and nothing that a change has overtaken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from core.db.uow import UnitOfWork
from core.remembered import Remembered

A, B = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LATER = NOW + timedelta(seconds=30)


def uow() -> UnitOfWork:
    return UnitOfWork(None, A)  # type: ignore[arg-type]


@pytest.fixture
def kept() -> Remembered[str, int]:
    """One value of each of two companies."""
    remembered: Remembered[str, int] = Remembered()
    for number, company in enumerate((A, B)):
        remembered.keep(company, "key", number, LATER, since=remembered.changes)
    return remembered


@pytest.mark.parametrize(
    ("company", "key", "at", "found"),
    [(A, "key", NOW, 0), (B, "key", NOW, 1), (A, "other", NOW, None), (A, "key", LATER, None)],
)
def test_a_value_is_its_companys_and_lasts_until_its_instant(
    kept: Remembered[str, int], company: UUID, key: str, at: datetime, found: int | None
) -> None:
    assert kept.get(company, key, at) == found


@pytest.mark.parametrize(("company", "left"), [(A, [None, 1]), (B, [0, None]), (None, [None, None])])
def test_a_change_forgets_the_companys_values(
    kept: Remembered[str, int], company: UUID | None, left: list[int | None]
) -> None:
    kept.forget(company)

    assert [kept.get(each, "key", NOW) for each in (A, B)] == left


def test_a_reading_that_a_change_overtook_is_not_kept(kept: Remembered[str, int]) -> None:
    since = kept.changes
    kept.forget(A)
    kept.keep(A, "key", 7, LATER, since=since)

    assert kept.get(A, "key", NOW) is None


def test_a_transaction_that_changes_something_neither_keeps_nor_gets(kept: Remembered[str, int]) -> None:
    changing, other = uow(), uow()
    kept.changed_in(changing)
    kept.keep(A, "key", 7, LATER, since=kept.changes, uow=changing)

    assert kept.get(A, "key", NOW, changing) is None
    assert kept.get(A, "key", NOW, other) == 0


def test_it_does_not_grow_without_end() -> None:
    remembered: Remembered[int, int] = Remembered(limit=3)
    for number in range(4):
        remembered.keep(A, number, number, LATER, since=0)

    assert [remembered.get(A, number, NOW) for number in range(4)] == [None, None, None, 3]
