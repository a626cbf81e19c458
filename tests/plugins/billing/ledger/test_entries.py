"""Postings of whatever happens: they cancel out, and leave less than nothing nowhere (MO-1, MO-5, MO-6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sdk import Conflict, Invalid, NotFound
from plugins.billing.ledger.entries import (
    Adjustment,
    Allocation,
    Books,
    Charge,
    Deposit,
    DepositReturn,
    Entry,
    Open,
    Owed,
    Part,
    Payment,
    Posting,
    Refund,
    Waiver,
    issued,
    oldest_first,
    postings,
    reversal,
)

UNIT, PARTY, ITEM, OTHER = (UUID(int=n) for n in range(1, 5))
CHARGES = [UUID(int=n) for n in range(100, 104)]
fen = st.integers(1, 5_000)
books = st.builds(
    lambda sums, prepaid, held: Books(
        UNIT,
        {id: Owed(ITEM, PARTY, open_ + paid, open_) for id, (open_, paid) in zip(CHARGES, sums, strict=True)},
        {PARTY: prepaid},
        {(PARTY, None): held},
    ),
    st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 5_000)), min_size=4, max_size=4),
    st.integers(0, 5_000),
    st.integers(0, 5_000),
)
parts = st.lists(st.builds(Part, st.sampled_from(CHARGES), fen), min_size=1, max_size=3).map(tuple)
entries: st.SearchStrategy[Entry] = st.one_of(
    st.builds(Payment, st.just(UNIT), st.just(PARTY), st.just("cash"), fen, parts | st.just(())),
    st.builds(Allocation, st.just(UNIT), st.just(PARTY), parts),
    st.builds(Deposit, st.just(UNIT), st.just(PARTY), st.just("qr"), fen),
    st.builds(DepositReturn, st.just(UNIT), st.just(PARTY), st.just("cash"), fen),
    st.builds(Refund, st.just(UNIT), st.just(PARTY), st.just("transfer"), fen),
    st.builds(Waiver, st.just(UNIT), parts),
    st.builds(Adjustment, st.just(UNIT), st.sampled_from(CHARGES), st.integers(-5_000, 5_000)),
)
opens = st.lists(
    st.builds(
        lambda n, item, days, open_: Open(UUID(int=n), item, date(2026, 1, 1) + timedelta(days), open_),
        st.integers(0, 10_000), st.sampled_from([ITEM, OTHER]), st.integers(0, 400), st.integers(0, 5_000),
    ), unique_by=lambda charge: charge.charge_id, max_size=12,
)  # fmt: skip


def after(books: Books, lines: Sequence[Posting]) -> Books:
    """The account behind these postings, reckoned line by line."""
    charges, prepaid, deposits = dict(books.charges), dict(books.prepaid), dict(books.deposits)
    for line in lines:
        if line.account in ("receivable", "income"):
            assert line.charge_id is not None
            o = charges[line.charge_id]
            owed, charged = (line.amount_fen, 0) if line.account == "receivable" else (0, -line.amount_fen)
            charges[line.charge_id] = Owed(o.item_id, o.party_id, o.charged_fen + charged, o.open_fen + owed)
        elif line.account == "prepayment":
            prepaid[PARTY] = prepaid.get(PARTY, 0) - line.amount_fen
        elif line.account == "deposit":
            deposits[PARTY, line.item_id] = deposits.get((PARTY, line.item_id), 0) - line.amount_fen
    return Books(books.unit_id, charges, prepaid, deposits)


@given(entries, books)
def test_mo_1_postings_cancel_out_or_nothing_is_posted(entry: Entry, before: Books) -> None:
    try:
        lines = postings(entry, before)
    except (Conflict, Invalid):
        return
    behind = after(before, lines)

    assert lines and sum(line.amount_fen for line in lines) == 0
    assert all(line.amount_fen and line.unit_id == UNIT for line in lines)
    assert all(owed.open_fen >= 0 and owed.charged_fen >= 0 for owed in behind.charges.values())
    assert min(*behind.prepaid.values(), *behind.deposits.values()) >= 0


@given(entries, books)
def test_mo_1_an_entry_undone_leaves_the_account_as_it_was(entry: Entry, before: Books) -> None:
    try:
        lines = postings(entry, before)
    except (Conflict, Invalid):
        return
    behind = after(before, lines)
    mirror = reversal(lines, behind)

    assert [line.amount_fen for line in mirror] == [-line.amount_fen for line in lines]
    assert after(behind, mirror) == before


@given(st.integers(0, 20_000), opens, st.permutations([ITEM, OTHER]))
def test_mo_6_an_amount_spread_over_charges_is_no_more_and_no_less(
    amount: int, charges: list[Open], first: list[UUID]
) -> None:
    spread = oldest_first(amount, charges, first)
    by_id = {charge.charge_id: charge for charge in charges}

    assert sum(part.amount_fen for part in spread) == min(amount, sum(charge.open_fen for charge in charges))
    assert all(0 < part.amount_fen <= by_id[part.charge_id].open_fen for part in spread)
    assert all(part.amount_fen == by_id[part.charge_id].open_fen for part in spread[:-1])
    order = [(first.index(by_id[part.charge_id].item_id), by_id[part.charge_id].day) for part in spread]
    assert order == sorted(order)


BOOKS = Books(UNIT, {CHARGES[0]: Owed(ITEM, PARTY, 1_000, 400)}, {PARTY: 300}, {(PARTY, ITEM): 500})


def test_mo_1_a_payment_settles_what_it_says_and_the_rest_is_prepaid() -> None:
    lines = postings(Payment(UNIT, OTHER, "qr", 700, (Part(CHARGES[0], 400),)), BOOKS)

    assert [(line.account, line.amount_fen, line.party_id) for line in lines] == [
        ("clearing", 700, OTHER),
        ("receivable", -400, PARTY),
        ("prepayment", -300, OTHER),
    ]


def test_bil_7_what_was_charged_too_much_comes_off_what_is_open_and_the_rest_is_prepaid() -> None:
    lines = postings(Adjustment(UNIT, CHARGES[0], -650), BOOKS)

    assert {line.account: line.amount_fen for line in lines} == {"receivable": -400, "prepayment": -250, "income": 650}


@pytest.mark.parametrize(
    ("entry", "refused"),
    [
        (Payment(UNIT, PARTY, "cash", 500, (Part(CHARGES[0], 401),)), Conflict),
        (Payment(UNIT, PARTY, "cash", 100, (Part(CHARGES[0], 101),)), Invalid),
        (Payment(UNIT, PARTY, "cash", 400, (Part(CHARGES[0], 200), Part(CHARGES[0], 200))), Invalid),
        (Payment(UNIT, PARTY, "cash", 400, (Part(CHARGES[0], -200),)), Invalid),
        (Payment(UNIT, PARTY, "cash", 400, (Part(CHARGES[1], 200),)), NotFound),
        (Payment(UNIT, PARTY, "barter", 400), Invalid),  # type: ignore[arg-type]
        (Payment(UNIT, PARTY, "cash", 0), Invalid),
        (Payment(UNIT, PARTY, "cash", 10**20), Invalid),
        (Allocation(UNIT, PARTY, (Part(CHARGES[0], 301),)), Conflict),
        (Allocation(UNIT, OTHER, (Part(CHARGES[0], 1),)), Conflict),
        (Allocation(UNIT, PARTY, ()), Invalid),
        (Refund(UNIT, PARTY, "cash", 301), Conflict),
        (Refund(UNIT, OTHER, "cash", 1), Conflict),
        (DepositReturn(UNIT, PARTY, "cash", 501, ITEM), Conflict),
        (DepositReturn(UNIT, PARTY, "cash", 1), Conflict),
        (Waiver(UNIT, (Part(CHARGES[0], 401),)), Conflict),
        (Adjustment(UNIT, CHARGES[0], -1_001), Conflict),
        (Adjustment(UNIT, CHARGES[0], 0), Invalid),
        (Adjustment(UNIT, CHARGES[1], 5), NotFound),
    ],
)
def test_mo_5_more_than_is_there_is_refused(entry: Entry, refused: type[Exception]) -> None:
    with pytest.raises(refused):
        postings(entry, BOOKS)


def test_mo_1_a_charge_that_was_paid_is_undone_after_its_payment() -> None:
    charge = issued(Charge(UNIT, PARTY, ITEM, CHARGES[0], 1_000))

    with pytest.raises(Conflict):
        reversal(charge, BOOKS)
