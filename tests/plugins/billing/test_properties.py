"""What holds for all amounts: against the same reckoned day by day, and as laws."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.billing.amounts.charge import Charge, Discount, Item, Prorate, Subject, charge, priced
from plugins.billing.amounts.damages import Damages, Payment, damages
from plugins.billing.amounts.errors import AmountError
from plugins.billing.amounts.history import Since
from plugins.billing.amounts.meter import Tier, in_tiers
from plugins.billing.amounts.periods import Cycle, periods
from plugins.billing.amounts.rent import Escalation, escalated
from plugins.billing.amounts.rounding import Rounding
from plugins.billing.amounts.share import Share, Weight, share
from plugins.billing.amounts.spans import DAY, Days, Span, month_length
from plugins.billing.line import Drift, Line, line, replay

few = settings(max_examples=50, deadline=None)
FIRST = date(2027, 12, 20)  # a leap year follows
dates = st.integers(0, 150).map(lambda days: FIRST + timedelta(days))
numbers = st.integers(0, 20_000).map(lambda hundredths: Fraction(hundredths, 100))
spans = st.builds(Span, st.none() | dates, st.none() | dates)
prorates = st.sampled_from(["calendar", "thirty", "whole"])
roundings = st.builds(Rounding, st.sampled_from(["fen", "jiao", "yuan"]), st.sampled_from(["half_up", "up", "down"]))


def histories(first: st.SearchStrategy[date]) -> st.SearchStrategy[tuple[Since, ...]]:
    later = st.lists(st.builds(Since, dates, numbers), max_size=3, unique_by=lambda since: since.first)
    return st.builds(lambda one, more: (one, *(since for since in more if since.first != one.first)),
                     st.builds(Since, first, numbers), later)  # fmt: skip


always = st.just(FIRST - DAY)
charges = st.builds(
    Charge,
    item=st.builds(Item, prices=histories(always), prorate=prorates, rounding=roundings),
    subject=st.builds(Subject, quantity=histories(always)),
    period=st.builds(Span, dates, dates),
    service=spans,
    discounts=st.lists(
        st.builds(Discount, st.none() | dates, st.none() | dates, numbers.map(lambda number: number / 200)), max_size=3
    ).map(tuple),
)


def every(span: Span) -> list[date]:
    assert span.first is not None and span.last is not None
    return [span.first + DAY * number for number in range((span.last - span.first).days + 1)]


def valid(values: tuple[Since, ...], day: date) -> Fraction:
    return max((since for since in values if since.first <= day), key=lambda since: since.first).value


@few
@given(charges)
def test_a_charge_is_the_sum_of_its_days(asked: Charge) -> None:
    charged = [day for day in every(asked.period) if day in asked.service]
    yuan = Fraction(0)
    for day in charged:
        of_month = sum(other.replace(day=1) == day.replace(day=1) for other in charged)
        full = of_month == month_length(day)
        divisor = {"calendar": month_length(day), "thirty": of_month if full else 30, "whole": of_month}
        factor = min((each.factor for each in asked.discounts if day in each), default=Fraction(1))
        day_price = valid(asked.item.prices, day) * valid(asked.subject.quantity, day) * factor
        yuan += day_price / divisor[asked.item.prorate]

    found = charge(asked)
    assert found.amount_fen == asked.item.rounding.fen(yuan)
    assert [day for part in found.parts for day in every(Span(part.first, part.last))] == charged


@few
@given(charges, dates)
def test_who_moves_out_and_who_moves_in_owe_together_what_one_would(asked: Charge, moved: date) -> None:
    """By calendar days, before the rounding."""
    asked = msgspec.structs.replace(asked, item=msgspec.structs.replace(asked.item, prorate="calendar"))

    def yuan(*service: date | None) -> Fraction:
        return sum((part.yuan for part in priced(msgspec.structs.replace(asked, service=Span(*service)))), Fraction(0))

    assert yuan(None, moved) + yuan(moved + DAY, None) == yuan(None, None)


@few
@given(charges, prorates, st.integers(1, 40))
def test_more_days_never_cost_less_at_one_price(asked: Charge, prorate: Prorate, more: int) -> None:
    first, last = asked.period.first, asked.period.last
    assert first is not None and last is not None
    item = Item(asked.item.prices[:1], prorate, asked.item.rounding)
    plain = Charge(item, Subject(asked.subject.quantity[:1]), Span(first, last), Span(None, None), ())
    longer = msgspec.structs.replace(plain, period=Span(first, last + more * DAY))

    assert charge(plain).amount_fen <= charge(longer).amount_fen


weights = st.lists(st.builds(Weight, st.text(max_size=3), numbers), max_size=12, unique_by=lambda weight: weight.id)


@few
@given(st.integers(-(10**7), 10**7), weights)
def test_shares_add_up_are_within_a_fen_and_come_out_the_same_in_any_order(total: int, weights: list[Weight]) -> None:
    sum_of_weights = sum(weight.weight for weight in weights)
    asked = Share(total, tuple(weights))
    if not sum_of_weights:
        with pytest.raises(AmountError, match="nobody has a share"):
            share(asked)
        return
    shares = share(asked).shares

    assert sum(shares.values()) == total
    for weight in weights:
        assert abs(shares[weight.id] - total * weight.weight / sum_of_weights) < 1
        assert weight.weight or shares[weight.id] == 0
    assert share(Share(total, tuple(reversed(weights)))).shares == shares
    assert share(Share(-total, tuple(weights))).shares == {id: -fen for id, fen in shares.items()}


tiers = st.lists(st.tuples(numbers.filter(bool), numbers), max_size=4, unique_by=lambda tier: tier[0]).flatmap(
    lambda bounded: numbers.map(
        lambda rest: (*(Tier(up_to, price) for up_to, price in sorted(bounded)), Tier(None, rest))
    )
)


@few
@given(tiers, numbers, numbers)
def test_the_price_of_what_was_used_has_no_jumps(tiers: tuple[Tier, ...], used: Fraction, more: Fraction) -> None:
    def tiered(amount: Fraction) -> Fraction:
        return sum((part.yuan for part in in_tiers(tiers, amount)), Fraction(0))

    prices = [tier.price for tier in tiers]
    step = tiered(used + more) - tiered(used)

    assert more * min(prices) <= step <= more * max(prices)
    assert sum(part.units for part in in_tiers(tiers, used)) == used


@few
@given(
    st.builds(
        Damages,
        principal_fen=st.integers(0, 10**6),
        due=dates,
        grace_days=st.integers(0, 40),
        from_due=st.booleans(),
        daily_rate=st.integers(0, 50).map(lambda rate: Fraction(rate, 10_000)),
        cap=st.none() | st.sampled_from([Fraction(1, 10), Fraction("0.333"), Fraction(1)]),
        payments=st.lists(st.builds(Payment, dates, st.integers(0, 10**6)), max_size=4).map(tuple),
        excluded=st.lists(spans, max_size=2).map(tuple),
        until=dates,
    )
)
def test_damages_are_the_sum_of_their_days(asked: Damages) -> None:
    def left(day: date) -> int:
        return max(0, asked.principal_fen - sum(payment.fen for payment in asked.payments if payment.on <= day))

    grace_ends = asked.due + DAY * asked.grace_days
    accrued = Fraction(0)
    if asked.until > grace_ends and left(grace_ends):
        for day in every(Span((asked.due if asked.from_due else grace_ends) + DAY, asked.until)):
            if not any(day in span for span in asked.excluded):
                accrued += left(day) * asked.daily_rate
    most = float("inf") if asked.cap is None else asked.cap * asked.principal_fen // 1

    found = damages(asked)
    assert found.damages_fen == min((accrued + Fraction(1, 2)) // 1, most)
    assert found.open_fen == left(asked.until)


@few
@given(st.sampled_from(["month", "quarter", "year", "anniversary"]), st.dates(FIRST, FIRST + 2000 * DAY), dates)
def test_periods_follow_each_other(cycle: Cycle, last: date, handover: date) -> None:
    found = list(periods(cycle, Days(handover, max(handover, last)), handover))

    assert found[0].first <= handover and last <= found[-1].last
    assert all(one.last + DAY == other.first for one, other in pairwise(found))


@few
@given(numbers, st.integers(-50, 50), st.integers(1, 40))
def test_a_rent_that_rises_by_a_rate_is_its_power(price: Fraction, percent: int, months: int) -> None:
    rate = Fraction(percent, 100)
    prices = escalated(price, FIRST, FIRST + 1500 * DAY, Escalation(months, "rate", rate, None))

    assert [since.value for since in prices] == [price * (1 + rate) ** number for number in range(len(prices))]


@few
@given(charges)
def test_a_line_that_is_computed_anew_comes_to_the_same(asked: Charge) -> None:
    kept = line(asked)

    assert msgspec.json.decode(msgspec.json.encode(kept), type=Line) == kept
    assert replay(kept) == asked
    with pytest.raises(Drift, match="comes to"):
        replay(msgspec.structs.replace(kept, outcome=kept.outcome.replace('"amount_fen":', '"amount_fen":1')))
    with pytest.raises(Drift, match="by definition 2"):
        replay(msgspec.structs.replace(kept, definition=2))


def test_a_line_keeps_prices_exactly_that_no_short_decimal_is() -> None:
    rents = escalated(Fraction("99.99"), FIRST, FIRST + 9000 * DAY, Escalation(1, "rate", Fraction("0.0525"), None))
    item = Item((*rents, Since(FIRST - DAY, Fraction(1, 3))), "calendar", Rounding("fen", "up"))
    asked = Charge(item, Subject((Since(FIRST - DAY, Fraction(1)),)), Span(FIRST, FIRST), Span(None, None), ())

    assert replay(line(asked)) == asked
