"""Staff accounts as their pages show them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from core.web.views.parts import Choice, Word


class PersonRow(msgspec.Struct, frozen=True):
    """A member in the list. `roles` are message ids or the company's own words; `sites` names, empty for all."""

    href: str
    name: str
    staff_no: str
    department: str
    roles: tuple[str, ...]
    sites: tuple[str, ...]
    teams: tuple[str, ...]
    state: Word
    signed_in_at: datetime | None


class PostView(msgspec.Struct, frozen=True):
    """What somebody is at one site besides: `roles` to tick, of which `chosen` are (values `site:role`), and the
    `buildings` that they are confined to, as a line of names."""

    site_id: str
    site: str
    roles: tuple[Choice, ...]
    chosen: tuple[str, ...]
    buildings: str


class InvitedRow(msgspec.Struct, frozen=True):
    """Somebody asked to join who has not yet; `over`: the link has run out."""

    href: str
    name: str
    staff_no: str
    roles: tuple[str, ...]
    sites: tuple[str, ...]
    invited_by: str
    expires_at: datetime
    over: bool


class OpenRow(msgspec.Struct, frozen=True):
    """Open tickets of a site that would be without somebody: those answered for, and those to be worked on."""

    site: str
    href: str
    owned: int
    assigned: int


class PersonView(msgspec.Struct, frozen=True):
    """A member's account. `manageable`: the reader may change it; `self`: it is the reader's own."""

    id: str
    name: str
    login: str
    elsewhere: bool
    state: Word
    active: bool
    signed_in_at: datetime | None
    teams: tuple[str, ...]
    open: tuple[OpenRow, ...]
    manageable: bool
    own: bool
