"""How money is spread, and how its sum is written: pure functions."""

from __future__ import annotations

import re
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sdk import Conflict, Invalid
from plugins.billing.counter.capitals import capitals
from plugins.billing.counter.forms import Entered, fen_of
from plugins.billing.counter.model import NewPart, NewPayment
from plugins.billing.counter.plan import Asked, Ticked, entries_of, plan
from plugins.billing.ledger.entries import Books, Open, Owed, Part, Payment, Waiver, postings, reversal
from plugins.billing.ledger.together import after

UNIT, OTHER, PARTY, ITEM = (UUID(int=n) for n in range(1, 5))
FEN = st.integers(1, 10**7)


def charge(n: int, fen: int, unit_id: UUID = UNIT) -> Ticked:
    """Due on the nth day."""
    return Ticked(unit_id, Open(UUID(int=100 + n), ITEM, date(2026, 1, n), fen))


def paid(amount: int, *parts: NewPart, rounded: int = 0, unit_id: UUID = UNIT) -> NewPayment:
    return NewPayment(
        key="k", unit_id=unit_id, party_id=PARTY, means="cash", amount_fen=amount, parts=parts, rounded_fen=rounded
    )


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"), (1, "壹分"), (10, "壹角整"), (5, "伍分"), (101, "壹元零壹分"), (110, "壹元壹角整"),
        (140_950, "壹仟肆佰零玖元伍角整"), (600_714, "陆仟零柒元壹角肆分"), (168_032, "壹仟陆佰捌拾元叁角贰分"),
        (10_700_053, "壹拾万柒仟元伍角叁分"), (1_640_902, "壹万陆仟肆佰零玖元零贰分"), (32_504, "叁佰贰拾伍元零肆分"),
        (100_000_100, "壹佰万零壹元整"), (1_001_000_000, "壹仟零壹万元整"), (10_005_000_000, "壹亿零伍万元整"),
        (10**13, "壹仟亿元整"), (1_000_000_000_100, "壹佰亿零壹元整"), (2_010, "贰拾元壹角整"), (-250, "负贰元伍角整"),
    ],
)  # fmt: skip
def test_an_amount_is_written_in_capital_numerals(fen: int, words: str) -> None:
    assert capitals(fen) == words


@given(st.integers(0, 10**13))
def test_capital_numerals_say_one_amount_and_no_other(fen: int) -> None:
    text = capitals(fen)

    assert read(text) == fen
    assert "零零" not in text and not re.search("零[元万亿]", text.removeprefix("零元"))
    assert text.endswith("分") or text.endswith("整")


def read(text: str) -> int:
    """The amount that capital numerals say, worked out the other way round."""
    places = {"仟": 1000, "佰": 100, "拾": 10}
    total = group = digit = 0
    for character in text:
        if character in "零壹贰叁肆伍陆柒捌玖":
            digit = "零壹贰叁肆伍陆柒捌玖".index(character)
        elif character in places:
            group, digit = group + digit * places[character], 0
        elif character in ("万", "亿"):
            total, group, digit = total + (group + digit) * (10**4 if character == "万" else 10**8), 0, 0
        elif character == "元":
            total, group, digit = (total + group + digit) * 100, 0, 0
        elif character in "角分":
            total, digit = total + digit * (10 if character == "角" else 1), 0
    return total


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("", None),
        ("12", 1200),
        ("12.5", 1250),
        ("1,234.05", 123_405),
        ("￥8", 800),
        ("¥ 0.01", 1),
        ("１２．５０", 1250),
    ],
)
def test_yuan_are_read_as_people_type_them(text: str, fen: int | None) -> None:
    assert fen_of(text, "amount") == fen


