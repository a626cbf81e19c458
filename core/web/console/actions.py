"""What the console asks for with each action on a ticket: its dialog, what its form means; what is owed, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from core.errors import LodgeError, Malformed
from core.hooks.types import TicketType, Transition
from core.i18n import msgid
from core.tenancy.directory import Colleague, Site
from core.tickets.fields import AMEND
from core.tickets.model import Owed, Step, Ticket
from core.web.console import words
from core.web.console.fields import asked, bare, filled
from core.web.views import Choice, Field, Notice, TicketAction

_LOCAL = "%Y-%m-%dT%H:%M"  # as a browser's field for date and time has it
_USUAL = timedelta(hours=2)  # a callback's time in the form, before anybody changes it
_OUTCOMES = {
    "progress": msgid("The reporter was told how it goes"),
    "answer": msgid("The reporter has the answer now"),
    "": msgid("Nothing new"),
}


def dialog(name: str, staff: list[Colleague], ticket: Ticket, site: Site, now: datetime) -> TicketAction:
    """An action on the ticket's page as its button and its dialog; `staff` are those who work at the site."""
    plain = form_of(name, site, now)
    if name in ("assign", "concern"):
        people = (Choice("", msgid("Nobody")), *_people(staff))
        given = ticket.assignee_id if name == "assign" else ticket.concerns_id
        named = ("assignee", msgid("Handled by")) if name == "assign" else ("concerns", msgid("Colleague concerned"))
        return msgspec.structs.replace(plain, fields=(Field(*named, "select", str(given or ""), choices=people),))
    if name == "offer":
        help = msgid("The matter stays with its owner until the colleague takes it over.")
        others = _people([c for c in staff if c.id != ticket.owner_id])
        to = Field("colleague", msgid("Hand over to"), "select", help=help, required=True, choices=others)
        return msgspec.structs.replace(plain, fields=(to, *plain.fields))
    if name == "escalate_question":
        to = Field("colleague", msgid("Who is to answer it"), "select", required=True, choices=_people(staff))
        return msgspec.structs.replace(plain, fields=(*plain.fields, to))
    return plain


def classified(action: TicketAction, ticket: Ticket, titles: Mapping[str, str]) -> TicketAction:
    """The dialog of `reclassify` with the site's categories to choose from; any other as it is."""
    if action.name != "reclassify":
        return action
    known = {ticket.category: ticket.category, **titles}
    categories = tuple(Choice(key, title) for key, title in known.items())
    severities = words.choices(words.SEVERITIES)
    fields = (
        Field("category", msgid("Category"), "select", ticket.category, choices=categories),
        Field("severity", msgid("Severity"), "select", ticket.severity, choices=severities),
    )
    return msgspec.structs.replace(action, fields=(*fields, *action.fields))


def own(transition: Transition) -> TicketAction:
    """An action of the ticket's type's own."""
    fields: tuple[Field, ...] = ()
    if transition.text is not None:
        fields = (Field("text", msgid("Note"), "textarea", help=transition.text, required=True),)
    return TicketAction(transition.name, transition.title, transition.icon, "primary", fields)


def amended(kind: TicketType | None, ticket: Ticket, site: Site, now: datetime) -> TicketAction:
    """The dialog in which the fields of the ticket's type are changed."""
    return msgspec.structs.replace(form_of(AMEND, site, now), fields=asked(kind, filled(kind, ticket)))


