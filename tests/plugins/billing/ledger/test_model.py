"""MO-1, in short: `tests/safety/test_money.py` walks as far as the catalogue asks for."""

from __future__ import annotations

import asyncio

import pytest

from tests.plugins.billing.ledger.conftest import Office
from tests.plugins.billing.ledger.machine import walk
from tests.support.lodge import SettableClock


@pytest.fixture
async def loop(office: Office) -> asyncio.AbstractEventLoop:
    """The one of the platform: the machine's steps are taken on it."""
    return asyncio.get_running_loop()


def test_mo_1_accounts_say_what_a_simple_model_says(
    office: Office, clock: SettableClock, loop: asyncio.AbstractEventLoop
) -> None:
    assert walk(office, clock, loop, examples=8, steps=25) >= 150