@pytest.mark.parametrize("text", ["1.234", "-5", "abc", "1.2.3", "1e5", "12元", "999999999999"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        fen_of(text, "amount")


def test_a_part_of_what_is_ticked_goes_to_the_oldest_first() -> None:
    found = plan([charge(3, 1_000), charge(1, 500), charge(2, 700, OTHER)], Asked(900), 0)

    assert found.parts == (
        NewPart(UNIT, UUID(int=101), 500),
        NewPart(OTHER, UUID(int=102), 400),
    )
    assert (found.amount_fen, found.prepaid_fen, found.open_fen) == (900, 0, 1_300)


def test_without_an_amount_all_that_is_ticked_is_paid_and_the_rest_of_more_is_prepaid() -> None:
    whole = plan([charge(1, 500), charge(2, 700)], Asked(), 0)
    more = plan([charge(1, 500)], Asked(800, given_fen=1_000), 0)

    assert (whole.amount_fen, whole.prepaid_fen, whole.open_fen) == (1_200, 0, 0)
    assert (more.prepaid_fen, more.change_fen) == (300, 200)


def test_rounding_off_takes_the_fen_below_a_yuan_and_no_more_than_is_allowed() -> None:
    found = plan([charge(1, 12_345)], Asked(round_off=True), 99)
    by_amount = plan([charge(1, 12_345)], Asked(12_300, round_off=True), 99)

    assert found == by_amount
    assert (found.amount_fen, found.rounded_fen, found.open_fen) == (12_300, 45, 0)
    assert plan([charge(1, 12_300)], Asked(round_off=True), 99).rounded_fen == 0
    for asked, most in ((Asked(round_off=True), 40), (Asked(12_000, round_off=True), 99), (Asked(13_000, True), 99)):
        with pytest.raises(Invalid):
            plan([charge(1, 12_345)], asked, most)


@pytest.mark.parametrize("asked", [Asked(), Asked(0), Asked(10**14), Asked(500, given_fen=400)])
def test_nothing_and_less_than_the_amount_is_not_taken(asked: Asked) -> None:
    with pytest.raises(Invalid):
        plan([], asked, 0)


@given(st.lists(FEN, max_size=8), st.one_of(st.none(), FEN), st.integers(0, 99), st.booleans())
def test_what_is_spread_is_the_amount_to_the_fen(fen: list[int], amount: int | None, most: int, rounds: bool) -> None:
    """MO-6: parts, what is prepaid and what is rounded off come to what was ticked and paid."""
    charges = [charge(n % 28 + 1, each) for n, each in enumerate(fen)]
    try:
        found = plan(charges, Asked(amount, rounds), most)
    except Invalid:
        return
    settled = sum(part.amount_fen for part in found.parts)
    assert found.amount_fen + found.rounded_fen == settled + found.prepaid_fen
    assert settled + found.open_fen == sum(fen)
    new = paid(found.amount_fen, *found.parts, rounded=found.rounded_fen)
    posted = entries_of(new)
    assert sum(entry.amount_fen for entry in posted if isinstance(entry, Payment)) == found.amount_fen
    waived = [part.amount_fen for entry in posted if isinstance(entry, Waiver) for part in entry.parts]
    assert sum(waived) == found.rounded_fen


def test_each_unit_has_its_entry_and_what_is_left_is_prepaid_where_the_payer_stands() -> None:
    one, two = NewPart(UNIT, UUID(int=101), 500), NewPart(OTHER, UUID(int=102), 700)

    assert entries_of(paid(1_500, one, two)) == [
        Payment(UNIT, PARTY, "cash", 800, (Part(UUID(int=101), 500),)),
        Payment(OTHER, PARTY, "cash", 700, (Part(UUID(int=102), 700),)),
    ]
    assert entries_of(paid(1_150, one, two, rounded=50)) == [
        Payment(UNIT, PARTY, "cash", 500, (Part(UUID(int=101), 500),)),
        Payment(OTHER, PARTY, "cash", 650, (Part(UUID(int=102), 650),)),
        Waiver(OTHER, (Part(UUID(int=102), 50),)),
    ]
    assert entries_of(paid(90, unit_id=OTHER)) == [Payment(OTHER, PARTY, "cash", 90)]


@pytest.mark.parametrize(
    "new",
    [
        paid(400, NewPart(UNIT, UUID(int=101), 500)),
        paid(600, NewPart(UNIT, UUID(int=101), 500), rounded=50),
        paid(600, NewPart(UNIT, UUID(int=101), 300), NewPart(UNIT, UUID(int=101), 300)),
    ],
)
def test_parts_that_are_not_the_amount_are_refused(new: NewPayment) -> None:
    with pytest.raises(Invalid):
        entries_of(new)


def test_what_was_shown_holds_for_what_it_was_shown_for() -> None:
    form = Entered({"party_id": "p", "amount": "5", "means": "cash"}, ("a", "b"))
    shown = {**form.values, "shown": form.mark}

    assert Entered(shown, ("b", "a")).shown
    assert Entered({**shown, "remark": "x"}, ("a", "b")).shown
    for other in ({"amount": "6"}, {"party_id": "q"}, {"round_off": "true"}, {"means": "card"}, {"given": "9"}):
        assert not Entered({**shown, **other}, ("a", "b")).shown
    assert not Entered(shown, ("a",)).shown


@given(st.integers(1, 1_000), st.integers(0, 500), st.integers(1, 1_500), st.integers(1, 500))
def test_what_is_posted_beside_an_entry_is_measured_by_what_it_leaves(
    owed: int, had: int, amount: int, waived: int
) -> None:
    """MO-4: two entries of one receipt take no more together than there is."""
    charge_id = UUID(int=101)
    books = Books(UNIT, {charge_id: Owed(ITEM, PARTY, owed, owed)}, {PARTY: had})
    settled = min(owed, amount)
    paying = Payment(UNIT, PARTY, "cash", amount, (Part(charge_id, settled),))
    left = after(books, postings(paying, books))

    assert left.charges[charge_id] == Owed(ITEM, PARTY, owed, owed - settled)
    assert left.prepaid[PARTY] == had + amount - settled
    waiver = Waiver(UNIT, (Part(charge_id, waived),))
    if waived > owed - settled:
        with pytest.raises(Conflict):
            postings(waiver, left)
    else:
        assert after(left, postings(waiver, left)).charges[charge_id].charged_fen == owed - waived
    undone = after(left, reversal(postings(paying, books), left))
    assert (undone.charges, undone.prepaid[PARTY]) == (books.charges, had)
