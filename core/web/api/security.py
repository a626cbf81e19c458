"""One's own second factor, sessions and sign-ins in the JSON API, and those of members for who looks after accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core.auth import places
from core.auth.account import AccountState, SignInPage
from core.auth.principals import Principal
from core.auth.second_factor import Enrolment
from core.errors import Conflict, Forbidden, Invalid
from core.i18n import msgid
from core.people.service import BEYOND
from core.platform import Platform
from core.work import Work

MANAGE = "people.manage"
OWN = msgid("You are signed in with this account: look after it on its own page.")


class SessionOut(msgspec.Struct, frozen=True):
    """A session that goes on. `used_at` is when its tokens were last renewed; `own`: the one that asks."""

    id: UUID
    device: str
    network: str
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    own: bool


class Sessions(msgspec.Struct, frozen=True):
    sessions: list[SessionOut]


class Ended(msgspec.Struct, frozen=True):
    """How many sessions have ended."""

    sessions: int


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of the authenticator app; a recovery code does as well where the app is set up already."""

    code: Annotated[str, msgspec.Meta(max_length=40)]


class Removal(Code, frozen=True, forbid_unknown_fields=True):
    password: Annotated[str, msgspec.Meta(max_length=200)]


class Removed(msgspec.Struct, frozen=True):
    """False: password or code were wrong, which counts as an attempt to sign in."""

    removed: bool


class RecoveryCodes(msgspec.Struct, frozen=True):
    """Not shown again. None: the code was wrong, which counts as an attempt to sign in."""

    recovery_codes: list[str] | None


@get("/me/security", signed_in=True)
async def my_security(work: NamedDependency[Work], platform: NamedDependency[Platform]) -> AccountState:
    """Whether one's second factor is on."""
    return await platform.accounts.state(work, own_member(work))


@post("/me/second-factor", signed_in=True, personal=True, status_code=200)
async def begin_second_factor(
    work: NamedDependency[Work], principal: NamedDependency[Principal], platform: NamedDependency[Platform]
) -> Enrolment:
    """What to put into an authenticator app; on once it is confirmed."""
    return await platform.second_factors.begin(work, own_member(work), principal.company.name, principal.actor.name)


@post("/me/second-factor/confirmation", signed_in=True, personal=True, status_code=200)
async def confirm_second_factor(
    work: NamedDependency[Work], platform: NamedDependency[Platform], data: JSONBody[Code]
) -> RecoveryCodes:
    """Switch it on, with a code that shows that the app has the secret."""
    codes = await platform.second_factors.confirm(work, own_member(work), data.code)
    if codes is None:
        raise Invalid.field("code", "This is not the code, or it was used already. Wait for the next one.")
    return RecoveryCodes(codes)


@post("/me/second-factor/removal", signed_in=True, personal=True, status_code=200)
async def remove_second_factor(
    work: NamedDependency[Work], platform: NamedDependency[Platform], data: JSONBody[Removal]
) -> Removed:
    """Switch it off, with the password and a code."""
    return Removed(await platform.accounts.switch_off(work, own_member(work), data.password, data.code))


@post("/me/second-factor/recovery-codes", signed_in=True, personal=True, status_code=200)
async def renew_recovery_codes(
    work: NamedDependency[Work], platform: NamedDependency[Platform], data: JSONBody[Code]
) -> RecoveryCodes:
    """New recovery codes in the place of all before, for a code."""
    return RecoveryCodes(await platform.accounts.renew_recovery_codes(work, own_member(work), data.code))


@get("/me/sessions", signed_in=True)
async def my_sessions(
    work: NamedDependency[Work], principal: NamedDependency[Principal], platform: NamedDependency[Platform]
) -> Sessions:
    """Where one is signed in."""
    return await _sessions(work, platform, own_member(work), principal.session_id)


@delete("/me/sessions/{session_id:uuid}", signed_in=True)
async def end_my_session(
    work: NamedDependency[Work], platform: NamedDependency[Platform], session_id: FromPath[UUID]
) -> None:
    """Sign out there."""
    await platform.accounts.end(work, own_member(work), session_id)


@post("/me/sessions/end-others", signed_in=True, personal=True, status_code=200)
async def end_my_other_sessions(
    work: NamedDependency[Work], principal: NamedDependency[Principal], platform: NamedDependency[Platform]
) -> Ended:
    """Sign out everywhere else."""
    return Ended(await platform.accounts.end_others(work, own_member(work), principal.session_id))


