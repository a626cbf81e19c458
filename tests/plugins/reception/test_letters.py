"""Letters and complaint boxes: registered, scanned, answered in time; all in the one work log (REC-1, REC-10)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.plugins.reception.conftest import OWNER_PHONE, Desk, english
from tests.support.lodge import NOW, SettableClock
from tests.support.statements import recording
from tests.support.web import Web
from tests.world import PICTURE

LETTER = {
    "sender_name": "街道办事处",
    "sender_kind": "authority",
    "reference": "街办〔2026〕31号",
    "subject": "关于楼道堆物的整改通知",
    "content": "请于规定期限内清理 5 幢楼道堆物并书面答复。",
    "received_at": NOW.isoformat(),
    "category": "cleaning",
}


async def register(clerk: httpx.AsyncClient, desk: Desk, **more: object) -> dict[str, Any]:
    answer = await clerk.post(f"{desk.api}/letters", json={**LETTER, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def read(client: httpx.AsyncClient, desk: Desk, ticket_id: str) -> dict[str, Any]:
    letter: dict[str, Any] = (await client.get(f"{desk.api}/letters/{ticket_id}")).json()["letter"]
    return letter


async def listed(clerk: httpx.AsyncClient, desk: Desk, query: str = "") -> list[str]:
    found = await clerk.get(f"{desk.api}/letters{query}")
    assert found.status_code == 200, found.text
    items = found.json()["items"]
    return [each["number"] for each in items]


async def test_a_letter_is_a_ticket_that_owes_a_written_answer(desk: Desk, clerk: httpx.AsyncClient) -> None:
    made = await register(clerk, desk)
    ticket = (await clerk.get(f"/api/v1/sites/{desk.site.slug}/tickets/{made['ticket_id']}")).json()

    assert (made["number"], ticket["ticket"]["channel"]) == ("2026-001", "letter")
    [goal] = [goal for goal in ticket["goals"] if goal["name"] == "written_answer"]
    assert (goal["amount"], goal["unit"]) == (5, "working_days")
    assert (await read(clerk, desk, made["ticket_id"]))["due_at"] == goal["due_at"]
    assert (await register(clerk, desk))["number"] == "2026-002"


async def test_the_day_that_a_letter_names_counts(desk: Desk, clerk: httpx.AsyncClient) -> None:
    by = NOW + timedelta(days=9)
    made = await register(clerk, desk, answer_by=by.isoformat())

    assert (await read(clerk, desk, made["ticket_id"]))["due_at"] == by.isoformat().replace("+00:00", "Z")


MATTER = {"place": "大堂", "contact": "陈先生", "description": "楼道堆物\n五楼到七楼都有", "severity": "urgent"}
TYPED: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "a phone": ({"q": OWNER_PHONE}, {"phone": OWNER_PHONE, "sender_name": "王丽华", "place": "3幢1802"}),
    "an unknown phone": ({"q": "02155550199"}, {"phone": "02155550199", "sender_name": ""}),
    "a room": ({"q": "1802"}, {"place": "3幢1802", "sender_name": "王丽华"}),
    "a name": ({"q": "街道办"}, {"sender_name": "街道办", "place": ""}),
    "a matter": (MATTER, {"sender_name": "陈先生", "place": "大堂", "subject": "楼道堆物", "severity": "urgent"}),
    "both": ({**MATTER, "q": "1802"}, {"sender_name": "王丽华", "place": "3幢1802", "subject": "楼道堆物"}),
    "a matter of a call": (
        {**MATTER, "call_id": str(UUID(int=1)), "q": "街道办"},
        {"sender_name": "街道办", "place": ""},
    ),
    "nothing": ({}, {"sender_name": "", "place": "", "subject": ""}),
}


@pytest.mark.parametrize(("typed", "shown"), TYPED.values(), ids=TYPED)
async def test_what_was_typed_at_the_desk_is_carried_along_to_the_letter(
    desk: Desk, screen: httpx.AsyncClient, typed: dict[str, str], shown: dict[str, str]
) -> None:
    """REC-10; a phone or a name in no address, and nothing registered yet."""
    page = await screen.post(f"{desk.console}/letters/new", data=typed)
    assert page.status_code == 200, page.text
    form = dict(re.findall(r'<input[^>]*? name="(\w+)"[^>]*? value="([^"]*)"', page.text))
    if '<option value="urgent" selected' in page.text:
        form["severity"] = "urgent"
    assert {name: form.get(name, "") for name in shown} == shown
    assert ("五楼到七楼都有" in page.text) == ("五楼" in typed.get("description", "") and "call_id" not in typed)
    assert await desk.rows("SELECT 1 FROM ticket WHERE company_id = $1") == []


async def test_the_answer_is_kept_and_ends_the_deadline(desk: Desk, clerk: httpx.AsyncClient) -> None:
    made = await register(clerk, desk)
    path = f"{desk.api}/letters/{made['ticket_id']}"
    said = {"text": "堆物已于今日清理完毕。", "reference": "翠湖物业〔2026〕8号", "via": "by_hand"}
    empty = await clerk.post(f"{path}/answer", json={"text": " "})
    answered = await clerk.post(f"{path}/answer", json=said)
    letter = await read(clerk, desk, made["ticket_id"])
    ticket = (await clerk.get(f"/api/v1/sites/{desk.site.slug}/tickets/{made['ticket_id']}")).json()

    assert (empty.status_code, answered.status_code) == (422, 200)
    assert (letter["answer_reference"], letter["answer_via"], letter["late"]) == (said["reference"], "by_hand", False)
    assert letter["answered_at"] and said["text"] in ticket["timeline"][-1]["text"]
    [goal] = [goal for goal in ticket["goals"] if goal["name"] == "written_answer"]
    assert (goal["state"], goal["ended"]) == ("met", True)
    assert (await listed(clerk, desk), await listed(clerk, desk, "?which=answered")) == ([], ["2026-001"])


async def test_a_matter_taken_up_again_owes_its_answer_again(desk: Desk, clerk: httpx.AsyncClient) -> None:
    made = await register(clerk, desk)
    ticket = f"/api/v1/sites/{desk.site.slug}/tickets/{made['ticket_id']}"
    answer = f"{desk.api}/letters/{made['ticket_id']}/answer"
    await clerk.post(answer, json={"text": "已处理"})
    for action in ("resolve", "reopen"):
        version = (await clerk.get(ticket)).headers["etag"]
        done = await clerk.post(f"{ticket}/actions/{action}", json={"text": "又有堆物"}, headers={"if-match": version})
        assert done.status_code == 200, done.text

    assert await listed(clerk, desk) == ["2026-001"]
    assert (await read(clerk, desk, made["ticket_id"]))["due_at"] is not None
    assert (await clerk.post(answer, json={"text": "再次清理"})).status_code == 200


async def test_the_register_is_narrowed(desk: Desk, clerk: httpx.AsyncClient, clock: SettableClock) -> None:
    me = desk.house.staff["clerk"].membership_id
    await register(clerk, desk, answer_by=(NOW + timedelta(minutes=5)).isoformat(), assignee_id=str(me))
    await register(clerk, desk, sender_name="王丽华", sender_kind="resident", subject="反映车位被占")
    clock.advance(minutes=6)

    for query, numbers in (
        ("", ["2026-002", "2026-001"]),
        ("?which=overdue", ["2026-001"]),
        ("?mine=true", ["2026-001"]),
        ("?q=车位", ["2026-002"]),
        ("?q=堆物", ["2026-001"]),
        ("?which=answered", []),
        (f"?until={(NOW - timedelta(days=1)).strftime('%Y-%m-%dT%H:%M:%SZ')}", []),
    ):
        assert await listed(clerk, desk, query) == numbers, query
    first = (await clerk.get(f"{desk.api}/letters?limit=1")).json()
    assert await listed(clerk, desk, f"?cursor={first['cursor']}") == ["2026-001"]


async def test_scans_of_letter_and_answer_are_kept_apart(
    desk: Desk, clerk: httpx.AsyncClient, screen: httpx.AsyncClient
) -> None:
    made = await register(clerk, desk)
    path = f"{desk.api}/letters/{made['ticket_id']}"
    for side in ("letter", "answer"):
        kept = await clerk.post(f"{path}/scans", data={"side": side}, files={"file": (f"{side}.png", PICTURE)})
        assert kept.status_code == 201, kept.text
    scans = (await clerk.get(path)).json()["scans"]
    page = await screen.get(f"{desk.console}/letters/{made['ticket_id']}")

    assert [(scan["side"], scan["name"], scan["preview"]) for scan in scans] == [
        ("letter", "letter.png", True),
        ("answer", "answer.png", True),
    ]
    assert page.text.count("/preview") == 2
    other = (
        await clerk.post(f"{desk.api}/opinions", json={"opinion": "路灯不亮", "category": "cleaning", "place": "东门"})
    ).json()
    foreign = await clerk.post(f"{desk.api}/letters/{other['ticket_id']}/scans", files={"file": ("a.png", PICTURE)})
    assert foreign.status_code == 404


async def test_the_archives_clerk_opens_what_they_have_registered_and_scanned(desk: Desk, web: Web) -> None:
    archivist = await web.api(desk.house, "archivist")
    made = await register(archivist, desk)
    kept = await archivist.post(f"{desk.api}/letters/{made['ticket_id']}/scans", files={"file": ("a.png", PICTURE)})
    [scan] = (await archivist.get(f"{desk.api}/letters/{made['ticket_id']}")).json()["scans"]
    ticket = f"/api/v1/sites/{desk.site.slug}/tickets/{made['ticket_id']}"

    assert kept.status_code == 201
    assert (await archivist.get(ticket)).status_code == 200
    assert (await archivist.get(f"{ticket}/attachments/{scan['attachment_id']}")).status_code == 200


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"sender_name": " "}, "sender_name"),
        ({"subject": "急"}, "subject"),
        ({"category": "nonsense"}, "category"),
        ({"received_at": (NOW + timedelta(days=1)).isoformat()}, "received_at"),
        ({"answer_by": NOW.isoformat()}, "answer_by"),
        ({"assignee_id": "00000000-0000-0000-0000-00000000dead"}, "assignee_id"),
    ],
    ids=str,
)
async def test_what_is_wrong_with_a_letter_is_named(
    desk: Desk, clerk: httpx.AsyncClient, more: dict[str, object], field: str
) -> None:
    answer = await clerk.post(f"{desk.api}/letters", json={**LETTER, **more})

    assert answer.status_code == 422 and [e["field"] for e in answer.json()["errors"]] == [field]


async def test_whom_a_letter_complains_about_does_not_see_it(desk: Desk, web: Web, clerk: httpx.AsyncClient) -> None:
    """CMP-6."""
    supervisor = english(await web.api(desk.house, "supervisor"))
    concerned = desk.house.staff["supervisor"].membership_id
    made = await register(clerk, desk, category="noise", concerns_id=str(concerned))

    assert await listed(supervisor, desk) == []
    assert (await supervisor.get(f"{desk.api}/letters/{made['ticket_id']}")).status_code == 404
    assert await listed(clerk, desk) == ["2026-001"]


async def test_slips_of_a_box_become_a_ticket_each(desk: Desk, clerk: httpx.AsyncClient) -> None:
    box = {"box": "服务中心意见箱", "slips": 2, "witness": "业委会 李委员"}
    emptied = (await clerk.post(f"{desk.api}/boxes", json=box)).json()
    path = f"{desk.api}/boxes/{emptied['id']}"
    slip = {"text": "电梯里有异味", "category": "lift", "place": "3 幢"}
    wrong = await clerk.post(f"{path}/slips", json={**slip, "text": ""})
    answers = [await clerk.post(f"{path}/slips", json=slip) for _ in range(3)]
    shown = (await clerk.get(path)).json()
    ticket = (await clerk.get(f"/api/v1/sites/{desk.site.slug}/tickets/{shown['entered'][0]['ticket_id']}")).json()

    assert [e["field"] for e in wrong.json()["errors"]] == ["text"]
    assert [answer.status_code for answer in answers] == [201, 201, 409]
    assert [each["number"] for each in shown["entered"]] == [1, 2]
    assert (ticket["ticket"]["channel"], shown["witness"]) == ("complaint_box", "业委会 李委员")
    assert (await clerk.post(f"{desk.api}/boxes", json={**box, "box": "别处"})).status_code == 422


async def test_the_work_log_holds_what_came_by_any_way(desk: Desk, clerk: httpx.AsyncClient) -> None:
    """REC-1: letters, slips and opinions stand beside calls and visits, each with its ticket."""
    await register(clerk, desk)
    box = (await clerk.post(f"{desk.api}/boxes", json={"box": "服务中心意见箱", "slips": 1})).json()
    await clerk.post(
        f"{desk.api}/boxes/{box['id']}/slips", json={"text": "路灯不亮", "category": "lift", "place": "东门"}
    )
    await clerk.post(f"{desk.api}/opinions", json={"opinion": "想要健身器材", "category": "lift", "place": "花园"})
    items = (await clerk.get(f"{desk.api}/calls")).json()["items"]
    letters = (await clerk.get(f"{desk.api}/calls?channel=letter")).json()["items"]

    assert {item["channel"] for item in items} == {"letter", "complaint_box", "staff_opinion"}
    assert all(item["ticket_number"] and item["status"] == "ended" for item in items)
    assert [item["caller_name"] for item in letters] == ["街道办事处"]


async def test_forms_keep_what_was_written_and_pages_ask_few_times(desk: Desk, screen: httpx.AsyncClient) -> None:
    form = {name: value for name, value in LETTER.items() if name != "received_at"}
    refused = await screen.post(f"{desk.console}/letters", data={**form, "subject": "急"})
    await screen.post(f"{desk.console}/letters", data=form)  # teams and policies are known from here on
    async with recording(desk.lodge.platform.db) as registering:
        taken = await screen.post(f"{desk.console}/letters", data=form)
    page = taken.headers["hx-redirect"]
    asked: dict[str, int] = {}
    for path in (page, f"{desk.console}/letters", f"{desk.console}/letters/new", f"{desk.console}/boxes"):
        async with recording(desk.lodge.platform.db) as sent:
            assert (await screen.get(path)).status_code == 200
        asked[path] = len(sent)
    async with recording(desk.lodge.platform.db) as answering:
        answered = await screen.post(f"{page}/answer", data={"text": "已处理", "reference": "8号", "via": "email"})
    shown = await screen.get(page)

    assert refused.status_code == 422 and 'value="街道办事处"' in refused.text
    assert answered.headers["hx-redirect"] == page and "8号" in shown.text
    assert len(registering) <= 6 and len(answering) <= 6 and max(asked.values()) <= 6, (registering, answering, asked)


async def test_the_register_goes_out_as_a_workbook_for_those_who_lead(
    desk: Desk, web: Web, clerk: httpx.AsyncClient
) -> None:
    await register(clerk, desk)
    leader, plain = await web.console(desk.house, "manager"), await web.console(desk.house, "clerk")

    sent = await leader.post(f"{desk.console}/letters/export")
    assert sent.status_code == 200 and sent.content.startswith(b"PK")
    assert (await plain.post(f"{desk.console}/letters/export")).status_code == 403
