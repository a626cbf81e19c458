"""Whose hands a ticket is in: assigning and claiming."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from core.errors import Conflict, FieldError, Forbidden, Invalid
from core.tenancy.context import Actor
from core.tickets.model import Step, Ticket

if TYPE_CHECKING:
    from core.tickets.changes import Change

NO_COLLEAGUE = FieldError("assignee_id", "There is no such colleague at this site.")
CONCERNED = FieldError("assignee_id", "The complaint concerns this colleague: choose somebody else.")


async def assign(change: Change, step: Step) -> dict[str, str]:
    """Give the ticket to a colleague of the site, to a team, or to both. Raises Invalid."""
    recorded = change.recorded
    wrong = []
    if step.assignee_id is not None and recorded.colleague is None:
        wrong.append(NO_COLLEAGUE)
    if step.team_id is not None and recorded.team is None:
        wrong.append(FieldError("team_id", "There is no such team at this site."))
    if wrong:
        raise Invalid(fields=wrong)
    if step.team_id is not None:
        change.set(team_id=step.team_id, team_name=recorded.team or "")
    change.set(assignee_id=step.assignee_id, assignee_name=recorded.colleague or "")
    given = {"assignee": change.after.assignee_name}
    return {**given, "team": change.after.team_name} if step.team_id is not None else given


async def claim(change: Change, step: Step) -> dict[str, str]:
    """A member of the ticket's team takes it, if nobody has. Raises Conflict or Forbidden."""
    ticket, actor = change.before, change.work.ctx.actor
    if ticket.team_id is None:
        raise Conflict("This ticket is with no team: accept it instead.")
    if ticket.assignee_id is not None:
        raise Conflict("{name} has this ticket already.", params={"name": ticket.assignee_name})
    if not change.recorded.in_team:
        raise Forbidden("Only members of {team} can take this ticket.", params={"team": ticket.team_name})
    change.set(assignee_id=actor.id, assignee_name=actor.name)
    return {"team": ticket.team_name}


def looked_up(name: str, step: Step, actor: Actor) -> UUID | None:
    """The colleague to be looked up with the ticket for such a step."""
    if name == "claim":
        return actor.id if actor.kind == "person" else None
    return {"assign": step.assignee_id, "concern": step.concerns_id}.get(name, step.colleague_id)


def offered(actions: Iterable[str], ticket: Ticket, *, complaint: bool) -> list[str]:
    """Of the actions that the state allows, those that fit who has the ticket, and whether it is a complaint."""
    names = list(actions)
    waits = ticket.team_id is not None and ticket.assignee_id is None and "claim" in names
    left_out = {"accept" if waits else "claim", *(() if complaint else ("concern",))}
    return [name for name in names if name not in left_out]