@get("/me/sign-ins", signed_in=True)
async def my_sign_ins(
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    after: FromQuery[UUID | None] = None,
) -> SignInPage:
    """One's sign-ins, and attempts at it, the newest first."""
    return await platform.accounts.history(work, own_member(work), after)


@get("/people/{member_id:uuid}/security", permission=MANAGE)
async def member_security(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    member_id: FromPath[UUID],
) -> AccountState:
    """Whether a member's second factor is on, and whether they are locked out."""
    await platform.people.get(work, principal.company, member_id)
    return await platform.accounts.state(work, member_id)


@get("/people/{member_id:uuid}/sessions", permission=MANAGE)
async def member_sessions(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    member_id: FromPath[UUID],
) -> Sessions:
    """Where a member is signed in."""
    await platform.people.get(work, principal.company, member_id)
    return await _sessions(work, platform, member_id, principal.session_id)


@delete("/people/{member_id:uuid}/sessions/{session_id:uuid}", permission=MANAGE)
async def end_member_session(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    member_id: FromPath[UUID],
    session_id: FromPath[UUID],
) -> None:
    """Sign a member out there."""
    await ward(work, platform, principal, member_id)
    await platform.accounts.end(work, member_id, session_id)


@delete("/people/{member_id:uuid}/sessions", permission=MANAGE, status_code=200)
async def end_member_sessions(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    member_id: FromPath[UUID],
) -> Ended:
    """Sign a member out everywhere."""
    await ward(work, platform, principal, member_id)
    return Ended(await platform.accounts.end_others(work, member_id))


@get("/people/{member_id:uuid}/sign-ins", permission=MANAGE)
async def member_sign_ins(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    member_id: FromPath[UUID],
    after: FromQuery[UUID | None] = None,
) -> SignInPage:
    """A member's sign-ins, and attempts at it, the newest first."""
    await platform.people.get(work, principal.company, member_id)
    return await platform.accounts.history(work, member_id, after)


@post("/people/{member_id:uuid}/unlock", permission=MANAGE, status_code=204)
async def unlock_member(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    member_id: FromPath[UUID],
) -> None:
    """Forget a member's wrong attempts, so that they may try again at once."""
    await ward(work, platform, principal, member_id)
    await platform.accounts.unlock(work, member_id)


@delete("/people/{member_id:uuid}/second-factor", permission=MANAGE)
async def reset_member_second_factor(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    member_id: FromPath[UUID],
) -> None:
    """Take the second factor off a member who has lost telephone and recovery codes."""
    await ward(work, platform, principal, member_id)
    await platform.second_factors.remove(work, member_id)


def own_member(work: Work) -> UUID:
    """The member who asks. Raises Conflict for a token."""
    actor = work.ctx.actor
    if actor.kind != "person" or actor.id is None:
        raise Conflict("An API token does not sign in.")
    return actor.id


async def ward(work: Work, platform: Platform, principal: Principal, member_id: UUID) -> None:
    """Let those act who may do at least what the member may (AZ-4), and not upon themselves. Raises NotFound,
    Forbidden, Conflict."""
    member = await platform.people.get(work, principal.company, member_id)
    if member_id == work.ctx.actor.member_id:
        raise Conflict(OWN)
    if not platform.people.may_hold(work, principal.company, member.roles):
        raise Forbidden(BEYOND)


async def _sessions(work: Work, platform: Platform, member_id: UUID, own: UUID | None) -> Sessions:
    return Sessions(
        [
            SessionOut(
                line.id,
                places.device(line.user_agent),
                line.network,
                line.created_at,
                line.used_at,
                line.expires_at,
                line.id == own,
            )
            for line in await platform.accounts.sessions(work, member_id)
        ]
    )


HANDLERS = [
    my_security,
    begin_second_factor,
    confirm_second_factor,
    remove_second_factor,
    renew_recovery_codes,
    my_sessions,
    end_my_session,
    end_my_other_sessions,
    my_sign_ins,
    member_security,
    member_sessions,
    end_member_session,
    end_member_sessions,
    member_sign_ins,
    unlock_member,
    reset_member_second_factor,
]
