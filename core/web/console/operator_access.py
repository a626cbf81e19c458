"""What a company sees of the platform's operator: who asks to enter, who is in, what was looked at; and ends."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.audit import log
from core.audit.log import AuditFilter
from core.auth.permissions import ROLES
from core.auth.principals import Principal
from core.errors import Conflict, NotFound
from core.i18n import msgid
from core.operator.access import PAGE, Access
from core.platform import Platform
from core.policies.operator_access import MANAGE
from core.web import cookies
from core.web.console.audit import reader_of
from core.web.view import View
from core.web.views import Word
from core.web.views.operator import AccessRow, Looked
from core.work import Work

LISTED: Final = 100  # lines of what was looked at, the newest
STATES: Final = {
    "asked": Word("asked", msgid("Asks to enter"), "warn"),
    "open": Word("open", msgid("Inside"), "breach"),
    "refused": Word("refused", msgid("Refused"), "paused"),
    "ended": Word("ended", msgid("Ended"), ""),
}
_BY: Final = {
    "": "",
    "time": msgid("by time"),
    "company": msgid("by the company"),
    "operator": msgid("by the operator"),
}


@get("/operator-access", permission=MANAGE)
async def access_page(
    work: NamedDependency[Work], platform: NamedDependency[Platform], view: NamedDependency[View]
) -> Response[str]:
    """Every access, present and past."""
    return await _list(view, work, platform)


@get("/operator-access/{access_id:uuid}", permission=MANAGE)
async def access_detail(
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    access_id: FromPath[UUID],
) -> Response[str]:
    """One access with all that was looked at and done by it."""
    found = await platform.operator.accesses.get(work, access_id)
    page = await log.page(work, AuditFilter(actor_id=access_id, limit=LISTED))
    reader = reader_of(view)
    return await view.html(
        "admin/operator_access_one.html",
        row=access_row(view, found),
        more=page.next_cursor is not None,
        looked=tuple(
            Looked(
                entry.at,
                reader.action(entry),
                entry.subject_id if entry.subject_type == "page" else reader.subject(entry),
            )
            for entry in page.entries
        ),
    )


@post("/operator-access/{access_id:uuid}/{action:str}", permission=MANAGE, status_code=200)
async def access_act(
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    access_id: FromPath[UUID],
    action: FromPath[str],
) -> Response[Any]:
    """`consent` to a request, `refuse` it, or `end` an access at once."""
    accesses = platform.operator.accesses
    acts = {"consent": accesses.consent, "refuse": accesses.refuse, "end": accesses.end}
    if action not in acts:
        raise NotFound
    try:
        await acts[action](work, access_id)
    except Conflict as refused:
        return await _list(view, work, platform, refused)
    return view.redirect(PAGE)


@post("/operator-access/leave", signed_in=True, leaves=True)
async def leave(
    work: NamedDependency[Work],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    view: NamedDependency[View],
) -> Response[Any]:
    """For the operator who is inside: give the access back."""
    if principal.visit is None:
        raise NotFound
    await platform.operator.accesses.end(work, principal.visit.id, "operator")
    view.state.cookies.append(cookies.set_inside(platform.settings, "", 0))
    return view.redirect(f"/operator/companies/{principal.company.id}")


async def _list(view: View, work: Work, platform: Platform, refused: Conflict | None = None) -> Response[str]:
    found = await platform.operator.accesses.all(work)
    return await view.html(
        "admin/operator_access.html",
        status=int(refused.status) if refused else 200,
        problem=view.reason(refused) if refused else "",
        rows=tuple(access_row(view, each) for each in found),
    )


def access_row(view: View, access: Access) -> AccessRow:
    """An access as both sides' pages show it."""
    what = view.say(ROLES[access.role]) if access.role in ROLES else view.say(msgid("Reads only"))
    return AccessRow(
        str(access.id),
        f"{PAGE}/{access.id}",
        access.operator_name,
        access.reason,
        access.case_ref,
        what,
        access.reveal,
        access.hours,
        STATES[access.state],
        access.asked_at,
        access.opened_at,
        access.until,
        access.ended_at,
        _BY[access.ended_by],
    )


HANDLERS = [access_page, access_detail, access_act]
ANYWHERE = [leave]
