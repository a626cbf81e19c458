"""Collection at home over the JSON API: shapes, versions, who may, how many statements (BIL-3)."""

from __future__ import annotations

from typing import Any

import httpx

from tests.plugins.billing.collection.conftest import Round
from tests.plugins.billing.counter.conftest import Home
from tests.support.statements import recording
from tests.support.web import Web


def visit_of(rounds: Round, home: Home, **more: Any) -> dict[str, Any]:
    return {
        "unit_id": str(home.unit_id),
        "party_id": str(home.party_id),
        "day": str(rounds.today),
        "starts": "18:00:00",
        "ends": "19:30:00",
        "collector_id": str(rounds.member("cashier")),
        **more,
    }


async def client(rounds: Round, web: Web, role: str = "cashier") -> httpx.AsyncClient:
    made = await web.api(rounds.till.office.house, role)
    made.headers["accept-language"] = "en"
    return made


async def test_a_book_goes_out_is_used_and_comes_back(rounds: Round, web: Web) -> None:
    home = await rounds.till.home(1_000)
    cashier, finance = await client(rounds, web), await client(rounds, web, "finance")
    holder = str(rounds.member("cashier"))
    book = {"first": "A0001", "last": "A0003", "holder_id": holder, "signed": True}

    barred = await cashier.post(f"{rounds.api}/books", json=book)
    handed = await finance.post(f"{rounds.api}/books", json=book)
    overlapping = await finance.post(f"{rounds.api}/books", json=book)
    mine = await finance.post(f"{rounds.api}/books", json={**book, "holder_id": str(rounds.member("finance"))})
    here = f"{rounds.api}/books/{handed.json()['id']}"
    agreed = await cashier.post(f"{rounds.api}/visits", json=visit_of(rounds, home))
    payment = {"paper_number": "A0001", "means": "cash", "amount_fen": 1000, "collected_on": str(rounds.today)}
    visit = f"{rounds.api}/visits/{agreed.json()['id']}"
    paid = await cashier.post(f"{visit}/payment", json=payment)
    again = await cashier.post(f"{visit}/payment", json=payment)
    marked = await cashier.post(f"{here}/marks", json={"state": "lost", "first": "A0002", "reason": "遗失"})
    blind = await finance.post(f"{here}/return", json={"unused": 1})
    back = await finance.post(f"{here}/return", json={"unused": 1}, headers={"if-match": '"1"'})
    seen = (await cashier.get(here)).json()

    assert [each.status_code for each in (barred, handed, overlapping, mine)] == [403, 201, 409, 403]
    assert (agreed.status_code, paid.status_code, again.status_code) == (201, 201, 201)
    assert paid.json()["id"] == again.json()["id"]
    assert paid.json()["receipt"]["paper_number"] == "A0001"
    assert (marked.status_code, blind.status_code, back.status_code) == (201, 428, 200)
    assert [(run["first"], run["state"], run["count"]) for run in seen["runs"]] == [
        ("A0001", "used", 1), ("A0002", "lost", 1), ("A0003", "unused", 1),
    ]  # fmt: skip
    assert (seen["book"]["status"], seen["book"]["used_fen"], seen["ledger_fen"]) == ("returned", 1000, 1000)
    listed = (await cashier.get(f"{rounds.api}/books", params={"status": "out"})).json()
    assert listed == {"items": [], "cursor": None}


async def test_visits_are_changed_from_the_version_seen_and_listed_by_day(rounds: Round, web: Web) -> None:
    home = await rounds.till.home(1_000)
    api = await client(rounds, web)
    made = (await api.post(f"{rounds.api}/visits", json=visit_of(rounds, home))).json()
    here = f"{rounds.api}/visits/{made['id']}"
    body = {name: value for name, value in visit_of(rounds, home).items() if name not in ("unit_id", "party_id")}

    blind = await api.put(here, json=body)
    changed = await api.put(here, json={**body, "day": "2026-11-25"}, headers={"if-match": '"1"'})
    stale = await api.post(f"{here}/not-paid", json={"reason": "没人"}, headers={"if-match": '"1"'})
    off = await api.post(f"{here}/calling-off", json={"reason": "没人"}, headers={"if-match": '"2"'})
    over = await api.post(f"{here}/not-paid", json={"reason": "没人"}, headers={"if-match": '"3"'})
    today = (await api.get(f"{rounds.api}/visits")).json()
    then = (await api.get(f"{rounds.api}/visits", params={"day": "2026-11-25"})).json()

    assert [each.status_code for each in (blind, changed, stale, off, over)] == [428, 200, 412, 200, 409]
    assert changed.headers["etag"] == '"2"'
    assert today["items"] == []
    assert [(row["status"], row["reason"]) for row in then["items"]] == [("called_off", "没人")]


async def test_pi_2_the_number_of_whoever_is_visited_is_masked(rounds: Round, web: Web) -> None:
    home = await rounds.till.home(1_000)
    office = rounds.till.office
    async with office.lodge.owner.begin(office.house.company_id) as uow:
        sql = (
            "INSERT INTO contact (company_id, id, site_id, party_id, phone) "
            "VALUES ($1, gen_random_uuid(), $2, $3, '13817626207')"
        )
        await uow.execute(sql, office.house.company_id, rounds.site.id, home.party_id)
    visit = await rounds.agree(home)
    api = await client(rounds, web, "admin")
    seen = (await api.get(f"{rounds.api}/visits/{visit.id}")).json()

    assert visit.phone == "138****6207"
    assert seen["phone"] == "138****6207"


async def test_paper_is_a_pdf(rounds: Round, web: Web) -> None:
    book = await rounds.hand_out()
    await rounds.agree(await rounds.till.home(1_000))
    api = await client(rounds, web)

    sheet = await api.get(f"{rounds.api}/sheet")
    slip = await api.get(f"{rounds.api}/books/{book.id}/paper")

    assert sheet.content.startswith(b"%PDF-") and slip.content.startswith(b"%PDF-")


async def test_requests_cost_few_statements(rounds: Round, web: Web) -> None:
    book = await rounds.hand_out()
    home = await rounds.till.home(1_000)
    visit = await rounds.agree(home)
    api, db = await client(rounds, web), rounds.till.office.lodge.platform.db
    for path in ("/visits", f"/visits/{visit.id}", "/books", f"/books/{book.id}"):
        await api.get(rounds.api + path)
        async with recording(db) as sent:
            assert (await api.get(rounds.api + path)).status_code == 200
        assert len(sent) <= 6, (path, sent)
    async with recording(db) as sent:
        assert (await api.post(f"{rounds.api}/visits", json=visit_of(rounds, home))).status_code == 201
    assert len(sent) <= 6, sent
    async with recording(db) as sent:
        mark = {"state": "spoiled", "first": "A0009", "reason": "写错"}
        assert (await api.post(f"{rounds.api}/books/{book.id}/marks", json=mark)).status_code == 201
    assert len(sent) <= 6, sent
    payment = {"paper_number": "A0001", "means": "cash", "amount_fen": 1000, "collected_on": str(rounds.today)}
    async with recording(db) as sent:
        assert (await api.post(f"{rounds.api}/visits/{visit.id}/payment", json=payment)).status_code == 201
    assert len(sent) <= 7, sent  # a payment at the counter, and the look at visit, book and number
