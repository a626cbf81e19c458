"""A repair is done and drawn for a visit; nobody answers, the household is dissatisfied and signs; it goes back to work
(VIS-4, VIS-5, REP-5)."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.people import PHONE, People, api_of, violations
from tests.support.served import Served

pytestmark = pytest.mark.browser

TICKETS = "/sites/cuihu/tickets"


def repaired(demo: Served) -> str:
    """The number of an urgent repair, which the technician has just done."""
    new = {"description": "配电箱跳闸后打火", "category": "plumbing_electric", "severity": "urgent", "place": "3幢1802",
           "reporter_name": "王女士"}  # fmt: skip
    with api_of(demo.url, "chenxiao") as clerk, api_of(demo.url, "wanglei") as technician:
        ticket: dict[str, Any] = clerk.post(TICKETS, json=new).raise_for_status().json()
        steps = f"{TICKETS}/{ticket['id']}/actions"
        for action, text in (("claim", ""), ("arrive", ""), ("resolve", "更换空开")):
            seen = {"if-match": f'"{ticket["version"]}"'}
            taken = technician.post(f"{steps}/{action}", json={"text": text}, headers=seen).raise_for_status()
            ticket = taken.json()
    return str(ticket["number"])


def test_a_repair_whose_visit_fails_is_signed_and_goes_back_to_work(people: People, demo: Served) -> None:
    page = people.sign_in("chenxiao", viewport=PHONE, has_touch=True)
    page.goto("/s/cuihu/returnvisits?mine=true")
    number = repaired(demo)
    row = page.get_by_role("row", name=number)
    expect(row).to_be_visible(timeout=30_000)  # by itself, once the worker has heard of it
    row.get_by_role("link").click()
    page.locator("[data-open='#do-attempt']").click()
    page.locator("#do-attempt button[type=submit]").click()
    expect(page.locator(".events")).to_contain_text("未联系上")

    said = page.locator("#outcome")
    said.get_by_label("方式").select_option("visit")
    said.get_by_label("维修质量").select_option("2")
    said.get_by_label("满意程度").select_option("dissatisfied")
    said.get_by_label("维修效果").select_option("unsolved")
    page.keyboard.press("Control+Enter")
    expect(said.locator(".field-error")).to_be_visible()
    said.get_by_label("不足之处").fill("当晚又跳闸了")
    assert violations(page) == []
    page.keyboard.press("Control+Enter")

    pad = page.locator("#sign canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 60)
    page.mouse.down()
    for step in range(1, 8):
        page.mouse.move(box["x"] + 30 + 25 * step, box["y"] + 60 - 20 * (step % 2))
    page.mouse.up()
    page.locator("#sign button[type=submit]").click()
    expect(page.locator("#said-title + .sub, .facts").last).to_contain_text("已在屏幕上签字")
    assert violations(page) == []
    page.get_by_role("link", name=number).first.click()
    expect(page.locator("#main")).to_contain_text("当晚又跳闸了")

    manager = people.sign_in("zhoujian")
    manager.goto("/notifications")
    manager.get_by_text("回访住户不满意").first.click()
    expect(manager.locator("#visit-title")).to_contain_text("3幢1802")
    expect(manager.locator(".events")).to_contain_text("退回返工")
