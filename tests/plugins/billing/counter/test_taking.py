"""Money at the counter: taken once, from whoever may bring it, with a receipt whose number follows the last (BIL-3)."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest

from core.sdk import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed, new_id
from plugins.billing.counter.model import NewPart, NewPayment, ReceiptDetail
from plugins.billing.ledger import service as ledger
from plugins.billing.ledger.entries import Part, Payment, Refund
from plugins.billing.policies import COUNTER
from tests.plugins.billing.counter.conftest import Till
from tests.support.lodge import SettableClock
from tests.support.statements import recording

replace = msgspec.structs.replace


async def outcomes(*taken: Any) -> tuple[list[ReceiptDetail], list[BaseException]]:
    """What came of taking at once: receipts, and refusals."""
    found = await asyncio.gather(*taken, return_exceptions=True)
    return [f for f in found if isinstance(f, ReceiptDetail)], [f for f in found if isinstance(f, BaseException)]


async def test_bil_3_every_payment_has_a_receipt_that_says_who_paid_what_for_what(till: Till) -> None:
    home = await till.home(34_250, 5_000, room="1802")
    new = till.payment(
        home, agent_name="李雷", agent_relation="儿子", given_fen=40_000, remark="前台", amount_fen=39_500
    )
    taken = await till.take(new)
    receipt = taken.receipt

    assert (receipt.number, receipt.status, receipt.payer_name) == ("SJ-2026-000001", "valid", "王芳")
    assert (receipt.agent_name, receipt.agent_relation, receipt.remark) == ("李雷", "儿子", "前台")
    assert (receipt.amount_fen, receipt.given_fen, receipt.change_fen) == (39_500, 40_000, 500)
    assert [(line.kind, line.unit, line.item, line.amount_fen) for line in taken.lines] == [
        ("charge", "1幢1单元1802", "物业费", 34_250),
        ("charge", "1幢1单元1802", "物业费", 5_000),
        ("prepayment", "1幢1单元1802", "", 250),
    ]
    assert await till.open_of(home) == [0, 0]
    assert (await till.books(home)).prepaid == {home.party_id: 250}
    assert await till.get(receipt.id) == taken


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"identified": False}, "identified"),
        ({"agent_name": "李雷"}, "agent_relation"),
        ({"agent_relation": "儿子"}, "agent_name"),
        ({"given_fen": 500}, "given_fen"),
        ({"means": "card", "given_fen": 2_000}, "given_fen"),
        ({"amount_fen": 900}, "parts"),
    ],
)
async def test_bil_3_nothing_is_taken_before_it_is_known_who_pays(
    till: Till, change: dict[str, Any], field: str
) -> None:
    home = await till.home(1_000)

    with pytest.raises(Invalid) as refused:
        await till.take(till.payment(home, **change))
    assert [error.field for error in refused.value.fields] == [field]
    assert await till.count("receipts") == 0


async def test_several_units_of_one_payer_are_paid_with_one_receipt(till: Till) -> None:
    home = await till.home(1_000, room="301")
    garage = await till.home(700, room="B01", party_id=home.party_id)
    taken = await till.take(till.payment(home, amount_fen=1_500, parts=(*home.parts(), *part_of(garage, 500))))

    assert [(line.unit, line.amount_fen) for line in taken.lines] == [("1幢1单元301", 1_000), ("1幢1单元B01", 500)]
    assert (await till.open_of(home), await till.open_of(garage)) == ([0], [200])
    assert len({line.entry_id for line in taken.lines}) == 2


def part_of(home: Any, fen: int) -> tuple[NewPart, ...]:
    return (NewPart(home.unit_id, home.charges[0].charge_id, fen),)


async def test_who_has_nothing_to_do_with_a_unit_does_not_pay_there(till: Till) -> None:
    home, other = await till.home(1_000), await till.home(700)
    elsewhere = await till.office.unit(site=till.office.house.sites[1])
    stranger = await till.office.party("路人")
    for new in (
        till.payment(home, amount_fen=1_700, parts=(*home.parts(), *other.parts())),
        till.payment(home, party_id=stranger),
        till.payment(home, party_id=new_id()),
        till.payment(home, 100, unit_id=elsewhere),
        till.payment(home, 100, unit_id=new_id()),
        till.payment(home, parts=part_of(other, 1_000)),
    ):
        with pytest.raises((NotFound, Conflict)):
            await till.take(new)

    assert (await till.count("receipts"), await till.count("payments")) == (0, 0)
    assert (await till.open_of(home), await till.open_of(other)) == ([1_000], [700])


async def test_an_owner_who_has_sold_still_pays_what_they_owe(till: Till) -> None:
    unit_id, former = await till.office.unit(), await till.office.party("旧业主")
    charge = till.office.charge(unit_id, former, 900)
    await till.office.issue(charge)
    part = NewPart(unit_id, charge.charge_id, 900)
    new = NewPayment(
        key="k", unit_id=unit_id, party_id=former, means="qr", amount_fen=900, parts=(part,), identified=True,
        reference="4200001",
    )  # fmt: skip

    assert (await till.take(new)).receipt.payer_name == "旧业主"


async def test_mo_3_the_same_key_fifty_times_at_once_is_one_payment_with_one_receipt(till: Till) -> None:
    home = await till.home(10_000)
    new = till.payment(home)

    taken, refused = await outcomes(*(till.take(new) for _ in range(50)))

    assert (len(taken), refused, len({each.id for each in taken})) == (50, [], 1)
    assert (await till.count("receipts"), await till.count("payments")) == (1, 1)
    assert {each.receipt.number for each in taken} == {"SJ-2026-000001"}
    with pytest.raises(Conflict):
        await till.take(replace(new, amount_fen=10_001))
    elsewhere = await till.home(10_000)
    with pytest.raises(Conflict):
        await till.take(replace(till.payment(elsewhere), key=new.key))
    assert (await till.take(replace(new, remark="again"))).id == taken[0].id


async def test_mo_3_a_key_used_on_other_accounts_at_once_is_one_payment(till: Till) -> None:
    homes = [await till.home(1_000) for _ in range(8)]

    taken, refused = await outcomes(*(till.take(till.payment(home, key="same")) for home in homes))

    assert (len(taken), {type(each) for each in refused}) == (1, {Conflict})
    assert (await till.count("receipts"), await till.count("payments")) == (1, 1)


async def test_mo_4_two_cashiers_take_a_bill_two_hundred_times_and_it_is_paid_once_each(till: Till) -> None:
    home = await till.home(*[700] * 200)

    for part in home.parts():
        one, two = (till.payment(home, amount_fen=700, parts=(part,)) for _ in range(2))
        taken, refused = await outcomes(till.take(one), till.take(two, "finance"))
        assert (len(taken), [type(each) for each in refused]) == (1, [Conflict])

    assert (await till.count("receipts"), await till.count("payments")) == (200, 200)
    assert set(await till.open_of(home)) == {0}
    assert (await till.books(home)).prepaid == {}


async def test_payments_over_the_same_units_in_any_order_do_not_wait_for_each_other_for_ever(till: Till) -> None:
    party_id = await till.office.party()
    homes = [await till.home(*[100] * 6, party_id=party_id) for _ in range(4)]

    def both(n: int) -> NewPayment:
        parts = tuple(home.parts()[n % 6] for home in (homes if n % 2 else homes[::-1]))
        return till.payment(homes[n % 4], amount_fen=400, parts=parts)

    taken, refused = await outcomes(*(till.take(both(n)) for n in range(6)))

    assert (len(taken), refused) == (6, [])


async def test_numbers_have_no_gaps_whatever_is_refused_in_between(till: Till, clock: SettableClock) -> None:
    homes = [await till.home(*[300] * 3) for _ in range(6)]

    def tries(n: int) -> NewPayment:
        home = homes[n % 6]
        return till.payment(home, amount_fen=300, parts=(home.parts()[n // 12],))  # each twice

    taken, refused = await outcomes(*(till.take(tries(n)) for n in range(36)))
    numbers = sorted(each.receipt.number for each in taken)

    assert (len(taken), len(refused), {type(each) for each in refused}) == (18, 18, {Conflict})
    assert numbers == [f"SJ-2026-{n:06}" for n in range(1, 19)]
    clock.advance(days=60)
    assert (await till.take(till.payment(homes[0], 100))).receipt.number == "SJ-2027-000001"


async def test_rounding_off_is_waived_beside_the_payment_within_what_the_site_allows(till: Till) -> None:
    home = await till.home(12_345)
    new = till.payment(home, amount_fen=12_300, rounded_fen=45)
    taken = await till.take(new)

    assert [(line.kind, line.amount_fen) for line in taken.lines] == [("charge", 12_300), ("rounding", 45)]
    assert await till.open_of(home) == [0]
    kinds = "SELECT kind FROM billing_entry WHERE company_id = $1 AND kind <> 'charge' ORDER BY id"
    assert await till.office.rows(kinds) == [("payment",), ("waiver",)]
    other = await till.home(12_345)
    again = till.payment(other, amount_fen=12_300, rounded_fen=45)
    with pytest.raises(Forbidden):
        await till.take(again, "clerk")
    platform = till.office.lodge.platform
    async with till.office.lodge.work(till.office.house, "admin") as work:
        rules = {"round_off_most": 20}
        await platform.policies.revise(work, COUNTER, till.site.id, rules, reason="test", expected=0)
    platform.policies.forget(None)
    with pytest.raises(Invalid):
        await till.take(again)
    assert await till.open_of(other) == [12_345]


async def test_mo_7_nothing_is_taken_into_a_month_that_is_closed(till: Till, clock: SettableClock) -> None:
    home = await till.home(1_000)
    clock.advance(days=31)
    await till.office.close(date(2026, 11, 1))
    clock.advance(days=-31)

    with pytest.raises(Conflict):
        await till.take(till.payment(home))
    assert await till.count("receipts") == 0


async def test_a_payment_on_one_account_takes_six_statements(till: Till) -> None:
    home, other = await till.home(1_000, 2_000), await till.home(700)
    both = await till.home(700, party_id=other.party_id)
    db = till.office.lodge.platform.db
    async with recording(db) as sent:
        taken = await till.take(till.payment(home))
    async with recording(db) as many:
        await till.take(till.payment(other, amount_fen=1_400, parts=(*other.parts(), *both.parts())))
    async with recording(db) as voided:
        await till.void(taken.id)

    assert max(map(len, (sent, many, voided))) <= 6, (sent, many, voided)


async def test_a_receipt_is_voided_with_all_that_was_posted_and_stays(till: Till) -> None:
    home = await till.home(1_000, 2_050)
    garage = await till.home(700, party_id=home.party_id)
    parts = (*home.parts(), *garage.parts())
    taken = await till.take(till.payment(home, amount_fen=3_700, parts=parts, rounded_fen=50))

    voided = await till.void(taken.id)

    assert (voided.status, voided.voided_reason, voided.version) == ("void", "收错户", 2)
    assert (await till.open_of(home), await till.open_of(garage)) == ([1_000, 2_050], [700])
    assert (await till.get(taken.id)).lines == taken.lines
    with pytest.raises(PreconditionFailed):
        await till.void(taken.id)
    assert await till.void(taken.id, version=2) == voided, "the same again is done already"
    with pytest.raises(Conflict):
        await till.void(taken.id, "另一个原因")
    [[kept]] = await till.office.rows("SELECT sum(amount_fen) FROM billing_posting WHERE company_id = $1")
    assert kept == 0
    again = await till.take(till.payment(home, amount_fen=3_750, parts=parts))
    assert again.receipt.number == "SJ-2026-000002"


async def test_a_receipt_is_voided_once_by_many_and_not_after_what_builds_on_it(till: Till) -> None:
    home = await till.home(1_000)
    first = await till.take(till.payment(home, 500))
    second = await till.take(till.payment(home))
    async with till.office.lodge.work(till.office.house, "manager") as work:
        await ledger.post(work, till.site, Refund(home.unit_id, home.party_id, "cash", 400), key="back")

    with pytest.raises(Conflict):
        await till.void(first.id)
    with pytest.raises(Invalid):
        await till.void(second.id, " ")
    with pytest.raises(NotFound):
        await till.void(new_id())
    found = await asyncio.gather(*(till.void(second.id) for _ in range(10)), return_exceptions=True)
    refused = [type(each) for each in found if isinstance(each, BaseException)]
    assert refused == [PreconditionFailed] * 9
    assert await till.open_of(home) == [1_000]


async def test_what_others_posted_meanwhile_is_seen(till: Till) -> None:
    home = await till.home(1_000)
    charge: UUID = home.charges[0].charge_id
    await till.office.post(Payment(home.unit_id, home.party_id, "card", 400, (Part(charge, 400),)))

    with pytest.raises(Conflict):
        await till.take(till.payment(home))
    taken = await till.take(till.payment(home, amount_fen=600, parts=part_of(home, 600)))
    assert taken.receipt.amount_fen == 600
