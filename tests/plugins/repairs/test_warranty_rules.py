"""Who is liable for an item on a day (REP-1)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.repairs.kinds import ITEMS, Item
from plugins.repairs.warranty.model import Previous, Term
from plugins.repairs.warranty.policy import WarrantyRules
from plugins.repairs.warranty.rules import add_months, assess

RULES = WarrantyRules()
UNIT = UUID(int=1)
HANDOVER = Term(UUID(int=2), UNIT, "", date(2022, 3, 1), None, "builder", "")
OURS = Previous(UUID(int=3), "GD2208-0001", datetime(2026, 8, 1, tzinfo=UTC), 0)
BADLY = Previous(UUID(int=3), "GD2208-0001", datetime(2026, 8, 1, tzinfo=UTC), 0, rework=True)


def exception(item: Item, until: date | None, liable: str = "builder") -> Term:
    return Term(UUID(int=4), UNIT, item, date(2025, 1, 1), until, liable, "换新")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("item", "terms", "previous", "day", "expected"),
    [
        ("", [HANDOVER], None, date(2022, 3, 2), ("unknown", None, "no_item")),
        ("pipes", [], None, date(2022, 3, 2), ("unknown", None, "no_date")),
        ("pipes", [HANDOVER], None, date(2024, 3, 1), ("builder", date(2024, 3, 1), "handover")),
        ("pipes", [HANDOVER], None, date(2024, 3, 2), ("none", date(2024, 3, 1), "expired")),
        ("waterproofing", [HANDOVER], None, date(2027, 3, 1), ("builder", date(2027, 3, 1), "handover")),
        ("other", [HANDOVER], None, date(2022, 3, 2), ("none", date(2022, 3, 1), "expired")),
        # what is agreed for the item itself replaces the handover, shorter or longer
        ("pipes", [HANDOVER, exception("pipes", date(2026, 6, 30))], None, date(2026, 6, 30),
         ("builder", date(2026, 6, 30), "exception")),
        ("pipes", [HANDOVER, exception("pipes", None, "own")], None, date(2026, 12, 1),
         ("own", date(2027, 1, 1), "exception")),
        ("waterproofing", [HANDOVER, exception("waterproofing", date(2025, 6, 30))], None, date(2025, 7, 1),
         ("none", date(2025, 6, 30), "expired")),
        # our own work, once the builder owes nothing any more
        ("pipes", [HANDOVER], OURS, date(2026, 10, 30), ("own", date(2026, 10, 30), "own_work")),
        ("pipes", [HANDOVER], OURS, date(2026, 10, 31), ("none", date(2024, 3, 1), "expired")),
        ("pipes", [], OURS, date(2026, 10, 30), ("own", date(2026, 10, 30), "own_work")),
        ("waterproofing", [HANDOVER], OURS, date(2026, 9, 1), ("builder", date(2027, 3, 1), "handover")),
        # what we have done badly is ours to do again, whoever paid for it and whatever it was (REP-5)
        ("waterproofing", [HANDOVER], BADLY, date(2026, 9, 1), ("own", date(2026, 10, 30), "rework")),
        ("", [], BADLY, date(2026, 10, 30), ("own", date(2026, 10, 30), "rework")),
        ("waterproofing", [HANDOVER], BADLY, date(2026, 10, 31), ("builder", date(2027, 3, 1), "handover")),
    ],
)  # fmt: skip
def test_the_builder_owes_first_then_our_own_work_then_nobody(
    item: str, terms: list[Term], previous: Previous | None, day: date, expected: tuple[object, ...]
) -> None:
    found = assess(item, RULES, terms, previous, date(2026, 8, 1) if previous else None, day)

    assert (found.warranty, found.until, found.basis) == expected


def test_material_with_a_longer_warranty_than_our_work_counts() -> None:
    previous = Previous(OURS.ticket_id, OURS.number, OURS.done_at, days=365)

    found = assess("pipes", RULES, [HANDOVER], previous, date(2026, 8, 1), date(2027, 8, 1))

    assert (found.warranty, found.until) == ("own", date(2027, 8, 1))


@pytest.mark.parametrize(
    ("start", "months", "until"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 12, 15), 1, date(2025, 1, 15)),
        (date(2024, 3, 1), 0, date(2024, 3, 1)),
        (date(9990, 1, 1), 600, date.max),
    ],
)
def test_a_term_ends_on_the_corresponding_day(start: date, months: int, until: date) -> None:
    assert add_months(start, months) == until


@given(st.sampled_from([item for item in ITEMS if item]), st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_a_unit_with_a_handover_date_is_never_unknown(item: str, day: date) -> None:
    found = assess(item, RULES, [HANDOVER], None, None, day)

    assert found.warranty in ("builder", "none")
    assert (found.warranty == "builder") == (found.until is not None and day <= found.until)
