"""Collection at home in the console: a visit is agreed, the way printed, lines entered, books kept (BIL-3)."""

from __future__ import annotations

from typing import Any

from core.sdk import new_id
from tests.plugins.billing.collection.conftest import Round
from tests.plugins.billing.counter.conftest import Home, chinese
from tests.support.statements import recording
from tests.support.web import Web


def form_of(rounds: Round, home: Home, **more: Any) -> dict[str, Any]:
    given = {
        "unit_id": str(home.unit_id),
        "party_id": str(home.party_id),
        "day": str(rounds.today),
        "starts": "18:00",
        "ends": "19:30",
        "collector_id": str(rounds.member("cashier")),
        "why": "行动不便",
    }
    return {**given, **more}


async def test_a_visit_is_agreed_from_the_households_page_in_one_step(rounds: Round, web: Web) -> None:
    home = await rounds.till.home(34_250, room="1802", name="王小芳")
    page = await chinese(web, rounds.till)

    arrears = await page.get(f"/s/{rounds.site.slug}/billing/arrears/units/{home.unit_id}")
    found = await page.get(f"{rounds.console}/new", params={"place": "王小芳"})
    options = await page.get(f"{rounds.console}/units", params={"q": "王小"})
    shown = await page.get(found.headers["location"])
    wrong = await page.post(f"{rounds.console}/new", data=form_of(rounds, home, ends="17:00", why="腿脚不便"))
    agreed = await page.post(f"{rounds.console}/new", data=form_of(rounds, home))
    day = await page.get(agreed.headers["location"])
    nowhere = await page.get(f"{rounds.console}/new", params={"unit_id": str(new_id())})

    assert f"{rounds.console}/new?unit_id={home.unit_id}" in arrears.text and "约定上门" in arrears.text
    assert found.status_code == 303 and "1幢1单元1802" in options.text and "342.50" in shown.text
    assert wrong.status_code == 422 and "结束时间须晚于开始时间" in wrong.text and "腿脚不便" in wrong.text
    assert agreed.status_code == 303
    assert all(text in day.text for text in ("1幢1单元1802", "18:00 – 19:30", "王小芳", "342.50", "已约定"))
    assert nowhere.status_code == 404


async def test_lines_are_entered_on_one_page_and_each_that_is_refused_says_why(rounds: Round, web: Web) -> None:
    await rounds.hand_out("A0001", "A0020")
    homes = [await rounds.till.home(1_000, 2_000, room=f"10{n}") for n in range(1, 6)]
    visits = [await rounds.agree(home) for home in homes]
    page = await chinese(web, rounds.till)
    here = f"{rounds.console}/entry"

    shown = await page.get(here, params={"day": str(rounds.today)})
    lines: dict[str, Any] = {
        "day": str(rounds.today),
        "collected_on": str(rounds.today),
        "visit": [str(visit.id) for visit in visits],
        **{f"version-{visit.id}": "1" for visit in visits},
        **{f"means-{visit.id}": "cash" for visit in visits},
        **{f"charge-{v.id}": [str(c.charge_id) for c in h.charges] for v, h in zip(visits, homes, strict=True)},
        f"number-{visits[0].id}": "A0001",
        f"amount-{visits[0].id}": "10.50",
        f"number-{visits[1].id}": "A0001",
        f"amount-{visits[1].id}": "7",
        f"reason-{visits[2].id}": "家中无人",
        f"number-{visits[3].id}": "A0004",
        f"amount-{visits[3].id}": "十元",
    }
    posted = await page.post(here, data=lines)
    again = await page.post(here, data=lines)
    mended = await page.post(
        here, data={**lines, f"number-{visits[1].id}": "A0002", f"amount-{visits[3].id}": "10", "visit": [
            str(visits[1].id), str(visits[3].id)]}
    )  # fmt: skip

    assert shown.text.count('name="visit"') == 5 and "2 项费用，先欠先缴" in shown.text
    assert posted.status_code == 200  # what was taken stays
    assert "已登记收款 1 笔，未收到款 1 户" in posted.text and "有 2 行未登记" in posted.text
    assert "该票号已登记过另一笔收款" in posted.text and "最多两位小数" in posted.text
    assert 'value="十元"' in posted.text and 'value="A0001"' in posted.text
    assert posted.text.count('name="visit"') == 3  # the two that were refused, and one that nobody filled in
    assert "已登记收款 1 笔，未收到款 1 户" in again.text  # pressed twice: the same payment, the same visit
    assert mended.status_code == 200 and mended.text.count('name="visit"') == 1
    assert await rounds.till.count("payments") == 3
    assert [await rounds.till.open_of(home) for home in homes] == [
        [0, 1_950], [300, 2_000], [1_000, 2_000], [0, 2_000], [1_000, 2_000],
    ]  # fmt: skip


async def test_a_line_is_money_or_a_reason_and_says_what_is_missing(rounds: Round, web: Web) -> None:
    await rounds.hand_out()
    visit = await rounds.agree(await rounds.till.home(1_000))
    page = await chinese(web, rounds.till)
    base = {"day": str(rounds.today), "collected_on": str(rounds.today), "visit": str(visit.id)}
    cases = (
        ({"number": "A0001", "amount": "5", "reason": "没人"}, "二者只填其一"),
        ({"number": "A0001"}, "请填写收到的金额"),
        ({"amount": "5"}, "请填写交给住户的票据号码"),
        ({"number": "Z0001", "amount": "5"}, "本项目没有含此号码的票据簿"),
        ({"reason": "没人", "version": "7"}, "内容已被别人改过"),
    )
    for typed, told in cases:
        answer = await page.post(
            f"{rounds.console}/entry", data={**base, **{f"{name}-{visit.id}": text for name, text in typed.items()}}
        )
        assert answer.status_code == 422 and told in answer.text, (typed, told)
    early = await page.post(
        f"{rounds.console}/entry",
        data={**base, "collected_on": "", f"number-{visit.id}": "A0001", f"amount-{visit.id}": "5"},
    )
    empty = await page.post(f"{rounds.console}/entry", data=base)

    assert early.status_code == 422 and "请选择日期" in early.text
    assert empty.status_code == 200
    assert await rounds.till.count("payments") == 0


