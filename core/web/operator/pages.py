"""The realm's pages about companies: all in figures, one of them, suspending it, entering it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.auth.permissions import ROLES
from core.errors import Conflict, Invalid, LodgeError
from core.i18n import msgid
from core.operator import suspension
from core.operator.access import SHORTEST, NewAccess
from core.operator.companies import AccessLine, CompanyLine
from core.operator.sign_in import SignedOperator
from core.platform import Platform
from core.policies.operator_access import LONGEST
from core.web import cookies
from core.web.console import posted
from core.web.console.operator_access import access_row
from core.web.operator.edge import PAGES
from core.web.view import View
from core.web.views import Choice, Field, Filters, Word
from core.web.views.operator import AccessRow, CompanyRow, PlanRow
from core.work import Work

_READS: Final = msgid("Reads only")
_ASK_AGAIN: Final = msgid("Say why in {least} characters or more, for which case, and for how many hours: {n} at most.")


@get("/companies", operator=True)
async def companies_page(
    platform: NamedDependency[Platform], view: NamedDependency[View], q: FromQuery[str] = ""
) -> Response[str]:
    """Names and figures; nothing that anybody of a company has written."""
    found = await platform.operator.view.companies(q[:100])
    return await view.html(
        "operator/companies.html",
        filters=Filters(text=q[:100]),
        rows=tuple(company_row(line) for line in found.items),
        more=found.more,
        workers=await platform.operator.view.workers(),
    )


@get("/companies/{company_id:uuid}", operator=True)
async def company_page(
    platform: NamedDependency[Platform], view: NamedDependency[View], company_id: FromPath[UUID]
) -> Response[str]:
    """What a company has, how much of it, and how its background work stands."""
    return await shown(view, company_id)


@post("/companies/{company_id:uuid}/suspension", operator=True, status_code=200)
async def company_suspend(
    work: NamedDependency[Work], view: NamedDependency[View], company_id: FromPath[UUID]
) -> Response[Any]:
    """Suspend the company, or open it again, for a reason that its people can read."""
    form = await view.form()
    reason = form.get("reason", "").strip()
    try:
        if not suspension.SHORTEST <= len(reason) <= suspension.LONGEST:
            raise Invalid.field("reason", suspension.REASON, least=suspension.SHORTEST)
        if form.get("reopen"):
            await suspension.reopen(work, company_id, reason)
        else:
            await suspension.suspend(work, company_id, reason)
    except (Invalid, Conflict) as refused:
        return await shown(view, company_id, refused=refused, typed=reason)
    return view.redirect(f"{PAGES}/companies/{company_id}")


@post("/companies/{company_id:uuid}/access", operator=True, status_code=200)
async def access_ask(
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    operator: NamedDependency[SignedOperator],
    view: NamedDependency[View],
    company_id: FromPath[UUID],
) -> Response[Any]:
    """Ask for an access, which is open at once where the company only wants to be told."""
    form = await view.form()
    try:
        new = msgspec.convert(
            {
                "reason": form.get("why", ""),
                "case_ref": form.get("case_ref", ""),
                "hours": form.get("hours", ""),
                "role": form.get("role", ""),
                "reveal": form.get("reveal") == "true",
            },
            NewAccess,
            strict=False,
        )
        await platform.operator.accesses.ask(work, operator, company_id, new)
    except msgspec.ValidationError:
        refused = Invalid.field("why", _ASK_AGAIN, least=SHORTEST, n=LONGEST)
        return await shown(view, company_id, refused=refused, asked=form)
    except (Invalid, Conflict) as refused:
        return await shown(view, company_id, refused=refused, asked=form)
    return view.redirect(f"{PAGES}/companies/{company_id}")


@post("/companies/{company_id:uuid}/access/{access_id:uuid}/entry", operator=True, status_code=200)
async def access_enter(
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    operator: NamedDependency[SignedOperator],
    view: NamedDependency[View],
    company_id: FromPath[UUID],
    access_id: FromPath[UUID],
) -> Response[Any]:
    """Go into the company by one's own open access."""
    token = await platform.operator.accesses.enter(work, operator, company_id, access_id)
    view.state.cookies.append(cookies.set_inside(platform.settings, token, LONGEST * 3600))
    return view.redirect("/")


