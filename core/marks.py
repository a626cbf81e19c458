"""Page marks of lists that go back in time: an instant and an id, so that no row is seen twice or missed."""

from __future__ import annotations

import base64
from datetime import datetime
from uuid import UUID

from core.errors import Malformed


def write_mark(at: datetime, id: UUID) -> str:
    """Behind that row."""
    return base64.urlsafe_b64encode(f"{at.isoformat()} {id}".encode()).decode().rstrip("=")


def read_mark(mark: str) -> tuple[str, UUID]:
    """Instant and id. Raises Malformed for a mark that is not one of ours."""
    try:
        at, _, id = base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)).decode().partition(" ")
        return datetime.fromisoformat(at).isoformat(), UUID(id)
    except ValueError:
        raise Malformed("This page mark is not valid. Start from the first page.") from None


def part_of(text: str) -> str:
    """A pattern for ILIKE that finds the text anywhere."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
