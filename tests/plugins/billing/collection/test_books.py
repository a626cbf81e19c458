"""Receipt books: handed out by somebody else, every number accounted for, reconciled when they come back (BIL-3)."""

from __future__ import annotations

import asyncio
import random

import pytest

from core.sdk import Conflict, Forbidden, Invalid, LodgeError, NotFound, PreconditionFailed, new_id
from plugins.billing.collection import books
from plugins.billing.collection.model import NewReceiptBook, NumberMark, ReturnedBook
from tests.plugins.billing.collection.conftest import Round


async def test_a_book_is_handed_to_somebody_else_who_has_signed(rounds: Round) -> None:
    made = await rounds.hand_out("a0001", "A0020")

    assert (made.book.first, made.book.last, made.book.size, made.book.unused) == ("A0001", "A0020", 20, 20)
    assert (made.book.status, made.book.holder_id) == ("out", rounds.member("cashier"))
    assert [(run.first, run.last, run.state) for run in made.runs] == [("A0001", "A0020", "unused")]
    with pytest.raises(Forbidden):
        await rounds.hand_out("B0001", "B0002", holder="finance")
    platform = rounds.till.office.lodge.platform
    async with rounds.work("finance") as work:
        for new, field in (
            (NewReceiptBook("C1", "C9", rounds.member("cashier")), "signed"),
            (NewReceiptBook("C1", "C9", new_id(), signed=True), "holder_id"),
            (NewReceiptBook("号", "C9", rounds.member("cashier"), signed=True), "first"),
            (NewReceiptBook("C1", "D9", rounds.member("cashier"), signed=True), "last"),
            (NewReceiptBook("C9", "C1", rounds.member("cashier"), signed=True), "last"),
            (NewReceiptBook("C01", "C9", rounds.member("cashier"), signed=True), "last"),
            (NewReceiptBook("C001", "C201", rounds.member("cashier"), signed=True), "last"),
        ):
            with pytest.raises(Invalid) as refused:
                await books.hand_out(platform, work, rounds.site, new)
            assert [error.field for error in refused.value.fields] == [field]


async def test_numbers_of_books_never_overlap_at_a_site_whoever_is_first(rounds: Round) -> None:
    await rounds.hand_out("A0001", "A0020")
    for first, last in (("A0020", "A0030"), ("A0005", "A0006"), ("A00001", "A00001")):
        with pytest.raises(Conflict):
            await rounds.hand_out(first, last)
    await rounds.hand_out("A0021", "A0030")
    await rounds.hand_out("B0001", "B0020")

    both = await asyncio.gather(
        rounds.hand_out("C01", "C50"), rounds.hand_out("C50", "C60", role="manager"), return_exceptions=True
    )

    assert sorted(type(each).__name__ for each in both) == ["Conflict", "ReceiptBookDetail"]


@pytest.mark.parametrize(
    ("state", "shown", "may"),
    [
        # what a number is, how it is shown, and whether it may be entered, or reported spoiled or lost
        ("unused", "unused", True),
        ("used", "used", False),
        ("spoiled", "spoiled", False),
        ("lost", "lost", False),
        ("void", "spoiled", False),  # its receipt was voided: the slip is spoiled
        ("returned", "unused", False),
    ],
)
@pytest.mark.parametrize("act", ["used", "spoiled", "lost"])
async def test_what_may_become_of_a_number(rounds: Round, state: str, shown: str, may: bool, act: str) -> None:
    book = await rounds.hand_out("A0001", "A0009")
    home = await rounds.till.home(90_000)
    if state in ("used", "void"):
        taken = await rounds.collect((await rounds.agree(home)).id, rounds.collection())
        if state == "void":
            await rounds.till.void(taken.id)
    elif state in ("spoiled", "lost"):
        await rounds.mark(book.id, state, "A0001")
    elif state == "returned":
        await rounds.take_back(book.id, 9)
    before = (await rounds.book(book.id)).runs[0].state

    visit = await rounds.agree(home)
    try:
        if act == "used":
            await rounds.collect(visit.id, rounds.collection(fen=500))
        else:
            await rounds.mark(book.id, act, "A0001")
    except Conflict:
        done = False
    else:
        done = True

    assert (before, done) == (shown, may)
    assert (await rounds.book(book.id)).runs[0].state == (act if may else shown)


async def test_a_lost_range_is_reported_at_once_or_not_at_all(rounds: Round) -> None:
    book = await rounds.hand_out("A0001", "A0020")
    await rounds.mark(book.id, "spoiled", "A0005")

    with pytest.raises(Conflict):
        await rounds.mark(book.id, "lost", "A0004", "A0006")
    with pytest.raises(Invalid):
        await rounds.mark(book.id, "lost", "A0019", "A0021")
    with pytest.raises(Invalid):
        await rounds.mark(book.id, "lost", "B0004")
    async with rounds.work() as work:
        with pytest.raises(Invalid):
            await books.mark(work, rounds.site, book.id, NumberMark("lost", "A0004", " "))
    marked = await rounds.mark(book.id, "lost", "A0006", "A0008")

    assert (marked.book.spoiled, marked.book.lost, marked.book.unused) == (1, 3, 16)
    assert [(run.first, run.state, run.skipped, run.reason) for run in marked.runs][:2] == [
        ("A0001", "unused", True, ""),
        ("A0005", "spoiled", False, "受潮"),
    ]


