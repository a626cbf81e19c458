"""Every action on a ticket of whichever type, in the order in which they are offered."""

from __future__ import annotations

from core.tickets import lifecycle, ownership
from core.tickets.lifecycle import Action

ACTIONS: dict[str, Action] = {action.name: action for action in (*lifecycle.ACTIONS.values(), *ownership.ACTIONS)}
