"""A contact sheet on paper: three copies, each on a page of its own, numbered by print and copy (REP-4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from core.sdk import Platform, Site, View, Work, msgid
from plugins.repairs.sheets import screens
from plugins.repairs.sheets.model import SheetDetail

COPIES: Final = (
    msgid("Copy 1: property company"),
    msgid("Copy 2: engineering department"),
    msgid("Copy 3: service centre"),
)
_PHOTOS = 4


class Line(msgspec.Struct, frozen=True):
    """A line of the sheet's history."""

    at: str
    what: str
    said: str
    by: str


class Paper(msgspec.Struct, frozen=True):
    """What stands on the sheet. `again` says that it has been printed before."""

    company: str
    site: str
    number: str
    ticket: str
    copies: tuple[str, ...]
    contractor: str
    contact: str
    phone: str
    place: str
    matter: str
    issued: str
    by: str
    promised: str
    lines: tuple[Line, ...]
    photos: tuple[str, ...]
    signature: str
    accepted_by: str
    accepted: str
    print_no: int
    again: bool
    printed: str


async def paper(
    platform: Platform, work: Work, site: Site, view: View, detail: SheetDetail
) -> tuple[Paper, Mapping[str, bytes]]:
    """The sheet's words, and its pictures by name: the ticket's latest photos, and the owner's signature."""
    sheet = detail.sheet
    pictures = await platform.files.pictures(work, site, sheet.ticket_id)
    photos = [content for file, content in pictures if file.signed_by is None][:_PHOTOS]
    files = {f"photo-{number}.jpg": content for number, content in enumerate(photos, 1)}
    signed = next((content for file, content in pictures if file.id == sheet.signature_id), None)
    if signed is not None:
        files["signature.jpg"] = signed
    say, local = view.say, screens.local
    return Paper(
        company=view.page.brand,
        site=site.name,
        number=sheet.number,
        ticket=sheet.ticket_number,
        copies=tuple(say(copy) for copy in COPIES),
        contractor=sheet.contractor,
        contact=sheet.contact,
        phone=sheet.phone,
        place=sheet.place,
        matter=sheet.matter,
        issued=local(site, sheet.issued_at),
        by=sheet.issued_by_name,
        promised=sheet.promised_on.isoformat() if sheet.promised_on else "",
        lines=tuple(
            Line(local(site, e.at), say(screens.HAPPENED[e.kind][0]), screens.said(view, e), e.by_name)
            for e in detail.history
            if e.kind not in ("print", "issue")
        ),
        photos=tuple(name for name in files if name.startswith("photo")),
        signature="signature.jpg" if signed is not None else "",
        accepted_by=sheet.accepted_by,
        accepted=local(site, sheet.closed_at) if sheet.status == "accepted" else "",
        print_no=sheet.prints,
        again=sheet.prints > 1,
        printed=say(msgid("{at}, {name}"), at=local(site, work.now), name=work.ctx.actor.name),
    ), files
