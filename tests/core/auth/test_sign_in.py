"""Signing in, staying so and being thrown out: AU-3, AU-4, AU-5."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from core.auth import passwords
from core.auth import sign_in as sign_in_module
from core.auth.halfway import GOOD_FOR, Passes
from core.auth.sign_in import (
    GUESS_WINDOW,
    GUESSES,
    NEW_DEVICE,
    ROTATION_GRACE,
    IssuedTokens,
    Membership,
    SignIn,
    end_session,
)
from core.db.engine import Database
from core.errors import TooMany, Unauthenticated
from core.platform import Platform
from core.policies.sign_in import SIGN_IN
from tests.support.lodge import PASSWORD, SECRET, House, Lodge, SettableClock
from tests.support.statements import recording
from tests.world import sign_in

HERE, THERE = "192.0.2.7", "192.0.2.8"


@pytest.fixture
async def lodge(lone_lodge: Lodge) -> Lodge:
    """Alone in its database: guesses are counted by address, whoever's they are."""
    return lone_lodge


@pytest.fixture
async def house(lodge: Lodge) -> House:
    return await lodge.house()


@pytest.fixture
def platform(lodge: Lodge) -> Platform:
    return lodge.platform


@pytest.fixture
def login(house: House) -> str:
    return house.staff["clerk"].login


async def guess(service: SignIn, login: str, address: str = HERE, password: str = "guess") -> str:
    try:
        await service.memberships(login, password, address)
    except (Unauthenticated, TooMany) as error:
        return type(error).__name__
    return "let in"


async def history(lodge: Lodge, house: House) -> list[str]:
    """What was noted of sign-ins at the house, in order."""
    async with lodge.work(house, "admin", read_only=True) as work:
        sql = "SELECT outcome FROM sign_in_record WHERE company_id = $1 ORDER BY at"
        return await work.uow.fetch(str, sql, house.company_id)


async def live(platform: Platform, tokens: IssuedTokens) -> bool:
    """Whether the access token still says who one is, with nothing remembered."""
    platform.principals.forget(None)
    try:
        await platform.principals.of_access_token(tokens.access)
    except Unauthenticated:
        return False
    return True


async def test_the_right_password_names_the_companies_one_works_for(platform: Platform, house: House) -> None:
    someone = house.staff["clerk"]

    found = await platform.sign_in.memberships(f"  {someone.login.upper()} ", PASSWORD, HERE)

    assert [(m.company_id, m.membership_id, m.company_name) for m in found] == [
        (house.company_id, someone.membership_id, house.slug)
    ]


async def test_a_sign_in_is_on_record_under_ones_name(platform: Platform, lodge: Lodge, house: House) -> None:
    await sign_in(platform, house.staff["clerk"])

    async with lodge.work(house, "admin", read_only=True) as work:
        who = await work.uow.value("SELECT actor_name FROM audit_entry WHERE action = 'session.opened'")

    assert who == house.staff["clerk"].name


@pytest.mark.parametrize("change", ["UPDATE person SET disabled_at = now()", "UPDATE membership SET active = false"])
async def test_au_7_who_may_not_sign_in_is_answered_like_a_stranger(
    change: str, platform: Platform, house: House, lodge: Lodge, login: str
) -> None:
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute(change)

    messages = set()
    for name, password in ((login, PASSWORD), ("nobody", PASSWORD), (login, "wrong"), ("", "")):
        with pytest.raises(Unauthenticated) as caught:
            await platform.sign_in.memberships(name, password, HERE)
        messages.add(caught.value.message)
    assert len(messages) == 1


async def test_au_5_one_account_is_not_guessed_at_more_than_ten_times_from_anywhere(
    platform: Platform, login: str, clock: SettableClock
) -> None:
    for n in range(GUESSES):
        assert await guess(platform.sign_in, login, f"192.0.2.{n}") == "Unauthenticated"

    assert await guess(platform.sign_in, login, THERE, PASSWORD) == "Unauthenticated", "locked, and told to nobody"
    clock.advance(seconds=GUESS_WINDOW.total_seconds())
    assert await guess(platform.sign_in, login, THERE, PASSWORD) == "let in"


