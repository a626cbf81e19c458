"""The policy pages: forms that change only what was changed, in place refusals, history, what is planned."""

from __future__ import annotations

import pytest

from core.policies.sla_targets import SLA_TARGETS
from tests.core.web.policies import QUICKER, SLA, at, form_of, put
from tests.support.lodge import House, Lodge
from tests.support.web import Web


@pytest.mark.parametrize("name", [SLA, "core.calendar", "core.ticket_categories", "reception.greeting"])
@pytest.mark.parametrize("layer", ["site", "company"])
async def test_a_form_sent_as_it_came_overrides_nothing(web: Web, desk_house: House, layer: str, name: str) -> None:
    console = await web.console(desk_house, "admin")
    path = f"/admin/policies/{name}" if layer == "company" else f"/s/{desk_house.sites[0].slug}/policies/{name}"
    page = await console.get(path)
    assert page.status_code == 200
    saved = await console.post(path, data={**form_of(page.text), "reason": "looked at it"})
    assert (saved.status_code, saved.headers["location"]) == (303, f"{path}?saved=1")
    after = await console.get(f"{path}?saved=1")
    assert "Saved as revision 1." in after.text and "looked at it" in after.text
    api = await web.api(desk_house, "admin")
    prefix = "/api/v1" if layer == "company" else at(desk_house)
    assert (await api.get(f"{prefix}/policies/{name}")).json()["overrides"] == {}


async def test_a_value_is_changed_shown_with_its_source_and_reset_in_the_console(web: Web, house: House) -> None:
    console, api = await web.console(house, "admin"), await web.api(house, "admin")
    path = f"/s/{house.sites[0].slug}/policies/{SLA}"
    form = form_of((await console.get(path)).text)
    form |= {"urgent.response.amount": "8", "categories.lift.urgent.arrival.amount": "20", "reason": "lift contract"}
    form |= {"categories.lift.urgent.arrival.unit": "minutes"}
    assert (await console.post(path, data=form)).status_code == 303
    state = (await api.get(f"{at(house)}/policies/{SLA}")).json()
    assert state["overrides"]["urgent"]["response"]["amount"] == 8
    assert state["overrides"]["categories"]["lift"]["urgent"]["arrival"]["amount"] == 20
    shown = (await console.get(path)).text
    assert 'name="_reset" value="urgent.response"' in shown and "By category · Lift · Urgent" in shown
    assert "lift contract" in shown and "Urgent · Response" in shown
    form = form_of(shown) | {"_reset": ["urgent.response"], "reason": "as before"}
    assert (await console.post(path, data=form)).status_code == 303
    assert "urgent" not in (await api.get(f"{at(house)}/policies/{SLA}")).json()["overrides"]


async def test_the_form_says_how_many_open_tickets_there_are_and_what_becomes_of_them(web: Web, house: House) -> None:
    clerk, console = await web.api(house, "clerk"), await web.console(house, "admin")
    new = {"description": "no water", "category": "other", "severity": "urgent", "place": "hall"}
    for n in (0, 0, 1):
        await clerk.post(f"{at(house, n)}/tickets", json=new)
    for path, count in (
        (f"/s/{house.sites[0].slug}/policies/{SLA}", "2. They keep the revision"),
        (f"/s/{house.sites[1].slug}/policies/core.calendar", "1. From then on their clocks run by the new"),
        (f"/admin/policies/{SLA}", "3. They keep the revision"),
    ):
        assert f"Open tickets: {count}" in (await console.get(path)).text
    categories = await console.get(f"/s/{house.sites[0].slug}/policies/core.ticket_categories")
    assert "They keep the revision" not in categories.text


