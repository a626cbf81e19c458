"""Repeated matters (TKT-7): counted by place and category within a window, listed by month, answered by somebody."""

from __future__ import annotations

import io
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from python_calamine import CalamineWorkbook

from core.analysis.model import Countermeasure, RepeatGroup
from core.analysis.policies import REPEATS
from core.db.ids import new_id
from core.errors import Invalid, NotFound, PreconditionFailed
from core.exchange.report import Table, write
from core.policies.layers import Overrides
from core.tickets.model import NewTicket
from tests.core.tickets.desk import Desk
from tests.support.lodge import NOW
from tests.support.statements import recording
from tests.support.web import Web

MONTH = date(2026, 11, 1)


async def take_in(desk: Desk, category: str, place: str = "3幢大堂", unit_id: UUID | None = None) -> None:
    new = NewTicket(description="又坏了一次", category=category, place=place, unit_id=unit_id)
    async with desk.work() as work:
        await desk.tickets.create(work, desk.site, new)


async def groups(desk: Desk, day: date = MONTH) -> list[RepeatGroup]:
    async with desk.work("manager", read_only=True) as work:
        return await desk.lodge.platform.repeats.month(work, desk.site, day)


async def record(desk: Desk, expected: int = 0, **changes: Any) -> RepeatGroup:
    entry = {"month": MONTH, "category": "noise", "place": "3幢大堂", **changes}
    async with desk.work("manager") as work:
        return await desk.lodge.platform.repeats.record(work, desk.site, Countermeasure(**entry), expected)


async def unit(desk: Desk) -> UUID:
    unit_id = new_id()
    async with desk.lodge.owner.begin(desk.house.company_id) as uow:
        await uow.execute(
            "INSERT INTO unit (company_id, id, site_id, building, room, label) "
            "VALUES ($1, $2, $3, '3', '1802', '3-1802')",
            desk.house.company_id,
            unit_id,
            desk.site.id,
        )
    return unit_id


@pytest.mark.parametrize(
    ("category", "times", "repeated"),
    [("noise", 1, False), ("noise", 2, True), ("plumbing_electric", 2, False), ("plumbing_electric", 3, True)],
)
async def test_complaints_are_repeated_from_two_repairs_from_three(
    desk: Desk, category: str, times: int, repeated: bool
) -> None:
    for _ in range(times - 1):
        await take_in(desk, category)
        desk.clock.advance(days=2)
    async with desk.work(read_only=True) as work:
        found = await desk.lodge.platform.repeats.before(work, desk.site, category, None, "3幢大堂")
    assert (found.times, found.repeated) == (times, repeated)
    await take_in(desk, category)
    assert [g.times for g in await groups(desk, desk.site.today(desk.clock()))] == ([times] if repeated else [])


async def test_what_lies_outside_the_window_or_elsewhere_is_not_counted(desk: Desk) -> None:
    await take_in(desk, "noise")
    desk.clock.advance(days=-91)
    await take_in(desk, "noise")
    desk.clock.advance(days=91)
    await take_in(desk, "noise", place="4幢大堂")
    await take_in(desk, "lift")
    assert await groups(desk) == []
    async with desk.work("admin") as work:
        longer: Overrides = {"window_days": 120}
        await desk.lodge.platform.policies.revise(work, REPEATS, desk.site.id, longer, reason="longer", expected=0)
    [group] = await groups(desk)
    assert (group.category, group.place, group.times, len(group.tickets)) == ("noise", "3幢大堂", 2, 2)


async def test_a_months_list_stays_as_it_was_when_more_comes_later(desk: Desk) -> None:
    await take_in(desk, "noise")
    await take_in(desk, "noise")
    desk.clock.advance(days=20)  # December
    await take_in(desk, "noise")
    assert [g.times for g in await groups(desk)] == [2]
    assert [g.times for g in await groups(desk, date(2026, 12, 5))] == [3]


async def test_a_unit_counts_by_itself_whatever_the_place_is_called(desk: Desk) -> None:
    unit_id = await unit(desk)
    await take_in(desk, "noise", "客厅", unit_id)
    await take_in(desk, "noise", "卧室", unit_id)
    [group] = await groups(desk)
    assert (group.unit_id, group.place, group.times) == (unit_id, "3-1802", 2)


async def test_a_countermeasure_needs_somebody_and_is_kept_with_who_and_when(desk: Desk) -> None:
    await take_in(desk, "noise")
    await take_in(desk, "noise")
    with pytest.raises(Invalid):
        await record(desk, countermeasure="加装隔音")
    manager = desk.house.staff["manager"]
    after = await record(desk, countermeasure="加装隔音", responsible_id=manager.membership_id, due_on=MONTH)
    assert (after.version, after.responsible_name) == (1, manager.name)
    with pytest.raises(PreconditionFailed):
        await record(desk, cause="楼板薄")
    await record(desk, 1, cause="楼板薄", outcome="已安装")
    [group] = await groups(desk)
    assert (group.cause, group.outcome, group.countermeasure, group.version) == ("楼板薄", "已安装", "", 2)
    async with desk.work(read_only=True) as work:
        sql = "SELECT changes::text FROM audit_entry WHERE company_id = $1 AND action = 'repeat.recorded' ORDER BY id"
        first, second = await work.uow.fetch(lambda text: text, sql, desk.house.company_id)
    assert "加装隔音" in first and '"outcome": ["", "已安装"]' in second


