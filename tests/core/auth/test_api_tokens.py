"""API tokens: never stronger than whoever issued them (AZ-4), worth nothing once revoked or over."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from core.auth import api_tokens
from core.auth.api_tokens import NewApiToken
from core.db.ids import new_id
from core.errors import Forbidden, Invalid, NotFound, Unauthenticated
from core.platform import Platform
from core.tenancy.context import Actor
from tests.support.lodge import NOW, House, Lodge, SettableClock


async def issue(lodge: Lodge, house: House, **change: object) -> tuple[UUID, str]:
    good = NewApiToken("water meter", ["ticket.view"], [house.sites[0].id])
    async with lodge.work(house, "admin") as work:
        return await api_tokens.issue(work, msgspec.structs.replace(good, **change))


async def refused(platform: Platform, text: str) -> bool:
    platform.principals.forget(None)
    try:
        await platform.principals.of_api_token(text)
    except Unauthenticated:
        return True
    return False


async def test_a_token_is_who_it_was_made_to_be(lodge: Lodge, house: House, platform: Platform) -> None:
    token_id, text = await issue(lodge, house)

    principal = await platform.principals.of_api_token(text)

    issuer = lodge.ctx(house, "admin").actor.id
    assert principal.actor == Actor("token", token_id, "water meter", issuer)
    assert principal.permissions == {"ticket.view"}
    assert principal.sites == house.sites[:1]
    assert principal.session_id is None


async def test_az_4_granting_more_than_one_has_is_refused(lodge: Lodge, house: House) -> None:
    stranger = await lodge.house()
    cases: list[tuple[dict[str, object], str]] = [
        ({"permissions": ["ticket.view", "world.domination"]}, "permissions"),
        ({"permissions": []}, "permissions"),
        ({"site_ids": []}, "site_ids"),
        ({"site_ids": [stranger.sites[0].id]}, "site_ids"),
        ({"site_ids": [house.sites[0].id, new_id()]}, "site_ids"),
        ({"expires_at": NOW}, "expires_at"),
        ({"name": "  "}, "name"),
    ]
    for change, field in cases:
        with pytest.raises(Invalid) as caught:
            await issue(lodge, house, **change)
        assert [wrong.field for wrong in caught.value.fields] == [field]


@pytest.mark.parametrize("role", ["clerk", "manager", "cashier"])
async def test_a_weaker_issuer_makes_a_weaker_token(role: str, lodge: Lodge, house: House) -> None:
    everything = sorted(lodge.platform.permissions.of_roles(["admin"]))

    with pytest.raises(Invalid) as caught:
        async with lodge.work(house, role) as work:
            await api_tokens.issue(work, NewApiToken("meter", everything, [house.sites[0].id]))

    assert [wrong.field for wrong in caught.value.fields] == ["permissions"]


async def test_az_4_a_token_may_no_more_than_whoever_issued_it_by_now(
    lodge: Lodge, house: House, platform: Platform
) -> None:
    admin, [here, there] = house.staff["admin"], house.sites
    _, text = await issue(lodge, house, permissions=["policy.manage", "ticket.view"], site_ids=[here.id, there.id])

    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute(
            "UPDATE membership SET roles = '{clerk}', all_sites = false, site_ids = $3 "
            "WHERE company_id = $1 AND id = $2",
            house.company_id,
            admin.membership_id,
            [here.id],
        )
    platform.principals.forget(None)
    principal = await platform.principals.of_api_token(text)

    assert principal.permissions == {"ticket.view"}
    assert principal.sites == (here,)


async def test_an_issuer_of_one_site_reaches_no_other(lodge: Lodge, house: House) -> None:
    here, there = house.sites

    with pytest.raises(Invalid):
        async with lodge.work(house, "admin", here) as work:
            await api_tokens.issue(work, NewApiToken("meter", ["ticket.view"], [here.id, there.id]))


async def test_a_token_issues_no_tokens(lodge: Lodge, house: House) -> None:
    with pytest.raises(Forbidden):
        async with lodge.work(house, "admin") as work:
            work.ctx = msgspec.structs.replace(work.ctx, actor=Actor("token", new_id(), "meter"))
            await api_tokens.issue(work, NewApiToken("meter", ["ticket.view"], [house.sites[0].id]))


async def test_a_revoked_token_is_worth_nothing(lodge: Lodge, house: House, platform: Platform) -> None:
    token_id, text = await issue(lodge, house)
    assert not await refused(platform, text)

    async with lodge.work(house, "admin") as work:
        await api_tokens.revoke(work, token_id)

    assert await refused(platform, text)
    with pytest.raises(NotFound):
        async with lodge.work(house, "admin") as work:
            await api_tokens.revoke(work, token_id)


async def test_a_token_ends_at_its_date(lodge: Lodge, house: House, platform: Platform, clock: SettableClock) -> None:
    _, text = await issue(lodge, house, expires_at=NOW + timedelta(hours=1))
    assert not await refused(platform, text)

    clock.advance(hours=1)

    assert await refused(platform, text)


async def test_a_token_of_another_company_cannot_be_seen_or_revoked(
    lodge: Lodge, house: House, platform: Platform
) -> None:
    token_id, text = await issue(lodge, house)
    stranger = await lodge.house()

    async with lodge.work(stranger, "admin") as work:
        assert await api_tokens.list_tokens(work) == []
        with pytest.raises(NotFound):
            await api_tokens.revoke(work, token_id)

    assert not await refused(platform, text)


async def test_a_guess_at_the_secret_or_another_company_is_refused(
    lodge: Lodge, house: House, platform: Platform
) -> None:
    token_id, text = await issue(lodge, house)
    stranger = await lodge.house()
    secret = text.rpartition(token_id.hex + "_")[2]

    for guessed in (
        text[:-1],
        text + "x",
        f"lodge_{house.company_id.hex}_{new_id().hex}_{secret}",
        f"lodge_{stranger.company_id.hex}_{token_id.hex}_{secret}",
        f"lodge_{new_id().hex}_{token_id.hex}_{secret}",
        text.replace("lodge_", "lodger_"),
    ):
        assert await refused(platform, guessed)


async def test_only_the_hash_is_kept(lodge: Lodge, house: House) -> None:
    token_id, text = await issue(lodge, house)
    secret = text.rpartition(token_id.hex + "_")[2]

    async with lodge.owner.begin(house.company_id) as uow:
        rows = await uow.fetch(str, "SELECT t::text FROM api_token t UNION ALL SELECT a::text FROM audit_entry a")

    assert rows and not any(secret in row or secret.encode().hex() in row for row in rows)
