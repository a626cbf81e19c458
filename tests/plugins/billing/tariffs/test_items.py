"""Fee items and their versions over the API (BIL-1): nothing that was published is changed."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from plugins.billing.amounts.number import exact
from plugins.billing.amounts.rounding import TO_THE_FEN
from plugins.billing.amounts.versions import Version, in_force
from plugins.billing.tariffs.example import version_of
from plugins.billing.tariffs.formulas import inputs, names_of
from plugins.billing.tariffs.model import TariffVersion
from tests.plugins.billing.tariffs.conftest import FEE, PRICE, Office
from tests.support.lodge import NOW
from tests.support.statements import recording
from tests.support.web import problem

FORMULA = "min(built, 90[m2]) * 2[yuan/m2/month] + max(built - 90[m2], 0[m2]) * 3[yuan/m2/month]"


def said(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    errors: Any = problem(answer)["errors"]
    return [(error["field"], error["message"]) for error in errors]


async def test_an_item_with_a_price_tells_what_a_household_pays(
    office: Office, manager: httpx.AsyncClient, fee: str
) -> None:
    detail = (await manager.get(f"{office.api}/items/{fee}")).json()

    assert detail["in_force"]["price"] == "2.50"
    assert detail["example"] == {"given": [{"basis": "built", "value": "90"}], "amount_fen": 22500}
    assert [(line["scope"], line["charged"]) for line in detail["assignments"]] == [("site", True)]


async def test_a_price_is_kept_to_the_last_digit(office: Office, manager: httpx.AsyncClient, fee: str) -> None:
    new = {**PRICE, "valid_from": "2026-02-01", "price": "123456789.000001"}
    answer = await manager.post(f"{office.api}/items/{fee}/versions", json=new)

    assert (answer.status_code, answer.json()["price"]) == (201, "123456789.000001")
    [(stored,)] = await office.rows("SELECT price FROM billing_version WHERE company_id = $1 AND number = 2")
    assert stored == Decimal("123456789.000001")


@pytest.mark.parametrize("price", [2.5, 2, "2,5", "1e3", "-1", "", "NaN", "2.", "1234567890", "0.0000001"])
async def test_a_price_that_is_no_plain_decimal_is_refused(
    office: Office, manager: httpx.AsyncClient, fee: str, price: object
) -> None:
    answer = await manager.post(f"{office.api}/items/{fee}/versions", json={**PRICE, "price": price})

    assert answer.status_code in (400, 422), answer.text


async def test_a_later_version_of_the_same_day_counts_and_the_earlier_one_stays(
    office: Office, manager: httpx.AsyncClient, fee: str
) -> None:
    await manager.post(f"{office.api}/items/{fee}/versions", json={**PRICE, "price": "2.60"})
    await manager.post(f"{office.api}/items/{fee}/versions", json={"valid_from": "2027-01-01", "price": "3"})
    detail = (await manager.get(f"{office.api}/items/{fee}")).json()
    [listed] = (await manager.get(f"{office.api}/items")).json()

    assert detail["in_force"]["number"] == 2
    assert [(v["number"], v["price"]) for v in detail["versions"]] == [(3, "3"), (2, "2.60"), (1, "2.50")]
    assert (listed["in_force"]["price"], listed["coming"]["price"]) == ("2.60", "3")
    assert [item["in_force"] for item in (await manager.get(f"{office.api}/items?day=2025-12-31")).json()] == [None]


def test_which_version_counts_is_as_amounts_are_computed() -> None:
    days = [date(2026, 1, 1), date(2026, 3, 1), date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    fee = UUID(int=1)
    stored = [
        TariffVersion(fee, fee, n, day, str(n), "", "calendar", "fen", "half_up", "", NOW, "x")
        for n, day in enumerate(days, 1)
    ]
    computed = [Version(v.valid_from, v.number, exact(str(v.price)), "calendar", TO_THE_FEN) for v in stored]

    for day in (date(2026, 1, 1), date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 1), date(2027, 1, 1)):
        version = version_of(stored, day)
        assert version is not None and version.number == in_force(computed, day).number
    assert version_of(stored, date(2025, 12, 31)) is None


async def test_versions_set_at_once_have_numbers_of_their_own(
    office: Office, manager: httpx.AsyncClient, fee: str
) -> None:
    answers = await asyncio.gather(
        *(manager.post(f"{office.api}/items/{fee}/versions", json={**PRICE, "price": f"2.{n}"}) for n in range(8))
    )

    assert sorted(answer.json()["number"] for answer in answers) == [*range(2, 10)]


async def test_a_formula_is_charged_like_a_price(office: Office, manager: httpx.AsyncClient, fee: str) -> None:
    new = {"valid_from": "2026-03-01", "formula": FORMULA}
    answer = await manager.post(f"{office.api}/items/{fee}/versions", json=new)
    detail = (await manager.get(f"{office.api}/items/{fee}")).json()

    assert answer.status_code == 201, answer.text
    assert detail["example"] == {"given": [{"basis": "built", "value": "90"}], "amount_fen": 18000}


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("built * 2[yuan/m2/month] +", 'Line 1, column 27: the formula ends here; expected: a number, a name, "("'),
        ("built\n* rate", 'Line 2, column 3: there is no "rate"; there are: built, usable, charged, spaces'),
        ("built", "Line 1, column 1: the formula comes to m2, and must come to yuan/month"),
        ("built * 2[yuan/stone]", "Line 1, column 10: 'stone' is no unit"),
    ],
)
async def test_a_formula_that_is_wrong_is_told_with_its_place(
    office: Office, manager: httpx.AsyncClient, fee: str, formula: str, told: str
) -> None:
    answer = await manager.post(
        f"{office.api}/items/{fee}/versions", json={"valid_from": "2026-03-01", "formula": formula}
    )
    [(field, message)] = said(answer)

    assert field == "formula" and message.startswith(told), message
    assert len((await manager.get(f"{office.api}/items/{fee}")).json()["versions"]) == 1


@pytest.mark.parametrize("both", [{"price": None}, {"price": "1", "formula": FORMULA}])
async def test_a_version_has_a_price_or_a_formula(
    office: Office, manager: httpx.AsyncClient, fee: str, both: dict[str, Any]
) -> None:
    answer = await manager.post(f"{office.api}/items/{fee}/versions", json={"valid_from": "2026-03-01", **both})

    assert said(answer) == [("price", "Give either a price or a formula.")]


def test_a_formula_is_given_the_names_it_uses_and_no_others() -> None:
    formula = "if(建筑面积 > 90[m2], 2, 1) * 3[yuan/space/month] * spaces"

    assert names_of(formula) == {"建筑面积": "built", "spaces": "spaces"}
    assert {name: known.unit for name, known in inputs(formula, {}).items()} == {"建筑面积": "m2", "spaces": "space"}


async def test_an_item_changes_in_all_but_code_and_basis(office: Office, manager: httpx.AsyncClient, fee: str) -> None:
    change = {"title": "物业服务费", "cycle": "quarter", "payer": "occupant", "due_days": 15, "ended_on": "2026-12-31"}
    missing = await manager.put(f"{office.api}/items/{fee}", json=change)
    changed = await manager.put(f"{office.api}/items/{fee}", json=change, headers={"if-match": '"1"'})
    stale = await manager.put(f"{office.api}/items/{fee}", json=change, headers={"if-match": '"1"'})
    basis = await manager.put(
        f"{office.api}/items/{fee}", json={**change, "basis": "usable"}, headers={"if-match": '"2"'}
    )

    assert (missing.status_code, changed.status_code, stale.status_code) == (428, 200, 412)
    assert basis.status_code in (400, 422)
    assert (changed.json()["basis"], changed.json()["title"], changed.headers["etag"]) == ("built", "物业服务费", '"2"')
    late = await manager.post(f"{office.api}/items/{fee}/versions", json={**PRICE, "valid_from": "2027-01-01"})
    assert said(late) == [("valid_from", "The item ends on 2026-12-31.")]
    [(recorded,)] = await office.audited("billing.item.changed")
    assert msgspec.json.decode(recorded)["title"] == ["物业费", "物业服务费"]


async def test_a_code_is_used_once_a_site(office: Office, manager: httpx.AsyncClient, fee: str) -> None:
    again = await manager.post(f"{office.api}/items", json=FEE)
    elsewhere = await manager.post(f"/api/v1/sites/{office.house.sites[1].slug}/billing/items", json=FEE)

    assert said(again) == [("code", "There is an item of this code already.")]
    assert elsewhere.status_code == 201


async def test_items_of_another_site_are_not_found(office: Office, manager: httpx.AsyncClient, fee: str) -> None:
    elsewhere = f"/api/v1/sites/{office.house.sites[1].slug}/billing/items/{fee}"

    assert (await manager.get(elsewhere)).status_code == 404
    assert (await manager.post(f"{elsewhere}/versions", json=PRICE)).status_code == 404
    assert (await manager.post(f"{elsewhere}/assignments", json={"since": "2026-01-01"})).status_code == 404


async def test_a_line_for_a_unit_or_a_building_exempts_it(office: Office, manager: httpx.AsyncClient, fee: str) -> None:
    here = f"{office.api}/items/{fee}/assignments"
    unit = {"unit_id": str(office.units["1幢101"]), "since": "2026-01-01", "charged": False}
    first = await manager.post(here, json=unit)
    twice = await manager.post(here, json=unit)
    nowhere = await manager.post(here, json={"building": "99", "since": "2026-01-01"})
    both = await manager.post(here, json={**unit, "building": "1"})
    backwards = await manager.post(here, json={"building": "1", "since": "2026-02-01", "until": "2026-01-31"})

    assert (first.status_code, first.json()["unit_label"], first.json()["scope"]) == (201, "1幢101", "unit")
    assert [said(answer)[0][0] for answer in (twice, nowhere, both, backwards)] == [
        "since", "building", "building", "until",
    ]  # fmt: skip
    line = f"{office.api}/assignments/{first.json()['id']}"
    ended = await manager.put(line, json={"until": "2026-06-30", "charged": False}, headers={"if-match": '"1"'})
    assert (ended.status_code, ended.json()["until"]) == (200, "2026-06-30")
    assert (await manager.delete(line, headers={"if-match": '"1"'})).status_code == 412
    assert (await manager.delete(line, headers={"if-match": '"2"'})).status_code == 204
    assert len(await office.audited("billing.assignment.removed")) == 1


async def test_a_unit_of_another_site_is_no_unit_of_this_one(
    office: Office, manager: httpx.AsyncClient, fee: str
) -> None:
    other = f"/api/v1/sites/{office.house.sites[1].slug}/billing"
    item = (await manager.post(f"{other}/items", json=FEE)).json()["id"]
    answer = await manager.post(
        f"{other}/items/{item}/assignments", json={"unit_id": str(office.units["1幢101"]), "since": "2026-01-01"}
    )

    assert said(answer)[0][0] == "unit_id"


async def test_whoever_reads_prices_does_not_set_them(office: Office, fee: str) -> None:
    for role, reads, sets in (
        ("clerk", 200, 403), ("cashier", 200, 403), ("finance", 200, 403), ("guard", 403, 403), ("admin", 200, 201),
    ):  # fmt: skip
        client = await office.web.api(office.house, role)
        assert (await client.get(f"{office.api}/items")).status_code == reads, role
        answer = await client.post(f"{office.api}/items/{fee}/versions", json=PRICE)
        assert answer.status_code == sets, role


async def test_an_example_is_not_told_to_whoever_sees_no_amounts(office: Office, fee: str) -> None:
    reader = await office.web.token(office.house, ["billing.tariff.view"])

    assert (await reader.get(f"{office.api}/items/{fee}")).json()["example"]["amount_fen"] is None


@pytest.mark.parametrize("path", ["items", "items/{fee}", "quantities", "quantities/missing", "price-list/paper"])
async def test_what_is_read_takes_six_round_trips_at_most(
    office: Office, manager: httpx.AsyncClient, fee: str, path: str
) -> None:
    address = f"{office.api}/{path.format(fee=fee)}"
    await manager.get(address)
    async with recording(office.lodge.platform.db) as sent:
        answer = await manager.get(address)

    assert answer.status_code == 200, answer.text
    assert len(sent) <= 6, [statement.sql[:80] for statement in sent]


async def test_what_is_written_takes_six_round_trips_at_most(
    office: Office, manager: httpx.AsyncClient, fee: str
) -> None:
    unit = str(office.units["1幢101"])
    for path, body in (
        (f"items/{fee}/versions", PRICE),
        (f"items/{fee}/assignments", {"unit_id": unit, "since": "2026-05-01"}),
        ("quantities", {"unit_id": unit, "basis": "spaces", "valid_from": "2026-01-01", "value": "1"}),
        ("quantities/take-over", {"valid_from": "2026-01-01"}),
    ):
        async with recording(office.lodge.platform.db) as sent:
            answer = await manager.post(f"{office.api}/{path}", json=body)
        assert answer.status_code == 201, answer.text
        assert len(sent) <= 6, (path, [statement.sql[:80] for statement in sent])
