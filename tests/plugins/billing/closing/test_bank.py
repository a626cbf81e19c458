"""The bank's statement beside the ledger: kept once, found or accepted once, and signed for by month (BIL-4)."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from core.sdk import Conflict, Invalid, NotFound, PreconditionFailed, new_id
from plugins.billing.closing.bank import months, service
from plugins.billing.closing.bank.model import BankDetail, BankLine, MonthDetail, Settle, Sign, Signed
from plugins.billing.counter import repository as counter_repository
from plugins.billing.counter import service as counter
from plugins.billing.ledger import service as ledger
from tests.plugins.billing.closing.conftest import Till, lives
from tests.support.lodge import SettableClock

HEAD = "交易日期,流水号,收入,支出,对方户名,摘要"
NOVEMBER = date(2026, 11, 1)


def csv(*rows: str) -> str:
    return "\n".join((HEAD, *rows, ""))


async def lines(till: Till, state: Any = None) -> list[BankLine]:
    async with till.office.lodge.work(till.office.house, "finance", read_only=True) as work:
        return (await service.listed(work, till.office.site, state)).items


async def detail(till: Till, line: BankLine, text: str = "") -> BankDetail:
    async with till.office.lodge.work(till.office.house, "finance", read_only=True) as work:
        return await service.detail(work, till.office.site, line.id, text)


async def settle(till: Till, line: BankLine, what: Settle) -> BankLine:
    async with till.office.lodge.work(till.office.house, "finance") as work:
        return await service.settle(work, till.office.site, line.id, line.version, what)


async def take_back(till: Till, line: BankLine) -> BankLine:
    async with till.office.lodge.work(till.office.house, "finance") as work:
        return await service.take_back(work, till.office.site, line.id, line.version)


async def month(till: Till, first: date = NOVEMBER) -> MonthDetail:
    async with till.office.lodge.work(till.office.house, "finance", read_only=True) as work:
        return await months.get(work, till.office.site, first)


async def sign(till: Till, note: str = "", month: date = NOVEMBER) -> Signed:
    async with till.office.lodge.work(till.office.house, "finance") as work:
        return await months.sign(work, till.office.site, Sign(month, note))


async def test_every_line_is_kept_once_however_often_it_is_uploaded(till: Till) -> None:
    """BIL-4"""
    first = await till.take_in(
        csv("2026-11-20,A1,5,,王芳,房租", "2026-11-20,A1,5,,王芳,房租", "2026-11-21,A2,,3,银行,手续费")
    )
    again = await till.take_in(
        csv("2026-11-20,A1,5,,王芳,房租", "2026-11-22,A3,7,,,", "2026-11-20,A2,9,,,", "x,A4,1,,,")
    )
    other = await till.take_in(csv("2026-11-20,A1,5,,王芳,房租"), account="建行 99")

    assert (first.new, first.known, first.mistakes) == (2, 1, [])
    assert (again.new, again.known, [m.row for m in again.mistakes]) == (1, 2, [4, 5])
    assert other.new == 1
    assert sorted(line.amount_fen for line in await lines(till)) == [-300, 500, 500, 700]


async def test_the_same_file_at_once_is_kept_once(till: Till) -> None:
    text = csv(*(f"2026-11-20,S{n},{n},,," for n in range(1, 21)))
    found = await asyncio.gather(*(till.take_in(text) for _ in range(4)))

    assert sum(taken.new for taken in found) == 20
    assert len(await lines(till)) == 20


async def test_lines_are_found_in_the_ledger_each_entry_once(till: Till) -> None:
    entry = await till.pay(34_250, "transfer")
    await till.pay(34_250, "cash")
    taken = await till.take_in(csv("2026-11-21,A1,342.50,,王芳,", "2026-11-22,A2,342.50,,王芳,", "2026-11-10,A3,1,,,"))

    assert taken.reconciled == 1
    reconciled = await lines(till, "reconciled")
    assert [(line.serial, line.entry_id) for line in reconciled] == [("A2", entry)]


async def test_an_accepted_line_is_a_payment_of_the_oldest_charges_and_the_rest_is_prepaid(
    till: Till, clock: SettableClock
) -> None:
    """BIL-4, MO-3"""
    office = till.office
    old = office.charge(*till.whose, 1_000)
    await office.issue(old)
    clock.advance(days=1)
    new = office.charge(*till.whose, 700)
    await office.issue(new)
    await till.take_in(csv("2026-11-20,A1,20,,王芳,1幢1单元302物业费"))
    [line] = await lines(till)
    proposal = (await detail(till, line)).proposals[0]
    assert (proposal.unit_id, proposal.party_id, proposal.why) == (*till.whose, "unit_and_payer")

    what = Settle(proposal.unit_id, proposal.party_id)
    found = await asyncio.gather(*(settle(till, line, what) for _ in range(5)), return_exceptions=True)
    books = await office.books(till.unit_id, [old.charge_id, new.charge_id])

    assert sum(isinstance(each, BankLine) for each in found) == 1
    assert [books.charges[c.charge_id].open_fen for c in (old, new)] == [0, 0]
    assert books.prepaid == {till.party_id: 300}
    [settled] = await lines(till)
    assert (settled.status, settled.version) == ("reconciled", 2)
    rows = await office.rows("SELECT key, kind FROM billing_entry WHERE company_id = $1 AND id = $2", settled.entry_id)
    assert rows == [(f"post bank {line.id} 1", "payment")]
    [receipt] = await office.rows("SELECT means, amount_fen, reference FROM billing_receipt WHERE company_id = $1")
    assert receipt == ("transfer", 2_000, "A1")


async def test_what_was_accepted_is_in_no_shift(till: Till) -> None:
    shift = await till.open("finance")
    await till.take_in(csv("2026-11-20,A1,20,,,"))
    [line] = await lines(till)
    await settle(till, line, Settle(*till.whose))
    assert (await till.close(shift, "finance")).counts[2].ledger_fen == 0


async def test_a_line_is_an_entry_that_moved_its_amount_and_no_other(till: Till) -> None:
    far = await till.pay(900, "transfer")
    await till.take_in(csv("2026-11-02,A1,9,,,", "2026-11-02,A2,9,,,", "2026-11-02,A3,8,,,"))
    one, two, three = sorted(await lines(till), key=lambda line: line.serial)
    assert [each.entry_id for each in (await detail(till, one)).transfers] == [far]

    assert (await settle(till, one, Settle(entry_id=far))).status == "reconciled"
    with pytest.raises(Conflict):
        await settle(till, two, Settle(entry_id=far))
    for wrong in (far, new_id(), await till.pay(800, "cash")):
        with pytest.raises(NotFound):
            await settle(till, three, Settle(entry_id=wrong))


async def test_what_is_neither_is_set_aside_with_a_note_and_can_be_taken_back(till: Till) -> None:
    await till.take_in(csv("2026-11-20,A1,,15,工商银行,手续费"))
    [line] = await lines(till)
    for nothing in (Settle(), Settle(note="  "), Settle(till.unit_id), Settle(*till.whose, note="两样")):
        with pytest.raises(Invalid):
            await settle(till, line, nothing)
    with pytest.raises(Conflict):
        await settle(till, line, Settle(*till.whose))  # money that went
    aside = await settle(till, line, Settle(note="手续费"))
    with pytest.raises(PreconditionFailed):
        await settle(till, line, Settle(note="手续费"))
    with pytest.raises(Conflict):
        await settle(till, aside, Settle(note="手续费"))
    opened = await take_back(till, aside)

    assert (aside.status, opened.status, opened.note) == ("set_aside", "open", "")
    with pytest.raises(Conflict):
        await take_back(till, opened)


async def test_a_line_that_was_accepted_for_the_wrong_household_is_accepted_anew(till: Till) -> None:
    office = till.office
    other, party = await office.unit("501"), await office.party("李雷")
    await lives(office, other, party)
    await till.take_in(csv("2026-11-20,A1,20,,,"))
    [line] = await lines(till)
    wrong = await settle(till, line, Settle(*till.whose))
    assert wrong.entry_id is not None
    await office.reverse(wrong.entry_id)
    [again] = await lines(till, "open")
    right = await settle(till, again, Settle(other, party))

    assert right.entry_id not in (None, wrong.entry_id)
    assert (await office.books(till.unit_id)).prepaid == {till.party_id: 0}
    assert (await office.books(other)).prepaid == {party: 2_000}


async def test_nobody_pays_for_a_unit_that_they_have_nothing_to_do_with(till: Till) -> None:
    await till.take_in(csv("2026-11-20,A1,20,,,"))
    [line] = await lines(till)
    stranger = await till.office.party("路人")
    for unit_id, party_id in ((till.unit_id, stranger), (new_id(), till.party_id), (till.unit_id, new_id())):
        with pytest.raises(NotFound):
            await settle(till, line, Settle(unit_id, party_id))


async def test_a_household_is_found_by_searching_for_its_unit(till: Till) -> None:
    await till.take_in(csv("2026-11-20,A1,20,,某公司,货款"))
    [line] = await lines(till)

    assert (await detail(till, line)).proposals == []
    assert [each.unit_id for each in (await detail(till, line, "302")).proposals] == [till.unit_id]


async def test_a_month_says_what_is_open_on_both_sides_and_is_signed_once(till: Till, clock: SettableClock) -> None:
    """BIL-4"""
    office = till.office
    await till.pay(34_250, "transfer")
    await till.pay(500, "transfer")
    undone = await till.pay(900, "transfer")
    await office.reverse(undone)
    await till.take_in(
        csv("2026-11-21,A1,342.50,,,", "2026-11-22,A2,7,,,", "2026-11-23,A3,,1,银行,手续费", "2026-12-01,A4,2,,,")
    )
    fee = next(line for line in await lines(till) if line.serial == "A3")
    await settle(till, fee, Settle(note="手续费"))
    with pytest.raises(Conflict):
        await sign(till, "早")
    clock.advance(days=10)
    seen = await month(till)

    now = seen.now
    assert (now.bank_fen, now.set_aside_fen, now.ledger_fen, now.difference_fen) == (34_950, -100, 34_750, 200)
    assert (now.open_lines, now.open_entries) == (1, 1)
    assert [line.serial for line in seen.lines] == ["A2"]
    assert [each.amount_fen for each in seen.entries] == [500]
    with pytest.raises(Invalid):
        await sign(till)
    found = await asyncio.gather(*(sign(till, "未达账项") for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(each, Signed) for each in found) == 1
    signed = (await month(till)).signed
    assert signed is not None and (signed.difference_fen, signed.open_lines) == (200, 1)


async def test_a_line_of_another_site_is_not_there(till: Till) -> None:
    await till.take_in(csv("2026-11-20,A1,20,,,"))
    [line] = await lines(till)
    async with till.office.lodge.work(till.office.house, "finance") as work:
        with pytest.raises(NotFound):
            await service.detail(work, till.office.house.sites[1], line.id)


async def test_lines_of_two_banks_with_one_serial_number_are_two_payments(till: Till) -> None:
    for account in ("工行 1234", "建行 99"):
        await till.take_in(csv("2026-11-20,A1,20,,,"), account=account)
    for line in await lines(till):
        await settle(till, line, Settle(*till.whose))

    assert (await till.office.books(till.unit_id)).prepaid == {till.party_id: 4_000}


async def reverse(till: Till, entry_id: UUID) -> None:
    async with till.office.lodge.work(till.office.house, "finance") as work:
        await ledger.reverse(work, till.office.site, entry_id, "录错了")


async def void(till: Till, entry_id: UUID) -> None:
    """The receipt that was given with the entry."""
    office = till.office
    async with office.lodge.work(office.house, "finance") as work:
        found = await counter_repository.of_entry(work.uow, office.site.id, entry_id)
        assert found is not None
        await counter.void(work, office.site, found.receipt.id, "付错户", found.receipt.version)


async def test_a_line_is_open_again_once_the_receipt_that_it_was_is_void(till: Till) -> None:
    """BIL-4: no line stays reconciled with an entry that is undone."""
    await till.take_in(csv("2026-11-20,A1,20,,王芳,1幢1单元302物业费"))
    [line] = await lines(till)
    accepted = await settle(till, line, Settle(*till.whose))
    assert accepted.entry_id is not None

    await void(till, accepted.entry_id)

    [open_] = await lines(till, "open")
    assert (open_.entry_id, open_.settled_at, open_.reopened) == (None, None, "undone")
    assert open_.reopened_at is not None and open_.version > accepted.version
    again = await settle(till, open_, Settle(*till.whose))  # as another entry, with a receipt of its own
    assert again.entry_id not in (None, accepted.entry_id)
    assert (again.status, again.reopened, again.reopened_at) == ("reconciled", "", None)


async def test_a_line_is_open_again_once_its_entry_is_undone_and_is_not_said_to_be_that_entry_any_more(
    till: Till,
) -> None:
    entry = await till.pay(34_250, "transfer")
    await till.take_in(csv("2026-11-22,A1,342.50,,王芳,"))
    await till.take_in(csv("2026-11-22,A2,342.50,,李雷,"))
    await reverse(till, entry)

    assert {line.serial for line in await lines(till, "open")} == {"A1", "A2"}
    for line in await lines(till, "open"):
        with pytest.raises(NotFound):
            await settle(till, line, Settle(entry_id=entry))
    async with till.office.lodge.work(till.office.house, "finance") as work:
        assert (await service.match(work, till.office.site)).reconciled == 0


async def test_undoing_an_entry_and_saying_that_a_line_is_it_at_once_leaves_no_line_with_what_is_undone(
    till: Till,
) -> None:
    entries = [await till.pay(1_000 + n, "transfer") for n in range(6)]
    await till.take_in(csv(*(f"2026-10-02,A{n},{(1_000 + n) / 100},,王芳," for n in range(6))))
    by_amount = {line.amount_fen: line for line in await lines(till, "open")}
    assert len(by_amount) == 6  # too long ago to be found by themselves

    both = [
        each
        for n, entry in enumerate(entries)
        for each in (settle(till, by_amount[1_000 + n], Settle(entry_id=entry)), reverse(till, entry))
    ]
    await asyncio.gather(*both, return_exceptions=True)

    assert await lines(till, "reconciled") == []


async def test_what_is_undone_after_its_month_was_signed_is_open_in_the_month_in_which_it_is_undone(
    till: Till, clock: SettableClock
) -> None:
    """BIL-4"""
    entry = await till.pay(2_000, "transfer")
    await till.take_in(csv("2026-11-22,A1,20,,王芳,"))
    clock.advance(days=10)
    await sign(till)
    clock.advance(seconds=1)
    await reverse(till, entry)

    november, december = await month(till), await month(till, date(2026, 12, 1))
    assert (november.signed is not None, [line.serial for line in november.lines]) == (True, ["A1"])
    assert (december.now.carried_lines, [line.serial for line in december.carried]) == (1, ["A1"])
    assert december.now.difference_fen == 2_000  # the ledger took it back in December

    clock.advance(days=31)
    with pytest.raises(Invalid):
        await sign(till, month=date(2026, 12, 1))
    assert (await sign(till, "付错户，待退回", date(2026, 12, 1))).open_lines == 1
    january = await month(till, date(2027, 1, 1))
    assert january.now.carried_lines == 1  # until it is settled
    await settle(till, january.carried[0], Settle(note="退回原账户"))
    assert (await month(till, date(2027, 1, 1))).carried == []


async def test_what_was_taken_back_says_so(till: Till) -> None:
    await till.take_in(csv("2026-11-20,A1,20,,王芳,"))
    [line] = await lines(till)
    back = await take_back(till, await settle(till, line, Settle(note="利息")))
    assert (back.status, back.reopened) == ("open", "taken_back")