def form_of(name: str, site: Site, now: datetime) -> TicketAction:
    """An action with those fields of its dialog that are the same for every ticket of the site."""
    label, icon, tone, text = words.ACTIONS[name]
    fields: tuple[Field, ...] = ()
    if text is not None:
        fields = (Field("text", text, "textarea", required=True),)
    if name in ("answer", "tell_progress", "keep_callback"):
        fields = (Field("channel", msgid("Channel"), "select", "call", choices=words.choices(words.CHANNELS)), *fields)
    if name == "comment":
        for_whom = words.choices(words.VISIBILITIES)
        fields = (*fields, Field("visibility", msgid("For whom"), "select", "internal", choices=for_whom))
    if name == "promise_callback":
        usual = (now + _USUAL).astimezone(ZoneInfo(site.timezone)).strftime(_LOCAL)
        fields = (
            Field("at", msgid("When"), "datetime-local", usual, required=True),
            Field("text", msgid("What it will be about"), "textarea"),
        )
    if name == "keep_callback":
        outcome = Field("outcome", msgid("What it came to"), "select", "progress", choices=words.choices(_OUTCOMES))
        fields = (outcome, *fields)
    return TicketAction(name, label, icon, tone, fields)  # type: ignore[arg-type]


def step_of(form: dict[str, str], site: Site) -> tuple[Step, int]:
    """The step that a posted form means, times being the site's, and the version it was made for. Raises Malformed."""
    try:
        at = form.get("at", "")
        step = msgspec.convert(
            {
                "text": form.get("text", ""),
                "assignee_id": form.get("assignee") or None,
                "channel": form.get("channel", ""),
                "team_id": form.get("team") or None,
                "concerns_id": form.get("concerns") or None,
                "colleague_id": form.get("colleague") or None,
                "at": datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(site.timezone)) if at else None,
                "outcome": form.get("outcome", ""),
                "visibility": form.get("visibility") or "internal",
                "category": form.get("category", ""),
                "severity": form.get("severity") or None,
            },
            Step,
            strict=False,
        )
        return step, int(form.get("version", ""))
    except ValueError as error:
        raise Malformed from error


def refused_in(
    actions: tuple[TicketAction, ...], action: str, form: dict[str, str], refused: LodgeError
) -> tuple[TicketAction, ...]:
    """The actions with that one's dialog open again, filled in as it was."""
    errors = {f.field.removesuffix("_id"): f for f in refused.fields}

    def again(field: Field) -> Field:
        error = errors.get(field.name) or errors.get(bare(field.name))
        return msgspec.structs.replace(
            field,
            value=form.get(field.name, ""),
            error=error.message if error else "",
            params=error.params if error else {},
        )

    return tuple(
        msgspec.structs.replace(a, show=bool(a.fields), fields=tuple(map(again, a.fields))) if a.name == action else a
        for a in actions
    )


def notices(owed: Owed) -> tuple[Notice, ...]:
    """What somebody still owes on a ticket, a line each."""
    lines = []
    if owed.callback is not None:
        missed = owed.callback.missed_at is not None
        said = msgid("A callback was promised for {at} by {by}, and not made. {note}")
        ahead = msgid("A callback is promised for {at} by {by}. {note}")
        params = {"at": owed.callback.promised_at, "by": owed.callback.by_name, "note": owed.callback.note}
        lines.append(Notice("breach", said, params) if missed else Notice("info", ahead, params))
    if owed.question is not None:
        late = owed.question.missed_at is not None
        said = msgid("{by} asks {to}: {question} No answer came by {at}.")
        ahead = msgid("{by} asks {to}: {question} An answer is due by {at}.")
        params = {
            "by": owed.question.by_name,
            "to": owed.question.to_name,
            "question": owed.question.question,
            "at": owed.question.due_at,
        }
        lines.append(Notice("breach", said, params) if late else Notice("info", ahead, params))
    if owed.offer is not None:
        said = msgid("{by} offers this matter to {to}: {reason} Unanswered, it comes back at {at}.")
        params = {
            "by": owed.offer.by_name,
            "to": owed.offer.to_name,
            "reason": owed.offer.reason,
            "at": owed.offer.lapses_at,
        }
        lines.append(Notice("info", said, params))
    return tuple(lines)


def _people(staff: list[Colleague]) -> tuple[Choice, ...]:
    return tuple(Choice(str(c.id), c.name) for c in staff)
