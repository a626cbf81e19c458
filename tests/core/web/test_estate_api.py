"""The estate in the JSON API: rolls in and out, units and households, full telephone numbers."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import httpx
import msgspec
import pytest

from core.db.ids import new_id
from core.exchange.roll import Summary
from core.exchange.workbook import DEFAULT
from core.web import limits
from tests.core.exchange.hostile import CORPUS
from tests.core.web.estate import CUIHU, FULL, LI, PERSONAL, WANG, api, audited, counts, roll, take_in, upload
from tests.support.lodge import House, Lodge
from tests.support.web import Web, problem

HOSTILE = ("plain text", "old or protected (OLE)", "cut off", "encrypted entries", "parent path")


async def send(client: httpx.AsyncClient, house: House, content: bytes, **options: Any) -> httpx.Response:
    return await upload(client, f"{api(house)}/imports/roll", content, **options)


async def imports(client: httpx.AsyncClient, house: House) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await client.get(f"{api(house)}/imports")).raise_for_status().json()["items"]
    return items


async def units(client: httpx.AsyncClient, house: House, **query: str | int) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(f"{api(house)}/units", params=query)).raise_for_status().json()
    return found


@pytest.fixture
async def archivist(web: Web, house: House) -> httpx.AsyncClient:
    return await web.api(house, "archivist")


@pytest.fixture
async def clerk(web: Web, house: House) -> httpx.AsyncClient:
    return await web.api(house, "clerk")


# -- rolls ------------------------------------------------------------------------------------------------------------


async def test_a_real_roll_is_previewed_applied_found_and_undone(
    archivist: httpx.AsyncClient, clerk: httpx.AsyncClient, house: House
) -> None:
    preview = (await send(archivist, house, CUIHU.read_bytes())).json()
    expected = msgspec.json.decode(CUIHU.with_suffix(".expected.json").read_bytes(), type=Summary)
    assert msgspec.convert(preview["summary"], Summary) == expected
    assert preview["changes"]["units_new"] == 1065
    assert (await units(clerk, house))["items"] == [], "a preview changes nothing"
    severities = [issue["severity"] for issue in preview["issues"]]
    assert (severities.count("error"), severities.count("warning")) == (10, len(expected["warnings"]))
    assert [issue["row"] for issue in preview["issues"]] == sorted(issue["row"] for issue in preview["issues"])

    applied = (await archivist.post(f"{api(house)}/imports/{preview['id']}/apply")).json()
    assert applied == {"id": preview["id"], "file_name": "名册.xlsx", "changes": preview["changes"]}
    seen: list[str] = []
    page: dict[str, Any] = {"cursor": ""}
    while page["cursor"] is not None:
        page = await units(clerk, house, limit=200, cursor=page["cursor"])
        seen += [unit["id"] for unit in page["items"]]
    assert len(seen) == len(set(seen)) == 1065
    [listed] = await imports(archivist, house)
    assert (listed["status"], listed["undoable"]) == ("applied", True)

    assert (await archivist.post(f"{api(house)}/imports/{preview['id']}/undo")).status_code == 204
    assert (await units(clerk, house))["items"] == []
    assert [i["status"] for i in await imports(archivist, house)] == ["undone"]


async def test_what_is_wrong_in_a_row_is_said_in_the_readers_language(web: Web, house: House) -> None:
    archivist = await web.api(house, "archivist")
    bad = roll(WANG, (2, "3幢", "2单元", None, 80, "李强", None, None, None, ""))
    for language, message in (("en", "Fill in the room number."), ("zh", "请填写房号。")):
        issues = (await send(archivist, house, bad, headers={"accept-language": language})).json()["issues"]
        assert issues == [
            {"row": 3, "severity": "error", "code": "missing_room", "column": "房号", "value": "", "message": message}
        ]


async def test_an_import_has_one_effect_however_often_it_is_confirmed(
    archivist: httpx.AsyncClient, clerk: httpx.AsyncClient, house: House
) -> None:
    import_id = (await send(archivist, house, roll(WANG, LI))).json()["id"]
    path = f"{api(house)}/imports/{import_id}"
    assert (await archivist.post(f"{path}/undo")).status_code == 409, "not applied yet"
    both = await asyncio.gather(archivist.post(f"{path}/apply"), archivist.post(f"{path}/apply"))
    assert sorted(answer.status_code for answer in both) == [200, 409]
    [refused] = [answer for answer in both if answer.status_code == 409]
    assert problem(refused)["type"] == "urn:lodge:problem:conflict"
    assert "重新上传" in str(problem(refused)["detail"])
    assert len((await units(clerk, house))["items"]) == 2
    assert (await archivist.post(f"{path}/undo")).status_code == 204
    assert (await archivist.post(f"{path}/undo")).status_code == 409


async def test_confirming_again_under_the_same_key_is_answered_as_before(
    archivist: httpx.AsyncClient, house: House
) -> None:
    path = f"{api(house)}/imports/{(await send(archivist, house, roll(WANG))).json()['id']}/apply"
    both = [await archivist.post(path, headers={"idempotency-key": "once"}) for _ in range(2)]
    assert [answer.status_code for answer in both] == [200, 200]
    assert both[0].json() == both[1].json()


async def test_an_upload_sent_again_under_its_key_is_answered_as_before(
    archivist: httpx.AsyncClient, house: House
) -> None:
    key, content = {"idempotency-key": "roll-1"}, roll(WANG)
    first = await send(archivist, house, content, headers=key)
    again = await send(archivist, house, content, headers=key)  # with a boundary of its own, as clients do
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert len(await imports(archivist, house)) == 1
    assert (await send(archivist, house, roll(LI), headers=key)).status_code == 409


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_workbook_is_refused_and_leaves_nothing(
    archivist: httpx.AsyncClient, lodge: Lodge, house: House, name: str
) -> None:
    content, error = CORPUS[name]
    before = await counts(lodge, house)
    refused = await send(archivist, house, content())
    assert refused.status_code == error.status
    assert problem(refused)["detail"] not in ("", error.message)
    assert await counts(lodge, house) == before


@pytest.mark.parametrize(("size", "megabytes"), [(limits.BODY + 1, 5), (DEFAULT.file_bytes + 1, 4)])
@pytest.mark.parametrize("key", [{}, {"idempotency-key": "large"}])
async def test_too_large_an_upload_is_told_the_limit(
    archivist: httpx.AsyncClient, house: House, size: int, megabytes: int, key: dict[str, str]
) -> None:
    refused = await send(archivist, house, b"PK\x03\x04" + bytes(size), headers=key)
    assert refused.status_code == 413
    assert f"{megabytes} MB" in str(problem(refused)["detail"])
    assert await imports(archivist, house) == []


async def test_a_request_without_the_file_is_unreadable(archivist: httpx.AsyncClient, house: House) -> None:
    path = f"{api(house)}/imports/roll"
    attempts = [
        await send(archivist, house, roll(WANG), field="roll"),
        await archivist.post(path, json={"file": "roll.xlsx"}),
        await archivist.post(path, data={"file": "roll.xlsx"}),
        await archivist.post(path, files=[("file", ("a.xlsx", b"a")), ("file", ("b.xlsx", b"b"))]),
        await archivist.post(path),
    ]
    assert [answer.status_code for answer in attempts] == [400] * len(attempts)
    assert {problem(answer)["type"] for answer in attempts} == {"urn:lodge:problem:malformed"}


# -- units, households, numbers ----------------------------------------------------------------------------------------


async def test_units_and_households_are_found_with_masked_numbers(
    clerk: httpx.AsyncClient, lodge: Lodge, house: House
) -> None:
    await take_in(lodge, house, roll(WANG, LI))
    page = await units(clerk, house, limit=1)
    assert [unit["label"] for unit in page["items"]] == ["3幢2单元1802"]
    rest = await units(clerk, house, limit=1, cursor=page["cursor"])
    assert ([unit["label"] for unit in rest["items"]], rest["cursor"]) == (["3幢2单元1803"], None)
    assert len((await units(clerk, house, building="3"))["items"]) == 2
    assert (await units(clerk, house, building="4"))["items"] == []
    for text in ("1802", "3-2-1802", "王丽", "6207", "13817626207"):
        assert [unit["label"] for unit in (await units(clerk, house, q=text))["items"]] == ["3幢2单元1802"], text
    card = (await clerk.get(f"{api(house)}/units/{page['items'][0]['id']}")).json()
    assert (card["label"], card["area_m2"], card["tickets"]) == ("3幢2单元1802", "118.90", [])
    [wang] = card["occupants"]
    assert (wang["name"], wang["phones"], wang["id_number"]) == ("王丽华", ["138****6207"], "**************0018")
    found = (await clerk.get(f"{api(house)}/households", params={"phone": "138-1762-6207"})).json()["items"]
    assert [(unit["unit_id"], unit["occupants"][0]["caller"]) for unit in found] == [(card["unit_id"], True)]
    assert (await clerk.get(f"{api(house)}/households", params={"phone": "unknown"})).json()["items"] == []


async def test_who_may_not_see_tickets_sees_none_in_a_household(web: Web, lodge: Lodge, house: House) -> None:
    await take_in(lodge, house, roll(WANG))
    both = await web.token(house, ["estate.view", "ticket.view", "ticket.create"])
    estate = await web.token(house, ["estate.view"])
    [unit] = (await units(both, house))["items"]
    new = {"description": "Water on the floor", "category": "plumbing_electric", "unit_id": unit["id"]}
    (await both.post(f"{api(house)}/tickets", json=new)).raise_for_status()
    path, phone = f"{api(house)}/units/{unit['id']}", {"phone": "13817626207"}
    for client, seen in ((both, 1), (estate, 0)):
        assert len((await client.get(path)).json()["tickets"]) == seen
        [card] = (await client.get(f"{api(house)}/households", params=phone)).json()["items"]
        assert len(card["tickets"]) == seen


async def test_full_numbers_are_shown_for_a_reason_and_go_on_record(
    clerk: httpx.AsyncClient, lodge: Lodge, house: House
) -> None:
    await take_in(lodge, house, roll(WANG))
    [unit] = (await units(clerk, house))["items"]
    path = f"{api(house)}/parties/{unit['people'][0]['party_id']}/phones"
    for reason in ("", " ", "x", "x" * 201):
        refused = await clerk.post(path, json={"reason": reason})
        assert refused.status_code == 422
        assert [e["field"] for e in problem(refused)["errors"]] == ["reason"]  # type: ignore[attr-defined]
    for body in ({}, {"reason": 1}, {"reason": "to call", "phones": []}):
        assert (await clerk.post(path, json=body)).status_code == 400
    key = {"idempotency-key": "reveal"}
    answers = [await clerk.post(path, json={"reason": "to call back"}, headers=key) for _ in range(2)]
    assert [answer.json() for answer in answers] == [{"phones": ["13817626207"]}] * 2
    assert answers[0].headers["cache-control"] == "no-store"
    records = [r for r in await audited(lodge, house) if r[0] == "contact.revealed"]
    assert len(records) == 2, "one each, and none for what was refused"
    assert msgspec.json.decode(records[0][1]) == {"reason": "to call back", "phones": 1}
    async with lodge.work(house, read_only=True) as work:
        kept = "SELECT count(*) FROM idempotency_key WHERE company_id = $1"
        assert await work.uow.value(kept, house.company_id) == 0, "numbers are not kept under a key"


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 201}, {"limit": "many"}, {"cursor": "x"}, {"cursor": "AAAA"}]
)
async def test_a_page_that_cannot_be_is_refused(
    clerk: httpx.AsyncClient, house: House, query: dict[str, str | int]
) -> None:
    assert (await clerk.get(f"{api(house)}/units", params=query)).status_code == 400


# -- who may ----------------------------------------------------------------------------------------------------------


async def test_each_route_wants_its_permission(web: Web, house: House) -> None:
    some = new_id()
    wanted = {
        "estate.view": [("GET", "/units"), ("GET", f"/units/{some}"), ("GET", "/households?phone=1")],
        "estate.contact.reveal": [("POST", f"/parties/{some}/phones")],
        "estate.import": [
            ("GET", "/imports"),
            ("POST", "/imports/roll"),
            ("POST", f"/imports/{some}/apply"),
            ("POST", f"/imports/{some}/undo"),
        ],
    }
    for permission, routes in wanted.items():
        without = await web.token(house, [p for p in (*wanted, "ticket.view") if p != permission])
        having = await web.token(house, [permission])
        for method, path in routes:
            assert (await without.request(method, api(house) + path)).status_code == 403, path
            assert (await having.request(method, api(house) + path)).status_code in (200, 400, 404), path


async def test_ids_of_others_answer_as_ids_of_nothing(web: Web, lodge: Lodge, house: House) -> None:
    other = await lodge.house()
    await take_in(lodge, other, roll(WANG))
    await take_in(lodge, house, roll(LI), site=1)
    ids = {}
    for name, home, site in (("company", other, 0), ("site", house, 1)):
        async with lodge.work(home, read_only=True) as work:
            ids[name] = await work.uow.fetch(
                lambda *found: found,
                "SELECT u.id, o.party_id, i.id FROM unit u JOIN occupancy o ON o.unit_id = u.id, roll_import i "
                "WHERE u.company_id = $1 AND i.company_id = $1 AND u.site_id = $2 AND i.site_id = $2",
                home.company_id,
                home.sites[site].id,
            )
    admin = await web.api(house, house.local[0])
    nothing = (new_id(), new_id(), new_id())
    for unit, party, roll_import in (nothing, *ids["company"], *ids["site"]):
        answers = [
            await admin.get(f"{api(house)}/units/{unit}"),
            await admin.post(f"{api(house)}/parties/{party}/phones", json={"reason": "to call"}),
            await admin.post(f"{api(house)}/imports/{roll_import}/apply"),
            await admin.post(f"{api(house)}/imports/{roll_import}/undo"),
        ]
        said = [{k: v for k, v in problem(answer).items() if k != "instance"} for answer in answers]
        assert [answer.status_code for answer in answers] == [404] * 4
        assert all(s == said[0] for s in said)
    for path in (api(house, 1), api(other)):
        assert (await admin.get(f"{path}/units")).status_code == 404
    assert (await units(admin, house))["items"] == []
    assert (await admin.get(f"{api(house)}/households", params={"phone": "13817626207"})).json()["items"] == []


# -- traces -----------------------------------------------------------------------------------------------------------


async def test_nothing_personal_is_logged_or_audited(
    web: Web, lodge: Lodge, house: House, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = await web.token(house, ["estate.view", "estate.import", "estate.contact.reveal"])
    logging.getLogger("httpcore").setLevel(logging.WARNING)  # the client's own, not ours
    logging.getLogger("httpx").setLevel(logging.WARNING)
    await send(client, house, CORPUS["cut off"][0]())
    import_id = (await send(client, house, roll(WANG, LI))).json()["id"]
    await client.post(f"{api(house)}/imports/{import_id}/apply")
    await client.post(f"{api(house)}/imports/{import_id}/apply")
    [first, _] = (await units(client, house))["items"]
    for text in PERSONAL:
        await units(client, house, q=text)
        await client.get(f"{api(house)}/households", params={"phone": text})
    await client.post(f"{api(house)}/parties/{first['people'][0]['party_id']}/phones", json={"reason": "to call"})
    await client.post(f"{api(house)}/imports/{import_id}/undo")
    actions = ["token.issued", "roll.uploaded", "roll.applied", "contact.revealed", "roll.undone"]
    records = await audited(lodge, house)
    assert [action for action, _ in records if action in actions[1:]] == actions[1:]
    traces = "".join((*capfd.readouterr(), caplog.text, *(changes for _, changes in records)))
    assert [text for text in PERSONAL if text in traces] == []


async def test_lists_hold_no_full_number(clerk: httpx.AsyncClient, lodge: Lodge, house: House) -> None:
    await take_in(lodge, house, roll(WANG, LI))
    [unit, _] = (await units(clerk, house))["items"]
    for path in ("/units", "/units?q=13817626207", f"/units/{unit['id']}", "/households?phone=13817626207"):
        text = (await clerk.get(api(house) + path)).raise_for_status().text
        assert [full for full in FULL if full in text] == [], path


@pytest.mark.parametrize("text", ["\0", "%ED%A0%80", "%FF", "\u202e", "x" * 5000, "{}", "' or 1=1 --", "%25"])
async def test_strange_words_break_nothing(web: Web, lodge: Lodge, house: House, text: str) -> None:
    await take_in(lodge, house, roll(WANG))
    clerk, console = await web.api(house, "clerk"), await web.console(house, "archivist")
    raw = text if text.startswith("%") else str(httpx.QueryParams({"q": text})).removeprefix("q=")
    unit = (await units(clerk, house))["items"][0]
    page = f"/s/{house.sites[0].slug}/estate"
    for answer in (
        await clerk.get(f"{api(house)}/units?q={raw}"),
        await clerk.get(f"{api(house)}/units?cursor={raw}"),
        await clerk.get(f"{api(house)}/units?building={raw}"),
        await clerk.get(f"{api(house)}/households?phone={raw}"),
        await clerk.post(f"{api(house)}/parties/{unit['people'][0]['party_id']}/phones", json={"reason": text}),
        await console.get(f"{page}?q={raw}&building={raw}"),
        await console.get(f"{page}/suggest?q={raw}"),
        await console.get(f"{page}/import?about={raw}"),
        await upload(console, f"{page}/import", b"x", field=text[:100]),
    ):
        assert answer.status_code < 500, answer.request.url
