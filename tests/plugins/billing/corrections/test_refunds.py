"""What a correction leaves to households is asked back from its list, once, and not twice (BIL-7, MO-5)."""

from __future__ import annotations

from uuid import UUID

import pytest

from core.approvals.model import Verdict
from core.sdk import Conflict
from plugins.billing.corrections import service
from plugins.billing.corrections.model import AskBack, Correction, Credit
from plugins.billing.counter import refunds
from plugins.billing.counter.model import PaidRefund
from plugins.billing.ledger.entries import Refund
from tests.plugins.billing.corrections.conftest import MARCH, Office, api_of
from tests.support.web import Web


async def given(office: Office) -> tuple[Correction, Credit]:
    """A household paid 300.00 for 120 m² and has 100: 50.00 are its own."""
    fee = await office.item("fee", "2.50")
    unit = await office.unit("302", "120")
    await office.issued(fee)
    for charge in await office.open_charges():
        await office.pay(charge)
    await office.area_from(unit, MARCH, "100")
    correction = await office.corrected()
    return correction, await credit(office, correction)


async def credit(office: Office, correction: Correction) -> Credit:
    async with office.work("cashier") as work:
        found = await service.credits(office.lodge.platform, work, office.site, correction.id, cursor=None, limit=10)
    [one] = found.items
    return one


async def ask(office: Office, correction: Correction, one: Credit, fen: int) -> UUID:
    async with office.work("cashier") as work:
        new = AskBack(one.unit_id, one.party_id, fen)
        return (await service.ask_back(office.lodge.platform, work, office.site, correction.id, new)).approval_id


async def decide(office: Office, id: UUID, *, agrees: bool = True) -> None:
    async with office.work("finance") as work:
        platform = office.lodge.platform
        said = Verdict(approve=agrees, text="" if agrees else "先核对")
        await platform.approvals.decide(work, office.site, id, said, platform)


async def pay(office: Office) -> None:
    async with office.work("cashier") as work:
        [refund] = [each for each in (await refunds.listed(work, office.site)).items if each.paid_at is None]
        await refunds.pay(work, office.site, refund.id, PaidRefund("cash"))


async def test_a_credit_is_asked_back_agreed_to_and_paid_and_the_list_says_how_far_it_is(office: Office) -> None:
    """BIL-7: refunded the same day, by two."""
    correction, one = await given(office)
    assert (one.left_fen, one.refund) == (5_000, "")

    approval = await ask(office, correction, one, 5_000)
    asked = await credit(office, correction)
    assert (asked.refund, asked.approval_id) == ("asked", approval)
    with pytest.raises(Conflict):
        await ask(office, correction, one, 5_000)

    await decide(office, approval)
    agreed = await credit(office, correction)
    assert (agreed.refund, agreed.left_fen, agreed.prepaid_fen) == ("approved", 0, 5_000)
    with pytest.raises(Conflict):
        await ask(office, correction, one, 1)

    await pay(office)
    paid = await credit(office, correction)
    assert (paid.refund, paid.left_fen, paid.prepaid_fen) == ("paid", 0, 0)


async def test_what_was_refused_can_be_asked_for_again_and_a_part_leaves_the_rest(office: Office) -> None:
    correction, one = await given(office)
    await decide(office, await ask(office, correction, one, 5_000), agrees=False)
    again = await credit(office, correction)
    assert (again.refund, again.left_fen) == ("", 5_000)

    await decide(office, await ask(office, correction, one, 2_000))
    await pay(office)

    rest = await credit(office, correction)
    assert (rest.refund, rest.left_fen, rest.prepaid_fen) == ("paid", 3_000, 3_000)


async def test_no_more_is_asked_back_than_is_still_prepaid_or_than_the_correction_left(office: Office) -> None:
    correction, one = await given(office)
    with pytest.raises(Conflict):
        await ask(office, correction, one, 5_001)
    with pytest.raises(Conflict):
        async with office.work("cashier") as work:
            new = AskBack(one.unit_id, UUID(int=5), 1)
            await service.ask_back(office.lodge.platform, work, office.site, correction.id, new)

    await office.enter(Refund(one.unit_id, one.party_id, "cash", 4_000))  # given back at the counter, beside the list

    left = await credit(office, correction)
    assert (left.left_fen, left.prepaid_fen) == (1_000, 1_000)


async def test_the_page_of_a_correction_asks_and_says_what_stands(office: Office, web: Web) -> None:
    correction, one = await given(office)
    console = await web.console(office.house, "cashier")
    console.cookies.set("locale", "en")
    here = f"{office.console}/corrections/{correction.id}"
    page = (await console.get(here, params={"show": "credits"})).text
    assert "Ask for 50.00 back" in page

    form = {"unit_id": str(one.unit_id), "party_id": str(one.party_id), "amount_fen": "5000"}
    sent = await console.post(f"{here}/credits", data=form)
    assert sent.status_code == 303, sent.text
    assert "Refund asked for" in (await console.get(here, params={"show": "credits"})).text
    twice = await console.post(f"{here}/credits", data=form)
    assert twice.status_code == 409 and "This waits for a second look already." in twice.text
    more = await console.post(f"{here}/credits", data={**form, "amount_fen": "900000"})
    assert more.status_code == 409 and "Load the list again." in more.text

    api = await api_of(office, web, "cashier")
    url = f"{office.api}/corrections/{correction.id}/credits"
    assert (await api.post(url, json={**form, "amount_fen": 900_000})).status_code == 409
    assert (await api.post(url, json={**form, "amount_fen": 0})).status_code == 400
