"""What tests of the contract start from: a ticket at the first site of a house, and the API as its clerk."""

from __future__ import annotations

import httpx
import pytest

from core.tickets.model import NewTicket, Ticket
from tests.support.lodge import House, Lodge
from tests.support.web import Web

NEW: dict[str, object] = {"description": "厨房漏水了", "category": "plumbing_electric", "place": "3-1802"}


@pytest.fixture
async def clerk(web: Web, house: House) -> httpx.AsyncClient:
    """The API as the front desk of the house uses it, at the first site."""
    client = await web.api(house, "clerk")
    client.base_url = client.base_url.join(f"/api/v1/sites/{house.sites[0].slug}/")
    return client


@pytest.fixture
async def ticket(lodge: Lodge, house: House) -> Ticket:
    async with lodge.work(house) as work:
        return await lodge.platform.tickets.create(work, house.sites[0], NewTicket(**NEW))  # type: ignore[arg-type]
