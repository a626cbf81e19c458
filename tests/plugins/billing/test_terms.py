"""Periods, versions, payers, rent and what is granted."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from plugins.billing.amounts.charge import Charge, Discount, Subject, charge
from plugins.billing.amounts.discounts import granted, prepaid, vacancy
from plugins.billing.amounts.errors import AmountError
from plugins.billing.amounts.history import Since
from plugins.billing.amounts.payers import Liable, liabilities
from plugins.billing.amounts.periods import Cycle, period_with, periods
from plugins.billing.amounts.rent import Escalation, escalated
from plugins.billing.amounts.rounding import TO_THE_FEN, Rounding
from plugins.billing.amounts.spans import Days, Span, months_after
from plugins.billing.amounts.versions import Version, in_force, item_from


def day(text: str) -> date:
    return date.fromisoformat(text)


def days(text: str) -> Days:
    first, _, last = text.partition("..")
    return Days(day(first), day(last or first))


PERIODS: dict[tuple[Cycle, str, str | None], str] = {
    ("month", "2028-02-10", None): "2028-02-01..2028-02-29",
    ("quarter", "2026-05-31", None): "2026-04-01..2026-06-30",
    ("quarter", "2026-12-31", None): "2026-10-01..2026-12-31",
    ("year", "2026-01-01", None): "2026-01-01..2026-12-31",
    ("month", "2026-03-31", "2026-03-15"): "2026-03-01..2026-03-31",
    ("anniversary", "2026-03-15", "2024-03-15"): "2026-03-15..2027-03-14",
    ("anniversary", "2026-03-14", "2024-03-15"): "2025-03-15..2026-03-14",
    ("anniversary", "2026-12-31", "2024-03-15"): "2026-03-15..2027-03-14",
    ("anniversary", "2029-02-27", "2028-02-29"): "2028-02-29..2029-02-27",
    ("anniversary", "2029-02-28", "2028-02-29"): "2029-02-28..2030-02-27",
    ("anniversary", "2032-03-01", "2028-02-29"): "2032-02-29..2033-02-27",
}


@pytest.mark.parametrize(("cycle", "when", "handover"), PERIODS)
def test_the_period_in_which_a_day_lies(cycle: Cycle, when: str, handover: str | None) -> None:
    found = period_with(cycle, day(when), day(handover) if handover else None)
    assert found == days(PERIODS[cycle, when, handover])


def test_there_is_no_anniversary_before_the_handover() -> None:
    for handover in (None, day("2026-03-02")):
        with pytest.raises(ValueError, match="2026-03-01 is before the handover"):
            period_with("anniversary", day("2026-03-01"), handover)


def test_whole_periods_cover_days_without_a_gap() -> None:
    quarters = list(periods("quarter", days("2026-02-14..2026-08-01")))
    assert quarters == [days("2026-01-01..2026-03-31"), days("2026-04-01..2026-06-30"), days("2026-07-01..2026-09-30")]


VERSIONS = [
    Version(day("2026-03-16"), 2, Fraction("2.6"), "thirty", Rounding("yuan", "up")),
    Version(day("2020-01-01"), 1, Fraction("2.35"), "calendar", TO_THE_FEN),
    Version(day("2026-03-16"), 3, Fraction("2.5"), "calendar", Rounding("jiao", "down")),
]


def test_the_version_of_a_day_is_the_last_one_published_for_it() -> None:
    """Of two from the same day the later number counts: it mends the other."""
    assert [in_force(VERSIONS, day(when)).number for when in ("2020-01-01", "2026-03-15", "2026-03-16")] == [1, 1, 3]
    with pytest.raises(AmountError) as refused:
        in_force(VERSIONS, day("2019-12-31"))
    assert refused.value.code == "missing_price"


def test_within_a_period_prices_change_on_their_day_and_rules_do_not() -> None:
    item = item_from(VERSIONS, day("2026-03-01"))
    hundred = Subject((Since(day("2020-01-01"), Fraction(100)),))
    march = Span(day("2026-03-01"), day("2026-03-31"))

    # 235 × 15/31 + 250 × 16/31 = 7525/31 = 242.7419…, to the fen as in version 1
    assert charge(Charge(item, hundred, march, Span(None, None), ())).amount_fen == 24274
    assert item_from(VERSIONS, day("2026-03-16")).rounding == Rounding("jiao", "down")


def test_days_have_one_payer_and_those_that_have_none_are_told() -> None:
    owner = Liable(None, day("2026-03-09"), "owner")
    tenant = Liable(day("2026-03-12"), day("2026-03-20"), "tenant")
    back = Liable(day("2026-03-21"), None, "owner")
    later = Liable(day("2026-05-01"), None, "buyer")

    found = liabilities(days("2026-03-01..2026-03-31"), [back, tenant, later, owner])
    assert found.payers == (
        ("owner", days("2026-03-01..2026-03-09")),
        ("tenant", days("2026-03-12..2026-03-20")),
        ("owner", days("2026-03-21..2026-03-31")),
    )
    assert found.nobody == (days("2026-03-10..2026-03-11"),)
    assert liabilities(days("2026-04-01..2026-04-30"), [owner]).nobody == (days("2026-04-01..2026-04-30"),)
    with pytest.raises(AmountError, match="two payers for 2026-03-21") as refused:
        liabilities(days("2026-03-01..2026-03-31"), [owner, back, Liable(day("2026-03-12"), None, "tenant")])
    assert refused.value.code == "two_payers"


RENTS = {
    "5 % each year on the price before": (
        Escalation(12, "rate", Fraction("0.05"), None), ["100", "105", "110.25", "115.7625"]),
    "the same from prices rounded to the fen": (
        Escalation(12, "rate", Fraction("0.05"), TO_THE_FEN), ["100", "105", "110.25", "115.76"]),
    "2 yuan every two years": (Escalation(24, "amount", Fraction(2), None), ["100", "102"]),
    "3 % less each year": (Escalation(12, "rate", Fraction("-0.03"), TO_THE_FEN), ["100", "97", "94.09", "91.27"]),
}  # fmt: skip


@pytest.mark.parametrize("name", RENTS)
def test_a_rent_rises_on_its_day(name: str) -> None:
    terms, prices = RENTS[name]
    found = escalated(Fraction(100), day("2024-01-31"), day("2027-01-31"), terms)

    assert [since.value for since in found] == [Fraction(price) for price in prices]
    steps = [months_after(day("2024-01-31"), number * terms.every_months) for number in range(len(found))]
    assert [since.first for since in found] == steps


def test_steps_are_counted_from_the_first_day_so_that_short_months_do_not_move_them() -> None:
    found = escalated(Fraction(1), day("2025-11-30"), day("2026-08-29"), Escalation(3, "amount", Fraction(1), None))
    assert [str(since.first) for since in found] == ["2025-11-30", "2026-02-28", "2026-05-30"]


def test_vacancy_counts_from_the_day_that_was_agreed_on() -> None:
    empty = [days("2026-03-01..2026-03-30"), days("2026-05-01..2026-06-30")]
    factor = Fraction("0.7")

    assert vacancy(empty, factor, 30) == (Discount(day("2026-05-31"), day("2026-06-30"), factor),)
    assert vacancy(empty[:1], factor) == (Discount(day("2026-03-01"), day("2026-03-30"), factor),)


def test_who_pays_eleven_months_ahead_has_the_twelfth_free() -> None:
    free = prepaid(day("2026-01-01"), 11, 1)
    assert free == Discount(day("2026-12-01"), day("2026-12-31"), Fraction(0))

    item = item_from([Version(day("2020-01-01"), 1, Fraction(100), "calendar", TO_THE_FEN)], day("2026-01-01"))
    year = Span(day("2026-01-01"), day("2026-12-31"))
    one = Subject((Since(day("2020-01-01"), Fraction(1)),))
    assert charge(Charge(item, one, year, Span(None, None), (free,))).amount_fen == 110000


@pytest.mark.parametrize(("owed", "off", "credit"), [(5000, 2000, -2000), (1000, 2000, -1000), (0, 1, 0), (-5, 1, 0)])
def test_a_fixed_sum_is_granted_up_to_what_is_owed(owed: int, off: int, credit: int) -> None:
    assert granted(owed, off) == credit
