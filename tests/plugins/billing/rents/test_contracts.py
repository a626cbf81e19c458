"""Contracts: entered once, no day of a unit twice, ended early or replaced (BIL-1)."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import httpx
import pytest

from core.sdk import Invalid
from plugins.billing.tariffs.model import RoundingUnit
from tests.plugins.billing.rents.conftest import FIVE_PERCENT, Letting, rising
from tests.support.statements import recording

YEAR = (date(2026, 1, 1), date(2026, 12, 31))
_RISE = {"every_months": 12, "how": "rate", "by": "0.05", "rounding_unit": "fen"}


async def test_a_contract_is_entered_and_its_steps_are_told(letting: Letting, manager: httpx.AsyncClient) -> None:
    item, unit = await letting.rent_item(), await letting.unit("S12")
    tenant = await letting.tenant(unit, "李强")
    body = letting.body(item, unit, tenant, first_day="2025-03-16", last_day="2028-03-15", rise=_RISE, note="押三付一")
    await manager.get(f"{letting.api}/rents")
    async with recording(letting.lodge.platform.db) as sent:
        added = await manager.post(f"{letting.api}/rents", json=body)
    assert added.status_code == 201, added.text
    assert len([each for each in sent if "set_config('jit'" not in each.sql]) <= 6
    rent = added.json()
    assert (rent["unit"], rent["party"], rent["until"], rent["version"]) == ("1幢S12", "李强", "2028-03-15", 1)
    assert rent["by_name"] == letting.house.staff["manager"].name

    found = (await manager.get(f"{letting.api}/rents/{rent['id']}")).json()
    assert found["rent"] == {**rent, "at": found["rent"]["at"]}
    assert found["today"] == "1050" and found["billed"] == []
    assert [(step["since"], step["until"], step["price"]) for step in found["steps"]] == [
        ("2025-03-16", "2026-03-15", "1000"),
        ("2026-03-16", "2027-03-15", "1050"),
        ("2027-03-16", "2028-03-15", "1102.5"),
    ]
    (row,) = (await manager.get(f"{letting.api}/rents")).json()["items"]
    assert (row["today"], row["rises_on"]) == ("1050", "2027-03-16")
    terms = {name: body[name] for name in ("first_day", "last_day", "price", "rise")}
    assert (await manager.post(f"{letting.api}/rents/steps", json=terms)).json() == found["steps"]
    [(action, kept)] = await letting.rows(
        "SELECT action, changes::text FROM audit_entry WHERE company_id = $1 AND subject_type = 'billing_rent'"
    )
    assert action == "billing.rent.added" and "李强" not in kept and "押三付一" not in kept


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"last_day": "2025-12-31"}, "last_day"),
        ({"last_day": "2046-01-01"}, "last_day"),  # a day more than twenty years
        ({"first_day": "1900-01-01"}, "first_day"),
        ({"number": "  "}, "number"),
        ({"rise": {**_RISE, "by": "0"}}, "by"),
        ({"rise": {**_RISE, "by": "11"}}, "by"),
        ({"last_day": "2045-12-31", "rise": {**_RISE, "every_months": 1, "by": "9"}}, "by"),
    ],
)
async def test_what_does_not_fit_is_refused_at_its_field(
    letting: Letting, manager: httpx.AsyncClient, wrong: dict[str, Any], field: str
) -> None:
    item, unit = await letting.rent_item(), await letting.unit("S12")
    tenant = await letting.tenant(unit, "李强")
    refused = await manager.post(f"{letting.api}/rents", json=letting.body(item, unit, tenant, **wrong))
    assert refused.status_code == 422, refused.text
    assert [each["field"] for each in refused.json()["errors"]] == [field]


async def test_only_an_item_for_rents_a_unit_and_a_party_of_the_site_will_do(
    letting: Letting, manager: httpx.AsyncClient
) -> None:
    item, fee, unit = await letting.rent_item(), await letting.item("fee", "2"), await letting.unit("S12")
    tenant = await letting.tenant(unit, "李强")
    for body, field in (
        (letting.body(fee, unit, tenant), "item_id"),
        (letting.body(unit, unit, tenant), "item_id"),
        (letting.body(item, item, tenant), "unit_id"),
        (letting.body(item, unit, unit), "party_id"),
    ):
        refused = await manager.post(f"{letting.api}/rents", json=body)
        assert refused.status_code == 422 and refused.json()["errors"][0]["field"] == field, refused.text
    await letting.write("UPDATE billing_item SET ended_on = '2025-12-31' WHERE company_id = $1 AND id = $2", item)
    assert (await manager.post(f"{letting.api}/rents", json=letting.body(item, unit, tenant))).status_code == 422
    longest = letting.body(item, unit, tenant, first_day="2024-01-01", last_day="2043-12-31")
    assert (await manager.post(f"{letting.api}/rents", json=longest)).status_code == 201


async def test_a_day_of_a_unit_has_one_contract_for_an_item(letting: Letting, manager: httpx.AsyncClient) -> None:
    item, other, unit = await letting.rent_item(), await letting.rent_item(code="sign"), await letting.unit("S12")
    next_door, tenant = await letting.unit("S13"), await letting.tenant(unit, "李强")
    await letting.let(item, unit, tenant, *YEAR)
    for first, last in (("2026-12-31", "2027-12-30"), ("2025-01-01", "2026-01-01"), ("2026-05-01", "2026-06-30")):
        body = letting.body(item, unit, tenant, first_day=first, last_day=last, number="HT-2")
        refused = await manager.post(f"{letting.api}/rents", json=body)
        assert refused.status_code == 422
        (said,) = refused.json()["errors"]
        assert said["field"] == "first_day"
        assert "HT-1" in said["message"] and "2026-12-31" in said["message"]
    for item_id, unit_id, first in (
        (item, unit, "2027-01-01"),
        (other, unit, "2026-01-01"),
        (item, next_door, "2026-01-01"),
    ):
        body = letting.body(item_id, unit_id, tenant, first_day=first, last_day="2027-06-30")
        assert (await manager.post(f"{letting.api}/rents", json=body)).status_code == 201


async def test_of_two_who_enter_at_once_one_has_the_days(letting: Letting) -> None:
    item, unit = await letting.rent_item(), await letting.unit("S12")
    tenants = [await letting.tenant(unit, name) for name in ("李强", "周敏", "吴迪", "郑洁")]

    async def enter(tenant: Any, month: int) -> bool:
        try:
            await letting.let(item, unit, tenant, date(2026, month, 1), date(2027, month, 1), number=f"HT-{month}")
        except Invalid:
            return False
        return True

    done = await asyncio.gather(*(enter(tenant, month) for month, tenant in enumerate(tenants, 1)))
    assert sum(done) == 1
    [(count,)] = await letting.rows("SELECT count(*) FROM billing_rent WHERE company_id = $1")
    assert count == 1


async def test_a_contract_ends_early_is_replaced_and_is_not_stretched(
    letting: Letting, manager: httpx.AsyncClient, finance: httpx.AsyncClient
) -> None:
    item, unit = await letting.rent_item(), await letting.unit("S12")
    tenant, other = await letting.tenant(unit, "李强"), await letting.tenant(unit, "周敏")
    rent = await letting.let(item, unit, tenant, *YEAR)
    here, entry = f"{letting.api}/rents/{rent.id}", {"number": "HT-1", "note": "", "ended_on": "2026-11-15"}
    assert (await finance.put(here, json=entry, headers={"if-match": '"1"'})).status_code == 403
    assert (await manager.put(here, json=entry)).status_code == 428
    for wrong in ("2027-01-01", "2025-12-30"):
        refused = await manager.put(here, json={**entry, "ended_on": wrong}, headers={"if-match": '"1"'})
        assert refused.status_code == 422, refused.text
    ended = await manager.put(here, json=entry, headers={"if-match": '"1"'})
    assert (ended.json()["until"], ended.json()["ended_on"], ended.headers["etag"]) == (
        "2026-11-15",
        "2026-11-15",
        '"2"',
    )
    assert (await manager.put(here, json=entry, headers={"if-match": '"1"'})).status_code == 412
    elsewhere = f"/api/v1/sites/{letting.house.sites[1].slug}/billing/rents/{rent.id}"
    assert (await manager.get(elsewhere)).status_code == 404
    assert (await manager.put(elsewhere, json=entry, headers={"if-match": '"2"'})).status_code == 404

    follows = await letting.let(item, unit, other, date(2026, 11, 16), date(2027, 11, 15), number="HT-2")
    back = {**entry, "ended_on": None}
    taken = await manager.put(here, json=back, headers={"if-match": '"2"'})
    assert taken.status_code == 422 and "HT-2" in taken.text
    await letting.ended(follows, date(2026, 11, 15))  # taken back: as if it had never been
    again = await manager.put(here, json=back, headers={"if-match": '"2"'})
    assert (again.json()["until"], again.json()["ended_on"]) == ("2026-12-31", None)
    found = (await manager.get(f"{letting.api}/rents/{follows.id}")).json()
    assert (found["steps"], found["today"]) == ([], None)
    actions = await letting.rows(
        "SELECT action FROM audit_entry WHERE company_id = $1 AND subject_type = 'billing_rent' ORDER BY id"
    )
    assert [each for (each,) in actions] == [f"billing.rent.{a}" for a in ("added", "ended", "added", "ended", "ended")]


async def test_number_and_note_change_and_nothing_else(letting: Letting, manager: httpx.AsyncClient) -> None:
    item, unit = await letting.rent_item(), await letting.unit("S12")
    rent = await letting.let(item, unit, await letting.tenant(unit, "李强"), *YEAR, rise=FIVE_PERCENT)
    here, match = f"{letting.api}/rents/{rent.id}", {"if-match": '"1"'}
    assert (await manager.put(here, json={"number": "HT-9", "price": "1"}, headers=match)).status_code == 400
    assert (await manager.put(here, json={"number": " ", "note": ""}, headers=match)).status_code == 422
    changed = await manager.put(here, json={"number": "HT-9", "note": "已换本"}, headers=match)
    assert (changed.json()["number"], changed.json()["note"], changed.json()["version"]) == ("HT-9", "已换本", 2)
    [(told,)] = await letting.rows(
        "SELECT changes::text FROM audit_entry WHERE company_id = $1 AND action = 'billing.rent.changed'"
    )
    assert "HT-9" in told and "已换本" not in told


async def test_the_list_tells_what_ends_soonest_and_goes_on_behind_its_mark(
    letting: Letting, manager: httpx.AsyncClient
) -> None:
    item, other = await letting.rent_item(), await letting.rent_item(code="sign")
    ends = (date(2027, 3, 31), date(2026, 12, 31), date(2026, 12, 31), date(2026, 10, 31), date(2026, 9, 30))
    for number, last in enumerate(ends):
        unit = await letting.unit(f"S{number}")
        tenant = await letting.tenant(unit, f"租户{number}")
        await letting.let(other if number == 2 else item, unit, tenant, YEAR[0], last, number=f"HT-{number}")

    async def numbers(**asked: Any) -> list[str]:
        seen, mark = [], None
        while True:
            page = (
                await manager.get(f"{letting.api}/rents", params={**asked, **({"cursor": mark} if mark else {})})
            ).json()
            seen += [row["rent"]["number"] for row in page["items"]]
            mark = page["cursor"]
            if mark is None:
                return seen

    assert await numbers() == await numbers(limit=1) == ["HT-1", "HT-2", "HT-0"]
    assert await numbers(show="ended") == await numbers(show="ended", limit=1) == ["HT-3", "HT-4"]
    assert await numbers(text="S0") == await numbers(text="ht-0") == ["HT-0"]
    assert await numbers(item_id=str(other)) == ["HT-2"]
    assert (await manager.get(f"{letting.api}/rents", params={"cursor": "nonsense"})).status_code == 400


async def test_a_version_of_a_rent_says_how_days_count_and_no_price(
    letting: Letting, manager: httpx.AsyncClient
) -> None:
    new = {"code": "shops", "title": "商铺租金", "basis": "rent", "cycle": "month", "payer": "owner", "due_days": 5}
    yearly = await manager.post(f"{letting.api}/items", json={**new, "cycle": "anniversary"})
    assert yearly.status_code == 422 and yearly.json()["errors"][0]["field"] == "cycle"
    item = (await manager.post(f"{letting.api}/items", json=new)).json()["id"]
    versions = f"{letting.api}/items/{item}/versions"
    rounding: RoundingUnit = "yuan"
    rules = {"valid_from": "2026-01-01", "prorate": "thirty", "rounding_unit": rounding}
    for wrong in ({"price": "1"}, {"formula": "built * 2[yuan/m2/month]"}):
        assert (await manager.post(versions, json={**rules, **wrong})).status_code == 422
    assert (await manager.post(versions, json=rules)).status_code == 201
    place = await manager.post(f"{letting.api}/items/{item}/assignments", json={"since": "2026-01-01"})
    assert place.status_code == 422
    found = (await manager.get(f"{letting.api}/items/{item}")).json()
    assert (found["example"], found["in_force"]["price"]) == (None, None)


async def test_a_rise_by_yuan_may_stay_unrounded(letting: Letting, manager: httpx.AsyncClient) -> None:
    item, unit = await letting.rent_item(), await letting.unit("S12")
    tenant = await letting.tenant(unit, "李强")
    rise = rising("0.333333", 1, how="amount", rounding_unit=None)
    rent = await letting.let(item, unit, tenant, YEAR[0], date(2026, 3, 31), rise=rise)
    found = (await manager.get(f"{letting.api}/rents/{rent.id}")).json()
    assert [step["price"] for step in found["steps"]] == ["1000", "1000.333333", "1000.666666"]
    assert found["rent"]["rise"]["rounding_unit"] is None
