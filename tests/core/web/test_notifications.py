"""Notifications, webhooks and providers over HTTP: the API and the console do the same, and no secret comes back."""

from __future__ import annotations

import re

import httpx
import pytest

from core.db.ids import new_id
from core.notify import repository
from core.notify.repository import NewNotice
from core.tickets.model import NewTicket, Ticket
from tests.support.lodge import House, Lodge
from tests.support.statements import recording
from tests.support.web import Web


@pytest.fixture
async def ticket(lodge: Lodge, house: House) -> Ticket:
    """A ticket of which the technician was told."""
    site = house.sites[0]
    async with lodge.work(house) as work:
        new = NewTicket(description="厨房漏水了", category="plumbing_electric", place="3-1802")
        ticket = await lodge.platform.tickets.create(work, site, new)
        member = house.staff["technician"].membership_id
        params = {"number": ticket.number}
        notices = [NewNotice(new_id(), member, "assigned", None)]
        await repository.tell(work.uow, site.id, ticket.id, new_id(), "urgent", params, work.now, notices, [])
    return ticket


def hook(house: House, **changes: object) -> dict[str, object]:
    sites = [str(house.sites[0].id)]
    return {"url": "https://1.1.1.1/hook", "event_types": ["ticket.created.v1"], "site_ids": sites, **changes}


async def test_the_bell_counts_until_the_news_are_read_and_leads_to_the_ticket(
    web: Web, house: House, ticket: Ticket
) -> None:
    client = await web.console(house, "technician")
    assert ">1</span>" in (await client.get("/notifications/bell")).text
    listed = (await client.get("/notifications")).text
    assert f"Ticket {ticket.number} was assigned to you." in listed
    found = re.search(r"/notifications/[0-9a-f-]{36}/read", listed)
    assert found is not None
    answer = await client.post(found[0])
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/s/{house.sites[0].slug}/tickets/{ticket.id}",
    )
    assert 'class="count"' not in (await client.get("/notifications/bell")).text
    assert "Nothing unread" in (await client.get("/notifications?unread=true")).text
    assert ticket.number not in (await (await web.console(house, "clerk")).get("/notifications")).text


async def test_the_api_lists_and_reads_what_concerns_oneself(web: Web, house: House, ticket: Ticket) -> None:
    mine, another = await web.api(house, "technician"), await web.api(house, "clerk")
    [item] = (await mine.get("/api/v1/notifications")).json()["items"]
    assert (item["kind"], item["ticket_id"], item["read_at"]) == ("assigned", str(ticket.id), None)
    assert (await another.get("/api/v1/notifications")).json() == {"items": [], "unread": 0, "cursor": None}
    assert (await another.post(f"/api/v1/notifications/{item['id']}/read")).status_code == 404
    assert (await mine.post("/api/v1/notifications/read")).json() == {"count": 1}
    assert (await mine.get("/api/v1/notifications?unread=true")).json()["items"] == []


async def test_the_bell_is_cheap(web: Web, house: House, ticket: Ticket) -> None:
    client = await web.console(house, "technician")
    await client.get("/notifications/bell")
    async with recording(web.platform.db) as statements:
        await client.get("/notifications/bell")
    assert len(statements) <= 3


async def test_wishes_are_set_in_the_console_and_a_masked_number_stays(web: Web, house: House) -> None:
    client, api = await web.console(house, "clerk"), await web.api(house, "clerk")
    form = {
        "version": "0",
        "locale": "en",
        "email": "c@example.com",
        "phone": "138 0000 6207",
        "email_assigned": "digest",
    }
    saved = await client.post("/notifications/preferences", data=form)
    assert saved.status_code == 303, saved.text
    page = (await client.get("/notifications/preferences")).text
    assert "138****6207" in page
    assert "13800006207" not in page
    again = {**form, "version": "1", "phone": "138****6207", "phone_shown": "138****6207"}
    assert (await client.post("/notifications/preferences", data=again)).status_code == 303
    answer = await api.get("/api/v1/notifications/preferences")
    assert (answer.headers["etag"], answer.json()["phone"]) == ('"2"', "138****6207")
    assert answer.json()["preferences"]["choices"]["assigned"] == {"email": "digest", "sms": "off"}
    refused = await client.post("/notifications/preferences", data={**again, "version": "2", "email": "nobody"})
    assert refused.status_code == 422
    assert "Write an e-mail address such as name@example.com." in refused.text
    stale = await api.put("/api/v1/notifications/preferences", json={"preferences": {}}, headers={"if-match": '"1"'})
    assert stale.status_code == 412


