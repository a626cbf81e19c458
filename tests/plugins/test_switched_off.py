"""Each module switched off at a site while people work there: nothing leads to it, an open form says so, and switched
on again all of it is there."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from core.policies.ticket_categories import TICKET_CATEGORIES
from core.sdk import NewTicket
from tests.support.lodge import Lodge
from tests.support.web import Web

MODULES = ("billing", "complaints", "reception", "repairs", "returnvisits")
FORMS = {  # what somebody may have open
    "billing": "billing/items",
    "complaints": "complaints/{complaint}/steps",
    "reception": "reception/visitors",
    "repairs": "repairs/orders/{order}/lines",
    "returnvisits": "returnvisits/areas",
}
KINDS = {"repair": "repairs.order", "complaint": "complaints.complaint"}
LINKS = re.compile(r'(?:href|action|hx-get|hx-post)="(/s/[^"?#]+)')


@pytest.mark.parametrize("module", MODULES)
async def test_nothing_leads_to_a_module_that_is_off_and_on_again_it_is_as_it_was(
    lodge: Lodge, web: Web, module: str
) -> None:
    house = await lodge.house(plugins=MODULES)
    [site] = house.sites
    here = f"/s/{site.slug}"
    async with lodge.work(house, "admin") as work:
        kinds: list[Any] = [
            {"key": key, "title_zh": key, "title_en": key, "icon": "dots", "ticket_type": kind}
            for key, kind in KINDS.items()
        ]
        policies = lodge.platform.policies
        await policies.revise(work, TICKET_CATEGORIES, site.id, {"categories": kinds}, reason="test", expected=0)
    async with lodge.work(house) as work:
        made = [
            await lodge.platform.tickets.create(
                work, site, NewTicket(description="楼下漏水", category=category, place="3幢")
            )
            for category in KINDS
        ]
    order, complaint = (f"{here}/tickets/{ticket.id}" for ticket in made)
    form = f"{here}/{FORMS[module].format(order=made[0].id, complaint=made[1].id)}"
    pages = [order, complaint, f"{here}/tickets", *(f"{here}/{other}" for other in MODULES if other != module)]
    admin, manager = await web.api(house, "admin"), await web.console(house, "manager")

    async def switch(enabled: bool) -> None:
        path = f"/api/v1/sites/{site.slug}/plugins/{module}"
        assert (await admin.put(path, json={"enabled": enabled})).status_code == 204

    async def linked() -> dict[str, set[str]]:
        shown = {page: await manager.get(page) for page in pages}
        assert {page: answer.status_code for page, answer in shown.items()} == dict.fromkeys(pages, 200)
        return {page: set(LINKS.findall(answer.text)) for page, answer in shown.items()}

    def leads(links: dict[str, set[str]]) -> bool:
        return any(link.startswith(f"{here}/{module}") for found in links.values() for link in found)

    before = await linked()
    await switch(False)
    off: list[httpx.Response] = [await manager.get(f"{here}/{module}"), await manager.post(form, data={})]
    without = await linked()
    await switch(True)

    assert leads(before) and not leads(without)
    assert [answer.status_code for answer in off] == [404, 404]
    assert all("its module is switched off at this site" in answer.text for answer in off)
    assert await linked() == before
