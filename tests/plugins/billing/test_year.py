"""A year of one small site: each amount worked out by hand beside it, each line computed anew from what it keeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

import pytest

from plugins.billing.amounts.charge import Charge, Charged, Discount, Item, Subject
from plugins.billing.amounts.correction import Corrected, Correction
from plugins.billing.amounts.damages import Accrued, Damages, Payment
from plugins.billing.amounts.discounts import prepaid, vacancy
from plugins.billing.amounts.history import Since
from plugins.billing.amounts.meter import Meter, Metered, Readings, Replaced, Tier
from plugins.billing.amounts.payers import Liable, liabilities
from plugins.billing.amounts.periods import Cycle, periods
from plugins.billing.amounts.rent import Escalation, escalated
from plugins.billing.amounts.rounding import TO_THE_FEN
from plugins.billing.amounts.share import Share, Shared, Weight
from plugins.billing.amounts.spans import Days, Span
from plugins.billing.amounts.versions import Version, item_from
from plugins.billing.calculation import Calculation, compute
from plugins.billing.formula.tariff import Amount, FormulaVersion, Known, Once
from plugins.billing.line import line, replay


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def dated(*values: tuple[str, str]) -> tuple[Since, ...]:
    return tuple(Since(day(first), Fraction(value)) for first, value in values)


YEAR = Days(day("01-01"), day("12-31"))
ALWAYS = Span(None, None)
# 2.35 yuan a month and m², from July on 2.60
FEE = [
    Version(date(2020, 1, 1), 1, Fraction("2.35"), "calendar", TO_THE_FEN),
    Version(day("07-01"), 2, Fraction("2.60"), "calendar", TO_THE_FEN),
]
RENT = escalated(Fraction(100), date(2025, 4, 1), date(2030, 3, 31), Escalation(12, "rate", Fraction("0.05"), None))
SALE = [Liable(None, day("05-20"), "seller"), Liable(day("05-21"), None, "buyer")]
EMPTY = vacancy([Days(day("01-01"), day("02-28"))], Fraction("0.7"))


def charges(
    cycle: Cycle,
    area: str,
    *discounts: Discount,
    prices: tuple[Since, ...] | None = None,
    liable: list[Liable] | None = None,
) -> Iterator[Charge]:
    """What is billed for an area, period by period and in each payer by payer."""
    for period in periods(cycle, YEAR):
        for _, days in liabilities(period, liable or [Liable(None, None, "owner")]).payers:
            item = Item(prices, "calendar", TO_THE_FEN) if prices else item_from(FEE, days.first)
            whole, service = Span(period.first, period.last), Span(days.first, days.last)
            yield Charge(item, Subject(dated(("01-01", area))), whole, service, discounts)


# 104.07 m² × 2.35 = 244.5645 a month, × 2.60 = 270.582; January and February at 70 %; sold in May
SOLD = {
    "seller, 1st quarter: 244.5645 × (0.7 + 0.7 + 1) = 586.9548": 58695,
    "seller, to 20 May: 244.5645 × 51/31 = 402.3480…": 40235,
    # together a fen more than 733.69, for each pays whole fen
    "buyer, from 21 May: 244.5645 × 42/31 = 331.3454…": 33135,
    "buyer, 3rd quarter: 270.582 × 3 = 811.746": 81175,
    "buyer, 4th quarter": 81175,
}
# found in November: it is 100.07 m²; 235.1645 and 260.182 a month (BIL-7)
RIGHT = {
    "564.3948": 56439,
    "235.1645 × 51/31 = 386.8835…": 38688,
    "235.1645 × 42/31 = 318.6099…": 31861,
    "780.546": 78055,
    "780.546 again": 78055,
}
TIERS = (
    Tier(Fraction(180), Fraction("2.90")),
    Tier(Fraction(260), Fraction("3.85")),
    Tier(None, Fraction("5.83")),
)
PARKING = Item(dated(("01-01", "150")), "whole", TO_THE_FEN)

WORKED: dict[str, tuple[list[Calculation], list[int]]] = {
    # 89.60 × 2.35 = 210.56 a month, × 2.60 = 232.96
    "property fee of 1-101 by quarters": ([*charges("quarter", "89.60")], [63168, 63168, 69888, 69888]),
    "property fee of 1-102 by quarters": (
        [*charges("quarter", "104.07", *EMPTY, liable=SALE)], list(SOLD.values())),
    # eleven months paid ahead, the twelfth is free: 61.5 × (2.35 × 6 + 2.60 × 5) = 867.15 + 799.50
    "property fee of the shop for the year": (
        [*charges("year", "61.5", prepaid(day("01-01"), 11, 1))], [166665]),
    # 61.5 × 100 × 3; from April on 61.5 × 105 × 3
    "rent of the shop by quarters": (
        [*charges("quarter", "61.5", prices=RENT)], [1845000, 1937250, 1937250, 1937250]),
    # a touched month counts in full: March to August 6 × 150, September to December 4 × 2 × 150
    "parking of 1-101 from 16 March, a second space from September": (
        [Charge(PARKING, Subject(dated(("03-16", "1"), ("09-01", "2"))), Span(YEAR.first, YEAR.last),
                Span(day("03-16"), None), ())], [210000]),
    # (1420 − 1200) + (85 − 5) = 300 m³: 180 × 2.90 + 80 × 3.85 + 40 × 5.83 = 522 + 308 + 233.20
    "water of 1-101, the meter replaced": (
        [Meter(Readings(Fraction(1200), Fraction(85)), 5, Fraction(1), Replaced(Fraction(1420), Fraction(5)), TIERS,
               TO_THE_FEN)], [106320]),
    # over 255.17 m²: 43350.18…, 50351.0…, 29754.80…: the fen left over goes to the shop
    "electricity of the stairs by area": (
        [Share(123456, (Weight("1-101", Fraction("89.60")), Weight("1-102", Fraction("104.07")),
                        Weight("shop", Fraction("61.5"))))], [43350, 50351, 29755]),
    # 37 days of 631.68, 21 of 331.68 (paid off on 31 March): 30337.44 × 0.0005 = 15.16872
    "1-101 late with the first quarter": (
        [Damages(63168, day("01-31"), 15, True, Fraction("0.0005"), Fraction(1),
                 (Payment(day("03-10"), 30000), Payment(day("03-31"), 33168)), (), YEAR.last)], [1517]),
    # 89.60 / 30 = 2.98…: three lorries
    "waste of renovating 1-101": (
        [Once(FormulaVersion(1, "ceil(area / 30[m2]) * 200[yuan]"), {"area": Known("m2", Fraction("89.60"))},
              TO_THE_FEN)], [60000]),
    "1-102 measured anew": (
        [Correction(tuple(charges("quarter", "100.07", *EMPTY, liable=SALE)), tuple(SOLD.values()))],
        [right - billed for right, billed in zip(RIGHT.values(), SOLD.values(), strict=True)]),
}  # fmt: skip


def amounts(calculation: Calculation) -> list[int]:
    match compute(calculation):
        case Charged(fen, _) | Metered(_, fen) | Accrued(fen, _) | Amount(fen, _):
            return [fen]
        case Shared(shares):
            return [*shares.values()]
        case Corrected(differences, _):
            return [*differences]


@pytest.mark.parametrize("what", WORKED)
def test_each_amount_of_the_year_is_what_was_worked_out_by_hand(what: str) -> None:
    calculations, worked_out = WORKED[what]
    assert [fen for calculation in calculations for fen in amounts(calculation)] == worked_out


def test_the_year_comes_to_its_total() -> None:
    """Fees 266112 + 294415 + 166665, rent 7656750, parking 210000, water 106320, electricity 123456, damages 1517,
    waste 60000, and 11317 given back."""
    assert sum(fen for calculations, _ in WORKED.values() for each in calculations for fen in amounts(each)) == 8873918


def test_every_line_of_the_year_can_be_computed_anew_from_what_it_keeps() -> None:
    for calculations, _ in WORKED.values():
        for calculation in calculations:
            assert replay(line(calculation)) == calculation
