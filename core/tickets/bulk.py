"""One action on many tickets: each by itself, with its own outcome, so that one refusal does not undo the others."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from core.errors import Conflict, Forbidden, Invalid, LodgeError, NotFound, PreconditionFailed
from core.tenancy.directory import Site
from core.tickets import tags
from core.tickets.carried import Visibility
from core.tickets.model import Text
from core.tickets.service import Step, Tickets
from core.tickets.tags import TagChange
from core.work import Work

MOST: Final = 200  # tickets at once


class Chosen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A ticket of the list, and its version as it was shown there; null for whatever it is. Tags need none."""

    ticket_id: UUID
    version: int | None = None


class Bulk(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is done with which tickets. `assign` takes `assignee_id` or `team_id`, `comment` takes `text` and
    `visibility`, `tag` takes `tags`."""

    action: Literal["assign", "tag", "close", "comment"]
    tickets: Annotated[list[Chosen], msgspec.Meta(min_length=1, max_length=MOST)]
    assignee_id: UUID | None = None
    team_id: UUID | None = None
    text: Text = ""
    visibility: Visibility = "internal"
    tags: TagChange = TagChange()


class Outcome(msgspec.Struct, frozen=True):
    """What became of one ticket: done, or why not."""

    ticket_id: UUID
    refusal: LodgeError | None = None


async def carry_out(work: Work, site: Site, tickets: Tickets, wanted: Bulk) -> list[Outcome]:
    """Do it for each ticket, in a savepoint of its own; the outcomes in the order of the request.

    Raises Forbidden without the action's permission: then it would be refused for every one of them.
    """
    if _PERMISSIONS[wanted.action] not in work.ctx.permissions:
        raise Forbidden
    chosen = {each.ticket_id: each for each in wanted.tickets}
    outcomes = {}
    for ticket_id in sorted(chosen):  # in one order for everybody: two who act on the same list do not get in a knot
        try:
            async with work.savepoint():
                await _act(work, site, tickets, wanted, chosen[ticket_id])
            outcomes[ticket_id] = Outcome(ticket_id)
        except (NotFound, Forbidden, PreconditionFailed, Conflict, Invalid) as refusal:
            outcomes[ticket_id] = Outcome(ticket_id, refusal)
    return [outcomes[ticket_id] for ticket_id in chosen]


async def _act(work: Work, site: Site, tickets: Tickets, wanted: Bulk, chosen: Chosen) -> None:
    if wanted.action == "tag":
        await tags.change(work, site, chosen.ticket_id, wanted.tags)
        return
    step = Step(text=wanted.text, assignee_id=wanted.assignee_id, team_id=wanted.team_id, visibility=wanted.visibility)
    await tickets.act(work, site, chosen.ticket_id, wanted.action, step, chosen.version)


_PERMISSIONS: Final = {
    "assign": "ticket.assign",
    "tag": "ticket.tag",
    "close": "ticket.close",
    "comment": "ticket.comment",
}