@pytest.mark.parametrize("changes", [{"place": "4幢大堂"}, {"category": "lift"}, {"unit_id": uuid4()}])
async def test_what_was_not_repeated_cannot_be_analysed(desk: Desk, changes: dict[str, Any]) -> None:
    await take_in(desk, "noise")
    await take_in(desk, "noise")
    with pytest.raises(NotFound):
        await record(desk, **changes)


async def test_the_list_the_hint_and_the_record_ask_few_times(desk: Desk, web: Web) -> None:
    await take_in(desk, "noise")
    await take_in(desk, "noise")
    api = await web.api(desk.house, "manager")
    base = f"/api/v1/sites/{desk.site.slug}"
    [item] = (await api.get(f"{base}/repeats?month=2026-11")).json()["items"]
    assert item["times"] == 2 and item["version"] == 0
    hint = f"{base}/tickets/repeats?category=noise&place=3%E5%B9%A2%E5%A4%A7%E5%A0%82"
    assert (await api.get(hint)).json()["repeated"] is True
    body = {"month": "2026-11-01", "category": "noise", "place": "3幢大堂", "cause": "=1+1"}
    for method, path in (("GET", f"{base}/repeats?month=2026-11"), ("GET", hint), ("PUT", f"{base}/repeats")):
        async with recording(desk.lodge.platform.db) as sent:
            sending = body if method == "PUT" else None
            answer = await api.request(method, path, json=sending, headers={"if-match": '"0"'})
        assert answer.status_code == 200, answer.text
        assert len(sent) <= 6, sent


def test_a_workbook_never_computes_what_somebody_typed() -> None:
    """IN-6: texts that a spreadsheet would take for a formula are kept as texts."""
    nasty = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "https://example.org"]
    rows = [[text, 3, MONTH, None] for text in nasty]
    book = CalamineWorkbook.from_filelike(io.BytesIO(write([Table("十一月", ["文本", "数", "日", "空"], rows)], NOW)))
    found = book.get_sheet_by_name("十一月").to_python()
    assert [row[0] for row in found[1:]] == [f"'{text}" for text in nasty[:5]] + [nasty[5]]
    assert found[1][1:3] == [3, MONTH]


async def test_a_ticket_knows_how_often_its_matter_had_come(desk: Desk) -> None:
    """From its sections, without a statement more; places in words and units alike."""
    unit_id = await unit(desk)
    for place, of in (("3幢大堂", None), ("", unit_id)):
        tickets = []
        for _ in range(3):
            new = NewTicket(description="楼上又响了", category="noise", place=place, unit_id=of)
            async with desk.work() as work:
                tickets.append(await desk.tickets.create(work, desk.site, new))
            desk.clock.advance(days=40)
        times = []
        for ticket in tickets:
            async with desk.work(read_only=True) as work:
                detail = await desk.tickets.detail(work, desk.site, ticket.id)
                found = await desk.lodge.platform.repeats.of_ticket(work, desk.site, detail)
            times.append((found.times, found.repeated))
        assert times == [(1, False), (2, True), (3, True)]


async def test_the_console_records_refuses_and_exports(desk: Desk, web: Web) -> None:
    await take_in(desk, "noise")
    await take_in(desk, "noise")
    browser = await web.console(desk.house, "manager")
    base = f"/s/{desk.site.slug}"
    form = {"month": "2026-11-01", "category": "noise", "unit_id": "", "place": "3幢大堂", "version": "0"}
    refused = await browser.post(f"{base}/repeats", data={**form, "countermeasure": "加装隔音垫"})
    assert refused.status_code == 422 and "加装隔音垫" in refused.text and "data-show" in refused.text
    person = str(desk.house.staff["manager"].membership_id)
    kept = await browser.post(f"{base}/repeats", data={**form, "countermeasure": "加装隔音垫", "responsible": person})
    assert (kept.status_code, kept.headers["location"]) == (303, f"{base}/repeats?month=2026-11")
    hint = await browser.get(f"{base}/tickets/repeats", params={"category": "noise", "place": "3幢大堂"})
    assert "GD2611-0002" in hint.text
    file = await browser.get(f"{base}/repeats/export?month=2026-11")
    [_, row] = CalamineWorkbook.from_filelike(io.BytesIO(file.content)).get_sheet_by_index(0).to_python()
    assert row[0] == "3幢大堂" and row[6] == "加装隔音垫"
