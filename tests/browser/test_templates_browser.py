"""The templates in a real browser: accessible, within the security policy, keyboard first, alive, nothing lost."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from tests.browser.people import DESK, PHONE, violations
from tests.browser.samples_server import DIST, PAGES, Site, serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving() as running:
        yield running


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser complains about: refused by the policy, broken scripts, unanswered selectors."""
    said: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "status of 422" not in message.text:
            said.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def requested(site: Site, path: str) -> int:
    return sum(url.partition("?")[0] == path for _, url in site.requests)


UNTOLD = """() => {
    const help = document.querySelector("[data-open='#keys']");
    help?.click();
    const said = document.querySelectorAll("#keys section:not([hidden]) dl:not([hidden]) kbd");
    const told = [...said].map(kbd => kbd.textContent);
    const taken = [...document.querySelectorAll("main [data-hotkey]")].filter(each => each.getClientRects().length);
    const keys = taken.map(each => each.dataset.hotkey).filter(keys => !keys.startsWith("ctrl+") && keys !== "Escape");
    if (document.querySelector("main [data-rows]")) keys.push("j");
    document.querySelector("#keys")?.close();
    return help ? keys.flatMap(keys => keys.split(" ")).filter(key => !told.includes(key) && !/^[1-9]$/.test(key)) : [];
}"""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_and_within_the_policy(page: Page, site: Site, complaints: list[str], name: str) -> None:
    page.goto(f"{site.url}/page/{name}")
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        for theme in ("light", "dark"):
            page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
            assert violations(page) == [], (size, theme)
        assert page.evaluate("document.documentElement.scrollWidth") == size["width"], "scrolls sideways"
    page.set_viewport_size(DESK)
    assert page.evaluate(UNTOLD) == [], "keys of the page that its help does not tell"
    assert complaints == []


def test_a_refused_form_comes_back_with_its_errors_and_the_focus_in_the_first(
    page: Page, site: Site, complaints: list[str]
) -> None:
    page.goto(f"{site.url}/page/workbench-answered")
    page.keyboard.press("F2")
    description = page.locator("#f-description")
    expect(description).to_be_focused()
    description.fill("漏")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#error-place")).to_be_visible()
    expect(page.locator("#f-place")).to_be_focused()
    expect(description).to_have_value("漏")
    assert complaints == []


def test_number_keys_choose_the_category_and_the_promise_follows(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/page/workbench-none")
    with page.expect_response(re.compile("/reception/promise")) as answer:
        page.keyboard.press("5")
    assert answer.value.url.partition("?")[2] == "category=noise&severity=urgent", "nothing personal in the address"
    expect(page.locator("input[name=category][value=noise]")).to_be_checked()
    page.locator("#f-description").press_sequentially("5")
    expect(page.locator("#f-description")).to_have_value("5")


def test_keys_of_an_input_method_are_left_alone(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/page/workbench-none")
    page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {key: '5', isComposing: true}))")
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: '5', isComposing: true, bubbles: true}))"
    )
    expect(page.locator("input[name=category][value=water]")).to_be_checked()


