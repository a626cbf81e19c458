"""The front desk of a house of the test's own, with what analyses it."""

from __future__ import annotations

import pytest

from tests.core.tickets.desk import Desk
from tests.support.lodge import House, Lodge, SettableClock


@pytest.fixture
def desk(lodge: Lodge, house: House, clock: SettableClock) -> Desk:
    return Desk(lodge, house, clock)
