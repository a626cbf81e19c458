"""What people do with tickets besides their life: each path once, at a real server."""

from __future__ import annotations

import io
from uuid import uuid4

import httpx
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.people import People, violations

pytestmark = pytest.mark.browser


def taken_in(people: People, matter: str, **values: str) -> tuple[str, str]:
    """A ticket of that matter, taken in through the API: the path of its page, and its number."""
    new = {"description": matter, "category": "plumbing_electric", "place": f"{uuid4().hex[:6]} 号门", **values}
    with people.api("chenxiao") as api:
        answer = api.post("/sites/cuihu/tickets", json=new)
        assert answer.status_code == 201, answer.text
    return f"/s/cuihu/tickets/{answer.json()['id']}", answer.json()["number"]


def send(page: Page, dialog: str, **fields: str) -> None:
    """Fill a dialog's fields in, by the names they have, and send it from the keyboard."""
    page.locator(f"[data-open='#{dialog}']").click()
    for name, text in fields.items():
        field = page.locator(f"#{dialog} [name={name}]")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(text)
        else:
            field.fill(text)
    page.keyboard.press("Control+Enter")


def test_a_duplicate_is_merged_and_the_merge_undone(people: People) -> None:
    main, number = taken_in(people, "整层停电")
    double, _ = taken_in(people, "家里没电")
    page = people.sign_in("chenxiao")
    page.goto(double)
    send(page, "carried-merge", other=number)
    expect(page.locator(".ticket-head")).to_contain_text("已关闭")
    expect(page.locator("#ticket")).to_contain_text(number)
    page.goto(main)
    expect(page.locator(".related")).to_contain_text("已合并")
    page.goto(double)
    send(page, "carried-unmerge", text="两户各自跳闸，不是同一件事")
    expect(page.locator(".ticket-head")).not_to_contain_text("已关闭")
    expect(page.locator(".events")).to_contain_text("两户各自跳闸")


def test_a_matter_put_right_is_promised_anew_on_its_page(people: People) -> None:
    path, _ = taken_in(people, "电梯门口有水，越积越多")
    page = people.sign_in("chenxiao")
    page.goto(path)
    arrival = page.get_by_role("row").filter(has_text="到场")
    expect(arrival).to_contain_text("2 小时")
    send(page, "action-reclassify", severity="critical", text="水已进电梯井")
    expect(page.locator(".ticket-head")).to_contain_text("特急")
    expect(arrival).to_contain_text("15 分钟")
    expect(page.locator(".events li").first).to_contain_text("普通改为水电维修 · 特急")
    expect(page.locator(".events li").first).to_contain_text("水已进电梯井")


def test_a_photo_is_kept_without_where_it_was_taken_and_a_false_one_refused(people: People) -> None:
    path, _ = taken_in(people, "天花板渗水，见照片")
    page = people.sign_in("chenxiao")
    page.goto(path)
    files = page.locator("#files")
    chosen = (("渗水.jpg", photo()), ("清单.jpg", b"MZ\x90\x00 is no picture"))
    payloads = [FilePayload(name=name, mimeType="image/jpeg", buffer=content) for name, content in chosen]
    files.locator("input[type=file]").first.set_input_files(payloads)
    row = files.locator(".files li", has_text="渗水.jpg")
    expect(row.locator("img")).to_have_js_property("complete", True)
    assert row.locator("img").evaluate("image => image.naturalWidth") > 0
    expect(files.locator(".upload-list")).to_contain_text("清单.jpg")
    expect(files.locator(".files li")).to_have_count(1)
    kept = page.context.request.get(row.locator("a").last.get_attribute("href") or "")
    assert kept.status == 200
    assert not Image.open(io.BytesIO(kept.body())).getexif()


def photo() -> bytes:
    """A picture that says where and with what it was taken."""
    exif = Image.Exif()
    exif[0x0110] = "Phone 7"
    exif.get_ifd(0x8825)[1] = "N"
    target = io.BytesIO()
    Image.new("RGB", (640, 480), "steelblue").save(target, "JPEG", exif=exif)
    assert Image.open(io.BytesIO(target.getvalue())).getexif()
    return target.getvalue()


