"""Page marks of lists in the order of the roll, a unit's place and an id, so that no row is seen twice or missed; and
ids as forms and addresses name them."""

from __future__ import annotations

import base64
from typing import Final
from uuid import UUID

from core.sdk import Malformed

_FIRST: Final = UUID(int=0)


def place(key: str, id: UUID) -> str:
    """Behind that row."""
    return base64.urlsafe_b64encode(f"{id} {key}".encode()).decode().rstrip("=")


def read_place(mark: str | None) -> tuple[str, UUID]:
    """Place and id; before all rows without a mark. Raises Malformed for a mark that is not one of ours."""
    if not mark:
        return "", _FIRST
    try:
        id, _, key = base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)).decode().partition(" ")
        if "\0" in key:
            raise ValueError(key)
        return key, UUID(id)
    except ValueError:
        raise Malformed("This page mark is not valid. Start from the first page.") from None


def id_of(text: str) -> UUID:
    """An id that a form or an address names. Raises Malformed."""
    try:
        return UUID(text)
    except ValueError:
        raise Malformed from None


def id_or_none(text: str) -> UUID | None:
    """The same where it may be left out."""
    return id_of(text) if text else None
