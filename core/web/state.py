"""What the web layer knows of one request, from its first byte to its last."""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING, Any
from uuid import UUID

from litestar.types import Scope

from core.auth.principals import Principal
from core.errors import NotFound, Unauthenticated
from core.i18n import DEFAULT, Locale
from core.operator.sign_in import SignedOperator
from core.tenancy.directory import Site
from core.work import Work

if TYPE_CHECKING:
    from core.platform import Platform

KEY = "lodge"


class RequestState:
    """Filled step by step by the middleware. `cookies` are Set-Cookie values to be sent with whatever is answered."""

    __slots__ = (
        "_principal",
        "_site",
        "_work",
        "cookies",
        "locale",
        "nonce",
        "operator",
        "platform",
        "request_id",
        "theme",
    )

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.request_id = token_hex(16)
        self.nonce = token_hex(16)
        self.locale: Locale = DEFAULT
        self.theme = "light"
        self.cookies: list[str] = []
        self.operator: SignedOperator | None = None  # who asks, in the operator's realm
        self._principal: Principal | None = None
        self._site: Site | None = None
        self._work: Work | None = None

    @property
    def known(self) -> Principal | None:
        """Who asks, if that is known: for error pages."""
        return self._principal

    @property
    def principal(self) -> Principal:
        if self._principal is None:
            raise Unauthenticated
        return self._principal

    @property
    def site(self) -> Site:
        """The site that the path names."""
        if self._site is None:
            raise NotFound
        return self._site

    @property
    def site_or_none(self) -> Site | None:
        return self._site

    @property
    def layer(self) -> UUID | None:
        """Whose layer of policies the path names: its site's, or the company's (None)."""
        return self._site.id if self._site else None

    @property
    def work(self) -> Work:
        """The request's unit of work; committed just before the answer goes out."""
        if self._work is None:
            raise Unauthenticated
        return self._work

    def identify(self, principal: Principal, site: Site | None) -> None:
        self._principal, self._site = principal, site

    def begin(self, work: Work) -> None:
        self._work = work


def state_of(scope: Scope) -> RequestState:
    """The state put into the scope by `core.web.front`."""
    state: Any = scope["state"][KEY]
    assert isinstance(state, RequestState)
    return state
