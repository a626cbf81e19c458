"""A person's notifications: the bell in the shell, the list, and how they want to be told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from core.errors import Conflict, Invalid, Malformed, TooMany
from core.i18n import msgid
from core.notify.confirmation import Way
from core.notify.model import KINDS, Kind, MyPreferences, NewPreferences, Notice, Preferences
from core.notify.service import MOST_UNREAD
from core.notify.texts import page_of, text_of
from core.policies.notifications import NOTIFICATIONS
from core.web.console.words import SEVERITIES
from core.web.rendering import masked
from core.web.view import View
from core.web.views import Choice, Field, NoticeRow, Pager

KIND_LABELS: Final[Mapping[Kind, str]] = {
    "assigned": msgid("Assigned to me"),
    "offered": msgid("Offered to me"),
    "asked": msgid("Asked of me"),
    "told": msgid("Left for me"),
    "breached": msgid("A goal of mine is missed"),
    "answer_due": msgid("A reporter of mine waits for an answer"),
    "promised": msgid("A promise of mine is overdue"),
    "escalated": msgid("Gone up to me"),
    "watched": msgid("News of what I watch"),
}
NEWS: Final[Mapping[Kind, str]] = {
    "assigned": msgid("Assignments"),
    "offered": msgid("Offers"),
    "asked": msgid("Questions"),
    "told": msgid("Messages left"),
    "breached": msgid("Missed goals"),
    "answer_due": msgid("Answers that are due"),
    "promised": msgid("Overdue promises"),
    "escalated": msgid("Matters gone up"),
    "watched": msgid("Progress of watched tickets"),
}
"""The same, where it is nobody's in particular."""
_EMAIL = (
    Choice("now", msgid("At once")),
    Choice("digest", msgid("Daily digest")),
    Choice("off", msgid("Not")),
)
_SMS = (Choice("now", msgid("At once")), Choice("off", msgid("Not")))
_DONE: Final = {
    "saved": msgid("Saved."),
    "confirmed": msgid("The address is confirmed. From now on messages reach you there."),
    "asked": msgid("Sent. Look at what arrives there."),
}
_NO_MAIL: Final = msgid("No mail server is set up: nothing is sent yet.")
_WRONG: Final[Mapping[Way, str]] = {
    "email": msgid("This link is not good any more, or belongs to another account. Have a new one sent."),
    "sms": msgid("This is not the code, or it is not good any more. Look again or have a new one sent."),
}
_LOCALES = (Choice("zh-CN", "中文"), Choice("en", "English"))


@get("/notifications/bell", signed_in=True)
async def bell(view: NamedDependency[View]) -> Response[str]:
    """How many are unread; asked for by every page and whenever it may have changed."""
    state = view.state
    return await view.html("notify/bell.html", unread=await state.platform.notify.notices.unread(state.work))


@get("/notifications", signed_in=True)
async def notification_page(
    view: NamedDependency[View], unread: FromQuery[bool] = False, after: FromQuery[UUID | None] = None
) -> Response[str]:
    state = view.state
    inbox = await state.platform.notify.notices.inbox(state.work, after=after, unread=unread)
    query = {"unread": "true"} if unread else {}
    return await view.html(
        "notify/list.html",
        rows=tuple(_row(view, notice) for notice in inbox.items),
        unread=min(inbox.unread, MOST_UNREAD),
        only_unread=unread,
        pager_view=Pager(
            len(inbox.items),
            "",
            f"/notifications?{urlencode({**query, 'after': str(inbox.cursor)})}" if inbox.cursor else None,
            f"/notifications?{urlencode(query)}" if after else None,
        ),
    )


@post("/notifications/{notification_id:uuid}/read", signed_in=True)
async def notification_read(view: NamedDependency[View], notification_id: FromPath[UUID]) -> Redirect:
    """Mark as read and go to what it is about."""
    state = view.state
    notice = await state.platform.notify.notices.read(state.work, notification_id)
    site = next(site for site in state.principal.sites if site.id == notice.site_id)
    return Redirect(page_of(site.slug, notice.ticket_id, notice.params), status_code=303)


@post("/notifications/read", signed_in=True)
async def notifications_read(view: NamedDependency[View]) -> Redirect:
    await view.state.platform.notify.notices.read_all(view.state.work)
    return Redirect("/notifications", status_code=303)


@get("/notifications/preferences", signed_in=True)
async def preference_page(view: NamedDependency[View]) -> Response[str]:
    found = await view.state.platform.notify.notices.preferences(view.state.work)
    return await _preferences(view, found, {})


@get("/notifications/confirm", signed_in=True)
async def confirm_page(view: NamedDependency[View], code: FromQuery[str] = "") -> Response[str]:
    """Where the link of the message leads: a button, as mail programs open links by themselves."""
    found = await view.state.platform.notify.notices.preferences(view.state.work)
    return await view.html("notify/confirm.html", code=code, address="" if found.email_confirmed else found.email)


@post("/notifications/confirm", signed_in=True, status_code=200)
async def address_confirm(view: NamedDependency[View]) -> Response[Any]:
    """Confirm an address. A wrong code is no error here: it is counted, so what is done has to be committed."""
    form, notices = await view.form(), view.state.platform.notify.notices
    if await notices.confirm(view.state.work, _way(form), form.get("code", "")):
        return view.redirect("/notifications/preferences?done=confirmed")
    found = await notices.preferences(view.state.work)
    return await _preferences(view, found, {}, problem=_WRONG[_way(form)])


