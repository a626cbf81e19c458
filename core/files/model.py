"""What a file of a ticket is: the shapes that service, API and console share."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec


class Attachment(msgspec.Struct, frozen=True):
    """A file of a ticket. `ticket_id` is the ticket it was put to: with a merged duplicate its files come along.

    `kind` is one of core.files.sniff.KINDS, `size` in bytes; pictures have a `preview`.
    """

    id: UUID
    ticket_id: UUID
    name: str
    kind: str
    size: int
    preview: bool
    uploaded_by_id: UUID | None
    uploaded_by: str
    uploaded_at: datetime


class Content(msgspec.Struct, frozen=True):
    """What is sent to somebody who opens a file."""

    name: str
    media_type: str
    data: bytes
