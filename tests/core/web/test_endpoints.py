"""Webhooks and message providers changed and tried after they were made, in the console and the API alike."""

from __future__ import annotations

import re
from uuid import UUID

import httpx

from tests.support.lodge import House, Lodge
from tests.support.web import Web

SECRET = r"whsec_[A-Za-z0-9+/=]+"


async def made(web: Web, house: House, **changes: object) -> str:
    """A webhook of both sites: its path in the API."""
    sites = [str(site.id) for site in house.sites]
    body = {"url": "https://1.1.1.1/hook", "event_types": ["ticket.created.v1"], "site_ids": sites, **changes}
    answer = await (await web.api(house, "admin")).post("/api/v1/webhooks", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


async def group(web: Web, house: House, scheme: str = "wecom", **settings: str) -> str:
    """A provider of both sites: its path in the API."""
    sites = [str(site.id) for site in house.sites]
    body = {"name": "值班群", "scheme": scheme, "kinds": ["escalated"], "site_ids": sites, "settings": settings}
    answer = await (await web.api(house, "admin")).post("/api/v1/providers", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


async def test_a_webhook_is_changed_in_the_console_as_it_was_filled_in(web: Web, house: House) -> None:
    path = await made(web, house)
    page = path.replace("/api/v1", "/admin")
    console, api = await web.console(house, "admin"), await web.api(house, "admin")
    form = {"version": "1", "url": "https://1.1.1.1/new", "description": "财务", "events": "ticket.closed.v1"}
    saved = await console.post(page, data={**form, "sites": str(house.sites[0].id)})
    assert (saved.status_code, saved.headers["location"]) == (303, f"{page}?done=saved")

    found = (await api.get(path)).json()
    assert (found["url"], found["event_types"], found["site_ids"]) == (
        "https://1.1.1.1/new",
        ["ticket.closed.v1"],
        [str(house.sites[0].id)],
    )
    assert found["active"] is False, "the switch was not ticked"
    shown = (await console.get(page)).text
    assert "https://1.1.1.1/new" in shown
    assert re.search(SECRET, shown) is None
    refused = await console.post(page, data={**form, "version": "2", "url": "https://10.0.0.1/"})
    assert refused.status_code == 422
    assert "Give a public address that begins with https://." in refused.text
    assert "https://10.0.0.1/" in refused.text, "what was filled in stays"
    assert (await console.post(page, data={**form, "sites": str(house.sites[0].id)})).status_code == 412


async def test_a_webhook_gets_a_new_secret_that_is_shown_once(web: Web, house: House) -> None:
    """SE-1"""
    path = await made(web, house)
    page = path.replace("/api/v1", "/admin")
    console, api = await web.console(house, "admin"), await web.api(house, "admin")
    answer = await console.post(f"{page}/secret")
    [shown] = re.findall(SECRET, answer.text)
    by_api = await api.post(f"{path}/secret")
    assert by_api.status_code == 200
    secret = by_api.json()["secret"]
    assert re.fullmatch(SECRET, secret)
    assert secret != shown
    for where in (path, "/api/v1/webhooks", "/api/v1/audit"):
        text = (await api.get(where)).text
        assert shown not in text
        assert secret not in text
    found = (await api.get(path)).json()
    assert found["version"] == 3
    assert found["former_until"] is not None
    again = (await console.get(page)).text
    assert shown not in again
    assert secret not in again
    assert "The former secret signs until" in again


async def test_a_test_is_queued_once_at_a_time_and_stands_in_the_log_beside(web: Web, house: House) -> None:
    path, other = await made(web, house, active=False), await made(web, house)
    page = path.replace("/api/v1", "/admin")
    console, api = await web.console(house, "admin"), await web.api(house, "admin")
    queued = await api.post(f"{path}/test")
    assert queued.status_code == 202
    assert (await api.post(f"{path}/test")).status_code == 409
    twice = await console.post(f"{page}/test")
    assert twice.status_code == 409
    assert "A test is on its way already." in twice.text
    tried = await console.post(f"{other.replace('/api/v1', '/admin')}/test")
    assert (tried.status_code, tried.headers["location"][-11:]) == (303, "?done=tried")

    log = (await api.get(f"/api/v1/deliveries?webhook_id={path.rpartition('/')[2]}")).json()["items"]
    assert [(line["id"], line["kind"], line["state"]) for line in log] == [(queued.json()["id"], "test", "waiting")]
    assert "Test message" in (await console.get(page)).text


async def test_tokens_that_are_left_empty_stay_and_others_are_changed_one_by_one(
    web: Web, house: House, lodge: Lodge
) -> None:
    path = await group(web, house, "dingtalk", token="a1b2" * 16, secret="SEC" + "0" * 40)
    page = path.replace("/api/v1", "/admin")
    console = await web.console(house, "admin")
    form = {"name": "夜班群", "kinds": "escalated", "sites": str(house.sites[0].id), "active": "true"}

    async def settings() -> bytes:
        async with lodge.work(house, "admin", read_only=True) as work:
            found: bytes = await work.uow.value(
                "SELECT settings_sealed FROM notify_provider WHERE company_id = $1", house.company_id
            )
        return found

    before = await settings()
    saved = await console.post(page, data={**form, "version": "1", "token": "", "secret": ""})
    assert saved.status_code == 303, saved.text
    assert await settings() == before
    assert (await console.post(page, data={**form, "version": "2", "token": "c3d4" * 16})).status_code == 303
    assert await settings() != before
    async with lodge.work(house, "admin", read_only=True) as work:
        endpoints = lodge.platform.notify.endpoints
        kept = await endpoints._settings(work, UUID(path.rpartition("/")[2]))
    assert kept == {"token": "c3d4" * 16, "secret": "SEC" + "0" * 40}
    bad: httpx.Response = await console.post(page, data={**form, "version": "3", "token": "https://evil.example.com"})
    assert bad.status_code == 422
    assert "evil" not in bad.text, "what was entered as a token is not shown either"


async def test_a_test_text_message_goes_to_ones_own_confirmed_number_only(web: Web, house: House) -> None:
    account = {"account": "AC" + "0" * 32, "token": "f" * 32, "phone": "+8613800000000"}
    path = await group(web, house, "twilio", **account)
    refused = await (await web.api(house, "admin")).post(f"{path}/test")
    assert (refused.status_code, refused.json()["detail"][:4]) == (409, "测试短信")


async def test_who_may_enter_one_site_can_neither_change_nor_try_what_serves_another(web: Web, house: House) -> None:
    """TI-10"""
    hook, chat = await made(web, house), await group(web, house, key="abcdefgh-1234")
    local = await web.api(house, house.local[0])
    console = await web.console(house, house.local[0])
    for path in (f"{hook}/secret", f"{hook}/test", f"{chat}/test"):
        assert (await local.post(path)).status_code == 404
        assert (await console.post(path.replace("/api/v1", "/admin"))).status_code == 404
    for path in (hook, chat):
        assert (await console.get(path.replace("/api/v1", "/admin"))).status_code == 404
