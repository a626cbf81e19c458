"""Prepaid money pays what is owed: once, never more than there is, as it was shown (BIL-3, MO-1, MO-3, MO-4)."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sdk import Conflict, Invalid, NotFound, new_id
from plugins.billing.counter import prepaid
from plugins.billing.counter.plan import Ticked
from plugins.billing.counter.prepaid import NewUse, UsedPart
from plugins.billing.ledger.entries import Open, Payment
from plugins.billing.ledger.model import Posted
from tests.plugins.billing.counter.conftest import Home, Till, chinese
from tests.plugins.billing.counter.test_console import form_of
from tests.support.statements import recording
from tests.support.web import Web


async def saved(till: Till, fen: int, *owed: int) -> Home:
    """A household that has prepaid so much and owes that."""
    home = await till.home(*owed)
    await till.office.post(Payment(home.unit_id, home.party_id, "cash", fen))
    return home


def use_of(home: Home, *fen: int, key: str = "") -> NewUse:
    parts = tuple(UsedPart(c.charge_id, each) for c, each in zip(home.charges, fen, strict=False))
    return NewUse(key=key or str(new_id()), unit_id=home.unit_id, party_id=home.party_id, parts=parts)


async def used(till: Till, new: NewUse, role: str = "cashier") -> Posted:
    async with till.office.lodge.work(till.office.house, role) as work:
        return await prepaid.use(work, till.site, new)


async def prepaid_at(till: Till, home: Home) -> int:
    return (await till.books(home)).prepaid.get(home.party_id, 0)


async def test_bil_3_prepaid_money_pays_what_is_owed_and_gives_a_slip_and_no_receipt(till: Till) -> None:
    home = await saved(till, 5_000, 3_000, 4_000)

    posted = await used(till, use_of(home, 3_000, 1_500))
    async with till.office.lodge.work(till.office.house, "cashier", read_only=True) as work:
        slip = await prepaid.slip(work, till.site, posted.id)

    assert (await till.open_of(home), await prepaid_at(till, home)) == ([0, 2_500], 500)
    assert (slip.payer, slip.amount_fen, slip.undone) == ("王芳", 4_500, False)
    assert [(line.item, line.amount_fen) for line in slip.lines] == [("物业费", 3_000), ("物业费", 1_500)]
    assert await till.count("receipts") == 0
    [[total]] = await till.office.rows("SELECT sum(amount_fen) FROM billing_posting WHERE company_id = $1")
    assert total == 0, "MO-1"
    await till.office.reverse(posted.id)
    async with till.office.lodge.work(till.office.house, "cashier", read_only=True) as work:
        assert (await prepaid.slip(work, till.site, posted.id)).undone
    assert (await till.open_of(home), await prepaid_at(till, home)) == ([3_000, 4_000], 5_000)


async def test_mo_3_the_same_use_fifty_times_at_once_is_one(till: Till) -> None:
    home = await saved(till, 5_000, 3_000)
    new = use_of(home, 100)

    posted = await asyncio.gather(*(used(till, new) for _ in range(50)))

    assert (len({each.id for each in posted}), sum(each.new for each in posted)) == (1, 1)
    assert await prepaid_at(till, home) == 4_900
    with pytest.raises(Conflict):
        await used(till, use_of(home, 200, key=new.key))


async def test_mo_4_two_cashiers_use_the_same_prepaid_money_two_hundred_times_and_it_goes_once(till: Till) -> None:
    home = await saved(till, 700, *[700] * 2)
    one, two = (UsedPart(charge.charge_id, 700) for charge in home.charges)
    for n in range(200):
        found = await asyncio.gather(
            used(till, NewUse(key=f"a{n}", unit_id=home.unit_id, party_id=home.party_id, parts=(one,))),
            used(till, NewUse(key=f"b{n}", unit_id=home.unit_id, party_id=home.party_id, parts=(two,)), "finance"),
            return_exceptions=True,
        )
        [taken] = [each for each in found if isinstance(each, Posted)]
        assert [type(each) for each in found if isinstance(each, BaseException)] == [Conflict]
        assert await prepaid_at(till, home) == 0
        await till.office.reverse(taken.id)

    assert (await till.open_of(home), await prepaid_at(till, home)) == ([700, 700], 700)


async def test_no_more_is_used_than_is_there_and_nothing_of_others(till: Till) -> None:
    home, other = await saved(till, 500, 3_000), await saved(till, 9_000, 900)
    elsewhere = UsedPart(other.charges[0].charge_id, 100)
    for new, error in (
        (use_of(home, 501), Conflict),
        (use_of(other, 901), Conflict),
        (NewUse(key="k", unit_id=home.unit_id, party_id=other.party_id, parts=use_of(home, 1).parts), Conflict),
        (NewUse(key="k", unit_id=home.unit_id, party_id=home.party_id, parts=(elsewhere,)), NotFound),
        (NewUse(key="k", unit_id=new_id(), party_id=home.party_id, parts=(elsewhere,)), NotFound),
    ):
        with pytest.raises(error):
            await used(till, new)
    assert (await prepaid_at(till, home), await prepaid_at(till, other)) == (500, 9_000)


_charges = st.lists(st.integers(1, 10_000), min_size=1, max_size=6)


@given(_charges, st.integers(0, 30_000), st.none() | st.integers(1, 30_000))
def test_mo_1_what_is_used_comes_from_the_prepayment_and_goes_to_the_oldest(
    fen: list[int], there: int, asked: int | None
) -> None:
    unit_id, item_id = new_id(), new_id()
    ticked = [Ticked(unit_id, Open(new_id(), item_id, date(2026, 1 + n, 1), each)) for n, each in enumerate(fen)]
    try:
        found = prepaid.spread(ticked, there, asked)
    except Invalid:
        assert not there or (asked is not None and asked > min(there, sum(fen)))
        return
    assert sum(part.amount_fen for part in found.parts) == found.amount_fen == there - found.left_fen
    assert found.open_fen == sum(fen) - found.amount_fen
    assert [part.amount_fen for part in found.parts[:-1]] == fen[: len(found.parts) - 1], "the oldest first, whole"


async def test_what_is_prepaid_is_shown_beside_what_is_open_and_used_as_shown(till: Till, web: Web) -> None:
    home = await saved(till, 5_000, 3_000, 4_000)
    page = await chinese(web, till)
    here = f"{till.console}/units/{home.unit_id}/prepaid"

    household = await page.get(f"{till.console}/units/{home.unit_id}")
    asked = await page.get(here)
    form = form_of(asked.text)
    much = await page.post(here, data={**form, "amount": "50.01"})
    unread = await page.post(here, data={**form, "amount": "45"})
    shown = form_of(unread.text)
    taken = await page.post(here, data=shown)
    twice = await page.post(here, data=shown)
    slip = await page.get(taken.headers["location"])
    paper = await page.get(f"{taken.headers['location']}/paper")

    assert f'href="{here}"' in household.text
    assert "50.00" in asked.text and "预收抵扣" in asked.text
    assert much.status_code == 422 and "预收余额只有 50.00 元" in much.text
    assert unread.status_code == 422 and "5.00" in unread.text
    assert (taken.status_code, twice.headers["location"]) == (303, taken.headers["location"])
    assert (await till.open_of(home), await prepaid_at(till, home)) == ([0, 2_500], 500)
    assert "45.00" in slip.text and "此单不作为收据" in slip.text
    assert paper.content.startswith(b"%PDF")


async def test_mo_4_what_another_cashier_used_meanwhile_is_shown_and_not_used_again(till: Till, web: Web) -> None:
    home = await saved(till, 1_000, 1_000)
    page = await chinese(web, till)
    here = f"{till.console}/units/{home.unit_id}/prepaid"
    form = form_of((await page.get(here)).text)
    await used(till, use_of(home, 600))

    refused = await page.post(here, data=form)
    left = await page.post(here, data=form_of(refused.text))

    assert refused.status_code == 409 and "4.00" in refused.text
    assert left.status_code == 303
    assert (await till.open_of(home), await prepaid_at(till, home)) == ([0], 0)
    assert "没有预收余额" in (await page.get(here)).text


async def test_the_api_answers_with_the_entry_and_its_slip(till: Till, cashier: httpx.AsyncClient) -> None:
    home = await saved(till, 1_000, 700)
    body: dict[str, Any] = {
        "key": "k",
        "unit_id": str(home.unit_id),
        "party_id": str(home.party_id),
        "parts": [{"charge_id": str(home.charges[0].charge_id), "amount_fen": 700}],
    }

    posted = await cashier.post(f"{till.api}/prepaid", json=body)
    again = await cashier.post(f"{till.api}/prepaid", json=body)
    more = await saved(till, 500, 500)
    async with recording(till.office.lodge.platform.db) as sent:
        await used(till, use_of(more, 300))
    slip = await cashier.get(f"{till.api}/prepaid/{posted.json()['id']}")
    other = await cashier.get(f"{till.api}/prepaid/{await till.office.entry_of(home.charges[0])}")

    assert (posted.status_code, again.json()["id"]) == (201, posted.json()["id"])
    assert (slip.json()["amount_fen"], slip.json()["unit"]) == (700, slip.json()["unit"])
    assert other.status_code == 409
    assert len(sent) <= 6, sent
