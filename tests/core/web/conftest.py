"""Houses for tests of the web."""

from __future__ import annotations

import pytest

from tests.support.lodge import House, Lodge


@pytest.fixture
async def desk_house(lodge: Lodge) -> House:
    """A company with two sites and the front desk on at both."""
    return await lodge.house(sites=2, plugins=["reception"])