@post("/companies/{company_id:uuid}/access/{access_id:uuid}/end", operator=True, status_code=200)
async def access_end(
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    operator: NamedDependency[SignedOperator],
    view: NamedDependency[View],
    company_id: FromPath[UUID],
    access_id: FromPath[UUID],
) -> Response[Any]:
    """Give one's own access back, or take the request back."""
    try:
        await platform.operator.accesses.give_back(work, operator, company_id, access_id)
    except Conflict as refused:
        return await shown(view, company_id, refused=refused)
    return view.redirect(f"{PAGES}/companies/{company_id}")


@get("/access", operator=True)
async def accesses_page(platform: NamedDependency[Platform], view: NamedDependency[View]) -> Response[str]:
    """Every access to any company, present and past."""
    found = await platform.operator.view.accesses()
    return await view.html("operator/accesses.html", accesses=tuple(_access(view, line) for line in found))


async def shown(
    view: View,
    company_id: UUID,
    *,
    refused: LodgeError | None = None,
    typed: str = "",
    asked: Mapping[str, str] = MappingProxyType({}),
) -> Response[str]:
    """The page of a company."""
    platform = view.state.platform
    file = await platform.operator.view.company(company_id)
    titles = {plugin.id: plugin.manifest.title for plugin in platform.host.plugins}
    today = platform.clock().date()
    return await view.html(
        "operator/company.html",
        status=int(refused.status) if refused else 200,
        problem=view.reason(refused) if refused else "",
        reason=posted.field(
            "reason",
            msgid("Reason"),
            {"reason": [typed]},
            {},
            kind="textarea",
            maximum=suspension.LONGEST,
            required=True,
        ),
        company=company_row(file.company),
        fields=_ask_fields(asked, refused),
        accesses=tuple(_access(view, line) for line in await platform.operator.view.accesses(company_id)),
        sites=tuple(site.name for site in file.sites),
        plan=tuple(
            PlanRow(
                line.site,
                titles.get(line.plugin, line.plugin),
                line.starts_on,
                line.ends_on,
                _running(
                    line.switched_on and line.starts_on <= today and (line.ends_on is None or today <= line.ends_on)
                ),
            )
            for line in file.plan
        ),
    )


def company_row(line: CompanyLine) -> CompanyRow:
    """A company as the pages show it."""
    return CompanyRow(
        str(line.id),
        line.slug,
        line.name,
        f"{PAGES}/companies/{line.id}",
        line.created_at,
        line.suspended_at,
        line.sites,
        line.modules,
        line.staff,
        line.tickets,
        line.storage,
        line.active_on,
        line.parked,
        line.late,
        line.checked_at,
        bool(line.fault),
    )


def _access(view: View, line: AccessLine) -> tuple[str, bool, AccessRow]:
    """The company's name, whether it is the reader's own access, and the access itself."""
    operator, access = view.state.operator, line.access
    href = f"{PAGES}/companies/{access.company_id}/access/{access.id}"
    own_one = operator is not None and operator.id == access.operator_id
    return line.company, own_one, msgspec.structs.replace(access_row(view, access), href=href)


def _ask_fields(asked: Mapping[str, str], refused: LodgeError | None) -> tuple[Field, ...]:
    form = {name: [value] for name, value in {"hours": "1", **asked}.items()}
    faults = posted.faults(refused if asked else None, {"reason": "why"})
    roles = (Choice("", _READS), *(Choice(key, title) for key, title in ROLES.items()))
    return (
        posted.field("why", msgid("Reason"), form, faults, kind="textarea", maximum=500, required=True),
        posted.field("case_ref", msgid("Case"), form, faults, maximum=60, required=True),
        posted.field(
            "hours",
            msgid("For"),
            form,
            faults,
            kind="number",
            minimum=1,
            maximum=LONGEST,
            unit=msgid("hours"),
            required=True,
        ),
        posted.field("role", msgid("With the permissions of"), form, faults, kind="select", choices=roles),
        posted.field("reveal", msgid("May reveal what is masked, with a reason"), form, faults, kind="checkbox"),
    )


def _running(on: bool) -> Word:
    return Word("on", msgid("On"), "ok") if on else Word("off", msgid("Off"), "paused")


HANDLERS = [
    companies_page,
    company_page,
    company_suspend,
    access_ask,
    access_enter,
    access_end,
    accesses_page,
]
