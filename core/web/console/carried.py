"""What a ticket carries, in the words of its page."""

from __future__ import annotations

from typing import Final

from core.files import sniff
from core.files.model import Attachment
from core.files.service import REMOVE
from core.tenancy.directory import Site
from core.tickets.model import TicketDetail
from core.web.views import Carried, FileRow
from core.work import Work

_ICONS: Final = {
    "pdf": "file-type-pdf",
    "xlsx": "file-type-xls",
    "docx": "file-type-docx",
    "text": "file-text",
    "mp3": "microphone",
    "m4a": "microphone",
    "amr": "microphone",
}


def of(work: Work, site: Site, detail: TicketDetail) -> Carried:
    """For whoever reads the ticket's page."""
    here = f"/s/{site.slug}/tickets/{detail.ticket.id}"
    may = work.ctx.permissions
    origins = {r.ticket_id: r.number for r in detail.sections.relations if r.merged}
    return Carried(
        files=tuple(_file(work, here, each, origins.get(each.ticket_id, "")) for each in detail.sections.attachments),
        attach=f"{here}/attachments" if "ticket.attach" in may else "",
        accept=sniff.ACCEPT,
    )


def _file(work: Work, here: str, file: Attachment, origin: str) -> FileRow:
    href = f"{here}/attachments/{file.id}"
    own = file.uploaded_by_id == work.ctx.actor.id or REMOVE in work.ctx.permissions
    return FileRow(
        name=file.name,
        icon=_ICONS.get(file.kind, "photo"),
        size=file.size,
        href=href,
        by=file.uploaded_by,
        at=file.uploaded_at,
        preview=f"{href}/preview" if file.preview else "",
        remove=f"{href}/remove" if own and not origin and "ticket.attach" in work.ctx.permissions else "",
        origin=origin,
    )
