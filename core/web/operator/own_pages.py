"""The realm's pages about operators themselves: the realm's audit log, one's own account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.audit import jobs, log
from core.audit.log import AuditEntry, AuditFilter
from core.auth import places
from core.auth.permissions import ROLES
from core.i18n import msgid
from core.operator import own
from core.operator.sign_in import SignedOperator
from core.tenancy.context import SYSTEM
from core.web.console.audit import chain_view
from core.web.console.audit_actions import ACTIONS
from core.web.console.audit_words import FIELDS
from core.web.console.security import OUTCOMES, session_rows
from core.web.console.words import SYSTEM as SYSTEM_WORD
from core.web.operator.edge import PAGES
from core.web.view import View
from core.web.views import Pager
from core.web.views.operator import RealmEntry
from core.web.views.security import SignInRow
from core.work import Work

_FACTORS: Final = {"totp": msgid("with a code"), "recovery": msgid("with a recovery code"), "": ""}


@get("/audit", operator=True)
async def audit_page(
    work: NamedDependency[Work], view: NamedDependency[View], after: FromQuery[UUID | None] = None
) -> Response[str]:
    """What operators did, the newest first, and how the realm's chain stands."""
    page = await log.page(work, AuditFilter(cursor=after))
    listed = (await view.state.platform.operator.view.companies()).items
    companies = {str(company.id): company.name for company in listed}
    following = f"{PAGES}/audit?{urlencode({'after': str(page.next_cursor)})}" if page.next_cursor else None
    return await view.html(
        "operator/audit.html",
        chain=chain_view(await jobs.state(work)),
        rows=tuple(_entry(view, entry, companies) for entry in page.entries),
        pager_view=Pager(len(page.entries), "", following, f"{PAGES}/audit" if after else None),
    )


@get("/account", operator=True)
async def account_page(
    work: NamedDependency[Work], operator: NamedDependency[SignedOperator], view: NamedDependency[View]
) -> Response[str]:
    """Where one is signed in, and what was tried."""
    history = await own.history(work, operator)
    return await view.html(
        "operator/account.html",
        sessions=session_rows(await own.sessions(work, operator), operator.session_id),
        history=tuple(
            SignInRow(
                each.at, OUTCOMES[each.outcome], _FACTORS[each.factor], places.device(each.user_agent), each.network
            )
            for each in history
        ),
        pager_view=Pager(len(history), "", None, None),
    )


@post("/account/sessions/{session_id:uuid}/end", operator=True)
async def session_end(
    work: NamedDependency[Work],
    operator: NamedDependency[SignedOperator],
    view: NamedDependency[View],
    session_id: FromPath[UUID],
) -> Response[Any]:
    """End one of one's own sessions."""
    await own.end(work, operator, session_id)
    return view.redirect(f"{PAGES}/account")


@post("/account/sessions/end-others", operator=True)
async def sessions_end(
    work: NamedDependency[Work], operator: NamedDependency[SignedOperator], view: NamedDependency[View]
) -> Response[Any]:
    """End all of one's own sessions but this one."""
    await own.end_others(work, operator)
    return view.redirect(f"{PAGES}/account")


def _entry(view: View, entry: AuditEntry, companies: Mapping[str, str]) -> RealmEntry:
    """An entry in words: companies by name, of what was changed only what says something."""
    module = entry.action.partition(".")[0]
    named = {"company": entry.subject_id} if entry.subject_type == "company" else {}
    told = []
    for name, value in {**named, **entry.changes}.items():
        if value not in (None, "", False):
            label = ACTIONS.get(f"{module}.{name}") or FIELDS.get(name, name)
            word = (
                ACTIONS.get(f"{module}.{name}.{value}") or ROLES.get(str(value)) or ("Yes" if value is True else None)
            )
            told.append((view.say(label), view.say(word) if word else companies.get(str(value), str(value))))
    who = view.say(SYSTEM_WORD) if entry.actor_name == SYSTEM.name else entry.actor_name
    return RealmEntry(entry.at, who, view.say(ACTIONS.get(entry.action, entry.action)), tuple(told))


HANDLERS = [audit_page, account_page, session_end, sessions_end]
