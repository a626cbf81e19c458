"""The realm in the JSON API: everything that its console can do."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core.audit import jobs, log
from core.audit.jobs import ChainState
from core.audit.log import AuditFilter, AuditPage
from core.auth.account import SessionLine
from core.errors import Invalid
from core.operator import own, suspension
from core.operator.access import Access, NewAccess
from core.operator.companies import AccessLine, CompanyFile, CompanyPage, Workers
from core.operator.sign_in import SignedOperator
from core.platform import Platform
from core.web.address import client_address
from core.work import Work

AnyRequest = Request[Any, Any, Any]
_SHORT = Annotated[str, msgspec.Meta(max_length=200)]


class OperatorSignInBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Password and a code of the app, or a recovery code, at once. The app is set up at the console."""

    login: _SHORT
    password: _SHORT
    code: Annotated[str, msgspec.Meta(max_length=40)]


class OperatorToken(msgspec.Struct, frozen=True):
    """The bearer token of a session: good until then at most, and for half an hour unused."""

    token: str
    expires_at: datetime


class OperatorOut(msgspec.Struct, frozen=True):
    id: UUID
    login: str
    name: str
    session_id: UUID


class OwnSessions(msgspec.Struct, frozen=True):
    """One's own sessions that go on, and the latest attempts to sign in."""

    sessions: list[SessionLine]
    sign_ins: list[own.Attempt]


class AccessLines(msgspec.Struct, frozen=True):
    """The newest first."""

    items: list[AccessLine]


class Entry(msgspec.Struct, frozen=True):
    """What requests to the company's API carry while the access is open."""

    token: str


class Ended(msgspec.Struct, frozen=True):
    """How many sessions have ended."""

    sessions: int


@post("/session", public=True)
async def sign_in(
    request: AnyRequest, platform: NamedDependency[Platform], data: JSONBody[OperatorSignInBody]
) -> OperatorToken:
    """Open a session. 401 for a wrong password or code alike."""
    address, agent = client_address(request.scope, platform.settings), request.headers.get("user-agent", "")
    proof = await platform.operator.sign_in.prove(data.login, data.password, address, agent)
    if await platform.operator.sign_in.wants(proof) != "code":
        raise Invalid.field("code", "Set up the authenticator app first: sign in at the console.")
    tokens = await platform.operator.sign_in.with_code(proof, data.code, address, agent)
    return OperatorToken(tokens.token, tokens.expires_at)


@delete("/session", operator=True)
async def sign_out(work: NamedDependency[Work], operator: NamedDependency[SignedOperator]) -> None:
    """End the session that asks."""
    await own.end(work, operator, operator.session_id)


@get("/me", operator=True)
async def me(operator: NamedDependency[SignedOperator]) -> OperatorOut:
    """Who asks."""
    return OperatorOut(operator.id, operator.login, operator.name, operator.session_id)


@get("/me/sessions", operator=True)
async def my_sessions(work: NamedDependency[Work], operator: NamedDependency[SignedOperator]) -> OwnSessions:
    """Where one is signed in, and what was tried."""
    return OwnSessions(await own.sessions(work, operator), await own.history(work, operator))


@delete("/me/sessions/{session_id:uuid}", operator=True)
async def end_session(
    work: NamedDependency[Work], operator: NamedDependency[SignedOperator], session_id: FromPath[UUID]
) -> None:
    """End one of one's own sessions."""
    await own.end(work, operator, session_id)


@post("/me/sessions/end-others", operator=True, status_code=200)
async def end_others(work: NamedDependency[Work], operator: NamedDependency[SignedOperator]) -> Ended:
    """End all of one's own sessions but the one that asks."""
    return Ended(await own.end_others(work, operator))


@get("/companies", operator=True)
async def companies(platform: NamedDependency[Platform], q: FromQuery[str] = "") -> CompanyPage:
    """Companies in figures, by name; `q` is part of a name or slug."""
    return await platform.operator.view.companies(q[:100])


@get("/companies/{company_id:uuid}", operator=True)
async def company(platform: NamedDependency[Platform], company_id: FromPath[UUID]) -> CompanyFile:
    """One company in figures, with the modules of its sites."""
    return await platform.operator.view.company(company_id)


@post("/companies/{company_id:uuid}/suspension", operator=True, status_code=200)
async def suspend(work: NamedDependency[Work], company_id: FromPath[UUID], data: JSONBody[suspension.Reason]) -> Ended:
    """Suspend the company: every session ends, nobody who works there comes in; what is due goes on."""
    return Ended(await suspension.suspend(work, company_id, data.reason))


@post("/companies/{company_id:uuid}/reopening", operator=True, status_code=204)
async def reopen(work: NamedDependency[Work], company_id: FromPath[UUID], data: JSONBody[suspension.Reason]) -> None:
    """Let the company's people sign in again."""
    await suspension.reopen(work, company_id, data.reason)


@get("/access", operator=True)
async def accesses(platform: NamedDependency[Platform], company_id: FromQuery[UUID | None] = None) -> AccessLines:
    """Accesses to a company, or to all, present and past."""
    return AccessLines(await platform.operator.view.accesses(company_id))


@post("/companies/{company_id:uuid}/access", operator=True)
async def ask(
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    operator: NamedDependency[SignedOperator],
    company_id: FromPath[UUID],
    data: JSONBody[NewAccess],
) -> Access:
    """Ask for an access; `open` where the company only wants to be told, else `asked`."""
    return await platform.operator.accesses.ask(work, operator, company_id, data)


@post("/companies/{company_id:uuid}/access/{access_id:uuid}/entry", operator=True, personal=True, status_code=200)
async def enter(
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    operator: NamedDependency[SignedOperator],
    company_id: FromPath[UUID],
    access_id: FromPath[UUID],
) -> Entry:
    """A bearer token for the company's own API, by one's own open access; the one before opens nothing more."""
    return Entry(await platform.operator.accesses.enter(work, operator, company_id, access_id))


@delete("/companies/{company_id:uuid}/access/{access_id:uuid}", operator=True)
async def give_back(
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    operator: NamedDependency[SignedOperator],
    company_id: FromPath[UUID],
    access_id: FromPath[UUID],
) -> None:
    """Give one's own access back, or take the request back."""
    await platform.operator.accesses.give_back(work, operator, company_id, access_id)


@get("/workers", operator=True)
async def workers(platform: NamedDependency[Platform]) -> Workers:
    """How the background work of the instance stands."""
    return await platform.operator.view.workers()


@get("/audit", operator=True)
async def audit(work: NamedDependency[Work], after: FromQuery[UUID | None] = None) -> AuditPage:
    """What operators did, the newest first."""
    return await log.page(work, AuditFilter(cursor=after))


@get("/audit/chain", operator=True)
async def audit_chain(work: NamedDependency[Work]) -> ChainState:
    """How the chain of the realm's audit log stands."""
    return await jobs.state(work)


HANDLERS = [
    sign_in,
    sign_out,
    me,
    my_sessions,
    end_session,
    end_others,
    companies,
    company,
    suspend,
    reopen,
    accesses,
    ask,
    enter,
    give_back,
    workers,
    audit,
    audit_chain,
]
