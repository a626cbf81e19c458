"""Operators sign in at a door of their own, with password and app, and nothing of it is guessed or used twice."""

from __future__ import annotations

import pytest

from core.auth import totp
from core.errors import Conflict, Invalid, NotFound, TooMany, Unauthenticated
from core.operator.realm import REALM
from core.operator.sign_in import ATTEMPTS, IDLE, LONGEST
from tests.support.lodge import House, Lodge, SettableClock
from tests.support.operator import PASSWORD, operator, step, typed

HERE = "192.0.2.7"


async def test_a_link_sets_the_password_once_and_within_a_day(lodge: Lodge, clock: SettableClock) -> None:
    accounts = lodge.platform.operator.accounts
    link = (await accounts.add("zhou", "Zhou")).rpartition("/")[2]
    late = (await accounts.add("late", "Late")).rpartition("/")[2]

    with pytest.raises(Conflict):
        await accounts.add("zhou", "Another")
    with pytest.raises(Invalid):
        await accounts.set_password(link, "short", HERE)
    await accounts.set_password(link, PASSWORD, HERE)
    with pytest.raises(NotFound):
        await accounts.set_password(link, PASSWORD, HERE)
    clock.advance(hours=25)
    with pytest.raises(NotFound):
        await accounts.look(late, HERE)


async def test_no_link_or_proof_of_a_companys_people_opens_the_realm(lodge: Lodge, house: House) -> None:
    platform = lodge.platform
    foreign = platform.links.make("operator_password", REALM, REALM)
    with pytest.raises(NotFound):
        await platform.operator.accounts.look(foreign, HERE)
    [company] = await platform.sign_in.memberships(house.staff["admin"].login, "correct horse battery staple", HERE)
    with pytest.raises(Unauthenticated):
        await platform.operator.sign_in.wants(company.proof)


async def test_nobody_is_spared_the_second_step(lodge: Lodge) -> None:
    accounts, door = lodge.platform.operator.accounts, lodge.platform.operator.sign_in
    await accounts.set_password((await accounts.add("new", "New")).rpartition("/")[2], PASSWORD, HERE)
    proof = await door.prove("new", PASSWORD, HERE)

    assert await door.wants(proof) == "enrolment"
    with pytest.raises(Unauthenticated):
        await door.with_code(proof, "000000", HERE)
    shown = await door.enrol(proof)
    assert (await door.enrol(proof, again=True)).secret == shown.secret
    tokens, codes = await door.enrolled(proof, totp.code_of(typed(shown.secret), step(lodge.platform)), HERE)
    assert await door.wants(proof) == "code"
    assert (await door.signed_in(tokens.token)).login == "new"
    await door.with_code(proof, codes[0], HERE)
    with pytest.raises(Unauthenticated):
        await door.with_code(proof, codes[0], HERE)


async def test_au_6_a_code_serves_once(lodge: Lodge, clock: SettableClock) -> None:
    signed, door = await operator(lodge.platform, "once"), lodge.platform.operator.sign_in
    clock.advance(minutes=1)
    proof = await door.prove(signed.login, PASSWORD, HERE)
    code = totp.code_of(signed.secret, step(lodge.platform))

    await door.with_code(proof, code, HERE)
    with pytest.raises(Unauthenticated):
        await door.with_code(proof, code, HERE)


@pytest.mark.parametrize("what", ["password", "code"])
async def test_au_5_guessing_locks_an_account_from_wherever_it_comes(
    lodge: Lodge, clock: SettableClock, what: str
) -> None:
    signed, door = await operator(lodge.platform, f"locked-{what}"), lodge.platform.operator.sign_in
    clock.advance(minutes=1)
    proof = await door.prove(signed.login, PASSWORD, HERE)
    for n in range(ATTEMPTS):
        with pytest.raises(Unauthenticated):
            if what == "password":
                await door.prove(signed.login, "wrong", f"198.51.100.{n}")
            else:
                await door.with_code(proof, "000000", f"198.51.100.{n}")

    right = totp.code_of(signed.secret, step(lodge.platform))
    with pytest.raises((Unauthenticated, TooMany)):
        if what == "password":
            await door.prove(signed.login, PASSWORD, HERE)
        else:
            await door.with_code(proof, right, HERE)
    clock.advance(minutes=16)
    await door.with_code(
        await door.prove(signed.login, PASSWORD, HERE), totp.code_of(signed.secret, step(lodge.platform)), HERE
    )


@pytest.mark.parametrize(
    ("what", "wait"),
    [("unused", IDLE.total_seconds()), ("over", LONGEST.total_seconds()), ("off", 0), ("relinked", 0)],
)
async def test_a_session_ends(lodge: Lodge, clock: SettableClock, what: str, wait: float) -> None:
    """Unused for half an hour, after twelve hours however busy, with the account, and with a new link."""
    signed, realm = await operator(lodge.platform, f"ends-{what}"), lodge.platform.operator
    if what == "over":
        while wait > 0:
            assert (await realm.sign_in.signed_in(signed.tokens.token)).login == signed.login
            clock.advance(minutes=20)
            wait -= 20 * 60
    clock.advance(seconds=max(wait, 0))
    if what == "off":
        await realm.accounts.switch(signed.login, on=False)
    if what == "relinked":
        await realm.accounts.link(signed.login)

    with pytest.raises(Unauthenticated):
        await realm.sign_in.signed_in(signed.tokens.token)
    assert not await realm.sign_in.stands(signed.tokens.session_id)
