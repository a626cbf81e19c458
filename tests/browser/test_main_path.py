"""What the product is for, from the telephone's ring to the answer that the resident gets, by everybody who has a part
in it and with nothing but what they see."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from core.exchange.roll import parse_roll
from tests.browser.people import PHONE, ROLL, People

pytestmark = pytest.mark.browser


def test_an_admin_imports_a_roll_undoes_it_and_imports_it_again(people: People) -> None:
    page = people.sign_in("linan")
    page.goto("/s/xinghe/estate")
    page.get_by_role("link", name="导入业主名册").click()
    import_roll(page)
    page.goto("/s/xinghe/estate/import")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="撤销").click()
    expect(page.locator("#main .notice")).to_contain_text("已撤销")
    page.goto("/s/xinghe/estate")
    expect(page.locator("#units")).not_to_contain_text("1幢1单元101")
    page.goto("/s/xinghe/estate/import")
    import_roll(page)


def import_roll(page: Page) -> None:
    """Look at what the roll would change, take it in, find it in the list."""
    page.locator("input[type=file]").set_input_files(ROLL)
    page.get_by_role("button", name="预览").click()
    for count, value in (("新增房产", "1,065"), ("未导入的行", "10"), ("略过的单元格", "38")):
        expect(page.locator(".kpis li").filter(has_text=count).locator(".value")).to_have_text(value)
    for row, left_out in (("24", "整行不导入"), ("18", "略过此格")):
        issue = page.get_by_role("row").filter(has=page.get_by_role("cell", name=row, exact=True))
        expect(issue).to_contain_text(left_out)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#main .notice")).to_contain_text(f"{ROLL.name} 已导入")
    page.get_by_role("link", name="返回").first.click()
    expect(page.locator("#units")).to_contain_text("1幢1单元101")


def test_a_call_becomes_a_ticket_that_is_done_answered_and_closed(people: People, estate: None) -> None:
    caller = next(row for row in parse_roll(ROLL.read_bytes()).rows if row.label == "1幢1单元102")
    name, phone = caller.owners[0].name, caller.owners[0].phones[0]
    clerk, supervisor = people.sign_in("chenxiao"), people.sign_in("sunli")
    for page in (clerk, supervisor):
        page.goto("/s/cuihu/reception")
        expect(page.locator("[data-live]")).to_have_attribute("data-state", "online")
    loads: list[str] = []
    clerk.on("load", lambda page: loads.append(page.url))

    with exchange_of(people) as exchange:
        ring(exchange, "call-1", phone)
    card = clerk.locator("#call-card")
    expect(card).to_have_attribute("data-state", "ringing")
    for text in (name, caller.label, phone, "翠湖花园一期", "陈晓"):
        expect(card).to_contain_text(text)
    expect(supervisor.locator("#f-place")).to_have_value(caller.label)
    clerk.keyboard.press("F9")
    expect(card).to_have_attribute("data-state", "answered")
    expect(clerk.locator("#f-place")).to_have_value(caller.label)
    expect(supervisor.locator("#f-place")).to_have_value("")  # somebody else's call
    number = take_in(clerk, "厨房水槽下方漏水，总阀已关")
    clerk.keyboard.press("F9")
    expect(card).not_to_have_attribute("data-state", "answered")
    assert loads == [], "nothing was loaded anew"

    row = supervisor.locator("#queue-rows tr").filter(has_text="厨房水槽下方漏水")
    expect(row).to_contain_text(caller.label)
    face = row.locator("sla-clock .num")
    before = face.inner_text()
    expect(face).not_to_have_text(before)  # it ticks

    do_on_site(people, number)
    answer_and_close(clerk, number, name)
    read_as_another_program(people, number)


def exchange_of(people: People) -> httpx.Client:
    """The telephone exchange, with a token that the admin has just issued for it."""
    page = people.sign_in("linan")
    page.goto("/admin/tokens")
    page.get_by_label("名称").fill("电话交换机")
    page.locator("input[name=scopes][value='reception.call.report']").check()
    page.get_by_label("翠湖花园一期", exact=True).check()
    page.get_by_role("button", name="创建令牌").click()
    token = page.locator(".notice code").inner_text()
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=f"{people.url}/api/v1/sites/cuihu/reception", headers=headers)


def ring(exchange: httpx.Client, call: str, phone: str) -> None:
    answer = exchange.post("/calls", json={"external_id": call, "event": "ringing", "phone": phone})
    assert answer.status_code == 200, answer.text


def take_in(page: Page, matter: str) -> str:
    """Take the matter in by the keyboard alone; the ticket's number."""
    page.locator("#main").focus()
    page.keyboard.press("1")
    expect(page.locator("input[name=category]").first).to_be_checked()
    page.keyboard.press("F2")
    expect(page.locator("#f-description")).to_be_focused()
    page.keyboard.insert_text(matter)
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name === 'severity'"):
            break
    page.keyboard.press("ArrowRight")
    expect(page.locator("input[name=severity][value=urgent]")).to_be_checked()
    expect(page.locator("#promise")).to_contain_text("紧急")
    expect(page.locator("#promise")).to_contain_text("响应 10 分钟")
    page.keyboard.press("Control+Enter")
    toast = page.locator(".toast-item")
    expect(toast).to_contain_text("10 分钟")
    number = re.search(r"\S*\d{4}-\d{4}", toast.inner_text())
    assert number, toast.inner_text()
    return number.group()


