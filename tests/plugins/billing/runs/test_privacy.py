"""What was charged is kept as long as accounts are, whoever asks to be forgotten."""

from __future__ import annotations

from uuid import UUID

from core.privacy.people import Subject
from tests.plugins.billing.runs.conftest import Desk


async def test_who_was_charged_is_not_erased_while_accounts_are_kept(desk: Desk) -> None:
    await desk.unit("101")
    [(party_id,)] = await desk.rows("SELECT id FROM party WHERE company_id = $1")
    assert await _kept(desk, party_id) == {}

    await desk.issued(await desk.item("fee", "2.5"))

    assert await _kept(desk, party_id) == {"billing_charge": 1}


async def _kept(desk: Desk, party_id: UUID) -> dict[str, int]:
    """How many rows of which of billing's tables stand against erasing them."""
    async with desk.work("admin") as work:
        kept = await desk.lodge.platform.data_requests.holds(work, Subject("resident", party_id))
    return {each.table: each.rows for each in kept if each.table.startswith("billing_")}
