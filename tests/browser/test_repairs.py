"""A repair in a browser: a visit agreed on, materials written down, the charge confirmed, done, answered, closed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import People

pytestmark = pytest.mark.browser


def submit(page: Page) -> None:
    """The form of the dialog that is open; it is over once the dialog is gone."""
    page.locator("dialog[open] button[type=submit]").click()
    expect(page.locator("dialog[open]")).to_have_count(0)


def step(page: Page, name: str, text: str) -> None:
    """One of the shared steps on the ticket's page, with what it wants written."""
    page.locator(f"#action-{name}-open").click()
    page.locator("dialog[open] textarea").fill(text)
    submit(page)


def test_a_repair_goes_from_a_free_time_to_a_confirmed_charge(people: People) -> None:
    """REP-1 to REP-3, TKT-3."""
    with people.api("chenxiao") as api:
        body = {
            "description": "阳台水龙头关不紧",
            "category": "plumbing_electric",
            "place": "11幢2单元1501",
            "reporter_name": "谢女士",
            "fields": {"item": "pipes", "spot": "阳台"},
        }
        taken = api.post("/sites/cuihu/tickets", json=body)
        assert taken.status_code == 201, taken.text
    page = people.sign_in("zhoujian")
    page.goto("/s/cuihu/repairs?q=水龙头")
    page.locator("#orders tbody a").first.click()
    panel = page.locator("#order-panel")

    panel.get_by_role("button", name="约定上门").click()
    # who knows the trade best comes first wherever he is free, which at some hours of the day he is not at once
    free = page.locator("#visits-slot option").filter(has_text="· 王磊").first
    page.locator("#visits-slot").select_option(free.get_attribute("value"))
    submit(page)
    expect(panel).to_contain_text("已约定")
    panel.get_by_role("button", name="用料与人工").click()
    page.locator("dialog[open] [name=code]").select_option("FM01")
    submit(page)
    expect(panel).to_contain_text("48.00")
    expect(panel.get_by_role("status")).to_contain_text("费用尚未确认")

    panel.get_by_role("button", name="登记费用确认").click()
    page.locator("dialog[open] button[type=submit]").click()
    expect(page.locator("dialog[open] .field-error")).to_have_text("请填写确认人。")
    page.locator("dialog[open] [name=resident_name]").fill("谢女士")
    page.locator("dialog[open] [name=how]").select_option("telephone")
    submit(page)
    expect(panel).to_contain_text("费用已确认")
    step(page, "resolve", "更换角阀，试水不漏")
    step(page, "answer", "电话告知已修好")
    page.locator("#action-close-open").click()
    expect(page.locator(".ticket-head")).to_contain_text("已关闭")