async def test_a_visit_is_moved_and_called_off_from_its_page(rounds: Round, web: Web) -> None:
    home = await rounds.till.home(1_000)
    visit = await rounds.agree(home)
    page = await chinese(web, rounds.till)
    here = f"{rounds.console}/visits/{visit.id}"
    moved = {**form_of(rounds, home, day="2026-11-30"), "kind": "change", "version": "1"}

    shown = await page.get(here)
    changed = await page.post(here, data=moved)
    stale = await page.post(here, data={**moved, "starts": "20:00", "ends": "21:00"})
    silent = await page.post(here, data={"kind": "call-off", "version": "2", "reason": " "})
    off = await page.post(here, data={"kind": "call-off", "version": "2", "reason": "自行到柜台"})
    seen = await page.get(here)
    unknown = await page.post(here, data={"kind": "x", "version": "3"})

    assert "改约" in shown.text and "取消上门" in shown.text
    assert [each.status_code for each in (changed, stale, silent, off, unknown)] == [303, 412, 422, 303, 400]
    assert "2026-11-30" in seen.text and "自行到柜台" in seen.text and "do-change" not in seen.text


async def test_a_book_is_handed_out_accounted_for_and_taken_back_from_its_pages(rounds: Round, web: Web) -> None:
    cashier, finance = await chinese(web, rounds.till), await chinese(web, rounds.till, "finance")
    books = f"{rounds.console}/books"
    form = {"first": "A0001", "last": "A0010", "holder_id": str(rounds.member("cashier"))}

    empty = await cashier.get(books)
    unsigned = await finance.post(books, data=form)
    made = await finance.post(books, data={**form, "signed": "true"})
    overlapping = await finance.post(books, data={**form, "signed": "true"})
    here = made.headers["location"]
    unfit = await cashier.post(f"{here}/marks", data={"state": "lost", "first": "B1", "reason": "丢失"})
    lost = await cashier.post(f"{here}/marks", data={"state": "lost", "first": "3", "last": "A0004", "reason": "丢失"})
    twice = await cashier.post(f"{here}/marks", data={"state": "lost", "first": "3", "reason": "丢失"})
    counted = await finance.post(f"{here}/return", data={"unused": "10", "version": "1"})
    barred = await cashier.post(f"{here}/return", data={"unused": "8", "version": "1"})
    back = await finance.post(f"{here}/return", data={"unused": "8", "version": "1"})
    seen = await cashier.get(here)
    paper = await cashier.get(f"{here}/paper")
    listed = await cashier.get(books, params={"status": "returned"})

    assert "没有票据簿" in empty.text and "do-hand-out" not in empty.text
    assert unsigned.status_code == 422 and "请先由领用人签收票据簿" in unsigned.text
    assert [each.status_code for each in (made, overlapping, unfit, lost, twice)] == [303, 409, 422, 303, 409]
    assert counted.status_code == 422 and "按记录应有 8 张未用" in counted.text
    assert [each.status_code for each in (barred, back)] == [403, 303]
    assert "A0001 – A0002" in seen.text and "跳号" in seen.text and "已交回" in seen.text
    assert paper.content.startswith(b"%PDF-")
    assert "A0001 – A0010" in listed.text


async def test_the_systems_receipt_names_the_paper_one(rounds: Round, web: Web) -> None:
    await rounds.hand_out()
    visit = await rounds.agree(await rounds.till.home(1_000))
    taken = await rounds.collect(visit.id, rounds.collection())
    page = await chinese(web, rounds.till)
    here = f"{rounds.till.console}/receipts/{taken.id}"

    seen = await page.get(here)
    printed = await page.post(f"{here}/print")
    shown = await page.get(f"{rounds.console}/visits/{visit.id}")

    assert "A0001" in seen.text and "上门收取" in seen.text
    assert printed.content.startswith(b"%PDF-")
    assert "A0001" in shown.text and "已收款" in shown.text


async def test_pages_cost_few_statements_and_are_for_whoever_may(rounds: Round, web: Web) -> None:
    book = await rounds.hand_out()
    home = await rounds.till.home(1_000)
    visit = await rounds.agree(home)
    page = await chinese(web, rounds.till)
    db = rounds.till.office.lodge.platform.db
    paths = (
        "",
        f"/new?unit_id={home.unit_id}",
        f"/visits/{visit.id}",
        "/entry",
        "/books",
        f"/books/{book.id}",
        "/sheet",
    )
    for path in paths:
        await page.get(rounds.console + path)
        async with recording(db) as sent:
            answer = await page.get(rounds.console + path)
        assert (answer.status_code, len(sent) <= 6) == (200, True), (path, sent)

    async def statuses(role: str) -> set[int]:
        client = await web.console(rounds.till.office.house, role)
        return {(await client.get(rounds.console + path)).status_code for path in paths}

    assert [await statuses(role) for role in ("finance", "manager")] == [{200}] * 2
    assert [await statuses(role) for role in ("clerk", "guard", "technician")] == [{403}] * 3
