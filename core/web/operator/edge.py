"""The middleware of the realm's routes: an operator who is signed in, and one unit of work of the realm."""

from __future__ import annotations

from typing import Any, Final

from litestar.exceptions import MethodNotAllowedException
from litestar.types import HTTPScope, Receive, Send

from core.errors import Unauthenticated
from core.operator.realm import context
from core.operator.sign_in import TOKEN, SignedOperator
from core.web import cookies
from core.web.address import client_address
from core.web.edge import INSTANTS, SAFE, Edge, refuse_cross_site, refuse_numbers
from core.web.front import read_cookies
from core.web.state import state_of

API: Final = "/api/v1/operator"
PAGES: Final = "/operator"


class OperatorEdge(Edge):
    """ASGI. A route of the realm is public or for every operator: `operator=True`."""

    async def _answer(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        if scope["method"] == "OPTIONS":
            raise MethodNotAllowedException
        opt: dict[str, Any] = scope["route_handler"].opt
        state, platform = state_of(scope), self._platform
        headers: dict[bytes, bytes] = dict(scope["headers"])
        address = client_address(scope, platform.settings)
        if opt.get("public"):
            platform.rates.by_address(address)
            if scope["method"] not in SAFE:
                refuse_cross_site(headers)
            await self._app(scope, receive, send)
            return
        api = scope["path"].startswith("/api/")
        platform.rates.check_address(address)
        try:
            operator = await self._operator(headers, api=api)
        except Unauthenticated:
            platform.rates.by_address(address)
            raise
        platform.rates.by_client(operator.session_id)
        state.operator = operator
        if not api and scope["method"] not in SAFE:
            await self._check_csrf(scope, receive, headers, platform.operator.signer.csrf(operator.session_id))
        if instants := opt.get(INSTANTS):
            refuse_numbers(scope, instants)
        await self._run(scope, receive, send, state, context(operator.actor, state.request_id), headers)

    async def _operator(self, headers: dict[bytes, bytes], *, api: bool) -> SignedOperator:
        """By bearer token at the API, by the realm's own cookie at the console. Raises Unauthenticated."""
        if api:
            scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
            if scheme.lower() != "bearer" or not token.startswith(f"{TOKEN}_"):
                raise Unauthenticated(headers={"WWW-Authenticate": "Bearer"})
        else:
            token = read_cookies(headers.get(b"cookie", b"")).get(cookies.operator_name(self._platform.settings), "")
        return await self._platform.operator.sign_in.signed_in(token)
