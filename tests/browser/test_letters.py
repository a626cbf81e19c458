"""A letter from the register to its answer by the keyboard (REC-10), and a script changed while it is shown (REC-3)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.day import LETTER
from tests.browser.people import People, violations
from tests.world import PICTURE

pytestmark = pytest.mark.browser


def test_a_letter_is_registered_scanned_and_answered(people: People) -> None:
    page = people.sign_in("chenxiao")
    page.goto("/s/cuihu/reception")
    page.keyboard.press("F4")
    page.keyboard.type("翠湖街道办事处")
    page.keyboard.press("Alt+m")  # no call and no visit, but a letter
    page.wait_for_url("**/letters/new")
    expect(page.get_by_label("来函人")).to_have_value("翠湖街道办事处")
    page.get_by_label("来函文号").fill("街办〔2026〕31号")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#error-subject")).to_be_visible()
    page.get_by_label("事由").fill("关于楼道堆物的整改通知")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#letter-title")).to_have_text(LETTER)
    page.locator("input[type=file]").first.set_input_files(
        {"name": "来函.png", "mimeType": "image/png", "buffer": PICTURE}
    )
    expect(page.locator(".files li")).to_have_count(1)
    assert violations(page) == []
    page.get_by_label("答复内容").fill("堆物已于今日清理完毕。")
    page.get_by_label("复函文号").fill("翠湖物业〔2026〕8号")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#answered-title")).to_be_visible()
    page.goto("/s/cuihu/reception/letters?which=answered")
    expect(page.get_by_role("row", name="翠湖物业〔2026〕8号")).to_contain_text("已答复")


def test_a_script_is_shown_as_it_is_said_while_it_is_written(people: People) -> None:
    page = people.sign_in("linan")
    page.goto("/s/cuihu/reception/scripts/edit?of=hold")
    said, text = page.locator("#preview"), page.locator("#f-zh")
    text.fill("{{caler}}，请稍候")
    expect(said.get_by_role("alert")).to_contain_text("caler")
    text.fill("{{caller}}，请稍候，{{clerk}}马上为您查询。")
    expect(said).to_contain_text("王女士，请稍候，林安马上为您查询。")
    assert violations(page) == []
    page.locator("#f-reason").fill("更亲切")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/scripts#hold")
    expect(page.locator("#hold")).to_contain_text("请稍候，林安马上为您查询。")