async def test_wishes_are_cheap_to_set_and_say_when_the_digest_comes(web: Web, house: House) -> None:
    client = await web.console(house, "clerk")
    page = (await client.get("/notifications/preferences")).text
    assert "The daily digest goes out at 08:30." in page
    assert "No mail server is set up" in page
    form = {"version": "0", "email": "c@example.com", "phone": "13800006207"}
    async with recording(web.platform.db) as statements:
        assert (await client.post("/notifications/preferences", data=form)).status_code == 303
    assert len(statements) <= 6
    shown = (await client.get("/notifications/preferences")).text
    assert shown.count("Nothing was sent there yet.") == 2
    refused = await client.post("/notifications/confirmation", data={"channel": "email"})
    assert refused.status_code == 409
    assert "This instance sends no e-mail." in refused.text
    wrong = await client.post("/notifications/confirm", data={"channel": "sms", "code": "000000"})
    assert wrong.status_code == 200
    assert "This is not the code" in wrong.text


async def test_a_webhooks_secret_is_shown_once(web: Web, house: House) -> None:
    """SE-1"""
    api = await web.api(house, "admin")
    made = await api.post("/api/v1/webhooks", json=hook(house))
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    path = made.headers["location"]
    for where in (path, "/api/v1/webhooks", "/api/v1/audit", "/api/v1/deliveries"):
        answer = await api.get(where)
        assert answer.status_code == 200
        assert made.json()["secret"] not in answer.text
    console = await web.console(house, "admin")
    page = await console.post(
        "/admin/webhooks",
        data={"url": "https://1.1.1.1/two", "events": "ticket.closed.v1", "sites": str(house.sites[0].id)},
    )
    [secret] = re.findall(r"whsec_[A-Za-z0-9+/=]+", page.text)
    assert secret not in (await console.get("/admin/webhooks")).text


async def test_a_webhook_is_changed_by_who_saw_its_version_and_removed(web: Web, house: House) -> None:
    api = await web.api(house, "admin")
    path = (await api.post("/api/v1/webhooks", json=hook(house))).headers["location"]
    stale, seen = {"if-match": '"7"'}, {"if-match": '"1"'}
    assert (await api.put(path, json=hook(house, active=False))).status_code == 428
    assert (await api.put(path, json=hook(house, active=False), headers=stale)).status_code == 412
    assert (await api.put(path, json=hook(house, active=False), headers=seen)).json() == {"version": 2}
    assert (await api.get(path)).json()["active"] is False
    assert (await api.delete(path)).status_code == 204
    assert (await api.get(path)).status_code == 404
    assert (await api.delete(path)).status_code == 404


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("url", {"url": "https://10.0.0.1/"}),
        ("event_types", {"event_types": ["ticket.nonsense.v1"]}),
        ("event_types", {"event_types": []}),
        ("site_ids", {"site_ids": []}),
        ("site_ids", {"site_ids": ["01a20000-0000-7000-8000-000000000000"]}),
    ],
)
async def test_a_webhook_that_cannot_work_is_refused(
    web: Web, house: House, field: str, changes: dict[str, object]
) -> None:
    answer = await (await web.api(house, "admin")).post("/api/v1/webhooks", json=hook(house, **changes))
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_who_may_enter_one_site_has_no_say_over_what_serves_another(web: Web, house: House) -> None:
    """TI-10"""
    api, local = await web.api(house, "admin"), await web.api(house, house.local[0])
    both = [str(site.id) for site in house.sites]
    path = (await api.post("/api/v1/webhooks", json=hook(house, site_ids=both))).headers["location"]
    assert (await local.get("/api/v1/webhooks")).json()["webhooks"] == []
    assert (await local.get(path)).status_code == (await local.delete(path)).status_code == 404


async def test_a_providers_tokens_are_never_shown_and_stay_when_it_is_changed(
    web: Web, house: House, lodge: Lodge
) -> None:
    """SE-1"""
    api = await web.api(house, "admin")
    body = {
        "name": "值班群",
        "scheme": "dingtalk",
        "kinds": ["escalated"],
        "site_ids": [str(house.sites[0].id)],
        "settings": {"token": "a1b2" * 16},
    }
    made = await api.post("/api/v1/providers", json=body)
    assert made.status_code == 201, made.text
    path = made.headers["location"]
    without = {name: value for name, value in body.items() if name != "settings"}
    changed = await api.put(path, json={**without, "name": "夜班群"}, headers={"if-match": '"1"'})
    assert changed.json() == {"version": 2}
    for where in (path, "/api/v1/providers", "/api/v1/audit"):
        assert "a1b2" not in (await api.get(where)).text
    bad = await api.post("/api/v1/providers", json={**body, "settings": {"token": "https://evil.example.com"}})
    assert [error["field"] for error in bad.json()["errors"]] == ["settings.token"]
    page: httpx.Response = await (await web.console(house, "admin")).get("/admin/providers")
    assert "夜班群" in page.text
    assert "a1b2" not in page.text
