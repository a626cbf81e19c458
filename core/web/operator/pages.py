"""The realm's pages: companies in figures, one company, the realm's audit log, one's own account."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.audit import jobs, log
from core.audit.log import AuditEntry, AuditFilter
from core.auth.account import SignInPage
from core.errors import Conflict, Invalid, LodgeError
from core.i18n import msgid
from core.operator import own, suspension
from core.operator.companies import CompanyLine
from core.operator.sign_in import SignedOperator
from core.platform import Platform
from core.web.console import posted
from core.web.console.audit import chain_view
from core.web.console.audit_actions import ACTIONS
from core.web.console.security import session_rows, tried
from core.web.operator.edge import PAGES
from core.web.view import View
from core.web.views import Filters, Pager, Word
from core.web.views.operator import CompanyRow, PlanRow, RealmEntry
from core.work import Work


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


@get("/audit", operator=True)
async def audit_page(
    work: NamedDependency[Work], view: NamedDependency[View], after: FromQuery[UUID | None] = None
) -> Response[str]:
    """What operators did, the newest first, and how the realm's chain stands."""
    page = await log.page(work, AuditFilter(cursor=after))
    following = f"{PAGES}/audit?{urlencode({'after': str(page.next_cursor)})}" if page.next_cursor else None
    return await view.html(
        "operator/audit.html",
        chain=chain_view(await jobs.state(work)),
        rows=tuple(_entry(view, entry) for entry in page.entries),
        pager_view=Pager(len(page.entries), "", following, f"{PAGES}/audit" if after else None),
    )


@get("/account", operator=True)
async def account_page(
    work: NamedDependency[Work], operator: NamedDependency[SignedOperator], view: NamedDependency[View]
) -> Response[str]:
    """Where one is signed in, and what was tried."""
    history = SignInPage(await own.history(work, operator), None)
    return await view.html(
        "operator/account.html",
        sessions=session_rows(await own.sessions(work, operator), operator.session_id),
        history=tuple(tried(line) for line in history.items),
        pager_view=Pager(len(history.items), "", None, None),
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


async def shown(view: View, company_id: UUID, *, refused: LodgeError | None = None, typed: str = "") -> Response[str]:
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
            "reason", msgid("Reason"), {"reason": [typed]}, {}, kind="textarea", maximum=suspension.LONGEST, required=True
        ),
        company=company_row(file.company),
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


def _running(on: bool) -> Word:
    return Word("on", msgid("On"), "ok") if on else Word("off", msgid("Off"), "paused")


def _entry(view: View, entry: AuditEntry) -> RealmEntry:
    told = [(name, str(value)) for name, value in entry.changes.items() if value not in (None, "", False)]
    return RealmEntry(entry.at, entry.actor_name, view.say(ACTIONS.get(entry.action, entry.action)), tuple(told))


HANDLERS = [companies_page, company_page, company_suspend, audit_page, account_page, session_end, sessions_end]
