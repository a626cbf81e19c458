"""What a meter counted between two days, and which readings go together (BIL-1)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from core.sdk import Invalid
from plugins.billing.amounts.errors import AmountError
from plugins.billing.amounts.meter import units_used
from plugins.billing.amounts.spans import Days
from plugins.billing.meters.checks import checked, judged
from plugins.billing.meters.dial import Dial, Shown
from plugins.billing.meters.model import MeterReading

NOVEMBER = Days(date(2026, 11, 1), date(2026, 11, 30))
TODAY = date(2026, 11, 23)
INSTALLED = date(2026, 1, 1)


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def dial(*shown: tuple[str, str], digits: int | None = 5, multiplier: int = 1, removed: str | None = None) -> Dial:
    readings = tuple(Shown(day(at), "reading", Fraction(value)) for at, value in shown)
    return Dial(digits, Fraction(multiplier), INSTALLED, day(removed) if removed else None, readings)


def replaced(of: Dial, at: str, final: str, initial: str) -> Dial:
    shown = Shown(day(at), "replacement", Fraction(initial), Fraction(final))
    readings = tuple(sorted((*of.readings, shown), key=lambda each: each.day))
    return Dial(of.digits, of.multiplier, of.installed_on, of.removed_on, readings)


def new(at: str, value: str | None, **more: Any) -> MeterReading:
    return MeterReading(meter_id=UUID(int=1), day=day(at), value=value, **more)


def test_a_month_is_counted_from_the_reading_before_it_to_its_last_one() -> None:
    of = dial(("09-25", "80"), ("10-25", "100"), ("11-10", "105"), ("11-22", "112.5"))
    assert of.stretch(NOVEMBER) == Days(day("10-26"), day("11-22"))
    assert units_used(of.counted(day("10-25"), day("11-22"))) == Fraction("12.5")


def test_a_new_meter_is_counted_from_its_first_reading_and_one_reading_counts_nothing() -> None:
    assert dial(("11-03", "0"), ("11-22", "7")).stretch(NOVEMBER) == Days(day("11-04"), day("11-22"))
    assert dial(("11-03", "0")).stretch(NOVEMBER) is None
    assert dial(("10-25", "100")).stretch(NOVEMBER) is None


def test_a_meter_is_there_between_its_first_and_last_day() -> None:
    assert dial(removed="11-01").there(NOVEMBER)
    assert not dial(removed="10-31").there(NOVEMBER)
    assert not dial().there(Days(date(2025, 12, 1), date(2025, 12, 31)))


def test_a_replacement_counts_both_meters_and_two_of_them_are_not_believed() -> None:
    of = replaced(dial(("10-25", "990"), ("11-22", "8"), multiplier=10), "11-05", "1000", "3")
    assert units_used(of.counted(day("10-25"), day("11-22"))) == 150
    with pytest.raises(AmountError) as refused:
        replaced(of, "11-10", "5", "0").counted(day("10-25"), day("11-22"))
    assert refused.value.code == "implausible"


def test_days_without_a_reading_at_either_end_are_not_counted() -> None:
    with pytest.raises(AmountError) as refused:
        dial(("10-25", "100"), ("11-22", "112")).counted(day("10-31"), day("11-22"))
    assert refused.value.code == "missing_reading"


def test_what_was_used_is_told_at_once_and_a_meter_may_turn_over() -> None:
    assert judged(dial(("10-25", "99990")), new("11-22", "15"), TODAY).used == "25"
    assert judged(dial(), new("11-22", "15"), TODAY).used is None


@pytest.mark.parametrize(
    ("of", "entered", "field", "told"),
    [
        (dial(("10-25", "100"), digits=None), new("11-22", "99"), "value", "does not run backwards"),
        (dial(("10-25", "100")), new("11-22", "99"), "value", "one of the two was misread"),
        (dial(("10-25", "100"), ("11-22", "120"), digits=None), new("11-10", "121"), "value", "backwards"),
        (dial(), new("11-22", "100000"), "value", "digits does not show this"),
        (dial(), new("11-24", "1"), "day", "still to come"),
        (dial(removed="11-01"), new("11-22", "1"), "day", "was removed on"),
        (dial(), new("11-22", None), "value", "Give what the meter shows"),
        (dial(), new("11-22", "1", kind="replacement"), "old_final", "what the old meter showed"),
        (dial(("11-22", "1")), new("11-22", "1", kind="replacement", old_final="1"), "day", "another kind"),
        (dial(("10-25", "100")), new("11-22", "1", kind="replacement", old_final="99"), "old_final", "backwards"),
        (dial(), new("11-22", None, kind="withdrawn"), "day", "no reading of this day"),
    ],
)
def test_what_does_not_go_together_is_said_at_its_field(of: Dial, entered: MeterReading, field: str, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(of, entered, TODAY)
    (error,) = refused.value.fields
    assert (error.field, told in error.message) == (field, True)


def test_the_same_again_is_known_and_a_day_is_read_once_among_many() -> None:
    of = dial(("10-25", "100"), ("11-22", "112"))
    assert judged(of, new("11-22", "112"), TODAY).same
    assert not judged(of, new("11-22", "113"), TODAY).same
    twice = judged(of, new("11-22", "113"), TODAY, again=True)
    assert twice.fault is not None and twice.fault.field == "day"
