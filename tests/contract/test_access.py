"""AZ-1: who may use which route is reviewed in access.toml, and every cell of it is tried over HTTP."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from core.auth.api_tokens import store
from core.auth.permissions import ROLES
from core.platform import Platform
from tests.support.lodge import House, Lodge
from tests.support.routes import Caller, Route, ask, client_of, nonsense, routes_of, session_of
from tests.support.web import Web

REVIEWED: dict[str, str] = {
    key: access
    for key, access in tomllib.loads(Path(__file__).with_name("access.toml").read_text()).items()
    if key != "operator"  # the realm of those who operate the platform: tests/core/operator/test_realm.py
}
AT_ONCE = 16
# Forms that do not count as guessing at a password.
FORMS = {"POST /login": {"pending": "nonsense"}}
# They end the other sessions of whoever asks, so they are asked last and in turn, the API's first: it keeps its own.
LAST = ("POST /api/v1/me/sessions/end-others", "POST /account/security/sessions/end-others")


class Cell(msgspec.Struct, frozen=True):
    """A caller at a route, with the permissions that the caller has (None: nobody); `foreign`: of another company."""

    route: Route
    caller: Caller
    permissions: frozenset[str] | None
    foreign: bool = False

    def wrong(self, response: httpx.Response) -> str | None:
        """What is wrong with the answer, if anything."""
        status, location = response.status_code, response.headers.get("location", "")
        access, sent_away = self.route.access, status == 303 and location.startswith("/login?next=")
        if status >= 500:
            expected, good = "no failure", False
        elif access == "public":
            expected, good = "an answer", status != 403 and not sent_away  # 401 is what the door says to wrong proof
        elif self.permissions is None:
            expected, good = ("401", status == 401) if self.route.api else ("303 to the door", sent_away)
        elif self.foreign and "site_id" in self.route.parameters:
            expected, good = "404", status == 404
        elif access == "signed_in" or access in self.permissions:
            expected, good = "an answer", status not in (401, 403) and not sent_away
        else:
            expected, good = "403", status == 403
        return None if good else f"{self.route.key} as {self.caller.name}: {status}, not {expected}"


@pytest.fixture
async def open_house(lodge: Lodge) -> House:
    """A house where every plugin is on."""
    return await lodge.house(plugins=[plugin.id for plugin in lodge.platform.host.plugins])


def test_az_1_every_route_is_reviewed_and_states_what_was_reviewed(platform: Platform) -> None:
    served = {route.key: route.access for route in routes_of(platform)}

    assert {key: access for key, access in served.items() if REVIEWED.get(key) != access} == {}, "review these"
    assert sorted(set(REVIEWED) - set(served)) == [], "gone; take them out"


def test_every_access_is_a_permission_that_somebody_can_have(platform: Platform) -> None:
    known = {permission.id for permission in platform.permissions} | {"public", "signed_in"}

    assert set(REVIEWED.values()) - known == set()


async def test_az_1_everybody_may_use_exactly_what_was_reviewed(
    web: Web, lodge: Lodge, open_house: House, house: House
) -> None:
    platform, client = web.platform, await client_of(web)
    routes = [msgspec.structs.replace(route, access=REVIEWED[route.key]) for route in routes_of(platform)]
    everything = frozenset(permission.id for permission in platform.permissions)
    roles = {role: platform.permissions.of_roles([role]) for role in ROLES}
    sessions = {role: await session_of(web, open_house, role) for role in ROLES}
    stranger = await session_of(web, house, "admin")
    tokens = {permission: await _token(web, open_house, {permission}) for permission in sorted(everything)}
    implied = platform.permissions.with_implied
    others = {each: frozenset(other for other in everything if each not in implied({other})) for each in everything}
    rests = {permission: await _token(web, open_house, others[permission]) for permission in sorted(everything)}
    powerless = await _powerless(web, lodge, open_house)
    own = {role: await _own_token(lodge, open_house, role, everything) for role in ROLES}

    def cells(route: Route) -> Iterator[Cell]:
        yield Cell(route, Caller("nobody"), None)
        for role, permissions in roles.items():
            yield Cell(route, sessions[role], permissions)
        yield Cell(route, stranger, roles["admin"], foreign=True)
        if route.api:
            yield Cell(route, powerless, frozenset())
            yield from (Cell(route, own[role], permissions) for role, permissions in roles.items())
            if route.access in everything:
                yield Cell(route, tokens[route.access], frozenset({route.access}))
                yield Cell(route, rests[route.access], others[route.access])

    turns = asyncio.Semaphore(AT_ONCE)

    async def attempt(cell: Cell) -> str | None:
        route, caller = cell.route, cell.caller
        async with turns:
            if caller.cookie and route.access == "signed_in" and not route.safe:  # it may end the session
                whose, who = (house, "admin") if cell.foreign else (open_house, caller.name.partition(".")[0])
                caller = await session_of(web, whose, who)
            values = nonsense(route, site_id=open_house.sites[0].slug)
            return cell.wrong(await ask(client, route, caller, values, body=FORMS.get(route.key)))

    tried = [cell for route in routes for cell in cells(route)]
    wrong = await asyncio.gather(*(attempt(cell) for cell in tried if cell.route.key not in LAST))
    wrong += [await attempt(cell) for key in LAST for cell in tried if cell.route.key == key]
    assert [line for line in wrong if line] == []
    assert len(tried) > len(routes) * (len(ROLES) + 1)


async def _token(web: Web, house: House, permissions: set[str] | frozenset[str]) -> Caller:
    client = await web.token(house, sorted(permissions))
    kind = f"a token for {next(iter(permissions))} alone" if len(permissions) == 1 else "a token for all else"
    return Caller(kind, client.headers["authorization"].removeprefix("Bearer "))


async def _own_token(lodge: Lodge, house: House, role: str, permissions: frozenset[str]) -> Caller:
    """A person's own token, which says that it may do everything: it may what the person may."""
    async with lodge.work(house, role) as work:
        _, text = await store(work, "everything", sorted(permissions), [site.id for site in house.sites], None)
    return Caller(f"a token of {role}", text)


async def _powerless(web: Web, lodge: Lodge, house: House) -> Caller:
    """A token whose permissions were all taken from it."""
    caller = await _token(web, house, {"ticket.view"})
    token_id = caller.bearer.split("_")[2]
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute("UPDATE api_token SET permissions = '{}' WHERE id = $1::text::uuid", token_id)
    return msgspec.structs.replace(caller, name="a token for nothing")


async def test_what_an_operator_who_has_entered_may_be_given_is_reviewed(lodge: Lodge) -> None:
    reviewed = tomllib.loads(Path(__file__).with_name("inside.toml").read_text())["may"]
    permissions = lodge.platform.permissions
    assert sorted({permission.id for permission in permissions} - permissions.own) == reviewed
