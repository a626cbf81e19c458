"""Why goals were missed, on the ticket's page: what was said, and the dialog that says it."""

from __future__ import annotations

import msgspec

from core.errors import LodgeError, Malformed
from core.i18n import msgid
from core.platform import Platform
from core.policies.breach_causes import BREACH_CAUSES
from core.tenancy.directory import Site
from core.tickets.causes import SaidCause
from core.tickets.model import TicketDetail, TimelineEntry
from core.tickets.types import Types
from core.web.console import actions, words
from core.web.views import Choice, Field, MissedGoal, TicketAction
from core.work import Work


def said_in(form: dict[str, str]) -> tuple[SaidCause, int]:
    """What a posted dialog says, and the version of the ticket it was said of. Raises Malformed."""
    try:
        said = msgspec.convert({"cause": form.get("cause", ""), "note": form.get("note", "")}, SaidCause)
        return said, int(form.get("version", ""))
    except ValueError as error:
        raise Malformed from error


def refused_in(
    missed: tuple[MissedGoal, ...], goal: str, form: dict[str, str], refused: LodgeError
) -> tuple[MissedGoal, ...]:
    """The missed goals with that one's dialog open again, filled in as it was."""
    return tuple(
        msgspec.structs.replace(each, ask=actions.refused_in((each.ask,), each.ask.name, form, refused)[0])
        if each.name == goal and each.ask
        else each
        for each in missed
    )


async def titles_of(platform: Platform, work: Work, site: Site) -> dict[str, str]:
    """The names of the site's causes by their keys, in the reader's language."""
    offered = (await platform.policies.value(work, BREACH_CAUSES, site.id)).causes
    return {each.key: each.title_en if work.ctx.locale == "en" else each.title_zh for each in offered}


def named(entry: TimelineEntry, titles: dict[str, str]) -> dict[str, str]:
    """What fills the words of an entry that names a cause: its title, also of one that the site has no more."""
    return {"cause": titles.get(entry.details["cause"], entry.details["title"])} if entry.kind == "cause" else {}


def missed(work: Work, detail: TicketDetail, titles: dict[str, str], types: Types) -> tuple[MissedGoal, ...]:
    """The goals that the ticket has missed, with what was said about each, and the dialog for whom may say it."""

    def ask(cause: str, note: str) -> TicketAction:
        label = msgid("Change the cause") if cause else msgid("Say why")
        first = () if cause in titles else (Choice("", msgid("Choose a cause")),)
        choices = (*first, *(Choice(key, title) for key, title in titles.items()))
        fields = (
            Field("cause", msgid("Cause"), "select", cause, required=True, choices=choices),
            Field("note", msgid("Note"), "textarea", note, maximum=500),
        )
        return TicketAction("cause", label, "message-question", fields=fields)

    may = "ticket.cause" in work.ctx.permissions
    return tuple(
        MissedGoal(
            name=goal.name,
            label=types.goal_title(detail.ticket.type, goal.name) or words.goal_title(goal.name),
            cause=titles.get(goal.cause, goal.cause) if goal.cause else "",
            note=goal.cause_note,
            ask=ask(goal.cause or "", goal.cause_note) if may else None,
        )
        for goal in detail.goals
        if goal.state == "breached"
    )