async def test_a_book_comes_back_only_with_every_number_accounted_for_and_the_ledger_even(rounds: Round) -> None:
    book = await rounds.hand_out("A0001", "A0005")
    home = await rounds.till.home(3_000)
    for number, fen in (("A0001", 1_000), ("A0002", 1_500)):
        await rounds.collect((await rounds.agree(home)).id, rounds.collection(number, fen))
    await rounds.mark(book.id, "spoiled", "A0003")

    with pytest.raises(Invalid) as counted:
        await rounds.take_back(book.id, 1)
    with pytest.raises(Forbidden):
        await rounds.take_back(book.id, 2, role="cashier")
    with pytest.raises(PreconditionFailed):
        await rounds.take_back(book.id, 2, version=7)
    back = await rounds.take_back(book.id, 2)
    with pytest.raises(Conflict):
        await rounds.take_back(book.id, 2, version=2)

    assert counted.value.fields[0].params == {"n": 2}
    assert (back.book.status, back.book.used_fen, back.ledger_fen) == ("returned", 2_500, 2_500)
    [[*stored]] = await rounds.till.office.rows(
        "SELECT used, spoiled, lost, unused, amount_fen FROM billing_book WHERE company_id = $1"
    )
    assert stored == [2, 1, 0, 2, 2_500]


async def test_an_entry_that_was_undone_without_its_receipt_keeps_the_book_out(rounds: Round) -> None:
    book = await rounds.hand_out("A0001", "A0002")
    home = await rounds.till.home(3_000)
    taken = await rounds.collect((await rounds.agree(home)).id, rounds.collection(fen=1_000))
    await rounds.till.office.reverse(taken.lines[0].entry_id)

    shown = await rounds.book(book.id)
    with pytest.raises(Conflict) as refused:
        await rounds.take_back(book.id, 1)

    assert (shown.book.used_fen, shown.ledger_fen) == (1_000, 0)
    assert refused.value.params == {"receipts": "10.00", "ledger": "0.00"}


async def test_voiding_the_receipt_leaves_its_number_spoiled_and_the_book_even(rounds: Round) -> None:
    book = await rounds.hand_out("A0001", "A0002")
    home = await rounds.till.home(1_000)
    taken = await rounds.collect((await rounds.agree(home)).id, rounds.collection(fen=1_000))
    await rounds.till.void(taken.id, "金额有误")

    shown = await rounds.book(book.id)
    again = await rounds.collect((await rounds.agree(home)).id, rounds.collection("A0002", 1_000))
    back = await rounds.take_back(book.id, 0)

    assert [(run.state, run.reason, run.receipt_id) for run in shown.runs][:1] == [("spoiled", "金额有误", taken.id)]
    assert (shown.book.used_fen, shown.ledger_fen) == (0, 0)
    assert again.receipt.paper_number == "A0002"
    assert (back.book.used, back.book.spoiled, back.book.used_fen) == (1, 1, 1_000)


async def test_a_book_of_another_site_is_not_there(rounds: Round) -> None:
    book = await rounds.hand_out()
    other = rounds.till.office.house.sites[1]
    async with rounds.work("manager") as work:
        for attempt in (
            books.get(work, other, book.id),
            books.mark(work, other, book.id, NumberMark("lost", "A0001", "丢失")),
            books.take_back(work, other, book.id, ReturnedBook(20), 1),
        ):
            with pytest.raises(NotFound):
                await attempt
        assert (await books.listed(work, other)).items == []
        [mine] = (await books.listed(work, rounds.site)).items
    assert mine.id == book.id


async def test_whatever_is_done_each_number_is_in_one_state_and_the_sums_are_the_ledgers(rounds: Round) -> None:
    """A random walk beside a model: used, spoiled, lost and unused are the range; receipts and ledger agree."""
    chance = random.Random(20261123)
    size, home = 12, await rounds.till.home(1_000_000)
    book = await rounds.hand_out("A0001", f"A{size:04}")
    model: dict[int, str] = dict.fromkeys(range(1, size + 1), "unused")
    paid: dict[int, tuple[object, int]] = {}
    for _ in range(40):
        number, act = chance.randint(1, size), chance.choice(["used", "used", "spoiled", "lost", "void"])
        try:
            if act == "used":
                fen = chance.randint(1, 5_000)
                visit = await rounds.agree(home)
                taken = await rounds.collect(visit.id, rounds.collection(f"A{number:04}", fen))
                paid[number] = taken.id, fen
            elif act == "void":
                if number not in paid:
                    continue
                await rounds.till.void(paid[number][0])  # type: ignore[arg-type]
            else:
                await rounds.mark(book.id, act, f"A{number:04}")
        except LodgeError:
            assert model[number] != "unused" and not (act == "void" and model[number] == "used")
        else:
            assert (model[number], act) in {
                ("unused", "used"), ("unused", "spoiled"), ("unused", "lost"), ("used", "void"),
                ("spoiled", "void"),  # the same receipt again, for the same reason
            }  # fmt: skip
            model[number] = "spoiled" if act == "void" else act
    found = await rounds.book(book.id)
    states = {
        n: run.state for run in found.runs for n in range(int(run.first[1:]), int(run.first[1:]) + run.count)
    }  # fmt: skip

    assert states == model
    fen = sum(fen for number, (_, fen) in paid.items() if model[number] == "used")
    assert (found.book.used_fen, found.ledger_fen) == (fen, fen)
    back = await rounds.take_back(book.id, found.book.unused)
    assert back.book.used + back.book.spoiled + back.book.lost + back.book.unused == size