def test_a_ticket_is_put_on_the_agenda_and_leaves_it_with_an_outcome(people: People) -> None:
    matter = f"消防通道被占 {uuid4().hex[:6]}"
    path, number = taken_in(people, matter, category="other")
    page = people.sign_in("zhoujian")
    page.goto(path)
    page.get_by_role("link", name="列入议题").click()
    expect(page.locator("#raise [name=title]")).to_have_value(matter)
    page.locator("#raise [name=responsible]").select_option(label="郑涛")
    page.keyboard.press("Control+Enter")
    row = page.locator("#main tbody tr", has_text=matter)
    expect(row).to_contain_text(number)
    expect(row).to_contain_text("郑涛")
    row.get_by_role("button").click()
    page.locator("dialog[open] [name=outcome]").fill("周五前清空，费用由物主承担")
    page.keyboard.press("Control+Enter")
    expect(row).to_contain_text("周五前清空")
    assert violations(page) == []


def test_a_step_for_many_tickets_tells_of_the_one_it_was_refused_for(people: People) -> None:
    mark = uuid4().hex[:8]
    with people.api("chenxiao") as api:
        paths = [taken_in(people, f"{mark} 第{n}件") for n in ("一", "二")]
        done = api.get(f"/sites/cuihu/tickets/{paths[0][0].rpartition('/')[2]}")
        finish(api, done)
    page = people.sign_in("sunli")
    page.goto(f"/s/cuihu/tickets?q={mark}")
    expect(page.locator("#queue-rows tr")).to_have_count(2)
    for box in page.locator("#queue-rows [name=ticket]").all():
        box.check()
    page.locator("[data-open='#bulk-close']").click()
    page.locator("#bulk-close button[type=submit]").click()
    outcome = page.locator("#bulk-outcome")
    expect(outcome).to_contain_text("1")
    expect(outcome.locator(".refusals li")).to_have_count(1)
    expect(outcome.locator(".refusals")).to_contain_text(paths[1][1])
    expect(page.locator("#queue-rows tr")).to_have_count(1)


def finish(api: httpx.Client, found: httpx.Response) -> None:
    """Resolve and answer the ticket."""
    etag = found.headers["ETag"]
    for action, text in (("accept", ""), ("resolve", "已处理"), ("answer", "已告知")):
        path = f"/sites/cuihu/tickets/{found.json()['ticket']['id']}/actions/{action}"
        answer = api.post(path, json={"text": text}, headers={"If-Match": etag})
        assert answer.status_code == 200, answer.text
        etag = answer.headers["ETag"]


def test_an_offer_is_refused_only_with_a_reason(people: People) -> None:
    path, number = taken_in(people, "商铺招牌滴水，店主索赔", category="other")
    owner, colleague = people.sign_in("chenxiao"), people.sign_in("zhengtao")
    owner.goto(path)
    with owner.expect_response("**/successors"):
        owner.locator("#action-offer-open").click()
    choice = owner.locator("#action-offer option", has_text="郑涛").first
    owner.locator("#action-offer [name=colleague]").select_option(choice.get_attribute("value"))
    owner.locator("#action-offer [name=text]").fill("在你的片区")
    owner.keyboard.press("Control+Enter")
    expect(owner.locator("#ticket .notice")).to_contain_text("郑涛")

    colleague.goto("/s/cuihu/inbox")
    offer = colleague.locator("#inbox tr", has_text=number)
    expect(offer).to_contain_text("在你的片区")
    colleague.goto(path)
    send(colleague, "action-refuse_offer", text=" ")
    expect(colleague.locator("#action-refuse_offer")).to_contain_text("无故不得拒收")
    colleague.locator("#action-refuse_offer [name=text]").fill("商铺由招商部负责")
    colleague.keyboard.press("Control+Enter")
    expect(owner.locator("#ticket .notice")).to_have_count(0)
    expect(owner.locator(".events li").first).to_contain_text("商铺由招商部负责")