async def test_au_5_one_address_does_not_guess_more_than_ten_times_at_whomever(platform: Platform, login: str) -> None:
    answers = [await guess(platform.sign_in, f"somebody{n}", HERE) for n in range(GUESSES + 2)]

    assert answers == ["Unauthenticated"] * GUESSES + ["TooMany"] * 2
    assert await guess(platform.sign_in, login, HERE, PASSWORD) == "TooMany"
    assert await guess(platform.sign_in, login, THERE, PASSWORD) == "let in"


async def test_au_5_two_processes_count_guesses_together_also_when_they_come_at_once(
    platform: Platform, lodge: Lodge, house: House, login: str
) -> None:
    other = Database(lodge.dsns.app)
    await other.connect()
    try:
        twin = SignIn(other, platform.signer, Passes(SECRET), platform.policies, platform.clock)
        services = [platform.sign_in, twin]

        await asyncio.gather(*(guess(services[n % 2], login, f"192.0.2.{n}") for n in range(30)))

        for service in services:
            assert await guess(service, login, "198.51.100.7", PASSWORD) == "Unauthenticated"
    finally:
        await other.close()
    outcomes = await history(lodge, house)
    assert (outcomes.count("wrong_password"), outcomes.count("locked")) == (GUESSES, 1)


async def test_signing_in_often_is_no_guessing(platform: Platform, login: str) -> None:
    answers = [await guess(platform.sign_in, login, password=PASSWORD) for _ in range(GUESSES + 2)]

    assert set(answers) == {"let in"}


async def test_fifty_colleagues_sign_in_at_once_behind_one_address(
    platform: Platform, house: House, lodge: Lodge
) -> None:
    others = [await lodge.house() for _ in range(2)]
    logins = [someone.login for h in (house, *others) for someone in h.staff.values()]

    answers = await asyncio.gather(*(guess(platform.sign_in, login, password=PASSWORD) for login in logins))

    assert set(answers) == {"let in"}


async def test_au_3_a_refresh_token_is_changed_for_a_new_one(platform: Platform, house: House) -> None:
    first = await sign_in(platform, house.staff["clerk"])
    assert first.refresh is not None

    second = await platform.sign_in.refresh(first.refresh)

    assert second.refresh not in (None, first.refresh)
    assert second.session_id == first.session_id
    assert await live(platform, second)


async def test_au_3_two_tabs_may_refresh_at_once(platform: Platform, house: House) -> None:
    first = await sign_in(platform, house.staff["clerk"])
    assert first.refresh is not None

    issued = await asyncio.gather(*(platform.sign_in.refresh(first.refresh) for _ in range(4)))

    [changed] = [tokens.refresh for tokens in issued if tokens.refresh is not None]
    assert all([await live(platform, tokens) for tokens in issued])
    assert (await platform.sign_in.refresh(changed)).refresh is not None


async def test_au_3_a_refresh_token_used_again_after_its_grace_ends_the_session(
    platform: Platform, house: House, clock: SettableClock
) -> None:
    first = await sign_in(platform, house.staff["clerk"])
    assert first.refresh is not None
    second = await platform.sign_in.refresh(first.refresh)
    assert second.refresh is not None
    clock.advance(seconds=ROTATION_GRACE.total_seconds() + 1)

    with pytest.raises(Unauthenticated):
        await platform.sign_in.refresh(first.refresh)

    assert not await live(platform, second)
    with pytest.raises(Unauthenticated):
        await platform.sign_in.refresh(second.refresh)


