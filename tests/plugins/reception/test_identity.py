"""Who calls is confirmed before anything is told (REC-5), and the log says what it was about and what was answered."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.plugins.reception.conftest import SHARED_PHONE, Desk, Ring
from tests.plugins.reception.test_intake import filled
from tests.support.statements import recording
from tests.support.web import Web


async def card(clerk: httpx.AsyncClient, desk: Desk, call_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = (await clerk.get(f"{desk.api}/calls/{call_id}/card")).json()
    return shown


async def confirm(clerk: httpx.AsyncClient, desk: Desk, call_id: str, *parts: str) -> httpx.Response:
    return await clerk.post(f"{desk.api}/calls/{call_id}/identity", json={"parts": parts})


@pytest.mark.parametrize(
    ("parts", "missing", "enough", "for_fees"),
    [
        ((), ["name", "address"], False, ["name", "address", "phone"]),
        (("name",), ["address"], False, ["address", "phone"]),
        (("name", "address"), [], True, ["phone"]),
        (("phone", "address", "name"), [], True, []),
    ],
    ids=str,
)
async def test_what_was_confirmed_is_enough_or_says_what_is_missing(
    desk: Desk,
    clerk: httpx.AsyncClient,
    ring: Ring,
    parts: tuple[str, ...],
    missing: list[str],
    enough: bool,
    for_fees: list[str],
) -> None:
    call = await ring("a")
    said = await confirm(clerk, desk, call["id"], *parts)
    identity = (await card(clerk, desk, call["id"]))["identity"]

    assert said.status_code == 200 and set(said.json()["confirmed"]) == set(parts)
    assert (identity["known"], identity["missing"], identity["enough"]) == (True, missing, enough)
    assert [(each["category"], each["missing"]) for each in identity["purposes"]] == [("fees", for_fees)]
    assert identity["by"] == (desk.house.staff["clerk"].name if parts else "")


async def test_nobody_confirms_for_a_caller_who_is_not_known_and_another_confirms_anew(
    desk: Desk, clerk: httpx.AsyncClient, ring: Ring
) -> None:
    call = await ring("a", phone=SHARED_PHONE)
    before = await card(clerk, desk, call["id"])
    refused = await confirm(clerk, desk, call["id"], "name")
    for household in (desk.li, desk.zhao):
        chosen = {"unit_id": str(household.unit_id), "party_id": str(household.party_id)}
        await clerk.post(f"{desk.api}/calls/{call['id']}/link", json=chosen)
        if household is desk.li:
            await confirm(clerk, desk, call["id"], "name", "address")
    after = await card(clerk, desk, call["id"])

    assert not before["identity"]["enough"] and refused.status_code == 409
    assert (after["identity"]["enough"], after["identity"]["confirmed"]) == (False, [])
    assert (await confirm(clerk, desk, str(desk.house.company_id), "name")).status_code == 404


async def test_the_card_says_not_confirmed_until_the_ticks_are_there(
    desk: Desk, screen: httpx.AsyncClient, ring: Ring
) -> None:
    call = await ring("a")
    screen.headers["accept-language"] = "en"
    await screen.post(f"{desk.console}/calls/{call['id']}/answer")
    before = (await screen.get(f"{desk.console}/card")).text
    async with recording(desk.lodge.platform.db) as sent:
        after = await screen.post(f"{desk.console}/calls/{call['id']}/identity", data={"part": ["name", "address"]})
    stranger = (await ring("b", phone="13600000000"))["id"]
    unknown = await screen.post(f"{desk.console}/calls/{stranger}/end", data={})
    log = (await screen.get(f"{desk.console}/calls")).text

    assert "Not confirmed" in before and "Not confirmed" not in after.text and "Confirmed" in after.text
    assert len(sent) <= 6
    assert "Tell nothing about a household yet." in unknown.text
    assert f"confirmed by {desk.house.staff['clerk'].name}" in log


async def test_the_log_says_what_it_was_about_and_what_was_answered(
    desk: Desk, web: Web, clerk: httpx.AsyncClient, screen: httpx.AsyncClient, ring: Ring
) -> None:
    """REC-1: by a note where the answer was all, by the ticket's first line else."""
    asked, filed = await ring("a"), await ring("b")
    note = {"matter": "问停水时间", "answer": "今天 14 点到 16 点"}
    noted = await clerk.post(f"{desk.api}/calls/{asked['id']}/note", json=note)
    empty = await clerk.post(f"{desk.api}/calls/{asked['id']}/note", json={"matter": " "})
    await screen.post(f"{desk.console}/intake", data=await filled(desk, screen, filed["id"]))
    items = {item["id"]: item for item in (await clerk.get(f"{desk.api}/calls")).json()["items"]}
    leader = await web.console(desk.house, "manager")
    book = await leader.post(f"{desk.console}/calls/export?channel=call")

    assert (noted.json()["matter"], noted.json()["answer"]) == (note["matter"], note["answer"])
    assert [error["field"] for error in empty.json()["errors"]] == ["matter"]
    assert items[filed["id"]]["matter"] == "厨房水槽漏水"
    assert book.status_code == 200 and book.content.startswith(b"PK")
    assert (await screen.post(f"{desk.console}/calls/export")).status_code == 403
