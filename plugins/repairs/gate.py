"""What keeps a work order from being done (REP-3)."""

from __future__ import annotations

from core.sdk import Conflict, Platform, Ticket, Work
from plugins.repairs.kinds import ORDER
from plugins.repairs.policies import WORK


async def check(work: Work, platform: Platform, ticket: Ticket, action: str) -> None:
    """Raise Conflict saying what comes first; actions other than the last one of the work are of no concern."""
    if ticket.type != ORDER or action != "resolve":
        return
    rules = await platform.policies.value(work, WORK, ticket.site_id)
    if rules.item_needed and not ticket.fields.get("item"):
        raise Conflict("Say first what was out of order: change it among the facts.")