@post("/notifications/confirmation", signed_in=True)
async def confirmation_ask(view: NamedDependency[View]) -> Response[Any]:
    """Send the request to confirm an address once more."""
    form, notices = await view.form(), view.state.platform.notify.notices
    try:
        await notices.ask_again(view.state.work, _way(form))
    except (Conflict, TooMany) as refused:
        found = await notices.preferences(view.state.work)
        return await _preferences(view, found, {}, problem=refused.message, status=int(refused.status))
    return view.redirect("/notifications/preferences?done=asked")


@post("/notifications/preferences", signed_in=True)
async def preferences_set(view: NamedDependency[View]) -> Response[Any]:
    """Save. The telephone number is shown masked: it changes only where something else is written than was shown."""
    form, notices, work = await view.form(), view.state.platform.notify.notices, view.state.work
    phone = form.get("phone", "").strip()
    try:
        new = msgspec.convert(
            {
                "preferences": {
                    "locale": form.get("locale", "zh-CN"),
                    "quiet_from": form.get("quiet_from") or None,
                    "quiet_until": form.get("quiet_until") or None,
                    "choices": {
                        kind: {"email": form.get(f"email_{kind}", "off"), "sms": form.get(f"sms_{kind}", "off")}
                        for kind in KINDS
                    },
                },
                "email": form.get("email", "").strip(),
                "phone": None if phone == form.get("phone_shown", "") else phone,
            },
            NewPreferences,
        )
        version = int(form.get("version", ""))
    except (msgspec.ValidationError, ValueError) as error:
        raise Malformed from error
    try:
        await notices.set_preferences(work, new, version)
    except Invalid as refused:
        found = await notices.preferences(work)
        shown = msgspec.structs.replace(found, preferences=new.preferences, email=new.email or "")
        return await _preferences(view, shown, {fault.field: fault.message for fault in refused.fields}, phone)
    return view.redirect("/notifications/preferences?done=saved")


async def _preferences(
    view: View,
    found: MyPreferences,
    faults: Mapping[str, str],
    phone: str | None = None,
    *,
    problem: str = "",
    status: int = 200,
) -> Response[str]:
    mine: Preferences = found.preferences
    addresses: tuple[tuple[Way, str, bool], ...] = (
        ("email", found.email, found.email_confirmed),
        ("sms", masked(found.phone), found.phone_confirmed),
    )
    state = view.state
    policies = [await state.platform.policies.value(state.work, NOTIFICATIONS, s.id) for s in state.principal.sites]
    return await view.html(
        "notify/preferences.html",
        digests=", ".join(sorted({policy.digest_at for policy in policies})),
        status=422 if faults else status,
        done=_DONE.get(view.query.get("done", ""), ""),
        problem=problem,
        unconfirmed=tuple(
            (way, address, way in found.asked) for way, address, confirmed in addresses if address and not confirmed
        ),
        version=found.version,
        phone_shown=masked(found.phone),
        fields=(
            Field(
                "email",
                msgid("E-mail"),
                value=found.email,
                maximum=254,
                help=""
                if state.platform.notify.notices.mail
                else msgid("No mail server is set up: nothing is sent yet."),
                error=faults.get("email", ""),
            ),
            Field(
                "phone",
                msgid("Mobile number for text messages"),
                "tel",
                masked(found.phone) if phone is None else phone,
                maximum=30,
                error=faults.get("phone", ""),
            ),
            Field("locale", msgid("Language of messages"), "select", mine.locale, choices=_LOCALES),
        ),
        quiet=(
            Field("quiet_from", msgid("Quiet from"), "time", mine.quiet_from or "", help=msgid("Empty: never quiet.")),
            Field(
                "quiet_until",
                msgid("Quiet until"),
                "time",
                mine.quiet_until or "",
                help=msgid("What comes meanwhile waits for the daily digest, except what the site lets pass."),
                error=faults.get("quiet_until", ""),
            ),
        ),
        kinds=tuple(
            (
                KIND_LABELS[kind],
                Field(f"email_{kind}", msgid("E-mail"), "select", mine.of(kind).email, choices=_EMAIL),
                Field(f"sms_{kind}", msgid("Text message"), "select", mine.of(kind).sms, choices=_SMS),
            )
            for kind in KINDS
        ),
    )


def _way(form: Mapping[str, str]) -> Way:
    return "sms" if form.get("channel") == "sms" else "email"


def _row(view: View, notice: Notice) -> NoticeRow:
    site = next(site for site in view.state.principal.sites if site.id == notice.site_id)
    return NoticeRow(
        id=str(notice.id),
        text=text_of(notice.kind, notice.params, view.say),
        site=site.name,
        kind=KIND_LABELS[notice.kind],
        severity=SEVERITIES[notice.severity],
        created_at=notice.created_at,
        unread=notice.read_at is None,
    )


HANDLERS = [
    bell,
    notification_page,
    notification_read,
    notifications_read,
    preference_page,
    confirm_page,
    address_confirm,
    confirmation_ask,
    preferences_set,
]
