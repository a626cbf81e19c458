"""One person, several companies: from one to another without the password, by what the other one asks for (AU-3)."""

from __future__ import annotations

import re

from core.db.ids import new_id
from core.policies.sign_in import SIGN_IN
from core.web import cookies
from tests.core.people.test_invitations import accept, invited
from tests.support.lodge import PASSWORD, House, Lodge, Staff
from tests.support.web import Web


async def both(web: Web, house: House, lodge: Lodge) -> tuple[House, Staff]:
    """Another company, whose clerk works for this one too."""
    other = await lodge.house()
    staff = other.staff["clerk"]
    own = {"account": "own", "login": staff.login, "password": PASSWORD}
    assert (await accept(await web.anonymous(), await invited(web, house), **own)).status_code == 200
    return other, staff


async def test_the_menu_leads_to_the_other_company_without_the_password(web: Web, house: House, lodge: Lodge) -> None:
    other, staff = await both(web, house, lodge)
    console = await web.console(other, staff)
    access, _ = cookies.names(web.platform.settings)
    before = console.cookies[access]
    menu = await console.get("/account/companies")
    assert house.slug in menu.text and f">{other.slug}" not in menu.text
    pending = re.search(r'name="pending" value="([^"]+)"', menu.text)
    assert pending is not None
    form = {"pending": pending[1], "company": str(house.company_id)}
    left = await console.post("/account/company", data=form)
    assert (left.status_code, left.headers["location"]) == (307, "/login")
    arrived = await console.post(left.headers["location"], data=form)
    assert arrived.status_code == 303 and arrived.headers["location"] == "/"
    here = await web.anonymous(authorization=f"Bearer {arrived.cookies[access]}")
    assert (await here.get("/api/v1/me")).json()["company_id"] == str(house.company_id)
    gone = await web.anonymous(authorization=f"Bearer {before}")
    assert (await gone.get("/api/v1/me")).status_code == 401
    for company, action in ((other, "session.revoked"), (house, "session.opened")):
        entries = (await (await web.api(company, "admin")).get("/api/v1/audit?action=session")).json()["entries"]
        assert action in [entry["action"] for entry in entries]


async def test_the_other_company_asks_for_what_it_asks_for(web: Web, house: House, lodge: Lodge) -> None:
    other, staff = await both(web, house, lodge)
    async with lodge.work(house, "admin") as work:
        await lodge.platform.policies.revise(
            work, SIGN_IN, None, {"second_factor": "everyone"}, reason="two steps", expected=0
        )
    api, nobody = await web.api(other, staff), await web.anonymous()
    listed = (await api.get("/api/v1/me/companies")).json()["companies"]
    assert listed == [{"company_id": str(house.company_id), "company": house.slug}]
    left = (await api.post("/api/v1/me/company", json={"company_id": str(house.company_id)})).json()
    asked = await nobody.post("/api/v1/auth/company", json=left)
    assert (asked.status_code, asked.json()["asks"]) == (200, "enrolment")
    assert (await api.get("/api/v1/me")).status_code == 401
    back = await nobody.post("/api/v1/auth/company", json={**left, "company_id": str(other.company_id)})
    assert back.status_code == 201  # theirs too


async def test_nobody_goes_where_they_do_not_work(web: Web, house: House, lodge: Lodge) -> None:
    stranger, token = await lodge.house(), await web.token(house, ["ticket.view"])
    api, console = await web.api(house, "clerk"), await web.console(house, "clerk")
    assert (await api.get("/api/v1/me/companies")).json() == {"companies": []}
    assert "<form" not in (await console.get("/account/companies")).text
    for company_id in (stranger.company_id, house.company_id, new_id()):
        wanted = {"company_id": str(company_id)}
        assert (await api.post("/api/v1/me/company", json=wanted)).status_code == 404
        assert (await console.post("/account/company", data={"company": str(company_id)})).status_code == 404
    assert (await api.get("/api/v1/me")).status_code == 200  # still here
    wanted = {"company_id": str(house.company_id)}
    assert (await token.post("/api/v1/me/company", json=wanted)).status_code == 403


async def test_a_membership_that_is_off_is_no_company_to_go_to(web: Web, house: House, lodge: Lodge) -> None:
    other, staff = await both(web, house, lodge)
    admin, clerk = await web.api(house, "admin"), await web.api(other, staff)
    [item] = (await admin.get("/api/v1/people?q=N-1")).json()["items"]
    off = await admin.post(f"/api/v1/people/{item['id']}/disable", headers={"if-match": '"1"'})
    assert off.status_code == 200
    assert (await clerk.get("/api/v1/me/companies")).json() == {"companies": []}
