"""A company's identity provider as services, API and console share it, and what it says of somebody."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec

Word = Annotated[str, msgspec.Meta(max_length=60)]
SCOPES: Final = ("openid", "email")  # what is asked for unless something else is set


class ProviderEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is set. A `client_secret` that is left out stays, an empty one is none.

    `factors` are values of `amr` or `acr` by which the provider says that a second factor was given; without any, Lodge
    asks for its own. `only_way`: passwords let in nobody but the member `emergency_id`.
    """

    title: Annotated[str, msgspec.Meta(max_length=40)]
    issuer: Annotated[str, msgspec.Meta(max_length=300)]
    client_id: Annotated[str, msgspec.Meta(max_length=200)]
    client_secret: Annotated[str, msgspec.Meta(max_length=500)] | None = None
    scopes: Annotated[list[Word], msgspec.Meta(max_length=20)] = msgspec.field(default_factory=lambda: list(SCOPES))
    address_claim: Word = "email"
    factors: Annotated[list[Word], msgspec.Meta(max_length=20)] = []
    active: bool = False
    only_way: bool = False
    emergency_id: UUID | None = None


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """As it is set up, without its secret; version 0 where there is none.

    `tried_at` is when somebody last came in for a trial with what is set now. `linked` of `members` active members are
    known to it.
    """

    title: str = ""
    issuer: str = ""
    client_id: str = ""
    has_secret: bool = False
    scopes: list[str] = msgspec.field(default_factory=lambda: list(SCOPES))
    address_claim: str = "email"
    factors: list[str] = []
    active: bool = False
    only_way: bool = False
    emergency_id: UUID | None = None
    tried_at: datetime | None = None
    version: int = 0
    linked: int = 0
    members: int = 0


class Administrator(msgspec.Struct, frozen=True):
    """Somebody who can be named for emergencies."""

    id: UUID
    name: str
    staff_no: str


class Client(msgspec.Struct, frozen=True):
    """What it takes to ask the provider: of which company, and what was set with which version."""

    company_id: UUID
    id: UUID
    title: str
    issuer: str
    client_id: str
    secret: str
    scopes: list[str]
    address_claim: str
    factors: list[str]
    active: bool
    only_way: bool
    version: int


class Identity(msgspec.Struct, frozen=True):
    """What a verified ID token says: who it is (RFC 7519 `iss`, `sub`), and how they came in there (`amr`, `acr`).

    `claims` are all others, for the address.
    """

    issuer: str
    subject: str
    means: frozenset[str]
    claims: dict[str, Any]
