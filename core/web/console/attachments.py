"""Files on the ticket page: uploads, downloads, previews, removal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.errors import Invalid
from core.platform import Platform
from core.tenancy.directory import Site
from core.web import limits
from core.web.download import inline, saved
from core.web.signing import signature_of
from core.web.view import View
from core.work import Work


@post(
    "/tickets/{ticket_id:uuid}/attachments",
    permission="ticket.attach",
    status_code=200,
    request_max_body_size=limits.UPLOAD,
)
async def attach_files(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[Any]:
    """Attach what was chosen, dropped or photographed: all of it or nothing. The page sends each file by itself."""
    files = await view.files("file")
    if not files:
        raise Invalid.field("file", "Choose a file.")
    for name, data in files:
        await platform.files.add(work, site, ticket_id, name, data)
    return view.refresh(f"/s/{site.slug}/tickets/{ticket_id}#files")


@get("/tickets/{ticket_id:uuid}/attachments/{attachment_id:uuid}", permission="ticket.view")
async def download_file(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    attachment_id: FromPath[UUID],
) -> Response[bytes]:
    return saved(await platform.files.open(work, site, ticket_id, attachment_id))


@get("/tickets/{ticket_id:uuid}/attachments/{attachment_id:uuid}/preview", permission="ticket.view")
async def preview_file(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    attachment_id: FromPath[UUID],
) -> Response[bytes]:
    return inline(await platform.files.preview(work, site, ticket_id, attachment_id))


@post("/tickets/{ticket_id:uuid}/attachments/{attachment_id:uuid}/remove", permission="ticket.attach", status_code=200)
async def remove_file(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
    attachment_id: FromPath[UUID],
) -> Response[Any]:
    await platform.files.remove(work, site, ticket_id, attachment_id)
    return view.refresh(f"/s/{site.slug}/tickets/{ticket_id}#files")


@post(
    "/tickets/{ticket_id:uuid}/signatures",
    permission="ticket.attach",
    status_code=200,
    request_max_body_size=limits.UPLOAD,
)
async def sign_ticket(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[Any]:
    await platform.files.sign(work, site, ticket_id, await signature_of(view))
    return view.refresh(f"/s/{site.slug}/tickets/{ticket_id}#files")


HANDLERS = [attach_files, download_file, preview_file, remove_file, sign_ticket]
