"""A whole day at the front desk with two blows in it: what was acknowledged is there in the evening, whole and once;
what was being typed is not lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.day import Day
from tests.browser.people import People
from tests.support.served import Served, served

pytestmark = pytest.mark.browser
GONE = ("net::ERR_", "status of 503", "Failed to fetch")  # what browsers say of a server that is not there


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("day") / "home") as server:
        yield server
    assert "Traceback" not in server.said()


@pytest.fixture
def day(browser: Browser, server: Served, browser_context_args: dict[str, Any]) -> Iterator[Day]:
    people = People(browser, server.url, browser_context_args)
    day = Day(server, people)
    yield day
    day.leave()
    people.complaints = [said for said in people.complaints if not any(gone in said for gone in GONE)]
    people.leave()


def test_a_working_day_survives_two_blows(day: Day) -> None:
    desk = day.desk
    day.hand_over("dengchao", "chenxiao", "夜里两次巡查，无异常")

    # the morning
    day.at_desk()
    first = day.call("水电维修", "3幢1单元302", "张女士", "厨房水槽下方漏水，总阀已关", "urgent")
    day.call("水电维修", "7幢2单元1102", "李先生", "卫生间灯不亮，换过灯泡")
    noise = day.call("噪音投诉", "3幢2单元404", "严女士", "楼上装修午休时间打孔")
    day.call("费用咨询", "6幢2单元802", "蒋先生", "车位费哪天到期，怎么续")
    day.rings()
    day.hangs_up()
    day.visitor("张强", "走亲访友", "3幢1单元302", "张女士")
    day.visitor("刘师傅", "装修施工", "3幢2单元504", "严先生")
    day.writes_letter("街道办", "消防通道检查通知")
    day.registers_letter("消防通道检查通知")
    day.repair(first)
    day.answer(first, "告知已更换软管，业主试用正常")
    day.complaint(noise)
    day.answer(noise, "告知午间停工的约定，业主认可")

    day.return_visit(first)

    # in the middle of a call the server is gone
    day.at_desk()
    day.rings()
    day.answers()
    matter = "次卧外墙渗水，墙面起皮，下雨时更厉害"
    day.types("水电维修", "6幢1单元1802", "陶先生", matter)
    day.killed()
    expect(desk.locator("#f-description")).to_have_value(matter)
    day.restarted()
    day.at_desk()  # even where the page is loaded anew
    expect(desk.locator("#call-card")).to_have_attribute("data-state", "answered")
    expect(desk.locator("#f-description")).to_have_value(matter)
    expect(desk.locator("#f-contact")).to_have_value("陶先生")
    day.saves(matter)

    # the afternoon
    day.call("水电维修", "10幢1单元1601", "喻先生", "水表前阀门渗水，地上有积水")
    day.call("水电维修", "4幢2单元501", "邹阿姨", "楼道灯不亮，老人摔过一次")
    day.call("噪音投诉", "9幢1单元203", "赵先生", "楼下广场舞音响太大")
    day.call("费用咨询", "1幢2单元1203", "戚先生", "水费比上月多一倍，要求核表")
    day.call("保洁绿化", "5幢大堂", "姜女士", "大堂地面积水，怕有人滑倒")
    day.rings()
    day.answers()
    desk.keyboard.press("F9")
    day.message("周建", "业委会陈主任", "想约时间谈公共收益公示")
    day.visitor("秦先生", "看房", "4幢1单元1002", "卫女士")

    # while a letter is written, server and database are gone at once
    day.writes_letter("供电公司", "停电检修通知盖章")
    day.killed(with_database=True)
    desk.locator("#f-subject").press("Control+Enter")
    expect(desk.locator(".toast-item").last).to_contain_text("没有保存")
    day.restarted()
    desk.reload()
    expect(desk.locator("#f-sender_name")).to_have_value("供电公司")
    expect(desk.locator("#f-subject")).to_have_value("停电检修通知盖章")
    day.registers_letter("停电检修通知盖章")

    # the evening
    day.visitor_leaves("张强")
    day.hand_over("chenxiao", "dengchao", "5幢大堂积水，夜里再看一次")
    everything_is_there(day)


def everything_is_there(day: Day) -> None:
    """Counted through the API, and seen on the pages."""
    with day.people.api("chenxiao") as api:

        def read(path: str, **query: Any) -> Any:
            answer = api.get(f"/sites/cuihu/{path}", params=query)
            assert answer.status_code == 200, answer.text
            return answer.json()

        calls = read("reception/calls", channel="call", limit=200)["items"]
        tickets = [row for status in ("open", "closed") for row in read("tickets", status=status, limit=200)["items"]]
        visits = read("reception/visits", limit=200)["items"]
        letters = read("reception/letters", which="all")["items"]
        shifts = read("reception/handovers")
        messages = read("reception/messages")
        visited = read("returnvisits/visits", which="done")["items"]
    assert len(calls) == len(day.calls) == 12
    assert sum(call["status"] == "missed" for call in calls) == 1
    linked = [call["ticket_number"] for call in calls if call["ticket_number"]]
    assert sorted(linked) == sorted(day.tickets)
    assert len(day.tickets) == 10
    assert {row["number"]: row["description"] for row in tickets if row["number"] in day.tickets} == day.tickets
    assert sorted(visit["name"] for visit in visits) == sorted(day.visitors) and len(visits) == 3
    assert sorted(letter["subject"] for letter in letters) == sorted(day.letters) and len(letters) == 2
    assert len(tickets) == len(day.tickets) + len(letters), "nothing is there twice"
    assert [shift["accepted_by_name"] for shift in shifts] == ["邓超英", "陈晓"]
    assert [message["for_name"] for message in messages] == ["周建"]

    assert [visit["ticket_number"] for visit in visited] == day.visited

    page = day.desk
    page.goto("/s/cuihu/reception/calls")
    for number in day.tickets:
        expect(page.locator("#main")).to_contain_text(number)
    page.goto("/s/cuihu/reception/letters?which=all")
    for subject in day.letters:
        expect(page.locator("#letters")).to_contain_text(subject)
    page.goto("/s/cuihu/reception/visitors/log")
    for name in day.visitors:
        expect(page.locator("#main")).to_contain_text(name)
