"""An area of buildings and its steward: what rules, API and console share (VIS-3)."""

from __future__ import annotations

import re
from typing import Annotated, Final
from uuid import UUID

import msgspec

Building = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
_NUMBERED: Final = re.compile(r"[0-9A-Z-]+")


def in_words(building: str) -> str:
    """A building of the roll as people say it: `3幢` for `3`; one with a name keeps it."""
    return f"{building}幢" if _NUMBERED.fullmatch(building) else building


class AreaEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An area as it is to be; a building belongs to one."""

    name: Annotated[str, msgspec.Meta(max_length=30)]
    steward_id: UUID
    buildings: Annotated[list[Building], msgspec.Meta(max_length=200)]


class Area(msgspec.Struct, frozen=True):
    """An area as stored."""

    id: UUID
    name: str
    buildings: list[str]
    steward_id: UUID
    steward_name: str
    version: int