def test_the_lookup_is_worked_by_keyboard(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/page/workbench-none")
    site.requests.clear()
    place, unit = page.locator("#f-place"), page.locator("input[name=unit_id]")
    place.fill("1802")
    expect(unit).to_have_value("")
    expect(page.locator("#intake-units [role=option]")).to_have_count(1)
    place.press("Enter")
    expect(place).to_have_value("3幢2单元1802")
    expect(unit).to_have_value("u1")
    expect(page.locator("#intake-units [role=option]")).to_have_count(0)
    assert requested(site, "/s/cuihu/reception/intake") == 0, "Enter took the option and sent nothing"


def test_a_household_opens_over_the_list_and_is_gone_when_closed(page: Page, site: Site, complaints: list[str]) -> None:
    page.goto(f"{site.url}/page/estate")
    page.locator("#u-u1 .place a").press("Enter")
    dialog = page.locator("#household")
    expect(dialog).to_be_visible()
    dialog.get_by_text("查看完整号码", exact=True).press("Enter")
    reason = dialog.locator("form[action$='/phones'] input[name=reason]")
    expect(reason).to_be_focused()
    assert violations(page) == []
    reason.fill("x")
    reason.press("Enter")
    expect(dialog.locator(".field-error")).to_be_visible()
    expect(reason).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert complaints == []


def test_the_palette_opens_and_goes_by_keyboard(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/page/tickets")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.type("1802")
    expect(page.locator("#palette-list [role=option]")).to_contain_text("1802")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-list [aria-selected=true]")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/s/cuihu/estate?q=1802")


def test_a_sequence_of_keys_goes_to_a_page(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/page/tickets")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/s/cuihu/reception/calls")


def test_a_live_message_refreshes_the_rows_under_a_kept_focus(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/page/tickets")
    expect(page.locator("[data-live]")).to_have_attribute("data-state", "online")
    link = page.locator("#t-431 a")
    link.focus()
    clock = page.locator("#t-431 sla-clock .clock").element_handle()
    with page.expect_response(re.compile("/tickets/rows")):
        site.tell("ticket.changed", id="431")
    expect(page.locator("#queue-rows.htmx-request")).to_have_count(0)
    expect(link).to_be_focused()
    assert clock is not None and clock.evaluate("element => element.isConnected && element.dataset.level") == "risk"


def test_two_tabs_share_one_connection(context: BrowserContext, page: Page, site: Site) -> None:
    page.goto(f"{site.url}/page/tickets")
    expect(page.locator("[data-live]")).to_have_attribute("data-state", "online")
    before = requested(site, "/live")
    second = context.new_page()
    second.goto(f"{site.url}/page/workbench-none")
    expect(second.locator("[data-live]")).to_have_attribute("data-state", "online")
    with page.expect_response(re.compile("/tickets/rows")), second.expect_response(re.compile("/tickets/rows")):
        site.tell("ticket.changed", id="431")
    assert requested(site, "/live") == before
    page.close()
    with second.expect_response(re.compile("/tickets/rows")):  # the second tab leads now, and catches up or hears it
        expect(second.locator("[data-live]")).to_have_attribute("data-state", "online")
        second.wait_for_function("() => navigator.locks.query().then(locks => locks.held.length === 1)")
        second.evaluate("document.body.dispatchEvent(new CustomEvent('lodge:resync'))")


def test_a_call_is_answered_and_carried_into_the_form(page: Page, site: Site, complaints: list[str]) -> None:
    page.goto(f"{site.url}/page/workbench-ringing")
    expect(page.locator("#call-card elapsed-clock")).to_have_text("9 秒")
    with page.expect_request(re.compile("/calls/c1/answer")):
        page.keyboard.press("F9")
    expect(page.locator("#call-card")).to_have_attribute("data-state", "answered")
    page.keyboard.press("F8")
    expect(page.locator(".script [aria-current=step]")).to_contain_text("承诺时限")
    assert complaints == []


def test_what_is_being_typed_survives_a_reload(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/page/workbench-none")
    page.locator("#f-description").fill("厨房水槽漏水")
    page.locator("[data-phrase=总阀已关]").click()
    page.locator("input[name=severity][value=critical]").check(force=True)
    page.reload()
    expect(page.locator("#f-description")).to_have_value("厨房水槽漏水，总阀已关")
    expect(page.locator("input[name=severity][value=critical]")).to_be_checked()


def test_clocks_count_in_the_servers_time(page: Page, site: Site) -> None:
    page.clock.install(time=0)  # this computer's clock is wrong by decades
    page.goto(f"{site.url}/page/tickets")
    face = page.locator("#t-431 sla-clock")
    expect(face).to_have_text("快到01:48")
    page.clock.run_for(8_000)
    expect(face).to_have_text("快到01:40")
    page.clock.run_for(101_000)
    expect(face).to_have_text("超时00:01")
    expect(face.locator(".clock")).to_have_attribute("data-level", "breach")


def test_a_dialog_comes_back_open_when_its_values_were_refused(page: Page, site: Site, complaints: list[str]) -> None:
    page.goto(f"{site.url}/page/ticket")
    page.locator("#action-pause-open").click()
    page.locator("#pause-f-reason").fill("x")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#pause-error-reason")).to_be_visible()
    expect(page.locator("#action-pause")).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(page.locator("#action-pause")).to_be_hidden()
    assert complaints == []


def test_rows_of_a_policy_are_added_moved_and_removed(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/page/policy-categories")
    keys = page.locator("input[name='categories.key']")
    before = keys.count()
    page.locator("[data-repeat=down]").first.click()
    expect(keys.nth(0)).to_have_value("lift")
    page.locator("[data-repeat=remove]").first.click()
    expect(keys).to_have_count(before - 1)
    page.locator("[data-repeat=add]").click()
    expect(keys).to_have_count(before)
    expect(keys.last).to_be_focused()


def test_the_theme_changes_at_once_and_is_kept(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/page/tickets")
    with page.expect_request(lambda request: request.url.endswith("/prefs")) as sent:
        page.get_by_role("button", name="深色模式").click()
    assert "theme=dark" in (sent.value.post_data or "")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.get_by_role("button", name="浅色模式")).to_be_visible()


def test_a_failure_leaves_the_page_and_says_so(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/page/ticket")
    page.locator("#action-accept-open").click()
    expect(page.locator(".toast-item")).to_contain_text("连不上服务器")
    expect(page.locator("#ticket")).to_be_visible()


def test_the_api_description_needs_nobody_elses_server(page: Page, site: Site, complaints: list[str]) -> None:
    page.goto(f"{site.url}/api/docs")
    page.locator("#api-docs .opblock-tag").click()
    expect(page.locator("#api-docs .opblock-summary-path")).to_contain_text("/api/v1/me")
    assert complaints == []


def test_the_workbench_is_light_enough_for_a_cheap_pc(page: Page, site: Site) -> None:
    files: list[str] = []
    page.on("response", lambda answer: files.append(answer.url.rpartition("/")[2]))
    page.goto(f"{site.url}/page/workbench-ringing")
    html = len(gzip.compress(page.content().encode()))
    sent = html + sum((DIST / f"{name}.gz").stat().st_size for name in files if (DIST / f"{name}.gz").exists())
    assert len(files) >= 4
    assert sent <= 120 * 1024
