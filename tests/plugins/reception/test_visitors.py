"""The visitor register: who comes, whom was asked, who is let in, refused or reported (REC-7, REC-8, REC-9)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from core.exchange.workbook import read_workbook
from tests.plugins.reception.conftest import Desk, english
from tests.support.lodge import NOW, SettableClock
from tests.support.statements import recording
from tests.support.web import Web

VISIT = {"name": "周航", "purpose": "走亲访友", "phone": "138 0000 1111", "id_kind": "id_card",
         "id_number": "320102199001011234"}  # fmt: skip


async def came(clerk: httpx.AsyncClient, desk: Desk, **more: object) -> dict[str, Any]:
    """A visitor of 王丽华 as the desk registers them."""
    answer = await clerk.post(f"{desk.api}/visits", json={**VISIT, "unit_id": str(desk.wang.unit_id), **more})
    assert answer.status_code == 201, answer.text
    visit: dict[str, Any] = answer.json()
    return visit


async def step(
    clerk: httpx.AsyncClient, desk: Desk, visit: dict[str, Any], kind: str, **more: object
) -> httpx.Response:
    return await clerk.post(f"{desk.api}/visits/{visit['id']}/steps", json={"kind": kind, **more})


async def test_a_visitor_is_let_in_with_a_badge_and_leaves_it_behind(
    desk: Desk, clerk: httpx.AsyncClient, clock: SettableClock
) -> None:
    visit = await came(clerk, desk, accepted=True, admit=True, badge="07", escort="李师傅")
    free = (await clerk.get(f"{desk.api}/visits/badges")).json()
    clock.advance(minutes=5)
    left = (await step(clerk, desk, visit, "leave")).json()

    assert (visit["status"], visit["place"], visit["host_name"]) == ("inside", "3幢1802", "王丽华")
    assert (visit["host_answer"], visit["badge_out"], visit["phone"]) == ("accepted", True, "138****1111")
    assert "07" not in free and free[0] == "01"
    assert (left["status"], left["badge_out"]) == ("left", False)
    assert "07" in (await clerk.get(f"{desk.api}/visits/badges")).json()
    told = (await clerk.get(f"{desk.api}/visits/{visit['id']}")).json()["steps"]
    assert [each["kind"] for each in told] == ["arrive", "accept", "admit", "leave"]
    assert await desk.events() == [
        "reception.visit_registered.v1",
        "reception.visitor_left.v1",
    ]


async def test_of_a_document_only_the_end_is_stored(desk: Desk, clerk: httpx.AsyncClient) -> None:
    """PI-2: the number in full is in no table and in no log."""
    await came(clerk, desk)

    assert await desk.rows("SELECT id_kind, id_number FROM reception_visit WHERE company_id = $1") == [
        ("id_card", "****1234")
    ]
    for table in ("audit_entry", "outbox", "reception_visit_step"):
        assert not await desk.rows(f"SELECT 1 FROM {table} t WHERE company_id = $1 AND t::text LIKE '%19900101%'")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": " "}, "name"),
        ({"purpose": ""}, "purpose"),
        ({"unit_id": None}, "unit_id"),
        ({"unit_id": "00000000-0000-0000-0000-00000000dead"}, "unit_id"),
        ({"admit": True, "badge": "1"}, "accepted"),  # the household was not asked
        ({"admit": True, "accepted": True}, "badge"),
        ({"expected_at": (NOW - timedelta(minutes=1)).isoformat()}, "expected_at"),
        ({"expected_at": (NOW + timedelta(days=91)).isoformat()}, "expected_at"),
    ],
    ids=str,
)
async def test_what_is_missing_is_named(
    desk: Desk, clerk: httpx.AsyncClient, more: dict[str, object], field: str
) -> None:
    answer = await clerk.post(f"{desk.api}/visits", json={**VISIT, "unit_id": str(desk.wang.unit_id), **more})

    assert answer.status_code == 422 and [e["field"] for e in answer.json()["errors"]] == [field]
    assert await desk.rows("SELECT 1 FROM reception_visit WHERE company_id = $1") == []


async def test_a_badge_is_out_once(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await came(clerk, desk, accepted=True, admit=True, badge="3")
    second = await came(clerk, desk, name="赵四", accepted=True)

    again = {**VISIT, "place": "物业中心", "admit": True, "badge": "3"}
    assert [e["field"] for e in (await clerk.post(f"{desk.api}/visits", json=again)).json()["errors"]] == ["badge"]
    assert (await step(clerk, desk, second, "admit", badge="3")).status_code == 409
    assert (await step(clerk, desk, second, "admit", badge="4")).json()["badge"] == "4"


async def test_a_badge_that_is_not_handed_in_stays_out_and_shows(
    desk: Desk, clerk: httpx.AsyncClient, screen: httpx.AsyncClient
) -> None:
    visit = await came(clerk, desk, accepted=True, admit=True, badge="3")

    await step(clerk, desk, visit, "leave", badge_back=False)
    shown = (await screen.get(f"{desk.console}/visitors")).text
    returned = await step(clerk, desk, visit, "badge_back")

    assert "badge not back" in shown
    assert returned.json()["badge_out"] is False
    assert (await clerk.get(f"{desk.api}/visits/here")).json() == []


async def test_a_household_that_refuses_may_offer_another_time(desk: Desk, clerk: httpx.AsyncClient) -> None:
    """REC-8: the refusal and its time are on record, and the other time is an appointment."""
    visit = await came(clerk, desk)
    await step(clerk, desk, visit, "ask", text="没人接")
    later = NOW + timedelta(hours=5)

    refused = (await step(clerk, desk, visit, "refuse", text="王女士：在外地", at=later.isoformat())).json()
    [again] = (await clerk.get(f"{desk.api}/visits/here")).json()

    assert (refused["status"], refused["host_answer"]) == ("turned_away", "refused")
    assert refused["host_answered_at"] is not None
    assert (again["status"], again["follows_id"], again["name"]) == ("expected", visit["id"], "周航")
    assert (await step(clerk, desk, visit, "admit", badge="1")).status_code == 409


async def test_an_appointment_needs_no_second_question(desk: Desk, clerk: httpx.AsyncClient) -> None:
    booked = await came(clerk, desk, expected_at=(NOW + timedelta(hours=1)).isoformat())

    arrived = (await step(clerk, desk, booked, "arrive")).json()
    inside = (await step(clerk, desk, booked, "admit", badge="1")).json()

    assert (booked["status"], arrived["status"], inside["status"]) == ("expected", "waiting", "inside")


@pytest.mark.parametrize(
    ("entry", "visitor", "warned"),
    [
        ({"name": "周航"}, {}, True),
        ({"name": "周航", "id_number": "320102199001011234"}, {}, True),
        ({"name": "周航", "id_number": "320102199001019999"}, {}, False),  # a namesake with another document
        ({"name": "周航", "id_number": "320102199001019999"}, {"id_number": ""}, True),
        ({"name": "别人", "phone": "13800001111"}, {}, True),
        ({"name": "别人"}, {}, False),
        ({"name": "周航", "until": NOW.date().isoformat()}, {}, True),
    ],
    ids=str,
)
async def test_a_visitor_who_may_be_barred_is_not_let_in_at_once(
    desk: Desk, web: Web, clerk: httpx.AsyncClient, entry: dict[str, str], visitor: dict[str, str], warned: bool
) -> None:
    """REC-9"""
    manager = english(await web.api(desk.house, "manager"))
    assert (await manager.post(f"{desk.api}/barred", json={"reason": "多次推销扰民", **entry})).status_code == 201

    visit = await came(clerk, desk, accepted=True, admit=True, badge="1", **visitor)

    assert (visit["status"], visit["warning"]) == (("waiting", "多次推销扰民") if warned else ("inside", ""))


async def test_each_security_step_is_on_record(desk: Desk, web: Web, clerk: httpx.AsyncClient) -> None:
    """REC-9: security informed, refused with a reason, police reported; in that order, and by whom."""
    manager = english(await web.api(desk.house, "manager"))
    barred = (await manager.post(f"{desk.api}/barred", json={"name": "周航", "reason": "尾随住户"})).json()
    visit = await came(clerk, desk, accepted=True, admit=True, badge="1")

    assert (await step(clerk, desk, visit, "admit", badge="1")).status_code == 422  # without a reason
    for kind, text in (("security", "王队，到北门"), ("turn_away", "黑名单人员"), ("police", "110 已接警")):
        assert (await step(clerk, desk, visit, kind)).status_code == 422, kind
        assert (await step(clerk, desk, visit, kind, text=text)).status_code == 200, kind
    steps = (await clerk.get(f"{desk.api}/visits/{visit['id']}")).json()["steps"]

    assert [s["kind"] for s in steps] == ["arrive", "warn", "accept", "security", "turn_away", "police"]
    assert {s["by_name"] for s in steps} == {desk.house.staff["clerk"].name}
    assert (await clerk.post(f"{desk.api}/barred/{barred['id']}/lift", json={"reason": "x"})).status_code == 403
    assert (await manager.post(f"{desk.api}/barred/{barred['id']}/lift", json={"reason": "误会"})).status_code == 204
    again = await manager.post(f"{desk.api}/barred/{barred['id']}/lift", json={"reason": "误会"})
    assert again.status_code == 409 and (await clerk.get(f"{desk.api}/barred")).json() == []


async def test_the_share_of_registered_visitors_counts_heads_against_the_gates_own_count(
    desk: Desk, clerk: httpx.AsyncClient, screen: httpx.AsyncClient
) -> None:
    """REC-7: 95 % is the target. Whoever is met inside without registration counts against it, and whoever the guard
    counted and the register does not know."""
    day = f"{NOW:%Y-%m-%d}"

    async def share() -> tuple[object, ...]:
        [told] = (await clerk.get(f"{desk.api}/visits/days", params={"since": day, "until": day})).json()
        return tuple(told[name] for name in ("came", "registered", "found", "counted", "share"))

    async def counted(people: int, day: str = day) -> int:
        return (await clerk.post(f"{desk.api}/visits/counts", json={"day": day, "people": people})).status_code

    await came(clerk, desk, people=3, accepted=True, admit=True, badge="1")
    await came(clerk, desk, people=5, name="还在等")
    await came(clerk, desk, name="丁一", found=True, accepted=True)
    assert await share() == (9, 3, 1, None, 75.0)
    assert "below target" in (await screen.get(f"{desk.console}/visitors/log")).text

    for people, expected in ((2, 75.0), (8, 37.5), (4, 75.0)):
        assert await counted(people) == 204
        assert await share() == (9, 3, 1, people, expected)
    assert await counted(4, "2026-11-24") == await counted(4, "2026-10-01") == 422
    page = await screen.post(f"{desk.console}/visitors/counts", data={"day": day, "people": "3"})
    assert page.headers["hx-redirect"] == f"{desk.console}/visitors/log"
    summary = (await clerk.get(f"{desk.api}/summary", params={"span": "month"})).json()
    assert (summary["registered_share"], summary["days_counted"]) == (75.0, 1)


async def test_a_lost_badge_is_late_no_more_and_not_handed_out_until_it_is_found(
    desk: Desk, clerk: httpx.AsyncClient, screen: httpx.AsyncClient
) -> None:
    visit = await came(clerk, desk, accepted=True, admit=True, badge="01")
    assert (await step(clerk, desk, visit, "badge_lost")).status_code == 409, "it is still with its visitor"
    await step(clerk, desk, visit, "leave", badge_back=False)
    assert "badge not back" in (await screen.get(f"{desk.console}/visitors")).text

    assert (await step(clerk, desk, visit, "badge_lost", text="客人说丢在车上")).status_code == 200

    page = (await screen.get(f"{desk.console}/visitors")).text
    assert "Badges lost" in page and "badge not back</span>" not in page.replace("Overdue, or badge not back", "")
    assert "01" not in (await clerk.get(f"{desk.api}/visits/badges")).json()
    assert (await step(clerk, desk, visit, "badge_lost")).status_code == 409
    assert (await step(clerk, desk, visit, "badge_back")).status_code == 200
    assert "01" in (await clerk.get(f"{desk.api}/visits/badges")).json()


async def test_the_emergency_list_names_those_in_the_house_and_nobody_else(
    desk: Desk, clerk: httpx.AsyncClient, screen: httpx.AsyncClient
) -> None:
    await came(clerk, desk, accepted=True, admit=True, badge="1", plate="浙a 12345")
    await came(clerk, desk, name="还在等")
    gone = await came(clerk, desk, name="已离开", accepted=True, admit=True, badge="2")
    await step(clerk, desk, gone, "leave")

    for badge, place in (("3", "10幢 大堂"), ("4", "2幢 大堂")):
        await came(clerk, desk, name=place, unit_id=None, place=place, admit=True, badge=badge)

    answer = await screen.get(f"{desk.console}/visitors/inside")
    page = answer.text

    assert page.index("2幢 大堂") < page.index("10幢 大堂"), "as people count"

    assert answer.status_code == 200 and "周航" in page and "浙A12345" in page
    assert "还在等" not in page and "已离开" not in page and "13800001111" not in page


async def test_who_was_asked_how_and_with_what_answer_is_on_record(desk: Desk, clerk: httpx.AsyncClient) -> None:
    """REC-7: the household asked and its answer with time."""
    visit = await came(clerk, desk)

    await step(clerk, desk, visit, "ask", who="王丽华", text="没人接")
    await step(clerk, desk, visit, "accept", who="王建军", via="person", text="可以")

    told = (await clerk.get(f"{desk.api}/visits/{visit['id']}")).json()
    assert [told["visit"][name] for name in ("host_answer", "answered_by", "answered_via")] == [
        "accepted", "王建军", "person",
    ]  # fmt: skip
    assert [s["text"] for s in told["steps"]][1:] == ["王丽华：没人接", "王建军：可以"]


async def test_whoever_stays_too_long_is_overdue(
    desk: Desk, clerk: httpx.AsyncClient, screen: httpx.AsyncClient, clock: SettableClock
) -> None:
    await came(clerk, desk, accepted=True, admit=True, badge="1")
    before = (await screen.get(f"{desk.console}/visitors")).text
    clock.advance(hours=4, seconds=1)

    assert "overdue</span>" not in before
    assert "overdue</span>" in (await screen.get(f"{desk.console}/visitors")).text


async def test_the_desks_form_registers_books_and_says_what_is_wrong(desk: Desk, screen: httpx.AsyncClient) -> None:
    page = f"{desk.console}/visitors"
    filled = {**VISIT, "unit_id": str(desk.wang.unit_id), "place": "3幢1802", "people": "2"}

    refused = await screen.post(page, data={**filled, "then": "admit", "badge": "1"})
    asked = await screen.post(page, data={**filled, "then": "wait"})
    booked = await screen.post(page, data={**filled, "then": "book", "expected_at": "2026-11-23T15:30"})
    visit = asked.headers["hx-redirect"]
    again = await screen.post(visit, data={"kind": "admit", "badge": "1"})
    await screen.post(visit, data={"kind": "accept", "text": "王女士同意"})
    let_in = await screen.post(visit, data={"kind": "admit", "badge": "1"})

    assert refused.status_code == 422 and 'value="周航"' in refused.text and "Ask the household" in refused.text
    assert booked.headers["hx-redirect"] == page
    assert again.status_code == 422 and "data-show" in again.text
    assert let_in.headers["hx-redirect"] == visit
    assert await desk.rows("SELECT status, expected_at FROM reception_visit WHERE company_id = $1 ORDER BY id") == [
        ("inside", None),
        ("expected", NOW.replace(hour=7, minute=30)),
    ]


async def test_the_register_is_taken_along_as_a_workbook_without_full_numbers(
    desk: Desk, web: Web, clerk: httpx.AsyncClient
) -> None:
    await came(clerk, desk)
    screen = await web.console(desk.house, "manager")

    answer = await screen.post(f"{desk.console}/visitors/export?q=周航")

    [sheet] = read_workbook(answer.content)
    assert sheet.rows[1][1:7] == ("周航", "138****1111", 1, "走亲访友", "3幢1802", "王丽华")
    assert await desk.rows("SELECT action FROM audit_entry WHERE company_id = $1 AND action LIKE '%exported'") == [
        ("reception.visit.exported",)
    ]


@pytest.mark.parametrize("path", ["", "/log?q=%E5%91%A8", "/barred", "/{id}"])
async def test_a_page_of_the_register_asks_six_times(
    desk: Desk, clerk: httpx.AsyncClient, screen: httpx.AsyncClient, path: str
) -> None:
    visit = await came(clerk, desk)
    address = f"{desk.console}/visitors{path.format(id=visit['id'])}"
    await screen.get(address)
    async with recording(desk.lodge.platform.db) as sent:
        assert (await screen.get(address)).status_code == 200

    assert len(sent) <= 6, [statement.sql for statement in sent]


async def test_registering_and_letting_in_ask_six_times(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await came(clerk, desk)
    async with recording(desk.lodge.platform.db) as sent:
        visit = await came(clerk, desk, accepted=True, admit=True, badge="9")
    async with recording(desk.lodge.platform.db) as left:
        await step(clerk, desk, visit, "leave")

    assert len(sent) <= 6 and len(left) <= 6, [statement.sql for statement in [*sent, *left]]
