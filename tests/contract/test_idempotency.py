"""A request sent again: with its key it has one effect and one answer; with a version only the first one counts."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from core.tickets.model import Ticket
from tests.contract.conftest import NEW
from tests.support.lodge import House, Lodge
from tests.support.web import Web, problem


async def tickets_of(lodge: Lodge, house: House) -> int:
    async with lodge.work(house, read_only=True) as work:
        return int(await work.uow.value("SELECT count(*) FROM ticket WHERE company_id = $1", house.company_id))


async def test_the_same_request_again_has_the_same_answer_and_no_effect(
    clerk: httpx.AsyncClient, lodge: Lodge, house: House
) -> None:
    answers = [await clerk.post("tickets", json=NEW, headers={"idempotency-key": "one"}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.content for answer in answers}) == 1
    assert len({answer.headers["etag"] for answer in answers}) == 1
    assert [answer.headers.get("idempotency-replayed") for answer in answers] == [None, "true", "true"]
    assert await tickets_of(lodge, house) == 1


async def test_twenty_at_once_make_one_ticket(clerk: httpx.AsyncClient, lodge: Lodge, house: House) -> None:
    sent = [clerk.post("tickets", json=NEW, headers={"idempotency-key": "many"}) for _ in range(20)]
    answers = await asyncio.gather(*sent)

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await tickets_of(lodge, house) == 1


@pytest.mark.parametrize("other", [{**NEW, "place": "3-1803"}, {**NEW, "severity": "urgent"}])
async def test_a_key_of_another_request_is_refused(
    clerk: httpx.AsyncClient, lodge: Lodge, house: House, other: dict[str, object]
) -> None:
    await clerk.post("tickets", json=NEW, headers={"idempotency-key": "used"})
    refused = await clerk.post("tickets", json=other, headers={"idempotency-key": "used"})

    assert problem(refused)["status"] == 409
    assert await tickets_of(lodge, house) == 1


async def test_a_key_is_its_actors_own(web: Web, lodge: Lodge, house: House) -> None:
    site = house.sites[0].slug
    other = await lodge.house()
    clients = [
        (await web.api(house, "clerk"), site),
        (await web.api(house, "manager"), site),
        (await web.token(house, ["ticket.create"]), site),
        (await web.api(other, "clerk"), other.sites[0].slug),
    ]
    answers = [
        await client.post(f"/api/v1/sites/{at}/tickets", json=NEW, headers={"idempotency-key": "shared"})
        for client, at in clients
    ]

    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json()["id"] for answer in answers}) == 4


async def test_a_refused_request_leaves_its_key_free(clerk: httpx.AsyncClient) -> None:
    headers = {"idempotency-key": "again"}
    assert (await clerk.post("tickets", json={**NEW, "category": "x"}, headers=headers)).status_code == 422
    assert (await clerk.post("tickets", json=NEW, headers=headers)).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb"])
async def test_a_key_that_is_none_is_refused(clerk: httpx.AsyncClient, key: str) -> None:
    assert problem(await clerk.post("tickets", json=NEW, headers={"idempotency-key": key}))["status"] == 400


async def test_cc_1_of_many_who_saw_the_same_version_one_wins(clerk: httpx.AsyncClient, ticket: Ticket) -> None:
    path = f"tickets/{ticket.id}/actions/comment"
    sent = [clerk.post(path, json={"text": f"{n}"}, headers={"if-match": '"1"'}) for n in range(20)]
    statuses = sorted(answer.status_code for answer in await asyncio.gather(*sent))

    assert statuses == [200] + [412] * 19
    shown = await clerk.get(f"tickets/{ticket.id}")
    assert shown.headers["etag"] == '"2"'
