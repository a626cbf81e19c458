"""The disclosure in the console, and what anybody reads behind the posted link (BIL-1, BIL-8)."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import httpx
import pytest
from python_calamine import CalamineWorkbook

from core.exchange.report import Table, write
from core.sdk import new_id
from plugins.billing.disclosure import service
from plugins.billing.disclosure.policy import PUBLIC
from plugins.billing.tariffs.price_list import posted
from tests.core.web.policies import put
from tests.plugins.billing.disclosure.conftest import NOVEMBER, Notice
from tests.support.lodge import NOW, SettableClock
from tests.support.statements import recording
from tests.support.web import Web

_VERSION = """
INSERT INTO billing_version (company_id, id, site_id, item_id, number, valid_from, price, prorate, rounding_unit,
    rounding_mode, at, by_name)
VALUES ($1, $2, $3, $4, $5, $6::text::date, $7::text::numeric, 'calendar', 'fen', 'half_up', now(), '')
"""


@pytest.fixture
async def phone(web: Web) -> httpx.AsyncClient:
    """Nobody is signed in."""
    return await web.anonymous(**{"accept-language": "en"})


async def test_expenses_are_entered_looked_at_and_taken_back(notice: Notice, web: Web) -> None:
    console = await web.console(notice.office.house, "finance")
    console.headers["hx-request"] = "true"
    here = f"{notice.console}/disclosures/expenses"
    assert "No expenses yet" in (await console.get(here)).text
    form = {"month": "2026-11", "category": "cleaning", "yuan": "12.345", "document": "FP-7", "supplier": "洁净保洁"}
    refused = await console.post(here, data=form)
    assert refused.status_code == 422 and "Give at most two places: fen." in refused.text
    for wrong in ({"yuan": "0"}, {"yuan": "-3"}, {"month": ""}, {"yuan": "1", "category": str(new_id())}):
        assert (await console.post(here, data={**form, **wrong})).status_code == 422, wrong
    assert (await console.post(here, data={**form, "yuan": "120.50"})).headers["hx-redirect"] == here
    page = (await console.get(here)).text
    assert "120.50" in page and "FP-7" in page and "counts" in page
    assert "120.50" not in (await console.get(f"{here}?month=2026-10")).text
    [one] = set(re.findall(rf"{here}/([0-9a-f-]{{36}})", page))
    assert "Take it back" in (await console.get(f"{here}/{one}")).text
    assert (await console.post(f"{here}/{one}", data={"reason": " "})).status_code == 422
    back = await console.post(f"{here}/{one}", data={"reason": "重复登记"})
    assert "-120.50" in (await console.get(back.headers["hx-redirect"])).text
    again = await console.post(f"{here}/{one}", data={"reason": "重复登记"})
    assert again.status_code == 409 and "This expense is taken back already." in again.text


async def test_a_workbook_is_looked_at_row_by_row_before_it_is_entered(notice: Notice, web: Web) -> None:
    console = await web.console(notice.office.house, "finance")
    here = f"{notice.console}/disclosures/expenses/import"
    await _category(notice)
    good = [
        ["2026-10", "清洁卫生费用", 1200.3, "FP-9", "洁净保洁", ""],
        ["2026年11月", "电梯维保", "800", "", "", "年检"],
    ]
    bad = [
        ["2027-01", "清洁卫生费用", 1],
        ["2026-10", "不存在", 1],
        ["2026-10", "人员费用", "0.001"],
        ["2026-10", "其他支出", -5],
        ["2026-10", "其他支出", 5, "", "", "长" * 201],
    ]
    console.cookies["locale"] = "zh-CN"

    async def look(
        rows: list[list[Any]], heads: tuple[str, ...] = ("月份", "科目", "金额", "单据号", "供应商", "备注")
    ) -> Any:
        book = write([Table("支出", heads, rows)], NOW)
        return await console.post(here, files={"file": ("支出.xlsx", book)})

    assert (await console.get(here)).status_code == 200
    seen = await look(good + bad)
    assert seen.status_code == 200, seen.text
    assert seen.text.count('<span class="chip" data-tone="breach">') == len(bad)
    sent = html.unescape(re.search(r'name="expenses" value="([^"]*)"', seen.text)[1])  # type: ignore[index]
    assert (await notice.draft(day=NOVEMBER)).lines == [], "nothing is entered yet"
    done = await console.post(f"{here}/confirm", data={"expenses": sent})
    assert "已登记 2 笔支出。" in done.text
    assert (await notice.draft("quarter")).sums.spent_fen == 200_030
    for wrong in (await look(bad), await look([]), await look(good, tuple("abcdef"))):
        assert 'name="expenses"' not in wrong.text
    assert (await console.post(f"{here}/confirm", data={"expenses": "[]"})).status_code == 400
    exported = (await console.get(f"{notice.console}/disclosures/expenses/export?month=2026-10")).content
    assert _sheets(exported)[0][1] == ["2026-10", "清洁卫生费用", 1200.3, "FP-9", "洁净保洁", ""]
    cashier = await web.console(notice.office.house, "cashier")
    assert (await cashier.get(here)).status_code == 403


async def test_whoever_leads_adds_categories_and_sets_headings(notice: Notice, web: Web) -> None:
    manager, finance = (
        await web.console(notice.office.house, "manager"),
        await web.console(notice.office.house, "finance"),
    )
    manager.headers["hx-request"] = finance.headers["hx-request"] = "true"
    here = f"{notice.console}/disclosures/expenses/categories"
    assert (await finance.post(here, data={"title": "电梯维保"})).status_code == 403
    assert (await manager.post(here, data={"title": ""})).status_code == 422
    assert (await manager.post(here, data={"title": "电梯维保"})).status_code == 200
    assert "There is a category of this name already." in (await manager.post(here, data={"title": "电梯维保"})).text
    assert "电梯维保" in (await finance.get(f"{notice.console}/disclosures/expenses")).text

    headings = f"{notice.console}/disclosures/headings"
    item = notice.office.items["parking"]
    said = {"heading": "public", "version": "0"}
    assert "<select" not in (await finance.get(headings)).text
    assert (await finance.post(f"{headings}/{item}", data=said)).status_code == 403
    assert (await manager.post(f"{headings}/{item}", data=said)).headers["hx-redirect"] == headings
    assert (await manager.post(f"{headings}/{item}", data=said)).status_code == 412
    assert re.search(r'value="public" selected', (await manager.get(headings)).text)


async def test_a_month_is_looked_at_and_published_in_the_console(
    notice: Notice, web: Web, clock: SettableClock
) -> None:
    console = await web.console(notice.office.house, "manager")
    console.headers["hx-request"] = "true"
    here = f"{notice.console}/disclosures"
    assert "Nothing is published yet" in (await console.get(here)).text
    assert "Nothing was charged or received in this period." in (await console.get(f"{here}/preview")).text
    await notice.charge(10_000, paid=4_000)
    await notice.spend(1_500)
    early = (await console.get(f"{here}/preview?kind=month&month=2026-11")).text
    assert "This period is not over yet" in early and "do-publish" not in early
    clock.advance(days=10)
    console = await web.console(notice.office.house, "manager")
    console.headers["hx-request"] = "true"
    seen = (await console.get(f"{here}/preview?kind=month&month=2026-11")).text
    assert "Not all of its months are closed" in seen and "100.00" in seen and "25.00" in seen
    form = {
        "kind": "month",
        "first_day": "2026-11-01",
        "digest": re.search(r'name="digest" value="(\w{64})"', seen)[1],  # type: ignore[index]
        "note": "含地下室照明改造",
    }
    looked = await web.console(notice.office.house, "finance")
    assert "do-publish" not in (await looked.get(f"{here}/preview?month=2026-11")).text
    assert (await looked.post(here, data=form)).status_code == 403
    stale = await console.post(here, data={**form, "digest": "0" * 64})
    assert stale.status_code == 409 and "The figures have changed since you looked at them." in stale.text
    made = await console.post(here, data=form)
    page = (await console.get(made.headers["hx-redirect"])).text
    assert "含地下室照明改造" in page and "40.00" in page
    assert "2026-11" in (await console.get(here)).text
    without = await console.post(here, data={**form, "digest": _digest(await console.get(f"{here}/preview"))})
    assert without.status_code == 422 and "Say why this edition replaces the one before" in without.text
    paper = await console.get(f"{made.headers['hx-redirect']}/paper")
    book = await console.get(f"{made.headers['hx-redirect']}/export")
    assert paper.content.startswith(b"%PDF")
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(book.content))
    spent: list[list[Any]] = sheets.get_sheet_by_index(1).to_python()
    assert spent[1:] == [["Cleaning", 15], ["Total", 15]]


async def test_anybody_reads_what_was_published_and_nothing_else(
    notice: Notice, web: Web, phone: httpx.AsyncClient, clock: SettableClock
) -> None:
    charge = await notice.charge(10_000, paid=4_321)
    await notice.spend(1_500, "own", category_id=await _category(notice), supplier="李雷装饰", remark="找韩梅梅报销")
    clock.advance(days=10)
    link = await notice.link(web)
    empty = await phone.get(link)
    assert empty.status_code == 200 and "Nothing is published yet" in empty.text
    first = await notice.publish()
    await notice.spend(900)
    second = await notice.publish(reason="补记保洁费")

    door = (await phone.get(link)).text
    page = await phone.get(f"{link}/{second.edition.id}")
    old = await phone.get(f"{link}/{first.edition.id}")
    paper = await phone.get(f"{link}/{second.edition.id}/paper")
    book = await phone.get(f"{link}/{second.edition.id}/export")

    assert str(second.edition.id) in door and str(first.edition.id) not in door
    assert "43.21" in page.text and "电梯维保" in page.text and "补记保洁费" in page.text
    assert "Another edition has replaced this one." in old.text and str(second.edition.id) in old.text
    assert paper.content.startswith(b"%PDF") and book.content.startswith(b"PK")
    cells = [str(cell) for sheet in _sheets(book.content) for row in sheet for cell in row]
    for text in (door, page.text, old.text, " ".join(cells)):
        for private in (
            "王芳",
            "302",
            "李雷",
            "韩梅梅",
            "manager",
            "finance",
            str(charge.unit_id),
            str(charge.party_id),
        ):
            assert private not in text, private
    assert (await phone.post(link)).status_code in (404, 405)


async def test_the_link_opens_its_own_site_alone(
    notice: Notice, web: Web, phone: httpx.AsyncClient, clock: SettableClock
) -> None:
    await notice.charge(10_000)
    clock.advance(days=10)
    mine = await notice.publish()
    platform, house = notice.office.lodge.platform, notice.office.house
    stranger = await notice.office.lodge.house(sites=1, plugins=["billing"])
    elsewhere = posted(platform, house.company_id, house.sites[1])
    foreign = posted(platform, stranger.company_id, stranger.sites[0])
    own = posted(platform, house.company_id, notice.site)
    off = await notice.office.lodge.house(sites=1, plugins=[])

    assert own == await notice.link(web)
    assert (await phone.get(f"{own}/{mine.edition.id}")).status_code == 200
    for other in (elsewhere, foreign):
        assert (await phone.get(other)).status_code == 200
        assert str(mine.edition.id) not in (await phone.get(other)).text
        for rest in ("", "/paper", "/export"):
            assert (await phone.get(f"{other}/{mine.edition.id}{rest}")).status_code == 404
    token = own.rpartition("/")[2]
    nowhere = [
        own.replace(notice.site.slug, house.sites[1].slug),
        own[:-3] + ("AAA" if own[-3:] != "AAA" else "BBB"),
        own.replace(token, "nonsense"),
        posted(platform, off.company_id, off.sites[0]),
        posted(platform, new_id(), notice.site),
        f"{own}/{new_id()}",
    ]
    assert [(await phone.get(path)).status_code for path in nowhere] == [404] * len(nowhere)


async def test_everybody_of_a_house_may_read_it_at_once(notice: Notice, web: Web, phone: httpx.AsyncClient) -> None:
    """A link that hangs in the hall is not over after so many looks: whoever reads it keeps nobody else out."""
    link = await notice.link(web)
    async with recording(notice.office.lodge.platform.db) as sent:
        answers = [(await phone.get(link)).status_code for _ in range(70)]
    assert set(answers) == {200}
    assert len(sent) <= 70 * 5
    assert not [each for each in sent if each.sql.lstrip().startswith(("INSERT", "UPDATE"))]


async def test_the_price_list_is_public_with_what_comes(notice: Notice, web: Web, phone: httpx.AsyncClient) -> None:
    link = await notice.link(web)
    assert "Nothing has a price today" in (await phone.get(f"{link}/prices")).text
    item, house = notice.office.items["property"], notice.office.house
    async with notice.office.lodge.owner.begin(house.company_id) as uow:
        for number, (day, price) in enumerate((("2026-01-01", "2.35"), ("2027-01-01", "2.60")), 1):
            await uow.execute(_VERSION, house.company_id, new_id(), notice.site.id, item, number, day, price)
    page = (await phone.get(f"{link}/prices", headers={"accept-language": "zh-CN"})).text
    assert "2.35" in page and "2.60" in page and "2027-01-01" in page and "物业费" in page
    assert "车位费" not in page, "it has no price"
    assert (await phone.get(f"{link}/prices/paper")).content.startswith(b"%PDF")
    clerk = await web.console(house, "clerk")
    assert f"{link}/prices" in (await clerk.get(f"{notice.console}/price-list")).text


async def test_a_site_that_shows_nothing_has_no_public_page(
    notice: Notice, web: Web, phone: httpx.AsyncClient, clock: SettableClock
) -> None:
    link = await notice.link(web)
    await notice.charge(10_000)
    clock.advance(days=10)
    mine = await notice.publish()
    await _choose(notice, web, {"prices": True, "disclosures": False})
    assert (await phone.get(link)).status_code == (await phone.get(f"{link}/prices")).status_code == 200
    assert (await phone.get(f"{link}/{mine.edition.id}")).status_code == 404
    await _choose(notice, web, {"prices": False, "disclosures": True})
    assert (await phone.get(f"{link}/prices")).status_code == 404
    assert (await phone.get(f"{link}/prices/paper")).status_code == 404
    assert (await phone.get(f"{link}/{mine.edition.id}")).status_code == 200
    await _choose(notice, web, {"prices": False, "disclosures": False})
    assert (await phone.get(link)).status_code == 404
    console = await web.console(notice.office.house, "manager")
    assert "switched off" in (await console.get(f"{notice.console}/disclosures")).text


async def test_what_was_there_before_lodge_is_the_first_period_s_beginning(notice: Notice, web: Web) -> None:
    await notice.spend(100)
    await _choose(notice, web, {"balance_fen": 50_000})
    assert (await notice.draft()).sums.closing_fen == 49_900


async def _choose(notice: Notice, web: Web, values: dict[str, Any]) -> None:
    """As an administrator sets it for the site."""
    admin = await web.api(notice.office.house, "admin")
    path = f"/api/v1/sites/{notice.site.slug}/policies/{PUBLIC.name}"
    seen = int((await admin.get(path)).headers["etag"].strip('"'))
    assert (await put(admin, path, values, seen=seen)).status_code == 200


async def _category(notice: Notice) -> Any:
    async with notice.office.lodge.work(notice.office.house, "manager") as work:
        return (await service.add_category(work, notice.site, "电梯维保")).id


def _digest(answer: httpx.Response) -> str:
    found = re.search(r'name="digest" value="(\w{64})"', answer.text)
    assert found is not None
    return found[1]


def _sheets(content: bytes) -> list[list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
