"""Comments on tickets: for colleagues alone, or such as the reporter may read. An answer is something else (TKT-3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.tickets.changes import Change
    from core.tickets.model import Step


async def comment(change: Change, step: Step) -> Mapping[str, str]:
    """The effect of the action: the timeline entry keeps for whom it was written."""
    return {"visibility": step.visibility}
