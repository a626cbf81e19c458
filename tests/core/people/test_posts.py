"""Roles at single sites over HTTP: they count there and nowhere else, and nobody gives what they lack (AZ-4)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.auth.posts import Post, tidied
from core.people.model import Place
from core.people.service import wrong_posts
from tests.core.people.test_people import fields, place, put
from tests.support.lodge import House, Lodge
from tests.support.web import Web


def post(site: Any, roles: list[str], buildings: list[str] | None = None) -> dict[str, Any]:
    return {"site_id": str(site.id), "roles": roles, "buildings": buildings or []}


async def routes(api: httpx.AsyncClient, *paths: str) -> list[int]:
    return [(await api.get(f"/api/v1/{path}")).status_code for path in paths]


async def test_a_role_at_one_site_counts_there_and_nowhere_else(web: Web, house: House) -> None:
    """A clerk here who is the manager there: from the very next request on, and for the company as a whole a clerk."""
    api, clerk = await web.api(house, "admin"), await web.api(house, "clerk")
    there = house.sites[1]
    policies = [f"sites/{site.slug}/policies" for site in house.sites]
    assert await routes(clerk, *policies, "policies") == [403, 403, 403]
    changed = await put(api, house.staff["clerk"], place(house.staff["clerk"], posts=[post(there, ["manager"])]))
    assert changed.status_code == 200 and changed.json()["posts"] == [post(there, ["manager"])]

    assert await routes(clerk, *policies, "policies") == [403, 200, 403]
    [held] = (await clerk.get("/api/v1/me")).json()["posts"]
    assert held["site_id"] == str(there.id) and "policy.view" in held["permissions"]
    page = await (await web.console(house, "clerk")).get(f"/s/{there.slug}/tickets")
    assert f"/s/{there.slug}/policies" in page.text
    assert (await api.get("/api/v1/people", params={"role": "manager", "q": house.staff["clerk"].name})).json()["items"]
    [entry, *_] = (await api.get("/api/v1/audit?action=person")).json()["entries"]
    assert entry["changes"]["posts"] == [post(there, ["manager"])]

    assert (await put(api, house.staff["clerk"], place(house.staff["clerk"]))).json()["posts"] == []
    assert await routes(clerk, *policies) == [403, 403]


async def test_somebody_may_hold_roles_at_single_sites_alone(web: Web, house: House) -> None:
    api, here = await web.api(house, "admin"), house.sites[0]
    held = {"all_sites": False, "site_ids": [str(here.id)], "posts": [post(here, ["clerk"])]}
    assert (await put(api, house.staff["guard"], place(house.staff["guard"], roles=[], **held))).status_code == 200

    guard = await web.api(house, "guard")
    assert await routes(guard, f"sites/{here.slug}/tickets", f"sites/{house.sites[1].slug}/tickets") == [200, 404]


@pytest.mark.parametrize(
    ("role", "permission"), [("admin", "token.manage"), ("quality", "audit.view")], ids=["tokens", "audit"]
)
async def test_az_4_what_belongs_to_the_whole_company_is_no_matter_of_one_site(
    web: Web, house: House, role: str, permission: str
) -> None:
    api, here = await web.api(house, "admin"), house.sites[0]
    assert (await put(api, house.staff["clerk"], place(house.staff["clerk"], posts=[post(here, [role])]))).is_success

    clerk = await web.api(house, "clerk")
    [held] = (await clerk.get("/api/v1/me")).json()["posts"]
    assert permission in held["permissions"]
    assert await routes(clerk, "tokens", "audit", "people", "roles") == [403] * 4


async def test_az_4_a_post_is_given_by_who_may_give_it_there(web: Web, house: House, lodge: Lodge) -> None:
    """A table of what an administrator of the first site tries; roles are those that they may give at all."""
    here, there = house.sites
    local, guard = await web.api(house, house.local[0]), house.staff["guard"]
    admin = await web.api(house, "admin")
    body = place(guard, all_sites=False, site_ids=[str(here.id)])
    assert (await put(admin, guard, body)).is_success
    for posts, wrong in (
        ([post(here, ["emperor"])], ["posts"]),
        ([post(there, ["clerk"])], ["posts"]),
        ([post(here, ["clerk"]), post(here, ["steward"])], ["posts"]),
        ([post(here, [], ["no such building"])], ["posts"]),
        ([post(here, ["clerk"])], None),
    ):
        answer = await put(local, guard, {**body, "posts": posts})
        assert (None if answer.is_success else fields(answer)) == wrong, posts
    assert fields(await put(local, guard, {**body, "roles": []})) == ["roles"]
    twice = {**body, "site_ids": [str(site.id) for site in house.sites], "roles": [], "posts": [post(here, ["clerk"])]}
    assert fields(await put(admin, guard, twice)) == ["posts"]


def test_a_building_is_found_by_its_number_as_people_say_it() -> None:
    said = [Post(UUID(int=1), [], [" 3幢", "12号楼", "3", "A座", "7栋", "A" * 41, " "])]
    assert tidied(said) == [Post(UUID(int=1), [], ["12", "3", "7", "A", "A" * 41])]


_SITES = [UUID(int=n) for n in range(1, 4)]
_ROLES = ["clerk", "guard", "manager", "admin"]
_POSTS = st.lists(
    st.builds(Post, st.sampled_from(_SITES), st.lists(st.sampled_from(_ROLES), unique=True), st.lists(st.just("3"))),
    unique_by=lambda post: post.site_id,
)


@given(
    reach=st.sets(st.sampled_from(_SITES)),
    sites=st.lists(st.sampled_from(_SITES), unique=True),
    roles=st.lists(st.sampled_from(_ROLES), unique=True),
    all_sites=st.booleans(),
    posts=_POSTS,
    before=_POSTS,
    grantable=st.sets(st.sampled_from(_ROLES)),
)
def test_az_4_what_posts_give_is_the_actors_to_give_or_was_there(
    reach: set[UUID],
    sites: list[UUID],
    roles: list[str],
    all_sites: bool,
    posts: list[Post],
    before: list[Post],
    grantable: set[str],
) -> None:
    """Over sets of roles, sites and buildings: nothing at a site beyond the actor's, nothing that they cannot give, and
    nobody enters a site without a role there."""
    wanted = Place(name="x", staff_no="1", roles=roles, all_sites=all_sites, site_ids=sites, posts=posts)
    wrong = list(wrong_posts(reach, wanted, grantable, before))

    given_there = {(post.site_id, role) for post in posts for role in post.roles}
    had = {(post.site_id, role) for post in before for role in post.roles}
    beyond = {post.site_id for post in posts} - (reach if all_sites else reach & {*sites})
    lacking = {pair for pair in given_there - had if pair[1] not in grantable}
    enterable = set(_SITES) if all_sites else set(sites)
    empty = not roles and bool(given_there) and bool({*enterable} - {site for site, _ in given_there})
    if beyond or lacking:
        assert wrong
    elif wrong:
        assert not roles and (all_sites or empty)
