"""The middleware of every route: who asks, may they, at which site, in one unit of work that ends before the answer."""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import asyncpg
from litestar import Request
from litestar.enums import ScopeType
from litestar.exceptions import MethodNotAllowedException
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from litestar.utils.scope.state import ScopeState

from core.auth.principals import API_TOKEN, Principal
from core.errors import Conflict, FieldError, Forbidden, Malformed, NotFound, Unauthenticated
from core.fields import sees_amounts
from core.i18n import msgid
from core.operator.access import INSIDE
from core.tenancy.context import TenantContext
from core.web import cookies
from core.web.address import client_address
from core.web.body import refuse_repeated
from core.web.front import read_cookies
from core.web.idempotency import Buffered, send_answer, stored
from core.web.state import RequestState, state_of
from core.web.withheld import Withheld
from core.work import Answer, Work

if TYPE_CHECKING:
    from core.platform import Platform

SAFE = frozenset({"GET", "HEAD"})
INSTANTS = "instants"  # what a route's options call its query parameters that are points in time
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
CSRF_HEADER, CSRF_FIELD = b"x-csrf-token", "csrf_token"


class Edge:
    """ASGI. A route says `permission="…"`, `signed_in=True` or `public=True`; a plugin's routes carry its id.

    A public route is counted by address, unless it is `uncounted=True`.
    With `personal=True` the answer is not kept for whoever sends the request again.
    """

    def __init__(self, app: ASGIApp, platform: Platform) -> None:
        self._app = app
        self._platform = platform

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            await self._answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        if scope["method"] == "OPTIONS":
            raise MethodNotAllowedException  # nobody from another origin is served, so there is nothing to negotiate
        opt: dict[str, Any] = scope["route_handler"].opt
        state = state_of(scope)
        headers: dict[bytes, bytes] = dict(scope["headers"])
        address = client_address(scope, self._platform.settings)
        if opt.get("public"):
            if not opt.get("uncounted"):
                self._platform.rates.by_address(address)
            if scope["method"] not in SAFE:
                refuse_cross_site(headers)
            await self._app(scope, receive, send)
            return
        api = scope["path"].startswith("/api/")
        self._platform.rates.check_address(address)
        try:
            principal = await (self._bearer(headers) if api else self._cookie(headers, state))
        except Unauthenticated:
            self._platform.rates.by_address(address)
            raise
        self._platform.rates.by_client(principal.session_id or principal.token_id)
        self._enter(scope, opt, state, principal)
        if not api and scope["method"] not in SAFE:
            session_id = principal.session_id
            expected = None if session_id is None else self._platform.signer.csrf(session_id)
            await self._check_csrf(scope, receive, headers, expected)
        permission = opt.get("permission")
        if principal.visit is not None:
            await self._accompany(scope, principal, permission, headers, state)
        if permission is not None and permission not in principal.permissions_at(state.site_or_none):
            raise Forbidden
        if scope["query_string"]:
            if api:
                refuse_repeated(scope)
            if instants := opt.get(INSTANTS):
                refuse_numbers(scope, instants)
        if not sees_amounts(principal.permissions_at(state.site_or_none)):
            send = Withheld(send)
        await self._serve(scope, receive, send, state, principal, headers)
        if principal.token_id is not None:
            await self._platform.token_use.note(principal, address)

    # -- who --------------------------------------------------------------------------------------------------------

    async def _bearer(self, headers: dict[bytes, bytes]) -> Principal:
        scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated(headers={"WWW-Authenticate": "Bearer"})
        if token.startswith(f"{API_TOKEN}_"):
            return await self._platform.principals.of_api_token(token)
        if token.startswith(f"{INSIDE}_"):
            return await self._platform.operator.inside.principal(token)
        return await self._platform.principals.of_access_token(token)

    async def _cookie(self, headers: dict[bytes, bytes], state: RequestState) -> Principal:
        """The session of a browser. An access token that has run out is renewed with the refresh token on the way."""
        jar = read_cookies(headers.get(b"cookie", b""))
        if entered := jar.get(cookies.inside_name(self._platform.settings)):
            try:
                return await self._platform.operator.inside.principal(entered)
            except Unauthenticated:  # it has ended; a session of a company's own, if there is one, goes on
                state.cookies.append(cookies.set_inside(self._platform.settings, "", 0))
        access, refresh = cookies.names(self._platform.settings)
        if access in jar:
            try:
                return await self._platform.principals.of_access_token(jar[access])
            except Unauthenticated:
                if refresh not in jar:
                    raise
        if refresh not in jar:
            raise Unauthenticated
        try:
            tokens = await self._platform.sign_in.refresh(jar[refresh])
        except Unauthenticated:
            state.cookies += cookies.clear_session(self._platform.settings)
            raise
        state.cookies += cookies.set_session(self._platform.settings, tokens)
        return await self._platform.principals.of_access_token(tokens.access)

    def _enter(self, scope: Scope, opt: dict[str, Any], state: RequestState, principal: Principal) -> None:
        """The site the path names. Foreign, unknown and switched off all answer 404."""
        key = scope["path_params"].get("site_id")
        site = principal.site(str(key)) if key is not None else None
        state.identify(principal, site)
        if key is not None and site is None:
            raise NotFound
        plugin = opt.get("plugin")
        if plugin is not None and (site is None or not principal.company.is_on(plugin, site, self._platform.clock())):
            raise NotFound

    async def _check_csrf(
        self, scope: Scope, receive: Receive, headers: dict[bytes, bytes], expected: str | None
    ) -> None:
        """Raise Forbidden unless the request carries the `expected` token of its session; None: it has no session."""
        refuse_cross_site(headers)
        given = headers.get(CSRF_HEADER, b"").decode("latin-1")
        if not given:
            form = await Request[Any, Any, Any](scope, receive).form()
            given = str(form.get(CSRF_FIELD, ""))
        if expected is None:
            raise Forbidden
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise Forbidden("This form is out of date. Load the page again and repeat your change.")

    async def _accompany(
        self,
        scope: HTTPScope,
        principal: Principal,
        permission: str | None,
        headers: dict[bytes, bytes],
        state: RequestState,
    ) -> None:
        """An operator who has entered: what is asked for is on record first; changes only as far as the access goes."""
        inside, method = self._platform.operator.inside, scope["method"]
        part = headers.get(b"hx-request") == b"true" and method in SAFE
        await inside.note(principal, method, scope["path"], state.request_id, part=part)
        if method not in SAFE:
            inside.refuse(principal, permission, leaves=bool(scope["route_handler"].opt.get("leaves")))

    # -- the unit of work -------------------------------------------------------------------------------------------

    async def _serve(
        self,
        scope: HTTPScope,
        receive: Receive,
        send: Send,
        state: RequestState,
        principal: Principal,
        headers: dict[bytes, bytes],
    ) -> None:
        # for the company as a whole, whoever is confined to some buildings of a site has no say over it
        whole = state.site_or_none is None and "permission" in scope["route_handler"].opt
        areas = principal.areas
        ctx = TenantContext(
            company_id=principal.company.id,
            site_ids=frozenset(s.id for s in principal.sites if not (whole and s.id in areas)),
            actor=principal.actor,
            permissions=principal.permissions_at(state.site_or_none),
            locale=state.locale,
            request_id=state.request_id,
            areas=areas,
        )
        await self._run(scope, receive, send, state, ctx, headers)

    async def _run(
        self,
        scope: HTTPScope,
        receive: Receive,
        send: Send,
        state: RequestState,
        ctx: TenantContext,
        headers: dict[bytes, bytes],
    ) -> None:
        """Let the handler answer, in one unit of work of that context."""
        repeatable = scope["method"] == "POST" and not scope["route_handler"].opt.get("personal")
        key = headers.get(b"idempotency-key") if repeatable else None
        if key is not None:
            buffered = Buffered(scope, key.decode("latin-1"))
            await buffered.read(receive)
            await self._serve_once(state, ctx, buffered, send)
            return
        async with self._platform.db.begin(
            ctx.company_id, read_only=scope["method"] in SAFE, reader=ctx.actor.member_id, areas=ctx.areas
        ) as uow:
            state.begin(Work(uow, ctx, self._platform.clock()))

            async def committed(message: Message) -> None:
                """Commit before the first byte, so that a failed commit becomes an honest error."""
                if message["type"] == "http.response.start":
                    if message["status"] < 400:
                        try:
                            await uow.commit()
                        except BaseException:
                            # Litestar takes the answer for started, and would give up on another
                            ScopeState.from_scope(scope).response_started = False
                            raise
                    else:
                        await uow.rollback()
                await send(message)

            await self._app(scope, receive, committed)

    async def _serve_once(self, state: RequestState, ctx: TenantContext, buffered: Buffered, send: Send) -> None:
        """A request with an idempotency key: its answer is part of its transaction."""
        answer: Answer | None = None
        try:
            async with self._platform.db.begin(ctx.company_id, reader=ctx.actor.member_id, areas=ctx.areas) as uow:
                work = Work(uow, ctx, self._platform.clock())
                state.begin(work)
                answer = await buffered.earlier(uow, ctx)
                if answer is None:
                    await buffered.run(self._app)
                    if buffered.status >= 400:
                        await uow.rollback()
                    else:
                        work.remember(buffered.answer())
                        await uow.commit()
        except asyncpg.UniqueViolationError as error:
            if error.table_name != "idempotency_key":
                raise
            answer = await stored(self._platform, ctx, buffered)
            if answer is None:
                raise Conflict("The same request is being carried out. Ask again in a moment.") from error
        if answer is None and 400 <= buffered.status < 500:
            answer = await stored(self._platform, ctx, buffered)
        if answer is not None:
            await send_answer(answer, send)
        elif buffered.start is not None:
            await send(buffered.start)
            await send({"type": "http.response.body", "body": buffered.content, "more_body": False})


def refuse_numbers(scope: Scope, instants: Collection[str]) -> None:
    """Raise Malformed for a point in time given as a number, which would be taken for seconds since 1970 (IN-3)."""
    given = Request[Any, Any, Any](scope).query_params
    for name in instants:
        if any(value and not _DAY.match(value) for value in given.getall(name, [])):
            raise Malformed(fields=[FieldError(name, msgid("Write a date and a time, such as 2026-01-31T08:00:00Z."))])


def refuse_cross_site(headers: dict[bytes, bytes]) -> None:
    """Raise Forbidden for a request that another site made the browser send (fetch metadata, else Origin)."""
    site = headers.get(b"sec-fetch-site")
    if site is not None and site not in (b"same-origin", b"none"):
        raise Forbidden("Requests from other sites are refused.")
    origin, host = headers.get(b"origin"), headers.get(b"host", b"")
    if site is None and origin is not None and origin.partition(b"://")[2] != host:
        raise Forbidden("Requests from other sites are refused.")
