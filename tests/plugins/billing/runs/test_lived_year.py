"""A year of a site as it is lived: runs, payments, a sale, a waiver, months closed; its totals worked out by hand.

property fee, 2.35 a month and m², from July on 2.60
  101  100 m²             6 × 235.00 + 6 × 260.00                            = 2,970.00
  102  80 m², from April
       on 75.5 m²         3 × 188.00 + 3 × 177.43 (177.425) + 6 × 196.30     = 2,274.09
  103  60 m², sold on     seller 4 × 141.00 + 20/31 × 141.00 (90.97)         =   654.97
       20 May             buyer 11/31 × 141.00 (50.03) + 141.00 + 6 × 156.00 = 1,127.03
a parking space of 101, 150.00 a month by the quarter: 4 × 450.00            = 1,800.00
                                                                               --------
                                                                      charged  8,826.09
101 pays each month, 102 until June, the seller each month; the buyer prepays 500.00 in June:
  4,770.00 + 1,096.29 + 654.97 + 500.00                              received  7,021.26
in December 77.80 are waived for 102                                   waived     77.80
102 owes 1,100.00, the buyer 627.03                                      open  1,727.03
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from core.sdk import Work, new_id
from plugins.billing.ledger import reading
from plugins.billing.ledger import service as ledger
from plugins.billing.ledger.entries import Allocation, Means, Part, Payment, Waiver
from plugins.billing.ledger.model import OpenCharge
from plugins.billing.reports.service import report
from tests.plugins.billing.runs.conftest import START, Desk
from tests.support.lodge import SettableClock

YEAR = 2027
_SOLD = "UPDATE occupancy SET ends_on = $3 WHERE company_id = $1 AND unit_id = $2"
_BOUGHT = """
INSERT INTO occupancy (company_id, id, site_id, unit_id, party_id, role, starts_on)
VALUES ($1, $2, $3, $4, $5, 'owner', $6)
"""
_PARTY = "INSERT INTO party (company_id, id, site_id, kind, name) VALUES ($1, $2, $3, 'person', '买方')"
_QUANTITY = """
INSERT INTO billing_quantity (company_id, id, site_id, unit_id, basis, valid_from, value, at, by_name)
VALUES ($1, $2, $3, $4, $5, $6, $7::text::numeric, now(), '')
"""
_OF_ONE_UNIT = "UPDATE billing_assignment SET unit_id = $3 WHERE company_id = $1 AND item_id = $2"
_OWNER = "SELECT party_id FROM occupancy WHERE company_id = $1 AND unit_id = $2"


async def test_a_year_comes_to_what_was_worked_out_by_hand(desk: Desk, clock: SettableClock) -> None:
    fee = await desk.item("fee", "2.35")
    await desk.price(fee, "2.60", number=2, since=date(YEAR, 7, 1))
    parking = await desk.item("parking", "150", "spaces", "quarter")
    regular, until_june, sold = [
        await desk.unit(room, area) for room, area in (("101", "100"), ("102", "80"), ("103", "60"))
    ]
    await desk.write(_OF_ONE_UNIT, parking, regular)
    await desk.write(_QUANTITY, new_id(), desk.site.id, regular, "spaces", START, "1")
    await desk.write(_QUANTITY, new_id(), desk.site.id, until_june, "built", date(YEAR, 4, 1), "75.5")
    owner = {unit: (await desk.rows(_OWNER, unit))[0][0] for unit in (regular, until_june, sold)}
    buyer = new_id()
    await desk.write(_PARTY, buyer, desk.site.id)
    await desk.write(_SOLD, sold, date(YEAR, 5, 20))
    await desk.write(_BOUGHT, new_id(), desk.site.id, sold, buyer, date(YEAR, 5, 21))

    for month in range(1, 13):
        clock.now = datetime(YEAR, month, 3, 2, tzinfo=UTC)
        items = (fee, parking) if month % 3 == 1 else (fee,)
        run = await desk.issued(*items, month=date(YEAR, month, 1))
        assert run.status == "issued"
        await _settle(desk, regular, owner[regular], "qr")
        await _settle(desk, sold, owner[sold], "transfer")
        if month <= 6:
            await _settle(desk, until_june, owner[until_june], "cash")
        if month == 6:
            async with desk.work() as work:
                paid = Payment(sold, buyer, "transfer", 50_000)
                await ledger.post(work, desk.site, paid, key="the buyer's")
        await _use_prepaid(desk, sold, buyer)
        if month > 1:
            async with desk.work() as work:
                await ledger.close(work, desk.site, date(YEAR, month - 1, 1))
    async with desk.work() as work:
        oldest = (await _open(desk, work, until_june, owner[until_june]))[0]
        await ledger.post(work, desk.site, Waiver(until_june, (Part(oldest.charge_id, 7_780),)), key="the waiver")

    clock.now = datetime(YEAR, 12, 31, 2, tzinfo=UTC)
    async with desk.work() as work:
        year = await report(work, desk.site)
        accounts = [await reading.account(work, desk.site, unit) for unit in (regular, until_june, sold)]

    of = [(r.name, r.charged_fen, r.waived_fen, r.received_fen, r.closing_fen) for r in (*year.items, year.total)]
    assert of == [
        ("fee", 702_609, 7_780, 522_126, 172_703),
        ("parking", 180_000, 0, 180_000, 0),
        ("", 882_609, 7_780, 702_126, 172_703),
    ]
    assert {each.means: (each.in_fen, each.out_fen) for each in year.taken} == {
        "qr": (477_000, 0),
        "cash": (109_629, 0),
        "transfer": (115_497, 0),
    }
    assert [(account.open_fen, account.prepaid_fen) for account in accounts] == [(0, 0), (110_000, 0), (62_703, 0)]
    assert [row.charged_fen for row in year.months] == [
        101_400, 56_400, 56_400, 100_343, 55_343, 55_343, 106_230, 61_230, 61_230, 106_230, 61_230, 61_230,
    ]  # fmt: skip


async def _settle(desk: Desk, unit_id: UUID, party_id: UUID, means: Means) -> None:
    """Whatever the party owes is paid."""
    async with desk.work() as work:
        parts = tuple(Part(c.charge_id, c.open_fen) for c in await _open(desk, work, unit_id, party_id))
        if parts:
            paid = Payment(unit_id, party_id, means, sum(part.amount_fen for part in parts), parts)
            await ledger.post(work, desk.site, paid, key=str(new_id()))


async def _use_prepaid(desk: Desk, unit_id: UUID, party_id: UUID) -> None:
    """What the party has prepaid goes to what is owed, the oldest first."""
    async with desk.work() as work:
        account = await reading.account(work, desk.site, unit_id)
        left, parts = sum(each.amount_fen for each in account.prepaid if each.party_id == party_id), []
        for charge in await _open(desk, work, unit_id, party_id):
            if part := min(left, charge.open_fen):
                parts.append(Part(charge.charge_id, part))
                left -= part
        if parts:
            await ledger.post(work, desk.site, Allocation(unit_id, party_id, tuple(parts)), key=str(new_id()))


async def _open(desk: Desk, work: Work, unit_id: UUID, party_id: UUID) -> list[OpenCharge]:
    account = await reading.account(work, desk.site, unit_id)
    return sorted((c for c in account.charges if c.party_id == party_id), key=lambda c: c.due_on)
