"""A working day at the front desk as its people live it in browsers, and what the server has acknowledged of it."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import httpx
from playwright.sync_api import expect

from tests.browser.people import PHONE, People
from tests.browser.test_main_path import act, exchange_of, open_ticket, ring
from tests.support.served import Served

RECOVERY = 45_000  # ms; an open page asks again after pauses that grow
NUMBER = re.compile(r"\S*\d{4}-\d{4}")
LETTER = re.compile(r"来函 \S*\d")  # with the number it was given; the form's own heading has none
KEYS = {"水电维修": "1", "保洁绿化": "4", "噪音投诉": "5", "费用咨询": "6"}


class Day:
    """陈晓 at the desk of 翠湖花园一期. What is acknowledged is noted, to be counted at the end."""

    def __init__(self, server: Served, people: People) -> None:
        self.server = server
        self.people = people
        self.desk = people.sign_in("chenxiao")
        self.calls: list[str] = []
        self.tickets: dict[str, str] = {}  # number → what it is about
        self.visitors: list[str] = []
        self.letters: list[str] = []
        self.visited: list[str] = []  # tickets after which the household was asked
        self._exchange: httpx.Client = exchange_of(people)
        self._phones = (f"138000100{n:02}" for n in count(1))
        self.at_desk()

    def leave(self) -> None:
        self._exchange.close()

    def at_desk(self) -> None:
        """Back to the workbench, when news arrives there."""
        self.desk.goto("/s/cuihu/reception")
        expect(self.desk.locator("[data-live]")).to_have_attribute("data-state", "online", timeout=RECOVERY)

    # -- calls ------------------------------------------------------------------------------------------------------

    def rings(self) -> None:
        """The telephone rings, and the card is there."""
        self.calls.append(f"day-{len(self.calls) + 1}")
        ring(self._exchange, self.calls[-1], next(self._phones))
        expect(self.desk.locator("#call-card")).to_have_attribute("data-state", "ringing")

    def hangs_up(self) -> None:
        """The caller does, before anybody answers."""
        over = self._exchange.post("/calls", json={"external_id": self.calls[-1], "event": "ended"})
        assert over.status_code == 200, over.text
        expect(self.desk.locator("#call-card")).not_to_have_attribute("data-state", "ringing")

    def answers(self) -> None:
        self.desk.keyboard.press("F9")
        expect(self.desk.locator("#call-card")).to_have_attribute("data-state", "answered")

    def types(self, category: str, place: str, name: str, matter: str) -> None:
        """What the caller says goes into the form."""
        self.desk.locator("#main").focus()
        self.desk.keyboard.press(KEYS[category])
        self.desk.locator("#f-place").fill(place)
        self.desk.locator("#f-contact").fill(name)
        self.desk.locator("#f-description").fill(matter)

    def saves(self, matter: str) -> str:
        """The form becomes a ticket: its number, and the call is over."""
        self.desk.locator("#f-description").press("Control+Enter")
        toast = self.desk.locator(".toast-item").filter(has_text=NUMBER).last
        number = NUMBER.search(toast.inner_text())
        assert number, toast.inner_text()
        expect(self.desk.locator("#intake #f-description")).to_have_value("")
        self.tickets[number.group()] = matter
        self.desk.keyboard.press("F9")
        expect(self.desk.locator("#call-card")).not_to_have_attribute("data-state", "answered")
        self.desk.locator(".toast-item").evaluate_all("items => items.forEach(item => item.remove())")
        return number.group()

    def call(self, category: str, place: str, name: str, matter: str, severity: str = "routine") -> str:
        """A call from the first ring to the ticket."""
        self.rings()
        self.answers()
        self.types(category, place, name, matter)
        self.desk.locator(f"input[name=severity][value={severity}]").check(force=True)
        return self.saves(matter)

    # -- whoever comes, and what is written ---------------------------------------------------------------------------

    def visitor(self, name: str, purpose: str, place: str, host: str) -> None:
        """Registered, the household asked by telephone, let in with a badge."""
        page = self.desk
        page.goto("/s/cuihu/reception/visitors")
        page.locator("#f-name").fill(name)
        page.locator("#f-purpose").select_option(purpose)
        page.locator("#f-place").fill(place)
        page.locator("#f-host_name").fill(host)
        page.locator("input[name=accepted]").check()
        page.locator("button[name=then][value=admit]").click()
        expect(page.get_by_role("row").filter(has_text=name)).to_contain_text("在场")
        self.visitors.append(name)

    def visitor_leaves(self, name: str) -> None:
        self.desk.goto("/s/cuihu/reception/visitors")
        self.desk.get_by_role("button", name=re.compile(name)).click()
        expect(self.desk.get_by_role("row").filter(has_text=name)).to_have_count(0)

    def message(self, colleague: str, caller: str, matter: str) -> None:
        """Taken down for somebody who is away (REC-6)."""
        page, by = self.desk, datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(hours=2)
        page.goto("/s/cuihu/reception/messages")
        page.locator("#f-colleague_id").select_option(label=colleague)
        page.locator("#f-caller_name").fill(caller)
        page.locator("#f-phone").fill("13800012001")
        page.locator("#f-matter").fill(matter)
        page.locator("#f-call_back_by").fill(f"{by:%Y-%m-%dT%H:%M}")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#messages")).to_contain_text(matter)

    def writes_letter(self, sender: str, subject: str) -> None:
        """The form for a letter, filled in and not sent yet."""
        self.desk.goto("/s/cuihu/reception/letters/new")
        self.desk.locator("#f-sender_name").fill(sender)
        self.desk.locator("#f-subject").fill(subject)
        self.desk.locator("#f-place").fill("小区")

    def registers_letter(self, subject: str) -> None:
        self.desk.locator("#f-subject").press("Control+Enter")
        expect(self.desk.locator("#letter-title")).to_have_text(LETTER)
        self.letters.append(subject)

    # -- the others ---------------------------------------------------------------------------------------------------

    def hand_over(self, giver: str, taker: str, remark: str) -> None:
        """A shift from hand to hand."""
        giving, taking = self.people.sign_in(giver), self.people.sign_in(taker)
        giving.goto("/s/cuihu/reception/handover")
        giving.locator("#f-keys").fill("备用钥匙一串、对讲机两台")
        giving.locator("#f-remarks").fill(remark)
        giving.keyboard.press("Control+Enter")
        expect(giving.locator("#main")).to_contain_text("尚未接班")
        taking.goto("/s/cuihu/reception/handover")
        taking.locator(".notice a").click()
        expect(taking.locator("#main")).to_contain_text(remark)
        taking.locator("[data-open='#accept']").click()
        taking.locator("#accept button[type=submit]").click()
        expect(taking.locator("[data-open='#accept']")).to_have_count(0)
        giving.close()
        taking.close()

    def repair(self, number: str) -> None:
        """The technician's part, on a phone."""
        page = self.people.sign_in("wanglei", viewport=PHONE)
        open_ticket(page, number)
        act(page, "claim")
        act(page, "arrive")
        act(page, "resolve", "修好，试用正常")
        expect(page.locator(".ticket-head")).to_contain_text("已办结")
        page.close()

    def answer(self, number: str, text: str) -> None:
        """The reporter is told, and the matter is closed (TKT-3)."""
        open_ticket(self.desk, number)
        self.desk.locator("#action-answer-open").click()
        self.desk.locator("#answer-f-text").fill(text)
        self.desk.keyboard.press("Control+Enter")
        expect(self.desk.locator("#action-close-open")).to_be_visible()
        act(self.desk, "close")

    def complaint(self, number: str) -> None:
        """The supervisor's part: the complainant called first, both sides heard, an agreement (CMP-2, CMP-4)."""
        page = self.people.sign_in("sunli")
        open_ticket(page, number)
        case, dialog = page.locator("#case"), page.get_by_role("dialog")
        steps = (
            ("联系投诉人", "午休时打孔，孩子睡不着"),
            ("听取投诉人意见", "希望午间停工"),
            ("听取对方意见", "愿意改到下午"),
            ("调解", "约定 12 点到 14 点不施工"),
        )
        for step, said in steps:
            case.get_by_role("button", name=step, exact=True).click()
            if step == "听取对方意见":
                dialog.get_by_label("听取何人意见").fill("装修单位")
            dialog.get_by_label("沟通或处理情况").fill(said)
            page.keyboard.press("Control+Enter")
            expect(case).to_contain_text(said)
            if step == "联系投诉人":
                case.get_by_role("button", name="查明情况").click()
                dialog.get_by_label("投诉类别").select_option("neighbour")
                page.keyboard.press("Control+Enter")
                expect(case).to_contain_text("邻里纠纷")
        act(page, "resolve", "双方同意午间停工")
        expect(page.locator(".ticket-head")).to_contain_text("已办结")
        page.close()

    def return_visit(self, number: str) -> None:
        """The household is asked by telephone whether it is content (VIS-1, VIS-4)."""
        page = self.desk
        page.goto("/s/cuihu/returnvisits")
        until = time.monotonic() + RECOVERY / 1000
        while not (row := page.locator("#visits tr").filter(has_text=number)).count():
            assert time.monotonic() < until, "no visit is owed"
            page.reload()
        row.get_by_role("link").click()
        page.locator("#said-f-way").select_option("phone")
        page.locator("#said-f-quality").select_option("5")
        page.locator("#said-f-effect").select_option("solved")
        page.locator("#said-f-satisfaction").select_option("satisfied")
        page.locator("#said-f-opinions").fill("师傅来得快")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#main")).to_contain_text("师傅来得快")
        expect(page.locator("#outcome")).to_have_count(0)
        self.visited.append(number)

    # -- blows --------------------------------------------------------------------------------------------------------

    def killed(self, *, with_database: bool = False) -> None:
        """The server dies, or its database a moment before it; the open page says that it is alone."""
        if with_database:
            self.server.kill_database()
        self.server.kill()
        expect(self.desk.locator("[data-live]")).to_have_attribute("data-state", "offline", timeout=RECOVERY)

    def restarted(self) -> None:
        self.server.start()
        expect(self.desk.locator("[data-live]")).to_have_attribute("data-state", "online", timeout=RECOVERY)
