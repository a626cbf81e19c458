"""Following an invitation in the JSON API. Its link stands in the body, where no log keeps it."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from core.people.joining import Acceptance, Joined, Offer
from core.platform import Platform
from core.web.address import client_address


class Followed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`link` is the last part of the invitation's address."""

    link: str


class Accepted(Acceptance, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An acceptance of the invitation behind `link`, the last part of its address."""

    link: str


@post("/auth/invitation", public=True, status_code=200)
async def see_invitation(
    request: Request[Any, Any, Any], platform: NamedDependency[Platform], data: JSONBody[Followed]
) -> Offer:
    """What an invitation offers. One that is unknown, used, taken back or over answers 404."""
    return await platform.joining.offer(data.link, client_address(request.scope, platform.settings))


@post("/auth/invitation/acceptance", public=True, status_code=200)
async def accept_invitation(
    request: Request[Any, Any, Any], platform: NamedDependency[Platform], data: JSONBody[Accepted]
) -> Joined:
    """Join the company, with a new account or with the one that somebody has; sign in after that."""
    address = client_address(request.scope, platform.settings)
    given = Acceptance(data.account, data.login, data.password, data.name)
    return await platform.joining.join(data.link, given, address)


HANDLERS = [see_invitation, accept_invitation]
