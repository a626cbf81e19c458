"""Discounts: asked for by one, agreed to by another, applied by the run, each day by the smallest (BIL-1, ARC-3)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

import httpx
import msgspec
from hypothesis import given
from hypothesis import strategies as st

from plugins.billing.amounts.charge import Charge, Discount, Subject, charge
from plugins.billing.amounts.history import Since
from plugins.billing.amounts.spans import Span
from plugins.billing.amounts.versions import Version, item_from
from plugins.billing.line import DEFINITION, replay
from plugins.billing.runs.facts import Owed
from plugins.billing.runs.lines import kept_line
from tests.plugins.billing.discounts.conftest import Desk
from tests.plugins.billing.runs.test_engine import ITEM, MARCH, START, item, rules, run, unit
from tests.support.statements import recording
from tests.support.web import Web

DAYS = st.dates(date(2026, 2, 20), date(2026, 4, 10))
GRANTED = st.lists(
    st.builds(
        lambda first, last, factor: Discount(min(first, last), max(first, last), factor),
        DAYS,
        DAYS,
        st.decimals("0", "0.9", places=2).map(Fraction),
    ),
    max_size=4,
)


@given(GRANTED, GRANTED)
def test_a_line_with_discounts_is_what_charge_says_and_replays(site: list[Discount], own: list[Discount]) -> None:
    of = msgspec.structs.replace(item(), discounts=tuple(site))
    (owed,) = run(of, unit(discounts={ITEM: own}))
    assert isinstance(owed, Owed)
    priced = item_from(
        [Version(v.first, v.number, v.price or Fraction(0), v.prorate, v.rounding) for v in [rules()]], MARCH
    )
    month = Span(MARCH, date(2026, 3, 31))
    asked = Charge(priced, Subject((Since(START, Fraction("89.5")),)), month, month, (*site, *own))
    assert owed.amount_fen == charge(asked).amount_fen
    replay(kept_line(DEFINITION, owed.facts)[1])


def test_a_formula_is_discounted_too() -> None:
    of = item(rules(price=None, formula="built * 2[yuan/m2/month]"))
    (owed,) = run(of, unit(discounts={ITEM: [Discount(MARCH, None, Fraction(1, 2))]}))
    assert isinstance(owed, Owed)
    assert owed.amount_fen == 8950


def ask(fee: UUID, unit_id: UUID | None, **more: Any) -> dict[str, Any]:
    body = {"item_id": str(fee), "kind": "vacancy", "since": "2026-11-01", "factor": "0.7", "reason": "空置"}
    return {**body, **({"unit_id": str(unit_id)} if unit_id else {}), **more}


async def agreed(desk: Desk, asking: httpx.AsyncClient, deciding: httpx.AsyncClient, body: dict[str, Any]) -> None:
    asked = await asking.post(f"{desk.api}/discounts", json=body)
    assert asked.status_code == 201, asked.text
    here = f"/api/v1/sites/{desk.site.slug}/approvals/{asked.json()['approval_id']}"
    verdict = await deciding.post(f"{here}/decision", json={"approve": True})
    assert verdict.status_code in (200, 201), verdict.text


async def test_a_discount_counts_once_somebody_else_has_agreed(
    desk: Desk, finance: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    """ARC-3"""
    fee = await desk.item("fee", "2")
    empty, lived_in = await desk.unit("101"), await desk.unit("102")
    await finance.get(f"{desk.api}/discounts")
    async with recording(desk.lodge.platform.db) as sent:
        asked = await finance.post(f"{desk.api}/discounts", json=ask(fee, empty))
    assert asked.status_code == 201, asked.text
    assert len([each for each in sent if "set_config('jit'" not in each.sql]) <= 8
    assert (await finance.get(f"{desk.api}/discounts")).json()["items"] == []
    again = await finance.post(f"{desk.api}/discounts", json=ask(fee, empty))
    assert again.status_code == 409

    here = f"/api/v1/sites/{desk.site.slug}/approvals/{asked.json()['approval_id']}/decision"
    assert (await finance.post(here, json={"approve": True})).status_code in (403, 404, 409)
    assert (await manager.post(here, json={"approve": True})).status_code < 300
    (discount,) = (await finance.get(f"{desk.api}/discounts", params={"text": "101"})).json()["items"]
    assert (discount["factor"], discount["unit"], discount["by_name"]) == (
        "0.7", "1幢101", desk.house.staff["manager"].name,
    )  # fmt: skip
    assert lived_in is not None

    await desk.computed(fee)
    assert await desk.charges() == [("101", "fee", 14000), ("102", "fee", 20000)]


async def test_of_a_sites_and_a_units_discount_the_smaller_counts(
    desk: Desk, finance: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    fee = await desk.item("fee", "2")
    one = await desk.unit("101")
    await desk.unit("102")
    await agreed(desk, finance, manager, ask(fee, None, factor="0.9", kind="other"))
    await agreed(desk, finance, manager, ask(fee, one, factor="0", since="2026-11-16", until="2026-11-30"))
    await desk.computed(fee)
    assert await desk.charges() == [("101", "fee", 9000), ("102", "fee", 18000)]


async def test_a_discount_ends_earlier_but_not_later(
    desk: Desk, finance: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    fee, unit_id = await desk.item("fee", "2"), await desk.unit("101")
    await agreed(desk, finance, manager, ask(fee, unit_id, until="2026-11-30"))
    (discount,) = (await manager.get(f"{desk.api}/discounts")).json()["items"]
    here = f"{desk.api}/discounts/{discount['id']}"
    assert (await finance.put(here, json={"until": "2026-11-15"})).status_code == 403
    assert (await manager.put(here, json={"until": "2026-11-15"})).status_code == 428
    for wrong in ("2026-12-31", "2026-10-30"):
        assert (await manager.put(here, json={"until": wrong}, headers={"if-match": '"1"'})).status_code == 422
    ended = await manager.put(here, json={"until": "2026-11-15"}, headers={"if-match": '"1"'})
    assert (ended.json()["until"], ended.json()["version"]) == ("2026-11-15", 2)
    assert (await manager.put(here, json={"until": "2026-11-10"}, headers={"if-match": '"1"'})).status_code == 412
    other = f"/api/v1/sites/{desk.house.sites[1].slug}/billing/discounts/{discount['id']}"
    assert (await manager.put(other, json={"until": "2026-11-10"}, headers={"if-match": '"2"'})).status_code == 404
    await desk.computed(fee)
    assert await desk.charges() == [("101", "fee", 17000)]  # 15 days at 0.7 and 15 at 1


async def test_what_does_not_fit_is_refused(desk: Desk, finance: httpx.AsyncClient) -> None:
    fee, unit_id = await desk.item("fee", "2"), await desk.unit("101")
    for wrong in (
        ask(unit_id, unit_id),
        ask(fee, fee),
        ask(fee, unit_id, until="2026-10-31"),
        ask(fee, unit_id, reason=" "),
        ask(fee, unit_id, since="1900-01-01"),
    ):
        assert (await finance.post(f"{desk.api}/discounts", json=wrong)).status_code == 422, wrong
    assert (await finance.post(f"{desk.api}/discounts", json=ask(fee, unit_id, factor="1"))).status_code == 400


async def test_the_console_asks_for_a_discount_and_ends_it(desk: Desk, web: Web) -> None:
    clerk, lead = await web.console(desk.house, "finance"), await web.console(desk.house, "manager")
    clerk.headers["hx-request"] = lead.headers["hx-request"] = "true"
    here = f"{desk.console}/discounts"
    assert "No fee items yet" in (await clerk.get(here)).text
    fee = await desk.item("fee", "2")
    await desk.unit("101")
    assert "No discounts yet" in (await clerk.get(here)).text
    form = {"item_id": str(fee), "unit": "1幢101", "kind": "vacancy", "since": "2026-11-01", "reason": "空置"}
    refused = await clerk.post(here, data={**form, "percent": "100"})
    assert refused.status_code == 422 and "Give less than 100" in refused.text
    asked = await clerk.post(here, data={**form, "percent": "70"})
    look = asked.headers["hx-redirect"]
    page = (await lead.get(look)).text
    assert "70 % of the price: fee, 1幢101, 2026-11-01 to —" in page
    decided = await lead.post(f"{look}/decision", data={"verdict": "approve", "approve": "true"})
    assert decided.status_code < 400, decided.text
    shown = (await lead.get(here)).text
    assert "空置" in shown and ">70<" in shown
    [(id,)] = await desk.rows("SELECT id FROM billing_discount WHERE company_id = $1")
    bad = await lead.post(f"{here}/{id}", data={"version": "1", "until": "2026-01-01"})
    assert bad.status_code == 422
    assert (await lead.post(f"{here}/{id}", data={"version": "1", "until": "2026-11-20"})).headers[
        "hx-redirect"
    ] == here
