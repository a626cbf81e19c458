"""What a ticket carries besides itself: the shapes of its ties to other tickets and to who watches it."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

Visibility = Literal["internal", "reporter"]
RelationKind = Literal["duplicate_of", "caused_by", "follow_up_of", "rework_of", "split_from"]


class Related(msgspec.Struct, frozen=True):
    """A tie to another ticket of the site. `outgoing`: this ticket is the duplicate, the one caused, the follow-up …;
    else the other one is. `merged`: the duplicate was closed in favour of the other."""

    id: UUID
    kind: RelationKind
    outgoing: bool
    ticket_id: UUID
    number: str
    title: str
    status: str
    merged: bool


class Watcher(msgspec.Struct, frozen=True):
    """A colleague who is told what happens to the ticket."""

    member_id: UUID
    name: str