def open_ticket(page: Page, number: str) -> None:
    """From the list of tickets, by its number."""
    page.goto(f"/s/cuihu/tickets?q={number}")
    page.locator("#queue-rows a").click()
    expect(page.locator(".ticket-head")).to_contain_text(number)


def act(page: Page, action: str, text: str = "") -> None:
    """Take a step on the open ticket."""
    page.locator(f"#action-{action}-open").click()
    if text:
        page.locator(f"#{action}-f-text").fill(text)
        page.keyboard.press("Control+Enter")
    expect(page.locator(f"#action-{action}-open")).to_have_count(0)


def do_on_site(people: People, number: str) -> None:
    """The technician's part, on a phone."""
    page = people.sign_in("wanglei", viewport=PHONE)
    open_ticket(page, number)
    state = page.locator(".ticket-head")
    for action, text, then in (
        ("claim", "", "已受理"),
        ("arrive", "", "在现场"),
        ("pause", "等配件", "已暂停"),
        ("resume", "", "在现场"),
        ("resolve", "换了角阀，试水不漏", "已办结"),
    ):
        act(page, action, text)
        expect(state).to_contain_text(then)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], "scrolls sideways"
    expect(page.locator("#action-close-open")).to_have_count(0)


def answer_and_close(page: Page, number: str, reporter: str) -> None:
    """No ticket without an answer to who reported it (TKT-3)."""
    open_ticket(page, number)
    expect(page.locator("#action-close-open")).to_have_count(0)
    page.locator("#action-answer-open").click()
    page.locator("#answer-f-text").fill("告知已换角阀，业主表示满意")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#action-close-open")).to_be_visible()
    act(page, "close")
    expect(page.locator(".ticket-head")).to_contain_text("已关闭")
    story = page.locator(".events li")
    told = [
        ("陈晓", "登记"),
        ("王磊", "接了单"),
        ("王磊", "到现场"),
        ("王磊", "暂停"),
        ("王磊", "恢复"),
        ("王磊", "办结"),
        ("陈晓", "答复"),
        ("陈晓", "关闭"),
    ]
    expect(story).to_have_count(len(told))
    for entry, (who, what) in zip(reversed(story.all()), told, strict=True):
        expect(entry).to_contain_text(who)
        expect(entry).to_contain_text(what)
        expect(entry.locator("time")).to_have_text(re.compile(r"^\d\d-\d\d \d\d:\d\d$"))
    expect(page.locator("#main")).to_contain_text(reporter)


def read_as_another_program(people: People, number: str) -> None:
    """The same ticket through the JSON API, whose description needs no other server."""
    with people.api("chenxiao") as api:
        found = api.get("/sites/cuihu/tickets", params={"q": number, "status": "closed"}).json()["items"]
        assert [ticket["number"] for ticket in found] == [number]
        detail = api.get(f"/sites/cuihu/tickets/{found[0]['id']}").json()
    assert detail["ticket"]["status"] == "closed"
    assert "*" in detail["ticket"]["reporter_phone"]
    assert {goal["name"]: goal["state"] for goal in detail["goals"]} == dict.fromkeys(
        ("response", "arrival", "progress", "resolution"), "met"
    )
    page = people.anybody()
    page.goto("/schema")
    page.locator("#api-docs #operations-tag-tickets").click()
    expect(page.locator('#api-docs [data-path="/api/v1/sites/{site_id}/tickets"]').first).to_be_visible()
