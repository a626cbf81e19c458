"""Staff as services, API and console share them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.auth.posts import Post
from core.notify.model import Email, Phone

NAME, STAFF_NO, DEPARTMENT = 40, 30, 60  # characters
PAGE = 100

Name = Annotated[str, msgspec.Meta(max_length=NAME)]
StaffNo = Annotated[str, msgspec.Meta(max_length=STAFF_NO)]
Department = Annotated[str, msgspec.Meta(max_length=DEPARTMENT)]
State = Literal["active", "disabled"]


class Member(msgspec.Struct, frozen=True):
    """Somebody who works for the company. `roles` are keys, held at every site of theirs; `posts` what they are at
    single ones besides. `teams` are names, at the actor's sites. `signed_in_at` is their last sign-in of the past
    months, None if there was none."""

    id: UUID
    name: str
    staff_no: str
    department: str
    roles: list[str]
    all_sites: bool
    site_ids: list[UUID]
    active: bool
    version: int
    signed_in_at: datetime | None
    teams: list[str]
    posts: list[Post]


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What somebody is in the company: the roles they hold at every site of theirs, the sites they may enter
    (`all_sites`: later ones too), and what they are at single ones besides."""

    name: Name
    staff_no: StaffNo
    department: Department = ""
    roles: list[str] = []
    all_sites: bool = False
    site_ids: list[UUID] = []
    posts: Annotated[list[Post], msgspec.Meta(max_length=200)] = []


class MemberEntry(Place, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A member as a whole. An address that is left out stays, an empty one is forgotten; the member confirms a new one
    before anything goes there."""

    email: Email | None = None
    phone: Phone | None = None


class Wanted(msgspec.Struct, frozen=True):
    """Which members: `text` is looked for in name, staff number and department; `after` is a staff number."""

    text: str = ""
    state: State | None = None
    role: str | None = None
    after: str | None = None


class StaffPage(msgspec.Struct, frozen=True):
    """A page of members by staff number; `cursor` goes into the next request, null at the end."""

    items: list[Member]
    cursor: str | None


class OpenMatters(msgspec.Struct, frozen=True):
    """Open tickets of a site that a member answers for, and those they are to work on."""

    site_id: UUID
    owned: int
    assigned: int


class MemberPage(msgspec.Struct, frozen=True):
    """A member with the name they sign in by, the addresses they are told at (the telephone number masked), and what
    would be without them. `elsewhere`: they work for another company too."""

    member: Member
    login: str
    elsewhere: bool
    email: str
    phone: str
    open: list[OpenMatters]
