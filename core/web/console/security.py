"""How one signs in: the second step, where one is signed in, what was tried. Of members too, for who keeps accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.auth import places
from core.auth.account import Outcome, SessionLine, SignInLine, SignInPage
from core.auth.second_factor import Enrolment
from core.auth.second_step import WRONG_CODE
from core.errors import Conflict, Forbidden, LodgeError, NotFound
from core.i18n import msgid
from core.web.api.security import MANAGE, own_member, ward
from core.web.console.door import picture
from core.web.view import View
from core.web.views import Pager, Word
from core.web.views.security import SessionRow, SignInRow

OUTCOMES: Final[Mapping[Outcome, Word]] = {
    "signed_in": Word("signed_in", msgid("Signed in"), "ok"),
    "wrong_password": Word("wrong_password", msgid("Wrong password"), "warn"),
    "wrong_code": Word("wrong_code", msgid("Wrong code"), "warn"),
    "locked": Word("locked", msgid("Locked after wrong passwords"), "breach"),
    "code_locked": Word("code_locked", msgid("Locked after wrong codes"), "breach"),
}
_FACTORS: Final = {
    "totp": msgid("with a code"),
    "recovery": msgid("with a recovery code"),
    "provider": msgid("by single sign-on, with its second factor"),
    "": "",
}
_BY_PROVIDER: Final = {
    "totp": msgid("by single sign-on, with a code"),
    "recovery": msgid("by single sign-on, with a recovery code"),
    "": msgid("by single sign-on"),
}
_DONE: Final = {
    "ended": msgid("The session has ended."),
    "all_ended": msgid("The sessions have ended."),
    "off": msgid("The second step is off."),
    "unlocked": msgid("The lock is lifted: they may try again."),
    "unlinked": msgid("The link is undone. The next time they come by single sign-on, their address counts again."),
}
_WRONG: Final = {
    "password": msgid("Password or code are wrong."),
    "code": WRONG_CODE,
}


@get("/account/security", signed_in=True)
async def security_page(view: NamedDependency[View], after: FromQuery[UUID | None] = None) -> Response[str]:
    return await _own(view, after=after)


@post("/account/security/second-factor", signed_in=True, personal=True, status_code=200)
async def factor_begin(view: NamedDependency[View]) -> Response[Any]:
    """Show what goes into the authenticator app."""
    state, (issuer, account) = view.state, _names(view)
    try:
        enrolment = await state.platform.second_factors.begin(state.work, own_member(state.work), issuer, account)
    except Conflict as refused:
        return await _own(view, refused=refused)
    return await _app(view, enrolment)


@post("/account/security/second-factor/confirmation", signed_in=True, personal=True, status_code=200)
async def factor_confirm(view: NamedDependency[View]) -> Response[Any]:
    """Switch the second step on, and show the recovery codes this once."""
    state, form = view.state, await view.form()
    member_id = own_member(state.work)
    codes = await state.platform.second_factors.confirm(state.work, member_id, form.get("code", ""))
    if codes is not None:
        return await view.html("account/codes.html", codes=codes)
    enrolment = await state.platform.second_factors.begun(state.work, member_id, *_names(view))
    if enrolment is None:
        return view.redirect("/account/security")
    return await _app(view, enrolment, WRONG_CODE)


@post("/account/security/second-factor/removal", signed_in=True, personal=True, status_code=200)
async def factor_remove(view: NamedDependency[View]) -> Response[Any]:
    """Switch it off. A wrong password is no error here: it is counted, so what is done has to be committed."""
    state, form = view.state, await view.form()
    member_id, password, code = own_member(state.work), form.get("password", ""), form.get("code", "")
    removed = await state.platform.accounts.switch_off(state.work, member_id, password, code)
    return view.redirect(f"/account/security?{'done=off' if removed else 'wrong=password'}")


@post("/account/security/recovery-codes", signed_in=True, personal=True, status_code=200)
async def codes_renew(view: NamedDependency[View]) -> Response[Any]:
    """New recovery codes, for a code; a wrong one is counted."""
    state, form = view.state, await view.form()
    member_id, code = own_member(state.work), form.get("code", "")
    codes = await state.platform.accounts.renew_recovery_codes(state.work, member_id, code)
    if codes is None:
        return view.redirect("/account/security?wrong=code")
    return await view.html("account/codes.html", codes=codes)


@post("/account/security/sessions/{session_id:uuid}/end", signed_in=True)
async def session_end(view: NamedDependency[View], session_id: FromPath[UUID]) -> Response[Any]:
    state = view.state
    await state.platform.accounts.end(state.work, own_member(state.work), session_id)
    return view.redirect("/account/security?done=ended")


@post("/account/security/sessions/end-others", signed_in=True)
async def sessions_end(view: NamedDependency[View]) -> Response[Any]:
    state = view.state
    await state.platform.accounts.end_others(state.work, own_member(state.work), state.principal.session_id)
    return view.redirect("/account/security?done=all_ended")


@get("/admin/people/{member_id:uuid}/security", permission=MANAGE)
async def member_page(
    view: NamedDependency[View], member_id: FromPath[UUID], after: FromQuery[UUID | None] = None
) -> Response[str]:
    """Where a member is signed in, what was tried, and what can be done about it."""
    return await _member(view, member_id, after=after)


@post("/admin/people/{member_id:uuid}/security/{action:str}", permission=MANAGE, status_code=200)
async def member_act(view: NamedDependency[View], member_id: FromPath[UUID], action: FromPath[str]) -> Response[Any]:
    """`end` all sessions, `unlock`, `reset` the second factor of who has lost telephone and recovery codes, or `unlink`
    the account from single sign-on."""
    state = view.state
    try:
        await ward(state.work, state.platform, state.principal, member_id)
        match action:
            case "end":
                await state.platform.accounts.end_others(state.work, member_id)
            case "unlock":
                await state.platform.accounts.unlock(state.work, member_id)
            case "reset":
                await state.platform.second_factors.remove(state.work, member_id)
            case "unlink":
                await state.platform.identities.links.unlink(state.work, member_id)
            case _:
                raise NotFound
    except (Conflict, Forbidden) as refused:
        return await _member(view, member_id, refused=refused)
    done = {"end": "all_ended", "unlock": "unlocked", "reset": "off", "unlink": "unlinked"}[action]
    return view.redirect(f"/admin/people/{member_id}/security?done={done}")


@post("/admin/people/{member_id:uuid}/security/sessions/{session_id:uuid}/end", permission=MANAGE, status_code=200)
async def member_session_end(
    view: NamedDependency[View], member_id: FromPath[UUID], session_id: FromPath[UUID]
) -> Response[Any]:
    state = view.state
    try:
        await ward(state.work, state.platform, state.principal, member_id)
    except (Conflict, Forbidden) as refused:
        return await _member(view, member_id, refused=refused)
    await state.platform.accounts.end(state.work, member_id, session_id)
    return view.redirect(f"/admin/people/{member_id}/security?done=ended")


async def _own(view: View, *, after: UUID | None = None, refused: LodgeError | None = None) -> Response[str]:
    state, accounts = view.state, view.state.platform.accounts
    member_id = own_member(state.work)
    history = await accounts.history(state.work, member_id, after)
    return await view.html(
        "account/security.html",
        status=int(refused.status) if refused else 200,
        account=await accounts.state(state.work, member_id),
        sessions=_sessions(view, await accounts.sessions(state.work, member_id)),
        history=tuple(tried(line) for line in history.items),
        pager_view=_pager("/account/security", history, after),
        problem=refused.message if refused else _WRONG.get(view.query.get("wrong", ""), ""),
        done=_DONE.get(view.query.get("done", ""), ""),
    )


async def _member(
    view: View, member_id: UUID, *, after: UUID | None = None, refused: LodgeError | None = None
) -> Response[str]:
    state, platform, path = view.state, view.state.platform, f"/admin/people/{member_id}"
    member = await platform.people.get(state.work, state.principal.company, member_id)
    history = await platform.accounts.history(state.work, member_id, after)
    return await view.html(
        "account/member.html",
        status=int(refused.status) if refused else 200,
        name=member.name,
        path=path,
        manageable=member_id != state.work.ctx.actor.member_id
        and platform.people.may_hold(state.work, state.principal.company, member.roles),
        account=await platform.accounts.state(state.work, member_id),
        sessions=_sessions(view, await platform.accounts.sessions(state.work, member_id)),
        history=tuple(tried(line) for line in history.items),
        pager_view=_pager(f"{path}/security", history, after),
        problem=refused.message if refused else "",
        done=_DONE.get(view.query.get("done", ""), ""),
    )


async def _app(view: View, enrolment: Enrolment, error: str = "") -> Response[str]:
    return await view.html(
        "account/app.html", status=422 if error else 200, enrolment=enrolment, picture=picture(enrolment), error=error
    )


def _names(view: View) -> tuple[str, str]:
    """What the app calls the account: the company's name and the member's."""
    return view.state.principal.company.name, view.state.principal.actor.name


def _sessions(view: View, lines: list[SessionLine]) -> tuple[SessionRow, ...]:
    return session_rows(lines, view.state.principal.session_id)


def session_rows(lines: list[SessionLine], own: UUID | None) -> tuple[SessionRow, ...]:
    """Sessions as pages show them; `own` is the one that asks."""
    return tuple(
        SessionRow(str(s.id), places.device(s.user_agent), s.network, s.created_at, s.used_at, s.id == own)
        for s in lines
    )


def tried(line: SignInLine) -> SignInRow:
    """An attempt to sign in as pages show it."""
    factor = (_BY_PROVIDER if line.by_provider else {}).get(line.factor, _FACTORS[line.factor])
    return SignInRow(line.at, OUTCOMES[line.outcome], factor, places.device(line.user_agent), line.network)


def _pager(path: str, history: SignInPage, after: UUID | None) -> Pager:
    following = f"{path}?after={history.cursor}" if history.cursor else None
    return Pager(len(history.items), "", following, path if after else None)


HANDLERS = [
    security_page,
    factor_begin,
    factor_confirm,
    factor_remove,
    codes_renew,
    session_end,
    sessions_end,
    member_page,
    member_act,
    member_session_end,
]
