"""MO-1 at length: ten thousand steps on households' accounts, and not a fen of drift."""

from __future__ import annotations

import asyncio

from tests.plugins.billing.ledger.conftest import Office, office
from tests.plugins.billing.ledger.machine import walk
from tests.plugins.billing.ledger.test_model import loop
from tests.support.catalogue import measured, times
from tests.support.lodge import SettableClock

__all__ = ["loop", "office"]  # fixtures
EACH = 50


def test_mo_1_ten_thousand_steps_leave_no_drift(
    office: Office, clock: SettableClock, loop: asyncio.AbstractEventLoop
) -> None:
    wanted = times("STEPS", 10_000)
    taken = 0
    while taken < wanted:
        taken += walk(office, clock, loop, -(-(wanted - taken) // EACH), EACH)

    measured("MO-1", f"{taken} steps, 0 fen of drift", steps=taken)
