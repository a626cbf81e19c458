"""Going from one company to another in the JSON API, for whoever works for several."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from core.auth.principals import Principal
from core.people.companies import OtherCompany
from core.platform import Platform
from core.work import Work


class OtherCompanies(msgspec.Struct, frozen=True):
    """Where else one works."""

    companies: list[OtherCompany]


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The company to go to."""

    company_id: UUID


class Left(msgspec.Struct, frozen=True):
    """What `/auth/company` takes to open a session there; '' where the company's identity provider had opened this one:
    then one signs in there."""

    proof: str
    company_id: UUID


@get("/me/companies", signed_in=True)
async def my_companies(work: NamedDependency[Work], platform: NamedDependency[Platform]) -> OtherCompanies:
    """The other companies that one works for."""
    return OtherCompanies(await platform.companies.others(work))


@post("/me/company", signed_in=True, personal=True, status_code=200)
async def leave(
    work: NamedDependency[Work],
    principal: NamedDependency[Principal],
    platform: NamedDependency[Platform],
    data: JSONBody[Wanted],
) -> Left:
    """End this session, to go on at another company without the password; it asks for a second factor if it does."""
    proof = await platform.companies.leave(work, data.company_id, principal.session_id)
    return Left(proof, data.company_id)


HANDLERS = [my_companies, leave]