async def test_au_3_a_stolen_token_that_was_rotated_on_is_found_out_when_its_owner_comes_back(
    platform: Platform, house: House
) -> None:
    owners = await sign_in(platform, house.staff["clerk"])
    assert owners.refresh is not None
    thief = owners
    for _ in range(3):
        assert thief.refresh is not None
        thief = await platform.sign_in.refresh(thief.refresh)

    with pytest.raises(Unauthenticated):
        await platform.sign_in.refresh(owners.refresh)

    assert not await live(platform, thief)


async def test_au_3_a_guess_at_a_refresh_token_does_not_end_the_session(platform: Platform, house: House) -> None:
    tokens = await sign_in(platform, house.staff["clerk"])
    assert tokens.refresh is not None
    head, _, _ = tokens.refresh.rpartition("_")

    for guessed in (f"{head}_guess", f"{tokens.refresh[:-1]}!", tokens.refresh.replace(".", "")):
        with pytest.raises(Unauthenticated):
            await platform.sign_in.refresh(guessed)

    assert await live(platform, tokens)


async def test_a_session_ends_when_it_is_old(platform: Platform, house: House, clock: SettableClock) -> None:
    refresh = (await sign_in(platform, house.staff["clerk"])).refresh
    for _ in range(SIGN_IN.default.session_days - 1):
        clock.advance(days=1)
        assert refresh is not None
        refresh = (await platform.sign_in.refresh(refresh)).refresh
    clock.advance(days=1)

    assert refresh is not None
    with pytest.raises(Unauthenticated):
        await platform.sign_in.refresh(refresh)


async def test_a_session_that_nobody_uses_ends(platform: Platform, house: House, clock: SettableClock) -> None:
    tokens = await sign_in(platform, house.staff["clerk"])
    assert tokens.refresh is not None
    clock.advance(hours=SIGN_IN.default.idle_hours)

    with pytest.raises(Unauthenticated):
        await platform.sign_in.refresh(tokens.refresh)


async def test_au_4_signing_out_ends_this_session_alone(platform: Platform, house: House, lodge: Lodge) -> None:
    mine, other = [await sign_in(platform, house.staff["clerk"]) for _ in range(2)]
    await platform.principals.of_access_token(mine.access)

    async with lodge.work(house) as work:
        await end_session(work, mine.session_id)

    with pytest.raises(Unauthenticated):  # before the announcement of it has come back from the database
        await platform.principals.of_access_token(mine.access)
    assert not await live(platform, mine)
    assert await live(platform, other)


@pytest.mark.parametrize(
    "change",
    ["UPDATE membership SET active = false", "UPDATE session SET revoked_at = now()", "DELETE FROM session"],
)
async def test_au_4_whoever_is_shut_out_is_out_within_a_minute(
    change: str, platform: Platform, house: House, lodge: Lodge, clock: SettableClock
) -> None:
    """Even where the announcement of the change was lost."""
    tokens = await sign_in(platform, house.staff["clerk"])
    await platform.principals.of_access_token(tokens.access)
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute(change)

    clock.advance(minutes=1)

    with pytest.raises(Unauthenticated):
        await platform.principals.of_access_token(tokens.access)


async def test_au_4_a_changed_role_counts_within_a_minute(
    platform: Platform, house: House, lodge: Lodge, clock: SettableClock
) -> None:
    tokens = await sign_in(platform, house.staff["admin"])
    before = await platform.principals.of_access_token(tokens.access)
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute("UPDATE membership SET roles = '{guard}', all_sites = false")

    clock.advance(seconds=timedelta(minutes=1).total_seconds())
    after = await platform.principals.of_access_token(tokens.access)

    assert "token.manage" in before.permissions and len(before.sites) == 1
    assert "token.manage" not in after.permissions and after.sites == ()


