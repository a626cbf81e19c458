"""What a caller must confirm at a site before anything about the household is told (REC-5)."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.sdk import Key, PolicySpec
from plugins.reception.permissions import MANAGE
from plugins.reception.schemas import PARTS, Part

_Name = Annotated[bool, msgspec.Meta(title="Name")]
_Address = Annotated[bool, msgspec.Meta(title="Address")]
_Phone = Annotated[bool, msgspec.Meta(title="Phone number")]


class Needed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is needed for matters of a category."""

    category: Annotated[Key, msgspec.Meta(title="Category", description="Its key among the ticket categories.")]
    name: _Name = True
    address: _Address = True
    phone: _Phone = True


class IdentityRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked of every caller, and what more for certain matters."""

    name: _Name = True
    address: _Address = True
    phone: _Phone = False
    purposes: Annotated[
        tuple[Needed, ...],
        msgspec.Meta(title="For certain matters", description="A change replaces the whole list.", max_length=30),
    ] = (Needed("fees"),)


def parts_of(rule: IdentityRules | Needed) -> tuple[Part, ...]:
    """The parts that a rule asks for, in the order in which they are asked."""
    return tuple(part for part in PARTS if getattr(rule, part))


IDENTITY = PolicySpec(
    name="reception.identity",
    struct=IdentityRules,
    default=IdentityRules(),
    title="Confirming who calls",
    help="What callers confirm before they are told anything about the household, and for which matters more.",
    permission=MANAGE.id,
    plugin="reception",
)
