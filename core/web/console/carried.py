"""What a ticket carries, in the words of its page."""

from __future__ import annotations

from typing import Final

from core.files import sniff
from core.files.model import Attachment
from core.files.service import REMOVE
from core.i18n import msgid
from core.tenancy.directory import Site
from core.tickets.carried import Related
from core.tickets.model import TicketDetail
from core.web.console import words
from core.web.views import Carried, CarriedForm, Choice, Field, FileRow, RelatedRow
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

_OTHER: Final = Field(
    "other",
    msgid("Number of the other ticket"),
    required=True,
    maximum=20,
    help=msgid("Whole, such as GD2611-0007, or its last digits."),
)
_ANSWER: Final = (
    Field(
        "answer",
        msgid("What this reporter was told"),
        "textarea",
        maximum=4000,
        help=msgid("Left empty, the other ticket's answer will be given to this reporter too."),
    ),
    Field("channel", msgid("Channel"), "select", "call", choices=words.choices(words.CHANNELS)),
)
_MERGE_HINT: Final = msgid("This ticket is closed as a duplicate; its files and watchers come along. It can be undone.")


def of(work: Work, site: Site, detail: TicketDetail, categories: dict[str, str], *, signs: bool) -> Carried:
    """For whoever reads the ticket's page; `categories` are keys and titles, `signs` whether a signature is offered."""
    here = f"/s/{site.slug}/tickets/{detail.ticket.id}"
    may = work.ctx.permissions
    origins = {r.ticket_id: r.number for r in detail.sections.relations if r.merged}
    ties = [_related(work, site, here, each) for each in detail.sections.relations]
    into = next((r for r in detail.sections.relations if r.merged and r.outgoing), None)
    return Carried(
        related=tuple(ties),
        forms=_forms(detail, categories, merged=into is not None) if "ticket.relate" in may else (),
        merged_into=_related(work, site, here, into) if into else None,
        tags=detail.sections.tags,
        may_tag="ticket.tag" in may,
        watchers=tuple(each.name for each in detail.sections.watchers),
        watching=any(each.member_id == work.ctx.actor.id for each in detail.sections.watchers)
        if work.ctx.actor.kind == "person"
        else None,
        files=tuple(_file(work, here, each, origins.get(each.ticket_id, "")) for each in detail.sections.attachments),
        attach=f"{here}/attachments" if "ticket.attach" in may else "",
        sign=f"{here}/signatures" if signs and "ticket.attach" in may else "",
        accept=sniff.ACCEPT,
    )


def _related(work: Work, site: Site, here: str, other: Related) -> RelatedRow:
    may = "ticket.relate" in work.ctx.permissions and not other.merged
    return RelatedRow(
        label=words.RELATIONS[other.kind, other.outgoing],
        number=other.number,
        title=other.title,
        href=f"/s/{site.slug}/tickets/{other.ticket_id}",
        state=words.STATES[other.status],
        remove=f"{here}/relations/{other.id}/remove" if may else "",
        merged=other.merged,
    )


def _forms(detail: TicketDetail, categories: dict[str, str], *, merged: bool) -> tuple[CarriedForm, ...]:
    kinds = tuple(
        Choice(kind, words.RELATIONS[kind, True]) for kind in ("duplicate_of", "caused_by", "follow_up_of", "rework_of")
    )
    relate = CarriedForm(
        "relations", msgid("Link"), "link", (Field("kind", msgid("It is"), "select", choices=kinds), _OTHER)
    )
    split = CarriedForm(
        "split",
        msgid("Split"),
        "arrows-split-2",
        (
            Field("description", msgid("What becomes a ticket of its own"), "textarea", required=True, maximum=4000),
            Field(
                "category",
                msgid("Category"),
                "select",
                detail.ticket.category,
                choices=words.choices(categories),
            ),
            Field("severity", msgid("Severity"), "select", "routine", choices=words.choices(words.SEVERITIES)),
        ),
        msgid("Place, reporter and owner stay the same. Both tickets name each other."),
    )
    if merged:
        why = Field("text", msgid("Why these are two matters"), "textarea", required=True, maximum=4000)
        return (relate, split, CarriedForm("unmerge", msgid("Undo the merge"), "arrow-back-up", (why,)))
    if detail.ticket.status == "closed":
        return (relate, split)
    answer = () if detail.ticket.answered_at else _ANSWER
    return (relate, split, CarriedForm("merge", msgid("Merge"), "git-merge", (_OTHER, *answer), _MERGE_HINT))


def _file(work: Work, here: str, file: Attachment, origin: str) -> FileRow:
    href = f"{here}/attachments/{file.id}"
    own = file.uploaded_by_id == work.ctx.actor.id or REMOVE in work.ctx.permissions
    kept = origin or file.signed_by
    return FileRow(
        name=file.name,
        icon=_ICONS.get(file.kind, "photo"),
        size=file.size,
        href=href,
        by=file.uploaded_by,
        at=file.uploaded_at,
        preview=f"{href}/preview" if file.preview else "",
        remove=f"{href}/remove" if own and not kept and "ticket.attach" in work.ctx.permissions else "",
        origin=origin,
        signed_by=file.signed_by or "",
        emptied_at=file.emptied_at,
    )
