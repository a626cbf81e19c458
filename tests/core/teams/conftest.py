"""A house of the test's own, whose staff can be put into teams."""

from __future__ import annotations

import pytest

from tests.core.teams.crew import Crew
from tests.support.lodge import House, Lodge, SettableClock


@pytest.fixture
def crew(lodge: Lodge, house: House, clock: SettableClock) -> Crew:
    return Crew(lodge, house, clock)
