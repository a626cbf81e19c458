"""A neighbour's complaint from contact to answer, compensation decided on by another; whom it concerns sees nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import People

pytestmark = pytest.mark.browser
SITE = "cuihu"


def test_a_neighbours_complaint_is_heard_mediated_compensated_and_answered(people: People) -> None:
    """CMP-2, CMP-4, CMP-6"""
    with people.api("chenxiao", "linli") as api:
        new = {"description": "楼上空调水滴到阳台", "category": "complaint", "place": "6幢2单元302"}
        ticket = api.post(f"/sites/{SITE}/tickets", json=new).json()
    with people.api("sunli", "linli") as api:
        found = api.get(f"/sites/{SITE}/tickets/candidates?category=complaint").json()["candidates"]
        concerned = next(each for each in found if each["name"] == "郑涛")
        step = {"concerns_id": concerned["membership_id"]}
        path = f"/sites/{SITE}/tickets/{ticket['id']}/actions/concern"
        named = api.post(path, json=step, headers={"If-Match": '"1"'})
        assert named.status_code == 200, named.text

    page = people.sign_in("sunli", "linli")
    page.goto(f"/s/{SITE}/tickets/{ticket['id']}")
    case = page.locator("#case")
    expect(case).to_contain_text("请先联系投诉人")
    done(page, "联系投诉人", "电话了解滴水时间")
    case.get_by_role("button", name="查明情况").click()
    page.get_by_role("dialog").get_by_label("投诉类别").select_option("neighbour")
    page.get_by_role("dialog").get_by_role("button", name=re.compile("查明情况")).click()
    expect(case).to_contain_text("邻里纠纷")
    done(page, "听取投诉人意见", "阳台衣物被打湿")
    done(page, "听取对方意见", "愿意加接水管", who="楼上租户")
    done(page, "调解", "本周内加装接水管")
    case.get_by_role("button", name="提出补偿方案").click()
    page.get_by_role("dialog").get_by_label("补偿金额").fill("120")
    page.get_by_role("dialog").get_by_label("事由").fill("衣物清洗费")
    page.get_by_role("dialog").get_by_role("button", name=re.compile("提出补偿方案")).click()
    expect(case).to_contain_text("待审批")
    expect(case.get_by_role("button", name="同意", exact=True)).to_have_count(0)

    manager = people.sign_in("zhoujian", "linli")
    manager.goto(f"/s/{SITE}/tickets/{ticket['id']}")
    manager.locator("#case").get_by_role("button", name="同意", exact=True).click()
    manager.get_by_role("dialog").get_by_role("button", name=re.compile("^同意")).click()
    expect(manager.locator("#case")).to_contain_text("已同意")

    with people.api("sunli", "linli") as api:
        for action, said in (("resolve", "接水管已装好"), ("answer", "电话答复")):
            seen = api.get(f"/sites/{SITE}/tickets/{ticket['id']}")
            path = f"/sites/{SITE}/tickets/{ticket['id']}/actions/{action}"
            answer = api.post(path, json={"text": said}, headers={"If-Match": seen.headers["etag"]})
            assert answer.status_code == 200, answer.text
    with people.api("zhengtao", "linli") as api:
        assert api.get(f"/sites/{SITE}/tickets/{ticket['id']}").status_code == 404
        assert api.get(f"/sites/{SITE}/tickets/search?q=空调水滴").json()["items"] == []


def done(page: Page, step: str, said: str, who: str = "") -> None:
    """Record the step that comes next, by the panel's first button."""
    page.locator("#case").get_by_role("button", name=step, exact=True).first.click()
    dialog = page.get_by_role("dialog")
    if who:
        dialog.get_by_label("听取何人意见").fill(who)
    dialog.get_by_label("沟通或处理情况").fill(said)
    dialog.get_by_role("button", name=re.compile(step)).click()
    expect(page.locator("#case")).to_contain_text(said)