async def test_au_5_a_company_may_be_stricter_and_an_unknown_login_looks_the_same(
    platform: Platform, house: House, lodge: Lodge, login: str, clock: SettableClock
) -> None:
    async with lodge.work(house, "admin") as work:
        await platform.policies.revise(
            work, SIGN_IN, None, {"attempts": 3, "lock_minutes": 60}, reason="audit", expected=0
        )
    lodge.forget()

    answers = {who: [await guess(platform.sign_in, who, f"192.0.2.{n}") for n in range(5)] for who in (login, "nobody")}
    clock.advance(minutes=59)
    locked = await guess(platform.sign_in, login, THERE, PASSWORD)
    clock.advance(minutes=1)

    assert answers[login] == answers["nobody"] == ["Unauthenticated"] * 5
    assert locked == "Unauthenticated"
    assert await guess(platform.sign_in, login, THERE, PASSWORD) == "let in"
    assert await history(lodge, house) == ["wrong_password"] * 3 + ["locked"]


async def test_au_5_one_customer_of_ipv6_is_one_address(platform: Platform, login: str) -> None:
    for n in range(GUESSES):
        await guess(platform.sign_in, f"somebody{n}", f"2001:db8:1:2::{n:x}")

    assert await guess(platform.sign_in, login, "2001:db8:1:2:ffff::1", PASSWORD) == "TooMany"
    assert await guess(platform.sign_in, login, "2001:db8:1:3::1", PASSWORD) == "let in"


async def test_au_7_a_proof_of_the_password_ends_with_the_password_and_with_the_person(
    platform: Platform, house: House, lodge: Lodge, login: str, clock: SettableClock
) -> None:
    [membership] = await platform.sign_in.memberships(login, PASSWORD, HERE)
    assert await platform.sign_in.proven(membership.proof) == [membership]
    spoilt = [membership.proof[:-4] + "AAAA", "", "é", Passes(b"x" * 32).make(login, "hash", clock.now)]

    for text in spoilt:
        with pytest.raises(Unauthenticated):
            await platform.sign_in.proven(text)
    clock.advance(seconds=GOOD_FOR.total_seconds())
    with pytest.raises(Unauthenticated):
        await platform.sign_in.proven(membership.proof)
    [membership] = await platform.sign_in.memberships(login, PASSWORD, HERE)
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute("UPDATE person SET password_hash = 'another'")
    with pytest.raises(Unauthenticated):
        await platform.sign_in.proven(membership.proof)


async def test_au_7_whoever_is_asked_for_the_same_is_done_and_a_password_looked_at(
    platform: Platform, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong password, a login that nobody has, a locked account: so none answers sooner than the others."""
    looked_at: list[bool] = []
    verify = passwords.matches

    def matches(encoded: str, password: str) -> bool:
        looked_at.append(True)
        return verify(encoded, password)

    monkeypatch.setattr(passwords, "matches", matches)

    async def done(who: str) -> list[str]:
        async with recording(platform.db) as sent:
            assert await guess(platform.sign_in, who, f"2001:db8:7:{len(looked_at)}::1") == "Unauthenticated"
        return [statement.sql for statement in sent]

    await done(login)  # what a process remembers is known then
    known, unknown = await done(login), await done("nobody")
    for _ in range(GUESSES - 2):
        await done(login)
    locked = await done(login)

    assert known == unknown == locked
    assert len(looked_at) == GUESSES + 2


async def test_whoever_signs_in_on_another_device_is_told_so_once(
    platform: Platform, house: House, lodge: Lodge
) -> None:
    clerk = house.staff["clerk"]
    mine = Membership(house.company_id, clerk.membership_id, house.slug)

    for device in ("desk", "desk", "telephone", "telephone"):
        await platform.sign_in.open(mine, "browser", HERE, device=device)

    async with lodge.work(house, "admin", read_only=True) as work:
        told = await work.uow.fetch(
            str, "SELECT payload ->> 'member_id' FROM outbox WHERE company_id = $1 AND type = $2",
            house.company_id, NEW_DEVICE.event,
        )  # fmt: skip
    assert told == [str(clerk.membership_id)]


def test_the_limits_are_no_weaker_than_promised() -> None:
    assert sign_in_module.GUESSES <= 10
    assert timedelta(minutes=15) <= GUESS_WINDOW
