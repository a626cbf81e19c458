"""Why goals were missed, on the ticket's page: what was said, and the dialog that says it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.errors import Malformed
from core.i18n import msgid
from core.platform import Platform
from core.policies.breach_causes import BREACH_CAUSES
from core.tenancy.directory import Site
from core.tickets import causes
from core.tickets.causes import SaidCause
from core.tickets.model import TicketDetail, TimelineEntry
from core.web.console import words
from core.web.view import View
from core.web.views import Choice, Field, MissedGoal, TicketAction
from core.work import Work


@post("/tickets/{ticket_id:uuid}/goals/{goal:str}/cause", permission="ticket.cause", status_code=200)
async def say_cause(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
    goal: FromPath[str],
) -> Response[Any]:
    form = await view.form()
    try:
        said = msgspec.convert({"cause": form.get("cause", ""), "note": form.get("note", "")}, SaidCause)
        version = int(form.get("version", ""))
    except ValueError as error:
        raise Malformed from error
    await causes.say(work, platform.policies, site, ticket_id, goal, said, version)
    return view.refresh(f"/s/{site.slug}/tickets/{ticket_id}", view.say(msgid("Saved")))


async def titles_of(platform: Platform, work: Work, site: Site) -> dict[str, str]:
    """The names of the site's causes by their keys, in the reader's language."""
    offered = (await platform.policies.value(work, BREACH_CAUSES, site.id)).causes
    return {each.key: each.title_en if work.ctx.locale == "en" else each.title_zh for each in offered}


def named(entry: TimelineEntry, titles: dict[str, str]) -> dict[str, str]:
    """What fills the words of an entry that names a cause: its title, also of one that the site has no more."""
    return {"cause": titles.get(entry.details["cause"], entry.details["title"])} if entry.kind == "cause" else {}


def missed(work: Work, detail: TicketDetail, titles: dict[str, str]) -> tuple[MissedGoal, ...]:
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
            label=words.goal_title(goal.name),
            cause=titles.get(goal.cause, goal.cause) if goal.cause else "",
            note=goal.cause_note,
            ask=ask(goal.cause or "", goal.cause_note) if may else None,
        )
        for goal in detail.goals
        if goal.state == "breached"
    )


HANDLERS = [say_cause]
