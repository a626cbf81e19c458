"""A cashier finds a household, takes a part of what it owes, prints the receipt and has it voided: by keyboard alone
(BIL-3)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import People, violations

pytestmark = pytest.mark.browser

_API = "/sites/cuihu/billing"


def owing(people: People) -> str:
    """The label of a unit that owes something for long."""
    with people.api("caoyan") as finance:
        found = finance.get(f"{_API}/arrears", params={"sort": "oldest"}).raise_for_status().json()
    return str(found["items"][0]["unit"])


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_bil_3_a_cashier_takes_a_part_payment_and_its_receipt_is_voided_by_keyboard(
    people: People, estate: None
) -> None:
    unit = owing(people)
    page = people.sign_in("caoyan")  # who may void besides
    page.goto("/s/cuihu/billing/counter")
    expect(page.locator("#f-place")).to_be_focused()
    page.keyboard.type(unit)
    expect(page.locator("#counter-units [role=option]").first).to_be_visible()
    assert violations(page) == []
    press(page, "Enter")

    amount = page.locator("#f-amount")
    expect(page.locator("#house-title")).to_contain_text(unit)
    press(page, "F2")
    expect(amount).to_be_focused()
    page.keyboard.type("10")
    expect(page.locator("#plan")).to_contain_text("壹拾元整")
    page.locator("#f-identified").focus()
    press(page, "Space")
    assert violations(page) == []
    press(page, "Control+Enter")

    expect(page.locator("#receipt-title")).to_contain_text(re.compile(r"SJ-\d{4}-\d{6}"))
    with page.context.expect_event("response", lambda each: each.url.endswith("/print")) as answer:
        press(page, "p")
    assert answer.value.status == 200
    press(page, "v")
    page.keyboard.type("演示作废")
    press(page, "Control+Enter")
    expect(page.locator("#main")).to_contain_text("已作废：演示作废")
    assert violations(page) == []
    press(page, "n")
    expect(page.locator("#f-place")).to_be_focused()
