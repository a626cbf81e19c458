"""What an action on a ticket is: in which state, with which permission, what keeps it back and what it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from core.errors import Conflict, Invalid
from core.tickets.model import Owed, Status, Step, Ticket

if TYPE_CHECKING:
    from core.tickets.changes import Change


class Situation(msgspec.Struct, frozen=True):
    """A ticket with what is owed on it, before somebody with these permissions. `actor_id`: a member's, or None."""

    ticket: Ticket
    owed: Owed
    actor_id: UUID | None
    held: frozenset[str]


Refusal = Callable[[Situation], str | None]
"""Why an action that state and permission allow is not possible all the same (a message id); None: it is."""
Effect = Callable[["Change", Step], Awaitable[Mapping[str, str]]]
"""What an action does to a ticket besides its target and stops; the details its timeline entry keeps."""


class Action(msgspec.Struct, frozen=True):
    """One step. `target` None leaves the state as it is; `text` says what the required text is, None if optional.

    `past` names its event, `ticket.<past>.v1`; "" for none. `kind` is that of its timeline entry, by default its name.
    """

    name: str
    permission: str
    sources: frozenset[Status]
    target: Status | None = None
    text: str | None = None
    stops: tuple[str, ...] = ()
    past: str = ""
    refuse: Refusal | None = None
    effect: Effect | None = None
    kind: str = ""


def check(action: Action, situation: Situation, text: str) -> None:
    """Raise Conflict or Invalid unless the action may be taken on the ticket as it is."""
    status = situation.ticket.status
    if status not in action.sources:
        names = {"action": action.name, "status": status}
        raise Conflict("“{action}” is not possible while the ticket is {status}.", params=names)
    if action.text is not None and not text.strip():
        raise Invalid.field("text", action.text)
    refusal = action.refuse(situation) if action.refuse else None
    if refusal is not None:
        raise Conflict(refusal)


def allowed(actions: Iterable[Action], situation: Situation) -> list[str]:
    """The names of the actions that are possible now, in the order given."""
    return [
        a.name
        for a in actions
        if situation.ticket.status in a.sources
        and a.permission in situation.held
        and (a.refuse is None or a.refuse(situation) is None)
    ]
