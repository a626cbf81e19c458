"""Prepayment offers: published, taken at the counter with a receipt, free months billed with nothing (BIL-1, BIL-3)."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from core.sdk import Conflict, Invalid, NotFound, new_id
from plugins.billing.amounts.spans import months_after
from plugins.billing.discounts import service as discounts
from plugins.billing.discounts.model import End
from plugins.billing.offers import service
from plugins.billing.offers.model import Taken
from plugins.billing.runs import service as runs
from tests.plugins.billing.offers.conftest import DECEMBER, NOVEMBER, Desk, Shop
from tests.support.statements import recording

MONTH = 20_000  # fen, of the unit
replace = msgspec.structs.replace


async def test_an_offer_costs_what_runs_charge_from_the_month_after_the_last_that_is_charged(shop: Shop) -> None:
    offer = await shop.publish()
    fresh = await shop.quote(offer)
    await shop.desk.issued(shop.item_id)
    told = await shop.quote(offer)

    assert (fresh.first_day, fresh.amount_fen) == (NOVEMBER, 11 * MONTH)
    assert (told.first_day, told.last_day) == (DECEMBER, date(2027, 10, 31))
    assert (told.free_first, told.free_last) == (date(2027, 11, 1), date(2027, 11, 30))
    assert [line.amount_fen for line in told.lines] == [MONTH] * 11


async def test_the_price_follows_versions_and_discounts_as_runs_do(shop: Shop) -> None:
    await shop.desk.price(shop.item_id, "3", 2, date(2027, 1, 1))
    offer = await shop.publish(2, 1)
    quote = await shop.quote(offer, DECEMBER)
    assert [line.amount_fen for line in quote.lines] == [20_000, 30_000]
    for month in (DECEMBER, date(2027, 1, 1)):
        await shop.desk.computed(shop.item_id, month=month)
    charged = await shop.desk.charges()
    assert sum(fen for *_, fen in charged) == quote.amount_fen


async def test_taking_an_offer_gives_a_receipt_and_the_months_after_are_free(shop: Shop) -> None:
    offer = await shop.publish(2, 1)
    quote = await shop.quote(offer, NOVEMBER)
    taken = await shop.take(shop.taking(quote, remark="转账截图已核"))

    receipt = taken.receipt.receipt
    assert (receipt.amount_fen, receipt.status) == (2 * MONTH, "valid")
    assert receipt.remark == "转账截图已核 · 交2送1 2026-11 – 2027-01"
    assert [(line.kind, line.amount_fen) for line in taken.receipt.lines] == [("prepayment", 2 * MONTH)]
    assert await shop.discounts() == [("prepaid", date(2027, 1, 1), date(2027, 1, 31), "0.0000", receipt.id)]
    assert await shop.prepaid() == 2 * MONTH


async def test_a_run_charges_nothing_for_the_free_months_and_the_line_says_why(shop: Shop) -> None:
    offer = await shop.publish(1, 2)
    await shop.take(shop.taking(await shop.quote(offer, NOVEMBER)))
    for n in range(4):
        await shop.desk.issued(shop.item_id, month=months_after(NOVEMBER, n))

    assert [fen for *_, fen in await shop.desk.charges()] == [MONTH, 0, 0, MONTH]
    [[line]] = await shop.desk.rows("SELECT id FROM billing_charge WHERE company_id = $1 AND first_day = $2", DECEMBER)
    async with shop.desk.work() as work:
        explained, _, _ = await runs.explain(work, shop.desk.site, line)
    assert explained.replayed
    assert "free for paying ahead, 2026-12-01 to 2026-12-31: × 0" in explained.steps


async def test_mo_3_the_same_key_is_the_same_even_after_the_price_has_changed(shop: Shop) -> None:
    new = shop.taking(await shop.quote(await shop.publish(2, 1)))
    first = await shop.take(new)
    await shop.desk.price(shop.item_id, "9", 2)
    again = await shop.take(new)

    assert (again.id, again.discount_id) == (first.id, first.discount_id)
    assert len(await shop.discounts()) == 1 and await shop.prepaid() == 2 * MONTH
    with pytest.raises(Conflict):
        await shop.take(replace(new, first_day=months_after(new.first_day, 3)))
    with pytest.raises(Conflict):
        await shop.take(replace(new, amount_fen=1))


async def test_mo_4_of_two_cashiers_who_take_an_offer_at_once_one_does(shop: Shop) -> None:
    offer = await shop.publish(2, 1)
    quote = await shop.quote(offer)
    takings = [shop.taking(quote) for _ in range(6)]
    found = await asyncio.gather(*(shop.take(new) for new in takings), return_exceptions=True)

    assert sum(isinstance(each, Taken) for each in found) == 1
    assert all(isinstance(each, (Taken, Conflict)) for each in found)
    assert len(await shop.discounts()) == 1 and await shop.prepaid() == quote.amount_fen
    [[receipts]] = await shop.desk.rows("SELECT count(*) FROM billing_receipt WHERE company_id = $1")
    assert receipts == 1


async def test_mo_3_pressed_many_times_at_once_it_is_taken_once(shop: Shop) -> None:
    new = shop.taking(await shop.quote(await shop.publish(2, 1)))
    found = await asyncio.gather(*(shop.take(new) for _ in range(6)))

    assert len({(each.id, each.discount_id) for each in found}) == 1
    assert len(await shop.discounts()) == 1 and await shop.prepaid() == new.amount_fen


async def test_the_next_offer_begins_where_the_last_one_ends(shop: Shop) -> None:
    offer = await shop.publish(2, 1)
    await shop.take(shop.taking(await shop.quote(offer)))

    assert (await shop.quote(offer)).first_day == date(2027, 2, 1)
    for first in (NOVEMBER, DECEMBER, date(2027, 1, 1)):
        with pytest.raises(Conflict, match="charged or paid for ahead"):
            await shop.quote(offer, first)
    other = replace(shop, unit_id=await shop.desk.unit("102"))
    assert (await other.quote(offer)).first_day == NOVEMBER


async def test_voiding_the_receipt_takes_the_free_months_back_with_it(shop: Shop) -> None:
    offer = await shop.publish(2, 1)
    taken = await shop.take(shop.taking(await shop.quote(offer)))
    voided = await shop.void(taken.id)

    assert voided.status == "void" and await shop.prepaid() == 0
    assert [each[1:3] for each in await shop.discounts()] == [(date(2027, 1, 1), date(2026, 12, 31))]
    [[version]] = await shop.desk.rows("SELECT version FROM billing_discount WHERE company_id = $1")
    assert version == 2
    assert (await shop.quote(offer)).first_day == NOVEMBER  # it can be taken again
    await shop.desk.computed(shop.item_id, month=date(2027, 1, 1))
    assert [fen for *_, fen in await shop.desk.charges()] == [MONTH]


async def test_a_receipt_is_not_voided_once_its_free_months_are_billed(shop: Shop) -> None:
    taken = await shop.take(shop.taking(await shop.quote(await shop.publish(1, 1))))
    run = await shop.desk.computed(shop.item_id, month=DECEMBER)

    with pytest.raises(Conflict, match="billed already"):
        await shop.void(taken.id)
    assert await shop.prepaid() == MONTH and [each[2] for each in await shop.discounts()] == [date(2026, 12, 31)]
    async with shop.desk.work() as work:
        await runs.discard(work, shop.desk.site, run.id, run.version)
    assert (await shop.void(taken.id)).status == "void"


async def test_once_the_discount_is_ended_the_receipt_of_billed_months_is_voided(shop: Shop) -> None:
    taken = await shop.take(shop.taking(await shop.quote(await shop.publish(1, 1))))
    await shop.desk.issued(shop.item_id, month=DECEMBER)
    async with shop.desk.work("manager") as work:
        await discounts.end(work, shop.desk.site, taken.discount_id, End(date(2026, 11, 30)), 1)
    assert (await shop.void(taken.id)).status == "void"


async def test_what_cannot_be_taken_is_refused_and_nothing_is_left(shop: Shop) -> None:
    offer = await shop.publish(2, 1)
    quote = await shop.quote(offer)
    stranger = UUID(int=5)
    for wrong, refused in (
        ({"amount_fen": quote.amount_fen - 1}, Conflict),
        ({"identified": False}, Invalid),
        ({"given_fen": 1}, Invalid),
        ({"first_day": quote.first_day + timedelta(1)}, Invalid),
        ({"first_day": date(2031, 1, 1)}, Invalid),
        ({"party_id": stranger}, NotFound),
        ({"unit_id": stranger}, NotFound),
        ({"offer_id": stranger}, NotFound),
    ):
        with pytest.raises(refused):
            await shop.take(shop.taking(quote, **wrong))
    over: list[dict[str, Any]] = [{"until": date(2026, 11, 2)}, {"since": date(2026, 12, 24)}]
    for closed in over:
        with pytest.raises(Conflict, match="cannot be taken today"):
            await shop.quote(await shop.publish(**closed))
    assert await shop.discounts() == [] and await shop.prepaid() == 0


@pytest.mark.parametrize(
    ("area", "since", "said"), [(None, "2020-01-01", "area"), ("100", "2027-01-01", "no price in these months")]
)
async def test_months_without_a_price_are_refused_with_what_to_do(
    desk: Desk, area: str | None, since: str, said: str
) -> None:
    item_id, unit_id = await desk.item("fee", "2"), await desk.unit("101", area)
    await desk.write("UPDATE billing_version SET valid_from = $2 WHERE company_id = $1", date.fromisoformat(since))
    shop = Shop(desk, item_id, unit_id, new_id())
    with pytest.raises(Conflict, match=said):
        await shop.quote(await shop.publish(2, 1))


async def test_an_item_that_is_not_charged_there_has_nothing_to_be_paid_ahead(shop: Shop) -> None:
    await shop.desk.write("UPDATE billing_item SET ended_on = '2026-10-31' WHERE company_id = $1")
    with pytest.raises(Conflict, match="cost nothing"):
        await shop.quote(await shop.publish(2, 1))


async def test_offers_over_the_api(
    desk: Desk, shop: Shop, manager: httpx.AsyncClient, finance: httpx.AsyncClient, cashier: httpx.AsyncClient
) -> None:
    new = {"item_id": str(shop.item_id), "title": "年付优惠", "paid": 11, "free": 1, "since": "2026-11-01"}
    assert (await finance.post(f"{desk.api}/offers", json=new)).status_code == 403
    for wrong in ({"title": "  "}, {"until": "2026-10-01"}, {"item_id": str(shop.unit_id)}):
        assert (await manager.post(f"{desk.api}/offers", json={**new, **wrong})).status_code == 422
    for months in ({"paid": 0}, {"free": 25}):
        assert (await manager.post(f"{desk.api}/offers", json={**new, **months})).status_code == 400
    made = await manager.post(f"{desk.api}/offers", json=new)
    assert made.status_code == 201, made.text
    here = f"{desk.api}/offers/{made.json()['id']}"
    assert (await manager.put(here, json={"until": "2026-12-31"})).status_code == 428
    ended = await manager.put(here, json={"until": "2026-12-31"}, headers={"if-match": made.headers["etag"]})
    assert (ended.json()["until"], ended.json()["version"]) == ("2026-12-31", 2)
    stale = await manager.put(here, json={"until": None}, headers={"if-match": '"1"'})
    bad = await manager.put(here, json={"until": "2026-10-30"}, headers={"if-match": '"2"'})
    assert (stale.status_code, bad.status_code) == (412, 422)
    other = f"/api/v1/sites/{desk.house.sites[1].slug}/billing/offers/{made.json()['id']}"
    assert (await manager.put(other, json={"until": None}, headers={"if-match": '"2"'})).status_code == 404
    listed = (await finance.get(f"{desk.api}/offers", params={"day": "2027-01-01"})).json()
    assert listed["items"] == [] and len((await finance.get(f"{desk.api}/offers")).json()["items"]) == 1

    asked = f"{desk.api}/counter/units/{shop.unit_id}/offers/{made.json()['id']}"
    await cashier.get(asked)
    async with recording(desk.lodge.platform.db) as sent:
        quote = (await cashier.get(asked, params={"first_day": "2026-12-01"})).json()
    assert len([each for each in sent if "set_config('jit'" not in each.sql]) <= 6
    assert (quote["amount_fen"], quote["free_first"]) == (11 * MONTH, "2027-11-01")
    assert (await cashier.get(asked, params={"first_day": "2026-12-02"})).status_code == 422
    body: dict[str, Any] = {
        "key": "k", "offer_id": made.json()["id"], "unit_id": str(shop.unit_id), "first_day": "2026-12-01",
        "party_id": str(shop.party_id), "means": "qr", "amount_fen": quote["amount_fen"], "identified": True,
    }  # fmt: skip
    async with recording(desk.lodge.platform.db) as sent:
        taken = await cashier.post(f"{desk.api}/counter/offers", json=body)
    assert taken.status_code == 201, taken.text
    assert len([each for each in sent if "set_config('jit'" not in each.sql]) <= 8
    assert (await cashier.post(f"{desk.api}/counter/offers", json=body)).json() == taken.json()
    [discount] = (await finance.get(f"{desk.api}/discounts")).json()["items"]
    assert (discount["kind"], discount["receipt_id"]) == ("prepaid", taken.json()["id"])


async def test_a_clerk_of_another_site_knows_nothing_of_it(shop: Shop) -> None:
    offer = await shop.publish()
    async with shop.desk.work("cashier") as work:
        with pytest.raises(NotFound):
            await service.quote(work, shop.desk.house.sites[1], offer.id, shop.unit_id)
