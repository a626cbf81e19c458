"""The ledger in the database: what is posted once, by many at a time, and what nobody can do to it (MO-2 to MO-6)."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from core.sdk import Conflict, Invalid, NotFound, new_id
from plugins.billing.ledger.entries import (
    Adjustment,
    Allocation,
    Charge,
    Deposit,
    DepositReturn,
    Entry,
    Part,
    Payment,
    Refund,
    Waiver,
)
from plugins.billing.ledger.model import Posted
from tests.plugins.billing.ledger.conftest import Office
from tests.support.statements import recording

ENTRY = """
INSERT INTO billing_entry (company_id, id, site_id, posted_on, kind, key, digest, at, by_name)
VALUES ($1, $2, $3, '2026-11-23', 'payment', $4, '', now(), 'raw')
"""
LINE = """
INSERT INTO billing_posting (company_id, entry_id, line, site_id, account, unit_id, party_id, means, amount_fen)
SELECT $1, $2, l.line, $3, l.account, $4, $5, CASE l.account WHEN 'clearing' THEN 'cash' ELSE '' END, l.fen
FROM unnest($6::int[], $7::text[], $8::bigint[]) l (line, account, fen)
"""
BOTH = f"WITH entered AS ({ENTRY}) " + LINE.replace("$5, CASE", "$9, CASE").replace(", $4, $9", ", $5, $9")


async def as_app(office: Office, *statements: tuple[str, tuple[Any, ...]]) -> str:
    """What PostgreSQL has against raw SQL of lodge_app in one transaction; '' nothing."""
    connection = await asyncpg.connect(office.lodge.platform.db.dsn)
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL app.company_id = '{office.house.company_id}'")
            for sql, args in statements:
                await connection.execute(sql, *args)
    except asyncpg.PostgresError as error:
        return getattr(error, "constraint_name", None) or str(error.sqlstate)
    finally:
        await connection.close()
    return ""


async def outcomes(*posts: Any) -> tuple[list[Posted], list[BaseException]]:
    """What came of posting at once: entries, and refusals."""
    found = await asyncio.gather(*posts, return_exceptions=True)
    return [f for f in found if isinstance(f, Posted)], [f for f in found if isinstance(f, BaseException)]


async def household(office: Office, *fen: int) -> tuple[UUID, UUID, list[Charge]]:
    """A unit, whoever owes there, and their charges."""
    unit_id, party_id = await office.unit(), await office.party()
    charges = [office.charge(unit_id, party_id, each) for each in fen]
    await office.issue(*charges)
    return unit_id, party_id, charges


async def test_a_household_pays_is_refunded_and_what_was_wrong_is_put_right(office: Office) -> None:
    unit_id, party_id, (one, two) = await household(office, 10_000, 3_000)
    ids = [one.charge_id, two.charge_id]

    for entry in (
        Payment(unit_id, party_id, "cash", 12_000, (Part(one.charge_id, 10_000),)),
        Allocation(unit_id, party_id, (Part(two.charge_id, 1_500),)),
        Waiver(unit_id, (Part(two.charge_id, 500),)),
        Adjustment(unit_id, one.charge_id, -2_000),
        Refund(unit_id, party_id, "transfer", 2_100),
        Deposit(unit_id, party_id, "qr", 50_000, office.items["property"]),
        DepositReturn(unit_id, party_id, "transfer", 20_000, office.items["property"]),
    ):
        await office.post(entry)
    books = await office.books(unit_id, ids)

    assert [(books.charges[id].charged_fen, books.charges[id].open_fen) for id in ids] == [(8_000, 0), (2_500, 1_000)]
    assert books.prepaid == {party_id: 400}
    assert books.deposits == {(party_id, office.items["property"]): 30_000}
    kept = await office.rows("SELECT sum(amount_fen), count(*) FROM billing_posting WHERE company_id = $1")
    assert kept == [(0, 19)]


async def test_mo_2_the_server_can_neither_change_an_entry_nor_take_one_away(office: Office) -> None:
    await household(office, 10_000)

    for table, column in (("billing_entry", "note"), ("billing_posting", "means"), ("billing_period", "by_name")):
        assert await as_app(office, (f"UPDATE {table} SET {column} = ''", ())) == "42501"
        assert await as_app(office, (f"DELETE FROM {table}", ())) == "42501"
        assert await as_app(office, (f"TRUNCATE {table} CASCADE", ())) == "42501"


async def test_mo_2_the_database_takes_whole_entries_that_cancel_out_and_nothing_else(office: Office) -> None:
    unit_id, party_id, _ = await household(office, 10_000)

    def both(*fen: int, accounts: tuple[str, ...] = ("clearing", "prepayment", "prepayment")) -> tuple[str, Any]:
        id, lines = new_id(), list(range(1, len(fen) + 1))
        own = office.house.company_id, id, office.site.id
        return BOTH, (*own, str(id), unit_id, lines, list(accounts[: len(fen)]), list(fen), party_id)

    sql, whole = both(500, -300, -200)
    id = whole[1]
    own = office.house.company_id, id, office.site.id
    late = LINE, (*own, unit_id, party_id, [4, 5], ["clearing", "prepayment"], [1, -1])
    lonely = office.house.company_id, new_id(), office.site.id, "lonely"

    assert await as_app(office, both(500, -300)) == "billing_balanced"
    assert await as_app(office, both(500)) == "billing_balanced"
    assert await as_app(office, (ENTRY, lonely)) == "billing_entered"
    assert await as_app(office, (sql, whole), late) == "billing_written"
    assert await as_app(office, (sql, whole)) == ""
    assert await as_app(office, late) == "billing_written"
    assert await as_app(office, both(500, -500, 0)) == "billing_posting_amount_fen_check"


async def test_mo_3_the_same_key_fifty_times_at_once_is_one_entry(office: Office) -> None:
    unit_id, party_id, [charge] = await household(office, 10_000)
    payment = Payment(unit_id, party_id, "cash", 10_000, (Part(charge.charge_id, 10_000),))

    posted, refused = await outcomes(*(office.post(payment, "receipt 1") for _ in range(50)))

    assert (len(posted), refused, len({each.id for each in posted})) == (50, [], 1)
    assert sum(each.new for each in posted) == 1
    with pytest.raises(Conflict):
        await office.post(Payment(unit_id, party_id, "cash", 10_001), "receipt 1")
    with pytest.raises(Conflict):
        await office.post(payment, "receipt 1", note="in other words")
    with pytest.raises(Conflict):
        await office.post(Payment(await office.unit(), party_id, "cash", 10_000), "receipt 1")


async def test_mo_3_charges_are_issued_once_whoever_asks_how_often(office: Office) -> None:
    unit_id, party_id = await office.unit(), await office.party()
    charges = [office.charge(unit_id, party_id, 1_000 + n) for n in range(20)]
    found = await asyncio.gather(*(office.issue(*charges[n % 3 :]) for n in range(9)))

    assert sum(found) == 20
    books = await office.books(unit_id, [charge.charge_id for charge in charges])
    assert sum(owed.open_fen for owed in books.charges.values()) == 20 * 1_000 + 190
    changed = Charge(unit_id, party_id, office.items["property"], charges[0].charge_id, 999)
    with pytest.raises(Conflict):
        await office.issue(changed)
    with pytest.raises(Invalid):
        await office.issue(charges[0], charges[0])


async def test_mo_4_two_cashiers_take_money_for_a_bill_two_hundred_times_and_it_is_paid_two_hundred_times(
    office: Office,
) -> None:
    unit_id, party_id, charges = await household(office, *[700] * 200)
    payments = [Payment(unit_id, party_id, "cash", 700, (Part(charge.charge_id, 700),)) for charge in charges]

    for payment in payments:
        posted, refused = await outcomes(office.post(payment), office.post(payment))
        assert (len(posted), [type(each) for each in refused]) == (1, [Conflict])

    sql = "SELECT count(*) FROM billing_entry WHERE company_id = $1 AND kind = 'payment'"
    assert await office.rows(sql) == [(200,)]
    books = await office.books(unit_id, [charge.charge_id for charge in charges])
    assert {owed.open_fen for owed in books.charges.values()} == {0}
    assert books.prepaid == {}


async def test_mo_4_fifty_cashiers_at_once_do_not_overpay_a_charge(office: Office) -> None:
    unit_id, party_id, [charge] = await household(office, 10_000)
    payment = Payment(unit_id, party_id, "card", 700, (Part(charge.charge_id, 700),))

    posted, refused = await outcomes(*(office.post(payment) for _ in range(50)))

    assert (len(posted), {type(each) for each in refused}) == (14, {Conflict})
    assert (await office.books(unit_id, [charge.charge_id])).charges[charge.charge_id].open_fen == 200


async def test_mo_5_refunds_at_once_come_to_what_was_prepaid_at_most(office: Office) -> None:
    unit_id, party_id, _ = await household(office, 1_000)
    await office.post(Payment(unit_id, party_id, "cash", 5_000))
    await office.post(Deposit(unit_id, party_id, "cash", 5_000))
    posts: list[Entry] = [Refund(unit_id, party_id, "cash", 300), DepositReturn(unit_id, party_id, "cash", 300)]

    posted, refused = await outcomes(*(office.post(each) for each in posts for _ in range(25)))
    books = await office.books(unit_id)

    assert (len(posted), {type(each) for each in refused}) == (32, {Conflict})
    assert (books.prepaid, books.deposits) == ({party_id: 200}, {(party_id, None): 200})


async def test_mo_6_what_an_entry_moves_is_in_its_parts_to_the_fen(office: Office) -> None:
    unit_id, party_id, charges = await household(office, 333, 333, 334)
    parts = tuple(Part(charge.charge_id, charge.amount_fen) for charge in charges)
    paid = await office.post(Payment(unit_id, party_id, "qr", 1_001, parts))

    lines = await office.rows(
        "SELECT account, amount_fen FROM billing_posting WHERE company_id = $1 AND entry_id = $2 ORDER BY line", paid.id
    )
    assert lines == [
        ("clearing", 1_001),
        ("receivable", -333),
        ("receivable", -333),
        ("receivable", -334),
        ("prepayment", -1),
    ]


async def test_an_entry_is_undone_once_and_after_what_builds_on_it(office: Office) -> None:
    unit_id, party_id, [charge] = await household(office, 10_000)
    paid = await office.post(Payment(unit_id, party_id, "cash", 10_500, (Part(charge.charge_id, 10_000),)))
    refunded = await office.post(Refund(unit_id, party_id, "cash", 200))

    with pytest.raises(Conflict):
        await office.reverse(paid.id)
    with pytest.raises(Conflict):
        await office.reverse(await office.entry_of(charge))
    await office.reverse(refunded.id)
    posted, refused = await outcomes(*(office.reverse(paid.id) for _ in range(10)))
    assert (len({each.id for each in posted}), sum(each.new for each in posted), refused) == (1, 1, [])
    books = await office.books(unit_id, [charge.charge_id])
    assert (books.charges[charge.charge_id].open_fen, books.prepaid[party_id]) == (10_000, 0)
    with pytest.raises(Conflict):
        await office.reverse(paid.id, "another reason")
    with pytest.raises(Conflict):
        await office.reverse(posted[0].id)
    with pytest.raises(Invalid):
        await office.reverse(paid.id, " ")
    with pytest.raises(NotFound):
        await office.reverse(new_id())


async def test_what_is_of_another_site_is_not_there(office: Office) -> None:
    unit_id, party_id, [charge] = await household(office, 10_000)
    elsewhere = await office.unit(site=office.house.sites[1])

    for entry in (
        Payment(elsewhere, party_id, "cash", 100),
        Payment(new_id(), party_id, "cash", 100),
        Payment(await office.unit(), party_id, "cash", 100, (Part(charge.charge_id, 100),)),
        Deposit(unit_id, party_id, "cash", 100, new_id()),
    ):
        with pytest.raises(NotFound):
            await office.post(entry)
    with pytest.raises(NotFound):
        await office.issue(office.charge(elsewhere, party_id, 100))


async def test_posting_takes_six_statements_at_most(office: Office) -> None:
    unit_id, party_id, [charge] = await household(office, 10_000)
    async with recording(office.lodge.platform.db) as sent:
        paid = await office.post(Payment(unit_id, party_id, "cash", 10_000, (Part(charge.charge_id, 10_000),)))
    async with recording(office.lodge.platform.db) as undone:
        await office.reverse(paid.id)
    async with recording(office.lodge.platform.db) as issued:
        await office.issue(*(office.charge(unit_id, party_id, n) for n in range(1, 300)))

    assert max(map(len, (sent, undone, issued))) <= 6
