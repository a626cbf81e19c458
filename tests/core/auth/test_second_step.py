"""The second step of signing in: codes serve once, in whatever process, and cannot be guessed (AU-5, AU-6)."""

from __future__ import annotations

import asyncio
import base64
from itertools import count

import pytest

from core.auth import totp
from core.auth.halfway import Passes
from core.auth.second_factor import SecondFactors
from core.auth.second_step import SecondStep, Step
from core.auth.sign_in import Membership, SignIn
from core.db.engine import Database
from core.errors import Conflict, Invalid, TooMany, Unauthenticated
from core.platform import Platform
from core.policies.sign_in import SIGN_IN
from tests.support.lodge import PASSWORD, SECRET, House, Lodge, SettableClock

_PLACES = count(1)  # wrong codes are counted by address, which tests must not share


class App:
    """A member with an authenticator app."""

    def __init__(self, lodge: Lodge, house: House, who: str) -> None:
        self.lodge, self.platform = lodge, lodge.platform
        self.membership = Membership(house.company_id, house.staff[who].membership_id, house.slug)
        self.secret, self.recovery = b"", [""]
        self.address = f"2001:db8:5ec:{next(_PLACES):x}::1"

    def code(self, off: int = 0) -> str:
        return totp.code_of(self.secret, int(self.platform.clock().timestamp()) // totp.STEP + off)

    async def enrol(self) -> None:
        step = self.platform.second_step
        shown = await step.enrol(self.membership)
        self.secret = base64.b32decode(shown.secret.replace(" ", ""))
        _, self.recovery = await step.enrolled(self.membership, self.code(), "tests", self.address)

    async def give(self, code: str, step: SecondStep | None = None, address: str = "") -> str:
        try:
            step = step or self.platform.second_step
            await step.with_code(self.membership, code, "tests", address or self.address)
        except (Unauthenticated, TooMany) as refused:
            return type(refused).__name__
        return "let in"


@pytest.fixture
async def app(lodge: Lodge, house: House, clock: SettableClock) -> App:
    """A clerk with an app, a step after it was set up."""
    app = App(lodge, house, "clerk")
    await app.enrol()
    clock.advance(seconds=totp.STEP)
    return app


async def require(lodge: Lodge, house: House, whom: str) -> None:
    async with lodge.work(house, "admin") as work:
        await lodge.platform.policies.revise(
            work, SIGN_IN, None, {"second_factor": whom}, reason="audit", expected=0
        )  # fmt: skip


@pytest.mark.parametrize(
    ("whom", "clerk", "admin"),
    [("nobody", "none", "none"), ("admins", "none", "enrolment"), ("everyone", "enrolment", "enrolment")],
)
async def test_who_lacks_what_the_company_asks_for_sets_it_up_first(
    whom: str, clerk: Step, admin: Step, lodge: Lodge, house: House
) -> None:
    await require(lodge, house, whom)

    wanted = [await lodge.platform.second_step.wanted(App(lodge, house, who).membership) for who in ("clerk", "admin")]

    assert wanted == [clerk, admin]


async def test_who_has_an_app_is_asked_for_it_whether_it_is_required_or_not(platform: Platform, app: App) -> None:
    assert await platform.second_step.wanted(app.membership) == "code"


async def test_au_6_a_code_serves_once_and_those_before_it_not_any_more(app: App, clock: SettableClock) -> None:
    earlier, code = app.code(-1), app.code()

    assert [await app.give(text) for text in (code, code, earlier)] == ["let in", "Unauthenticated", "Unauthenticated"]
    clock.advance(seconds=totp.STEP)
    assert await app.give(code) == "Unauthenticated", "still of the window, and used"
    assert await app.give(app.code()) == "let in"


async def test_au_6_the_code_that_switched_it_on_is_used(lodge: Lodge, house: House) -> None:
    app = App(lodge, house, "clerk")
    await app.enrol()

    assert await app.give(app.code()) == "Unauthenticated"


async def test_au_6_of_two_processes_given_the_same_code_one_lets_in(app: App, lodge: Lodge) -> None:
    platform = lodge.platform
    other = Database(lodge.dsns.app)
    await other.connect()
    try:
        sign_in = SignIn(other, platform.signer, Passes(SECRET), platform.policies, platform.clock)
        factors = SecondFactors(SECRET)
        twin = SecondStep(other, sign_in, factors, platform.permissions, platform.directory, platform.clock)
        codes = [app.code()] * 6 + [app.recovery[0]] * 6
        answers = await asyncio.gather(
            *(app.give(code, (platform.second_step, twin)[n % 2]) for n, code in enumerate(codes))
        )
    finally:
        await other.close()

    assert (answers[:6].count("let in"), answers[6:].count("let in")) == (1, 1)


async def test_au_6_a_recovery_code_serves_once(app: App) -> None:
    typed = app.recovery[3].lower().replace("-", " ")

    assert [await app.give(typed) for _ in range(2)] == ["let in", "Unauthenticated"]
    assert await app.give(app.recovery[4]) == "let in"


async def test_au_5_codes_are_guessed_no_more_often_than_passwords_from_wherever(
    app: App, lodge: Lodge, house: House, clock: SettableClock
) -> None:
    wrong = [await app.give("000000" if n % 2 else "AAAAA-AAAAA", address=f"192.0.2.{n}") for n in range(10)]

    assert wrong == ["Unauthenticated"] * 10
    assert await app.give(app.code()) == await app.give(app.recovery[0]) == "TooMany"
    clock.advance(minutes=SIGN_IN.default.lock_minutes)
    assert await app.give(app.code()) == "let in"
    async with lodge.work(house, "admin", read_only=True) as work:
        sql = "SELECT outcome FROM sign_in_record WHERE company_id = $1 AND outcome <> 'signed_in' ORDER BY at"
        assert await work.uow.fetch(str, sql, house.company_id) == ["wrong_code"] * 10 + ["code_locked"]


async def test_au_5_wrong_codes_of_many_accounts_close_an_address(app: App) -> None:
    sign_in = app.platform.sign_in
    for n in range(9):
        with pytest.raises(Unauthenticated):
            await sign_in.memberships(f"nobody-{n}", "guess", app.address)

    assert [await app.give("000000"), await app.give(app.code())] == ["Unauthenticated", "TooMany"]
    assert await app.give(app.code(), address="2001:db8:5ec:ffff::1") == "let in"


async def test_what_is_switched_on_is_not_replaced_by_whoever_has_the_password_alone(
    platform: Platform, app: App
) -> None:
    with pytest.raises(Conflict):
        await platform.second_step.enrol(app.membership)
    with pytest.raises(Conflict):
        await platform.second_step.enrol(app.membership, again=True)
    with pytest.raises(Invalid):
        await platform.second_step.enrolled(app.membership, app.code(), "tests", app.address)


async def test_a_secret_that_was_shown_again_is_the_same_until_it_is_confirmed(lodge: Lodge, house: House) -> None:
    membership, step = App(lodge, house, "guard").membership, lodge.platform.second_step
    first = await step.enrol(membership)

    assert await step.enrol(membership, again=True) == first
    assert (await step.enrol(membership)).secret != first.secret


async def test_secrets_and_recovery_codes_lie_sealed_and_hashed(app: App, lodge: Lodge, house: House) -> None:
    async with lodge.work(house, "admin", read_only=True) as work:
        sql = "SELECT secret_sealed || convert_to(recovery::text, 'UTF8') FROM second_factor WHERE company_id = $1"
        row = await work.uow.value(sql, house.company_id)
    for secret in (app.secret, base64.b32encode(app.secret), *(code.encode().hex().encode() for code in app.recovery)):
        assert secret not in row


async def test_who_works_there_no_more_gets_no_further(app: App, lodge: Lodge, house: House) -> None:
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute("UPDATE membership SET active = false")

    assert await app.give(app.code()) == "Unauthenticated"
    with pytest.raises(Unauthenticated):
        await lodge.platform.second_step.wanted(app.membership)


async def test_a_proof_of_the_password_is_no_token(lodge: Lodge, house: House) -> None:
    [membership] = await lodge.platform.sign_in.memberships(house.staff["clerk"].login, PASSWORD, "2001:db8:5ec::1")
    for use in (lodge.platform.principals.of_access_token, lodge.platform.principals.of_api_token):
        with pytest.raises(Unauthenticated):
            await use(membership.proof)
    with pytest.raises(Unauthenticated):
        await lodge.platform.sign_in.refresh(membership.proof)
