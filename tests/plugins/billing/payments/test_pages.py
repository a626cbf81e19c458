"""Payment by code at the screen and over the API: shown, waited for, decided on, set up by who leads (BIL-3)."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pytest
from python_calamine import CalamineWorkbook

from core.sdk import Conflict, Invalid, PreconditionFailed
from plugins.billing.payments import providers, repository
from plugins.billing.payments.model import ChangedProvider, NewProvider
from tests.plugins.billing.counter.conftest import Home, chinese
from tests.plugins.billing.counter.test_console import form_of
from tests.plugins.billing.payments.conftest import KEY, Desk


async def begun(desk: Desk, page: httpx.AsyncClient, home: Home) -> httpx.Response:
    """The cashier ticks all, has seen where it goes, and chooses to show a code."""
    here = f"{desk.till.console}/units/{home.unit_id}"
    form = form_of((await page.get(here)).text, identified="true", means="code")
    shown = form_of((await page.post(here, data=form)).text, identified="true", means="code")
    return await page.post(here, data=shown)


async def test_a_code_is_shown_at_the_counter_and_the_screen_goes_over_to_the_receipt(desk: Desk) -> None:
    await desk.set_up()
    home = await desk.till.home(34_250)
    page = await chinese(desk.web, desk.till)

    made = await begun(desk, page, home)
    where = made.headers["location"]
    shown = await page.get(where)
    waiting = await page.get(f"{where}?wait=1", headers={"hx-request": "true"})
    [number] = desk.bank.orders
    await desk.tell(*desk.bank.notice(number))
    gone = await page.get(f"{where}?wait=1", headers={"hx-request": "true"})
    receipt = await page.get(gone.headers["hx-redirect"])

    assert made.status_code == 303 and where.startswith(f"{desk.console}/orders/")
    assert "data:image/svg+xml" in shown.text and "342.50" in shown.text and "every 2s" in shown.text
    assert waiting.status_code == 200 and "hx-redirect" not in waiting.headers
    assert "叁佰肆拾贰元伍角整" in receipt.text
    assert "data:image/svg+xml" not in (await page.get(where)).text, "nobody scans it again"


async def test_without_a_provider_a_code_is_recorded_by_hand_as_ever(desk: Desk) -> None:
    home = await desk.till.home(1_000)
    page = await chinese(desk.web, desk.till)
    here = f"{desk.till.console}/units/{home.unit_id}"

    without = await page.get(here)
    taken = await page.post(here, data=form_of((await page.post(here, data=form_of(without.text, means="qr"))).text,
                                               means="qr", identified="true"))  # fmt: skip
    await desk.set_up()
    with_one = await page.get(here)

    assert 'value="code"' not in without.text and taken.status_code == 303
    assert 'value="code"' in with_one.text and "出示收款码" in with_one.text and "扫码（手工登记）" in with_one.text


async def test_a_provider_that_is_down_is_said_with_what_to_do(desk: Desk) -> None:
    await desk.set_up()
    home, other = await desk.till.home(1_000), await desk.till.home(2_000)
    page = await chinese(desk.web, desk.till)
    waits = (await begun(desk, page, other)).headers["location"]
    desk.bank.down = True

    tried = await begun(desk, page, home)
    assert tried.status_code == 303, tried.text[tried.text.find('role="alert"') :][:600]
    failed = await page.get(tried.headers["location"])
    checked = await page.get((await page.post(f"{waits}/check")).headers["location"])
    cancelled = await page.get((await page.post(f"{waits}/cancel")).headers["location"])
    desk.bank.down = False
    nothing = await page.get((await page.post(f"{waits}/check")).headers["location"])
    closed = await page.get((await page.post(f"{waits}/cancel")).headers["location"])

    assert "请改用其他方式收款" in failed.text and f"/counter/units/{home.unit_id}" in failed.text
    assert "暂时无法连接支付渠道" in checked.text and "暂时无法连接支付渠道" in cancelled.text
    assert "支付渠道暂未收到付款" in nothing.text and "已取消" in closed.text


async def test_what_came_otherwise_is_listed_and_decided_on_by_finance(desk: Desk) -> None:
    await desk.set_up()
    order = await desk.make(desk.payment(await desk.till.home(5_000)))
    await desk.make(desk.payment(await desk.till.home(700)))
    await desk.tell(*desk.bank.notice(order.number, 4_000))
    cashier, finance = await chinese(desk.web, desk.till), await chinese(desk.web, desk.till, "finance")
    here = f"{desk.console}/orders/{order.id}"

    listed = await finance.get(desk.console, params={"status": "problem"})
    everything = await finance.get(desk.console)
    none = await finance.get(desk.console, params={"q": "没有"})
    seen = await cashier.get(here)
    refused = await cashier.post(f"{here}/settle", data={"version": "3", "how": "prepaid", "note": "x"})
    version = str((await desk.get(order)).version)
    empty = await finance.post(f"{here}/settle", data={"version": version, "how": "prepaid", "note": ""})
    old = await finance.post(f"{here}/settle", data={"version": "1", "how": "prepaid", "note": "已核对"})
    done = await finance.post(f"{here}/settle", data={"version": version, "how": "prepaid", "note": "已核对"})
    after = await finance.get(here)
    book = CalamineWorkbook.from_filelike(io.BytesIO((await finance.get(f"{desk.console}/export")).content))

    assert listed.text.count("/payments/orders/") == 1 and everything.text.count("/payments/orders/") == 2
    assert "没有扫码收款记录" in none.text
    assert "到账金额与应付金额不符" in seen.text and "40.00" in seen.text and "do-settle" not in seen.text
    assert (refused.status_code, empty.status_code, old.status_code) == (403, 422, 412)
    assert done.status_code == 303 and "已转入预收" in after.text and "已核对" in after.text
    rows = book.get_sheet_by_index(0).to_python()
    assert any(order.number in row and 40.0 in row for row in rows)


async def test_who_leads_sets_a_provider_up_and_its_secret_is_never_shown_again(desk: Desk) -> None:
    page = await chinese(desk.web, desk.till, "manager")
    here = f"{desk.console}/providers"
    told = {"settings.address": desk.bank.address, "settings.merchant": "M-1", "settings.key": KEY, "active": "true"}

    offered = await page.get(here)
    lacking = await page.post(here, data={"provider": "scanpay.code", **told, "settings.key": "short"})
    made = await page.post(here, data={"provider": "scanpay.code", **told})
    twice = await page.post(here, data={"provider": "scanpay.code", **told})
    shown = await page.get(here)
    [[row, settings, sealed]] = await desk.till.office.rows(
        "SELECT id, settings, secrets_sealed FROM billing_provider WHERE company_id = $1"
    )
    kept = {**told, "settings.merchant": "M-2", "settings.key": "", "version": "1"}
    changed = await page.post(f"{here}/{row}", data=kept)
    stale = await page.post(f"{here}/{row}", data=kept)
    cashier = await chinese(desk.web, desk.till)

    assert "扫码付" in offered.text and "商户号" in offered.text, "in the words of its own module"
    assert lacking.status_code == 422 and "请按支付渠道提供的内容填写" in lacking.text and "short" not in lacking.text
    assert (made.status_code, twice.status_code, changed.status_code, stale.status_code) == (303, 409, 303, 412)
    assert KEY not in shown.text and "已保存，留空则不变" in shown.text and KEY not in settings
    assert KEY.encode() not in sealed
    assert (await cashier.get(here)).status_code == 403
    order = await desk.make(desk.payment(await desk.till.home(1_000)))
    assert order.code and desk.bank.orders[order.number]["merchant"] == "M-2", "the secret stayed"


async def test_a_provider_that_was_switched_off_makes_no_codes_and_still_posts_what_was_paid(desk: Desk) -> None:
    made = await desk.set_up()
    home = await desk.till.home(1_000)
    order = await desk.make(desk.payment(home))
    async with desk.as_("manager") as work:
        told = ChangedProvider(dict(made.settings), False)
        await providers.change(desk.platform, work, desk.site, made.id, told, made.version)

    with pytest.raises(Conflict):
        await desk.make(desk.payment(home))
    assert (await desk.tell(*desk.bank.notice(order.number))).status_code == 200
    assert await desk.till.open_of(home) == [0]


async def test_a_secret_that_was_moved_to_another_row_does_not_open(desk: Desk) -> None:
    made = await desk.set_up()
    async with desk.as_("manager") as work:
        known = await repository.provider(work.uow, made.id)
        assert known is not None and known.secrets_sealed is not None
        with pytest.raises(RuntimeError):
            desk.platform.sealer.unseal(work.ctx.company_id, order_id := desk.site.id, known.secrets_sealed)
        assert order_id != made.id
        for wrong in ({"address": "x"}, {"address": "x", "merchant": "1", "key": KEY, "other": "1"}):
            with pytest.raises((Invalid, Conflict)):
                await providers.add(desk.platform, work, desk.site, NewProvider("scanpay.code", wrong))
        with pytest.raises(Invalid):
            await providers.add(desk.platform, work, desk.site, NewProvider("nobody.code", {}))
        with pytest.raises(PreconditionFailed):
            told = ChangedProvider(dict(made.settings), True)
            await providers.change(desk.platform, work, desk.site, made.id, told, made.version + 1)


async def test_the_api_makes_orders_and_tells_how_they_stand(desk: Desk) -> None:
    await desk.set_up()
    home = await desk.till.home(5_000)
    house = desk.till.office.house
    cashier, manager = await desk.web.api(house, "cashier"), await desk.web.api(house, "manager")
    parts = [
        {"unit_id": str(p.unit_id), "charge_id": str(p.charge_id), "amount_fen": p.amount_fen} for p in home.parts()
    ]
    body: dict[str, Any] = {
        "key": "k", "unit_id": str(home.unit_id), "party_id": str(home.party_id), "means": "qr",
        "amount_fen": 5_000, "parts": parts, "identified": True,
    }  # fmt: skip

    made = await cashier.post(f"{desk.api}/orders", json=body)
    again = await cashier.post(f"{desk.api}/orders", json=body)
    order = made.json()
    waits = await cashier.post(f"{desk.api}/orders/{order['id']}/check")
    desk.bank.paid(order["number"])
    paid = await cashier.post(f"{desk.api}/orders/{order['id']}/check")
    listed = await cashier.get(f"{desk.api}/orders", params={"status": "paid", "limit": 1})
    got = await cashier.get(f"{desk.api}/orders/{order['id']}")
    shown = await manager.get(f"{desk.api}/providers")
    late = await cashier.post(f"{desk.api}/orders/{order['id']}/cancel")

    assert (made.status_code, made.json()["status"], again.json()["id"]) == (201, "waiting", order["id"])
    assert (waits.json()["status"], paid.json()["status"], late.json()["status"]) == ("waiting", "paid", "paid")
    assert [each["id"] for each in listed.json()["items"]] == [order["id"]] and listed.json()["cursor"] is None
    assert got.headers["etag"] == f'"{got.json()["version"]}"'
    assert (shown.json()[0]["secrets"], KEY in shown.text) == (["key"], False)
    assert (await cashier.get(f"{desk.api}/providers")).status_code == 403
