"""What a ticket carries, as its page shows it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from core.web.views.parts import Field, Word


class FileRow(msgspec.Struct, frozen=True):
    """A file. `size` in bytes; `preview` is the URL of a small picture; without `remove` the reader may not."""

    name: str
    icon: str
    size: int
    href: str
    by: str
    at: datetime
    preview: str = ""
    remove: str = ""
    origin: str = ""
    signed_by: str = ""
    emptied_at: datetime | None = None


class RelatedRow(msgspec.Struct, frozen=True):
    """A tie to another ticket: what the other one is to this one, and where ties are taken off."""

    label: str
    number: str
    title: str
    href: str
    state: Word
    remove: str = ""
    merged: bool = False


class CarriedForm(msgspec.Struct, frozen=True):
    """A dialog that posts its fields to `…/tickets/{id}/{name}`; `hint` says what will come of it."""

    name: str
    label: str
    icon: str
    fields: tuple[Field, ...]
    hint: str = ""


class BulkRefusal(msgspec.Struct, frozen=True):
    """A ticket with which nothing was done, and why; without a number where it is none of the site's."""

    number: str
    href: str
    reason: str


class Carried(msgspec.Struct, frozen=True):
    """Files, ties, tags and watchers. What the reader may not do has no form and no URL.

    `watching` is whether the reader does, None for who cannot. `merged_into` is the ticket that has taken this one in.
    """

    files: tuple[FileRow, ...] = ()
    attach: str = ""
    sign: str = ""
    accept: str = ""
    related: tuple[RelatedRow, ...] = ()
    forms: tuple[CarriedForm, ...] = ()
    merged_into: RelatedRow | None = None
    tags: tuple[str, ...] = ()
    may_tag: bool = False
    watchers: tuple[str, ...] = ()
    watching: bool | None = None
