"""Files of tickets in the JSON API."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, JSONBody

from core.errors import Invalid
from core.files.model import Attachment, NewSignature, Signature
from core.platform import Platform
from core.tenancy.directory import Site
from core.web import limits
from core.web.download import inline, saved
from core.work import Work


class NewAttachment(msgspec.Struct, frozen=True):
    """A picture, PDF, .xlsx, .docx, .txt or sound recording."""

    file: UploadFile | None = None


@post("/tickets/{ticket_id:uuid}/attachments", permission="ticket.attach", request_max_body_size=limits.UPLOAD)
async def attach_file(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    data: Annotated[NewAttachment, Body(media_type=RequestEncodingType.MULTI_PART)],
) -> Attachment:
    """Attach a file. What it is, is told by its content; pictures are kept without place, camera and other metadata."""
    if data.file is None:
        raise Invalid.field("file", "Choose a file.")
    return await platform.files.add(work, site, ticket_id, data.file.filename, await data.file.read())


@get("/tickets/{ticket_id:uuid}/attachments/{attachment_id:uuid}", permission="ticket.view", media_type="*/*")
async def get_attachment(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    attachment_id: FromPath[UUID],
) -> Response[bytes]:
    """The file itself. The ticket lists its files."""
    return saved(await platform.files.open(work, site, ticket_id, attachment_id))


@get(
    "/tickets/{ticket_id:uuid}/attachments/{attachment_id:uuid}/preview",
    permission="ticket.view",
    media_type="image/jpeg",
)
async def preview_attachment(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    attachment_id: FromPath[UUID],
) -> Response[bytes]:
    """A picture as a small JPEG."""
    return inline(await platform.files.preview(work, site, ticket_id, attachment_id))


@delete("/tickets/{ticket_id:uuid}/attachments/{attachment_id:uuid}", permission="ticket.attach")
async def remove_attachment(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    attachment_id: FromPath[UUID],
) -> None:
    """Remove a file that one has attached oneself; others' with the permission ticket.attachment.remove."""
    await platform.files.remove(work, site, ticket_id, attachment_id)


@post("/tickets/{ticket_id:uuid}/signatures", permission="ticket.attach")
async def sign_ticket(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    data: JSONBody[NewSignature],
) -> Signature:
    """Keep somebody's signature with the ticket: a picture (base64), or that it is on paper. It stays (REP-3)."""
    return await platform.files.sign(work, site, ticket_id, data)


HANDLERS = [attach_file, get_attachment, preview_attachment, remove_attachment, sign_ticket]