async def test_a_refused_form_comes_back_as_it_was_filled_in_with_the_errors_in_place(web: Web, house: House) -> None:
    console, path = await web.console(house, "admin"), f"/admin/policies/{SLA}"
    form = form_of((await console.get(path)).text)
    form |= {"urgent.response.amount": "soon", "critical.arrival.amount": "17", "reason": "", "effective_at": ""}
    refused = await console.post(path, data=form)
    assert refused.status_code == 422
    assert 'id="error-urgent.response"' in refused.text and 'id="error-reason"' in refused.text
    assert 'name="urgent.response.amount" value="soon"' in refused.text
    assert 'name="critical.arrival.amount" value="17"' in refused.text
    form |= {"urgent.response.amount": "9", "reason": "x", "effective_at": "2026-11-23T09:59"}  # a minute ago
    refused = await console.post(path, data=form)
    assert refused.status_code == 422 and 'id="error-effective_at"' in refused.text
    assert 'value="2026-11-23T09:59"' in refused.text
    assert (await console.post(path, data=form | {"effective_at": "soon"})).status_code == 422
    assert (await console.post(path, data=form | {"effective_at": "2026-11-23T10:00"})).status_code == 303, (
        "this minute"
    )


async def test_a_time_is_read_where_the_site_is(web: Web, house: House) -> None:
    console, path = await web.console(house, "admin"), f"/s/{house.sites[0].slug}/policies/{SLA}"
    form = form_of((await console.get(path)).text) | {"reason": "winter", "effective_at": "2026-12-01T08:30"}
    assert (await console.post(path, data=form)).status_code == 303
    api = await web.api(house, "admin")
    [planned] = (await api.get(f"{at(house)}/policies/{SLA}")).json()["planned"]
    assert planned["effective_at"] == "2026-12-01T00:30:00Z"
    shown = (await console.get(path)).text
    assert "Revision 1 is planned: from 2026-12-01 08:30 on" in shown and "In force from 2026-12-01 08:30" in shown


@pytest.mark.parametrize("changed", ["site", "company"])
async def test_a_form_made_from_what_is_no_longer_in_force_is_refused(web: Web, house: House, changed: str) -> None:
    console, api = await web.console(house, "admin"), await web.api(house, "admin")
    path = f"/s/{house.sites[0].slug}/policies/{SLA}"
    form = form_of((await console.get(path)).text) | {"critical.arrival.amount": "17", "reason": "mine"}
    prefix = at(house) if changed == "site" else "/api/v1"
    assert (await put(api, f"{prefix}/policies/{SLA}", QUICKER, reason="theirs")).status_code == 200
    refused = await console.post(path, data=form)
    assert refused.status_code == 412
    assert "Somebody changed this in the meantime." in refused.text
    assert 'name="critical.arrival.amount" value="17"' in refused.text
    again = await console.post(path, data=form_of(refused.text))
    assert again.status_code == 412, "what was refused stays so until the page is loaded anew"


async def test_who_may_not_change_a_policy_sees_it_and_cannot_post(web: Web, house: House) -> None:
    console, path = await web.console(house, "manager"), f"/s/{house.sites[0].slug}/policies/{SLA}"
    page = await console.get(path)
    assert "You can see this policy, but not change it." in page.text
    assert "Save as a new revision" not in page.text and '<fieldset class="stack" disabled>' in page.text
    assert (await console.post(path, data=form_of(page.text) | {"reason": "x"})).status_code == 403
    assert (await (await web.console(house, "clerk")).get(path)).status_code == 403


async def test_what_no_longer_fits_is_told(web: Web, lodge: Lodge, house: House) -> None:
    api, console = await web.api(house, "admin"), await web.console(house, "admin")
    await put(api, f"{at(house)}/policies/{SLA}", QUICKER)
    async with lodge.owner.begin(house.company_id) as uow:  # as if an older version had known another setting
        await uow.execute(
            """UPDATE policy_revision SET overrides = overrides || '{"old": 1}' WHERE company_id = $1""",
            house.company_id,
        )
    lodge.forget()
    shown = await console.get(f"/s/{house.sites[0].slug}/policies/{SLA}")
    assert "Some stored values no longer fit and are left out: old." in shown.text
    assert [p["path"] for p in (await api.get(f"{at(house)}/policies/{SLA}")).json()["problems"]] == ["old"]
    assert SLA_TARGETS.title in shown.text
