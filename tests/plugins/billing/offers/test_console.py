"""Prepayment offers in the console: published beside the fee items, taken at the counter as they were shown (BIL-3)."""

from __future__ import annotations

from datetime import date
from typing import Any

import httpx

from core.sdk import Site
from tests.plugins.billing.counter.test_console import form_of as fields_of
from tests.plugins.billing.offers.conftest import DECEMBER, Desk, Shop
from tests.support.web import Web


def form_of(page: str, **changes: Any) -> dict[str, Any]:
    """What a browser would post of the form that takes an offer."""
    return fields_of(page.replace('id="taking"', 'id="payment"'), **changes)


async def chinese(web: Web, desk: Desk, role: str) -> httpx.AsyncClient:
    client = await web.console(desk.house, role)
    client.cookies["locale"] = "zh-CN"
    return client


async def test_an_offer_is_published_and_stands_on_the_price_list(desk: Desk, web: Web) -> None:
    lead, clerk = await chinese(web, desk, "manager"), await chinese(web, desk, "finance")
    here = f"{desk.console}/offers"
    assert "还没有收费项目" in (await lead.get(here)).text
    fee = await desk.item("fee", "2")
    page = (await lead.get(here)).text
    assert "还没有预交优惠" in page and "发布优惠" in page
    assert "发布优惠" not in (await clerk.get(here)).text
    form = {"item_id": str(fee), "title": "年付优惠", "paid": "11", "free": "1", "since": "2026-11-01", "until": ""}
    for wrong, said in (
        ({"paid": "x"}, "请填写月数"),
        ({"free": "0"}, "请填写月数"),
        ({"since": ""}, "请填写日期"),
        ({"until": "2026-01-01"}, "最后一天早于第一天"),
    ):
        refused = await lead.post(here, data={**form, **wrong})
        assert refused.status_code == 422 and "年付优惠" in refused.text, said
    made = await lead.post(here, data=form)
    assert (made.status_code, made.headers["location"]) == (303, here)
    assert "年付优惠" in (await clerk.get(here)).text
    listed = (await clerk.get(f"{desk.console}/price-list")).text
    assert "年付优惠" in listed and "预交 11 个月，送 1 个月" in listed
    assert (await clerk.get(f"{desk.console}/price-list/paper")).content.startswith(b"%PDF")

    [(id,)] = await desk.rows("SELECT id FROM billing_offer WHERE company_id = $1")
    refused = await lead.post(f"{here}/{id}", data={"version": "1", "until": "2026-01-01"})
    ended = await lead.post(f"{here}/{id}", data={"version": "1", "until": "2026-11-01"})
    stale = await lead.post(f"{here}/{id}", data={"version": "1", "until": ""})
    assert (refused.status_code, ended.status_code, stale.status_code) == (422, 303, 412)
    assert "今日不可办理" in (await clerk.get(here)).text
    assert "年付优惠" not in (await clerk.get(f"{desk.console}/price-list")).text


async def test_a_household_takes_an_offer_as_it_was_shown(shop: Shop, web: Web) -> None:
    offer = await shop.publish(2, 1)
    page = await chinese(web, shop.desk, "cashier")
    unit = f"{shop.desk.console}/counter/units/{shop.unit_id}"
    here = f"{unit}/offers"
    assert f'href="{here}"' in (await page.get(unit)).text

    shown = (await page.get(here, params={"offer": str(offer.id), "first": "2026-12"})).text
    assert "400.00" in shown and "肆佰元整" in shown and "2027-02 – 2027-02" in shown
    form = form_of(shown)
    unread = await page.post(here, data={**form, "first": "2027-03", "identified": "true"})
    assert unread.status_code == 422 and "请核对款项去向后再收款" in unread.text
    unknown = await page.post(here, data={**form, "given": "500"})
    assert unknown.status_code == 422 and "收款前请核对交费人身份" in unknown.text and 'value="500"' in unknown.text
    little = await page.post(here, data={**form, "given": "10", "identified": "true"})
    assert little.status_code == 422
    agent = await page.post(here, data={**form, "by": "agent", "identified": "true"})
    assert agent.status_code == 422 and "请填写代办人姓名。" in agent.text

    paid = {**form_of(unknown.text, identified="true"), "given": "500", "remark": "代收"}
    taken = await page.post(here, data=paid)
    twice = await page.post(here, data=paid)
    assert (taken.status_code, twice.status_code) == (303, 303), taken.text
    assert taken.headers["location"] == twice.headers["location"]
    receipt = (await page.get(taken.headers["location"])).text
    assert "肆佰元整" in receipt and "交2送1 2026-12 – 2027-02" in receipt
    assert [each[0] for each in await shop.discounts()] == ["prepaid"]
    listed = (await page.get(f"{shop.desk.console}/discounts")).text
    assert "预交赠送" in listed and taken.headers["location"] in listed


async def test_what_another_cashier_took_meanwhile_is_shown(shop: Shop, web: Web) -> None:
    """MO-4"""
    offer = await shop.publish(2, 1)
    page = await chinese(web, shop.desk, "cashier")
    here = f"{shop.desk.console}/counter/units/{shop.unit_id}/offers"
    form = form_of((await page.get(here)).text, identified="true")
    await shop.take(shop.taking(await shop.quote(offer)))
    refused = await page.post(here, data=form)
    assert refused.status_code == 409 and "已计费或已预交" in refused.text
    assert len(await shop.discounts()) == 1


async def test_a_price_that_changed_meanwhile_is_shown_before_it_is_taken(shop: Shop, web: Web) -> None:
    await shop.publish(2, 1)
    page = await chinese(web, shop.desk, "cashier")
    here = f"{shop.desk.console}/counter/units/{shop.unit_id}/offers"
    form = form_of((await page.get(here)).text, identified="true")
    await shop.desk.price(shop.item_id, "3", 2, DECEMBER)
    refused = await page.post(here, data=form)
    assert refused.status_code == 409 and "这些月份的金额已有变化" in refused.text and "500.00" in refused.text
    assert (await page.post(here, data=form_of(refused.text, identified="true"))).status_code == 303


async def test_where_no_offer_can_be_taken_the_page_says_so(shop: Shop, web: Web) -> None:
    page = await chinese(web, shop.desk, "cashier")
    here = f"{shop.desk.console}/counter/units/{shop.unit_id}/offers"
    assert "今日没有可办理的优惠" in (await page.get(here)).text
    await shop.publish(until=date(2026, 11, 2))
    assert "今日没有可办理的优惠" in (await page.get(here)).text
    await shop.publish()
    assert "起始月份须在两年以内" in (await page.get(here, params={"first": "2030-01"})).text
    assert "请选择月份" in (await page.get(here, params={"first": "x"})).text
    other: Site = shop.desk.house.sites[1]
    there = f"/s/{other.slug}/billing/counter/units/{shop.unit_id}/offers"
    assert (await page.get(there)).status_code == 404


async def test_voiding_the_receipt_is_refused_in_words_once_free_months_are_billed(shop: Shop, web: Web) -> None:
    taken = await shop.take(shop.taking(await shop.quote(await shop.publish(1, 1))))
    await shop.desk.issued(shop.item_id, month=DECEMBER)
    page = await chinese(web, shop.desk, "finance")
    here = f"{shop.desk.console}/counter/receipts/{taken.id}"
    refused = await page.post(f"{here}/void", data={"reason": "收错户", "version": "1"})
    assert refused.status_code == 409 and "该收据赠送的月份已经计费" in refused.text
