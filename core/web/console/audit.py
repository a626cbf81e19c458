"""The page of the audit log: filters, page by page, what was changed in one line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency

from core.audit import log
from core.audit.log import AuditEntry, AuditFilter
from core.errors import Malformed
from core.i18n import msgid
from core.tenancy.context import SYSTEM as NOBODY
from core.web.console.words import SYSTEM, choices
from core.web.view import View
from core.web.views import AuditRow, Choice, Field, Filters, Pager

_DETAIL = 240  # characters
_PAIRED = ("policy.", "ticket.")  # whose changes are pairs of old and new
_NOUNS: Final = {
    "ticket": msgid("Tickets"),
    "team": msgid("Teams"),
    "roster": msgid("Duty roster"),
    "contact": msgid("Telephone numbers"),
    "roll": msgid("Household rolls"),
    "policy": msgid("Policies"),
    "plugin": msgid("Modules"),
    "role": msgid("Roles"),
    "token": msgid("API tokens"),
    "account": msgid("Service accounts"),
    "approval": msgid("Second look"),
    "privacy": msgid("Personal data"),
    "webhook": msgid("Webhooks"),
    "provider": msgid("Message providers"),
    "notify": msgid("Notifications"),
    "session": msgid("Signing in and out"),
    "second_factor": msgid("Second step"),
    "person": msgid("Staff"),
    "invitation": msgid("Invitations"),
    "subscription": msgid("Subscriptions"),
    "site": msgid("Sites"),
    "company": msgid("Company"),
    "pack": msgid("Company packs"),
    "repeat": msgid("Repeated matters"),
    "meeting": msgid("Meetings"),
    "agenda": msgid("Meeting agenda"),
}
_ACTIONS: Final = {
    "ticket.created": msgid("took the matter in"),
    "ticket.accept": msgid("accepted the ticket"),
    "ticket.arrive": msgid("arrived on site"),
    "ticket.pause": msgid("paused the ticket"),
    "ticket.resume": msgid("resumed the ticket"),
    "ticket.resolve": msgid("resolved the ticket"),
    "ticket.answer": msgid("answered the reporter"),
    "ticket.close": msgid("closed the ticket"),
    "ticket.reopen": msgid("reopened the ticket"),
    "ticket.assign": msgid("assigned the ticket"),
    "ticket.escalated": msgid("the matter went up"),
    "webhook.added": msgid("added a webhook"),
    "webhook.changed": msgid("changed a webhook"),
    "webhook.removed": msgid("removed a webhook"),
    "webhook.secret_succeeded": msgid("gave a webhook a new secret"),
    "provider.added": msgid("added a message provider"),
    "provider.changed": msgid("changed a message provider"),
    "provider.removed": msgid("removed a message provider"),
    "notify.preferences_set": msgid("changed how they are told"),
    "notify.sent_again": msgid("sent a message again"),
    "notify.test_sent": msgid("sent a test message"),
    "notify.address_confirmed": msgid("confirmed an address of their own"),
    "ticket.claim": msgid("claimed the ticket"),
    "ticket.amend": msgid("changed what a ticket's kind asks for"),
    "ticket.concern": msgid("named whom the complaint concerns"),
    "ticket.comment": msgid("commented"),
    "ticket.tell_progress": msgid("told the reporter how it goes"),
    "ticket.promise_callback": msgid("promised a callback"),
    "ticket.keep_callback": msgid("called back as promised"),
    "ticket.callback_missed": msgid("missed a promised callback"),
    "ticket.escalate_question": msgid("passed a question up"),
    "ticket.answer_question": msgid("answered a question that was passed up"),
    "ticket.question_overdue": msgid("left a question without an answer in time"),
    "ticket.stage": msgid("moved a ticket to a stage of its kind"),
    "ticket.offered_on": msgid("offered on a matter whose owner has left"),
    "ticket.offer": msgid("offered a matter to a colleague"),
    "ticket.accept_offer": msgid("took a matter over"),
    "ticket.refuse_offer": msgid("refused to take a matter over"),
    "ticket.withdraw_offer": msgid("withdrew the offer of a matter"),
    "ticket.offer_lapsed": msgid("did not answer the offer of a matter"),
    "team.created": msgid("set up a team"),
    "team.changed": msgid("changed a team"),
    "roster.pattern_changed": msgid("changed a duty roster"),
    "roster.week_changed": msgid("changed a duty roster"),
    "roster.shift_swapped": msgid("swapped shifts"),
    "ticket.goal_breached": msgid("missed a goal"),
    "contact.revealed": msgid("saw full telephone numbers"),
    "roll.applied": msgid("imported a roll"),
    "roll.undone": msgid("undid an import"),
    "policy.revised": msgid("changed a policy"),
    "policy.withdrawn": msgid("withdrew a planned change of a policy"),
    "policy.trial_exported": msgid("exported a policy trial"),
    "plugin.switched": msgid("switched a module"),
    "role.made": msgid("made a role"),
    "role.revised": msgid("changed a role"),
    "role.removed": msgid("removed a role"),
    "token.issued": msgid("issued a token"),
    "token.revoked": msgid("revoked a token"),
    "token.rotated": msgid("renewed a token"),
    "account.made": msgid("made a service account"),
    "approval.asked": msgid("asked for a second look"),
    "approval.approved": msgid("agreed at a second look"),
    "approval.refused": msgid("refused at a second look"),
    "approval.withdrawn": msgid("took back a second look"),
    "approval.lapsed": msgid("let a second look lapse"),
    "account.changed": msgid("changed a service account"),
    "session.opened": msgid("signed in"),
    "session.revoked": msgid("ended a session"),
    "person.added": msgid("added a person"),
    "second_factor.switched_on": msgid("switched the second step on"),
    "second_factor.switched_off": msgid("switched the second step off"),
    "second_factor.recovery_code_used": msgid("signed in with a recovery code"),
    "second_factor.recovery_codes_renewed": msgid("made new recovery codes"),
    "session.unlocked": msgid("lifted the lock of an account"),
    "person.changed": msgid("changed a person"),
    "person.disabled": msgid("switched an account off"),
    "person.enabled": msgid("switched an account on"),
    "person.joined": msgid("joined the company"),
    "person.reset_asked": msgid("asked for a link for a new password"),
    "person.reset_issued": msgid("issued a link for a new password"),
    "person.password_reset": msgid("set a new password by a link"),
    "person.password_changed": msgid("changed their password"),
    "invitation.made": msgid("invited somebody"),
    "invitation.renewed": msgid("made a new link for an invitation"),
    "invitation.revoked": msgid("took an invitation back"),
    "privacy.requested": msgid("asked for somebody's data, or to erase it"),
    "privacy.exported": msgid("gathered somebody's data"),
    "privacy.fetched": msgid("fetched somebody's data"),
    "privacy.forgotten": msgid("removed what is kept no longer"),
    "privacy.erased": msgid("erased somebody's data"),
    "site.added": msgid("added a site"),
    "site.changed": msgid("changed a site"),
    "company.added": msgid("added the company"),
    "company.changed": msgid("changed the company"),
    "repeat.recorded": msgid("recorded a countermeasure"),
    "meeting.planned": msgid("planned a meeting"),
    "meeting.changed": msgid("changed a meeting"),
    "meeting.closed": msgid("closed a meeting"),
    "agenda.raised": msgid("put a matter on the agenda"),
    "agenda.collected": msgid("collected the agenda"),
    "agenda.changed": msgid("changed an item of the agenda"),
    "agenda.settled": msgid("settled an item of the agenda"),
    "subscription.added": msgid("subscribed a module"),
    "subscription.changed": msgid("changed a subscription"),
    "pack.applied": msgid("applied the company pack"),
    "counters.repaired": msgid("repaired counters"),
}


@get("/audit", permission="audit.view")
async def audit_page(view: NamedDependency[View]) -> Response[str]:
    state, query = view.state, view.query
    sites = {str(site.id): site.name for site in state.principal.sites}
    page = await log.page(state.work, _filter(query, view.page.timezone))
    nouns = {**_NOUNS, **{plugin.id: plugin.manifest.title for plugin in state.platform.host.plugins}}
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
        rows=tuple(_row(view, entry, sites) for entry in page.entries),
        pager_view=_pager(query, len(page.entries), page.next_cursor),
    )


def _filter(query: Mapping[str, str], timezone: str) -> AuditFilter:
    try:
        return AuditFilter(
            action=query.get("action") or None,
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
    kept = {name: value for name, value in query.items() if value and name != "after"}
    following = f"/admin/audit?{urlencode({**kept, 'after': cursor})}" if cursor else None
    first = f"/admin/audit?{urlencode(kept)}" if query.get("after") else None
    return Pager(shown, "", following, first)


def _row(view: View, entry: AuditEntry, sites: Mapping[str, str]) -> AuditRow:
    return AuditRow(
        at=entry.at,
        who=view.say(SYSTEM) if entry.actor_name == NOBODY.name else entry.actor_name,
        action=_ACTIONS.get(entry.action, entry.action),
        subject=_subject(entry),
        site=sites.get(str(entry.site_id), ""),
        detail=_detail(entry),
    )


def _subject(entry: AuditEntry) -> str:
    """A ticket by its number; what has no name of its own by the beginning of its id."""
    number = entry.changes.get("number")
    if entry.subject_type == "ticket" and isinstance(number, str):
        return number
    try:
        return UUID(entry.subject_id).hex[-8:]
    except ValueError:
        return entry.subject_id


def _detail(entry: AuditEntry) -> str:
    """`field: old → new` of every change, cut where it gets long."""
    text = ", ".join(f"{name}: {_change(entry, value)}" for name, value in entry.changes.items())
    return text if len(text) <= _DETAIL else f"{text[:_DETAIL]}…"


def _change(entry: AuditEntry, value: Any) -> str:
    if entry.action.startswith(_PAIRED) and isinstance(value, list) and len(value) == 2:
        return " → ".join(map(_value, value))
    return _value(value)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(_value(item) for _, item in sorted(value.items()))
    if isinstance(value, list):
        return "; ".join(map(_value, value))
    if value is None:
        return "—"
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


HANDLERS = [audit_page]
