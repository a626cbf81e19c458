"""The page of the audit log: filters, page by page, what was changed, how the chain stands; and to take along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Stream

from core.audit import jobs, log
from core.audit.jobs import ChainState
from core.audit.log import AuditEntry, AuditFilter
from core.errors import Malformed
from core.i18n import msgid
from core.web.console import audit_book
from core.web.console.audit_actions import ACTIONS, NOUNS
from core.web.console.audit_words import Reader
from core.web.console.words import choices
from core.web.view import View
from core.web.views import AuditChain, AuditRow, Choice, Field, Filters, Narrowed, Pager

_ASKED = ("q", "action", "site", "from", "to", "actor", "about", "subject")
_FAULTS: Final = {
    "altered": msgid("An entry was altered."),
    "deleted": msgid("An entry was deleted."),
    "inserted": msgid("An entry was put in that nobody wrote."),
    "reordered": msgid("Entries have changed places."),
    "rewritten": msgid("The chain was computed anew, or an older database was put in place."),
    "cut": msgid("The end of the chain was cut off, or an older database was put in place."),
    "unlinked": msgid("An entry was taken out of the chain."),
}


@get("/audit", permission="audit.view")
async def audit_page(view: NamedDependency[View]) -> Response[str]:
    """Who did what, the newest first, and how the chain stands."""
    state, query, reader = view.state, view.query, reader_of(view)
    wanted = _filter(query, view.page.timezone)
    page = await log.page(state.work, wanted)
    nouns = {**NOUNS, **{plugin.id: plugin.manifest.title for plugin in state.platform.host.plugins}}
    sites = {str(site.id): site.name for site in state.principal.sites}
    return await view.html(
        "admin/audit.html",
        filters=Filters(
            text=query.get("q", ""),
            selects=(
                _field("action", msgid("What"), query, choices(nouns, msgid("Everything"))),
                _field("site", msgid("Site"), query, choices(sites, msgid("All sites"))),
                _field("from", msgid("From"), query),
                _field("to", msgid("To"), query),
            ),
        ),
        chain=chain_view(await jobs.state(state.work)),
        narrowed=_narrowed(reader, page.entries, query),
        kept=tuple((name, query[name]) for name in _ASKED if query.get(name)),
        rows=tuple(_row(reader, entry, query) for entry in page.entries),
        pager_view=_pager(query, len(page.entries), page.next_cursor),
    )


@post("/audit/export", permission="audit.view", status_code=200)
async def audit_file(view: NamedDependency[View]) -> Stream:
    """What the page shows, all its pages, as a workbook or as CSV."""
    form = await view.form()
    wanted = _filter({name: form[name] for name in _ASKED if name in form}, view.page.timezone)
    return await audit_book.answer(view, reader_of(view), wanted, "csv" if form.get("format") == "csv" else "xlsx")


def reader_of(view: View) -> Reader:
    """Reads entries for whoever asks."""
    state, platform = view.state, view.state.platform
    return Reader(
        state.principal,
        platform.host,
        platform.policies.registry,
        ACTIONS,
        view.page.timezone,
        state.locale,
        view.say,
    )


def _filter(query: Mapping[str, str], timezone: str) -> AuditFilter:
    try:
        return AuditFilter(
            action=query.get("action") or None,
            actor_id=UUID(query["actor"]) if query.get("actor") else None,
            subject_type=query.get("about") or None,
            subject_id=query.get("subject") or None,
            site_id=UUID(query["site"]) if query.get("site") else None,
            since=_midnight(query.get("from", ""), timezone),
            until=_midnight(query.get("to", ""), timezone, days=1),
            text=query.get("q", "").strip() or None,
            cursor=UUID(query["after"]) if query.get("after") else None,
        )
    except (ValueError, OverflowError) as error:
        raise Malformed from error


def _midnight(text: str, timezone: str, days: int = 0) -> datetime | None:
    """When a day begins where the company is, or so many days later."""
    if not text:
        return None
    day = date.fromisoformat(text) + timedelta(days=days)
    return datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC)


def _field(name: str, label: str, query: Mapping[str, str], options: tuple[Choice, ...] = ()) -> Field:
    return Field(name, label, "select" if options else "date", query.get(name, ""), choices=options)


def _pager(query: Mapping[str, str], shown: int, cursor: UUID | None) -> Pager:
    following = _address(query, after=str(cursor)) if cursor else None
    return Pager(shown, "", following, _address(query) if query.get("after") else None)


def _address(query: Mapping[str, str], **more: str) -> str:
    """The page with the same filters, but for what is said otherwise, at its beginning."""
    kept = {**{name: query[name] for name in _ASKED if query.get(name)}, **more}
    asked = urlencode({name: value for name, value in kept.items() if value})
    return f"/admin/audit?{asked}" if asked else "/admin/audit"


def _row(reader: Reader, entry: AuditEntry, query: Mapping[str, str]) -> AuditRow:
    return AuditRow(
        at=entry.at,
        who=reader.who(entry),
        action=reader.action(entry),
        subject=reader.subject(entry),
        site=reader.site(entry),
        changes=tuple(reader.changes(entry)),
        page=reader.page(entry),
        of_actor=_address(query, actor=str(entry.actor_id)) if entry.actor_id else "",
        of_subject=_address(query, about=entry.subject_type, subject=entry.subject_id),
    )


def _narrowed(reader: Reader, entries: Sequence[AuditEntry], query: Mapping[str, str]) -> tuple[Narrowed, ...]:
    """The one colleague, the one subject that the page was narrowed to, each with the way back."""
    found = []
    if query.get("actor"):
        name = reader.who(entries[0]) if entries else query["actor"][-8:]
        found.append(Narrowed(name, "user", _address(query, actor="")))
    if query.get("subject"):
        name = reader.subject(entries[-1]) if entries else query["subject"][-8:]
        found.append(Narrowed(name, "history", _address(query, about="", subject="")))
    return tuple(found)


def chain_view(state: ChainState) -> AuditChain:
    """How a chain stands, as pages show it."""
    return AuditChain(
        linked=state.linked,
        waiting=state.waiting,
        checked_at=state.checked_at,
        checked=state.checked or 0,
        fault=_FAULTS[state.fault] if state.fault else "",
        seq=state.fault_seq,
        day=state.fault_day,
    )


HANDLERS = [audit_page, audit_file]
