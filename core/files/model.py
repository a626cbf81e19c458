"""What a file of a ticket is: the shapes that service, API and console share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from core.db.question import Row
from core.errors import Conflict


class Attachment(msgspec.Struct, frozen=True):
    """A file of a ticket. `ticket_id` is the ticket it was put to: with a merged duplicate its files come along.

    `kind` is one of core.files.sniff.KINDS, `size` in bytes; pictures have a `preview`. A signature tells whose it is.
    `emptied_at`: its content was deleted then, since its time was over or somebody was erased.
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
    signed_by: str | None = None
    emptied_at: datetime | None = None


class KeptFile(msgspec.Struct, frozen=True):
    """A content that a record of a module is going to name: its `digest` and that of a picture's small JPEG stand in
    columns that the module's table declares as `image`. `most` files are taken of one matter."""

    name: str
    kind: str
    size: int
    digest: str
    thumbnail: str | None
    most: int


class NewSignature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody's signature: a picture (base64 in JSON), or on paper, where `remark` says where the paper is if no
    picture of it comes along."""

    signer: Annotated[str, msgspec.Meta(max_length=60)]
    picture: Annotated[bytes, msgspec.Meta(max_length=1 << 22)] | None = None
    on_paper: bool = False
    remark: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Signature(msgspec.Struct, frozen=True):
    """A signature as it is kept; without an attachment it is on paper alone."""

    signer: str
    signed_at: datetime
    remark: str
    attachment: Attachment | None


class PreparedSignature(msgspec.Struct, frozen=True):
    """A signature that is to be kept with a change of its ticket: `rows` are written with it, `contents` follow."""

    signature: Signature
    row: Row | None
    contents: tuple[bytes, ...]
    most: int

    def rows(self, files: int) -> tuple[Row, ...]:
        """What the change writes; `files` are those that the ticket has. Raises Conflict (too many)."""
        if self.row is None:
            return ()
        if files >= self.most:
            raise too_many(self.most)
        return (self.row,)


def too_many(most: int) -> Conflict:
    """The refusal for a ticket that has as many files as it may."""
    return Conflict("The ticket has {n} files already: it can take no more.", params={"n": most})


class Content(msgspec.Struct, frozen=True):
    """What is sent to somebody who opens a file."""

    name: str
    media_type: str
    data: bytes
