"""What is taken of an upload: its kind told by its content, pictures made anew, a name that is safe to save under."""

from __future__ import annotations

import io
import unicodedata
from uuid import UUID

import msgspec

from core.db.ids import new_id
from core.errors import Invalid
from core.files.images import make_anew
from core.files.model import Attachment
from core.files.repository import Stored
from core.files.sniff import KINDS, PICTURES, sniff
from core.files.store import digest_of
from core.work import Work

_LONGEST = 120  # characters of a name
_INK = 64  # of 255: what a line differs from its paper at least


async def accept(name: str, data: bytes) -> tuple[str, bytes, bytes | None]:
    """Kind, content to keep and preview. Raises Invalid."""
    if not data:
        raise Invalid.field("file", "Choose a file that is not empty.")
    kind = sniff(data)
    if kind is None:
        raise Invalid.field(
            "file",
            "Files of this kind are not taken. Attach pictures, PDF, Excel, Word or text files, or sound recordings.",
        )
    if name.lower().rpartition(".")[2] not in kind.extensions:
        raise Invalid.field(
            "file",
            "The file's name says something else than its content: it is .{extension}.",
            extension=kind.extensions[0],
        )
    if kind.name not in PICTURES:
        return kind.name, data, None
    picture = await make_anew(data, kind.name)
    return picture.kind, picture.content, picture.thumbnail


def is_blank(thumbnail: bytes | None) -> bool:
    """Whether a picture that we have made shows nothing but its paper."""
    if thumbnail is None:
        return True
    from PIL import Image

    shades = Image.open(io.BytesIO(thumbnail)).convert("L").tobytes()
    return max(shades) - min(shades) < _INK


class Made(msgspec.Struct, frozen=True):
    """An attachment that is ready to be kept, and its contents."""

    stored: Stored
    contents: tuple[bytes, ...]


def make(
    work: Work, ticket_id: UUID, name: str, taken: tuple[str, bytes, bytes | None], signed_by: str | None = None
) -> Made:
    """The attachment that what was accepted becomes."""
    kind, content, thumbnail = taken
    actor = work.ctx.actor
    attachment = Attachment(
        id=new_id(),
        ticket_id=ticket_id,
        name=named(name, kind),
        kind=kind,
        size=len(content),
        preview=thumbnail is not None,
        uploaded_by_id=actor.id if actor.kind == "person" else None,
        uploaded_by=actor.name,
        uploaded_at=work.now,
        signed_by=signed_by,
    )
    if thumbnail is None:
        return Made(Stored(attachment, digest_of(content), None), (content,))
    return Made(Stored(attachment, digest_of(content), digest_of(thumbnail)), (content, thumbnail))


def named(name: str, kind: str) -> str:
    """A name to show and to save under: without folders and invisible characters, with an extension of its kind."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C")
    stem, _, extension = plain.rpartition(".")
    kept = extension if extension.lower() in KINDS[kind].extensions else KINDS[kind].extensions[0]
    return f"{stem.strip(' .')[:_LONGEST] or 'file'}.{kept}"
