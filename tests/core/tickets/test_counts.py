"""Counts are remembered until a ticket changes, and never longer than that (one process or two)."""

from __future__ import annotations

from uuid import UUID

import pytest

from core.db.uow import UnitOfWork
from core.tickets import reading
from core.tickets.model import NewTicket
from core.tickets.service import Step
from tests.support.lodge import House, Lodge
from tests.support.statements import recording

NEW = NewTicket(description="厨房水槽漏水", category="plumbing_electric", place="大堂")


async def counts(lodge: Lodge, house: House) -> dict[str, int]:
    async with lodge.work(house, "supervisor", read_only=True) as work:
        return await lodge.platform.tickets.counts(work, house.sites[0])


async def test_counts_are_read_once_until_a_ticket_changes(lodge: Lodge, house: House) -> None:
    await counts(lodge, house)

    async with recording(lodge.platform.db) as sent:
        await counts(lodge, house)

    assert sent == []


async def test_a_committed_change_shows_at_once_and_one_undone_never(lodge: Lodge, house: House) -> None:
    await counts(lodge, house)
    async with lodge.work(house, "supervisor") as work:
        ticket = await lodge.platform.tickets.create(work, house.sites[0], NEW)
        assert (await lodge.platform.tickets.counts(work, house.sites[0]))["new"] == 1

    assert (await counts(lodge, house))["new"] == 1

    async with lodge.work(house, "supervisor") as work:
        await lodge.platform.tickets.act(work, house.sites[0], ticket.id, "accept", Step(), None)
        await work.uow.rollback()

    assert (await counts(lodge, house))["new"] == 1


async def test_a_change_that_overtakes_the_reading_is_not_lost(
    lodge: Lodge, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = reading.counts

    async def overtaken(uow: UnitOfWork, site_id: UUID) -> dict[str, int]:
        found = await read(uow, site_id)
        lodge.platform.tickets.forget_counts(house.company_id)  # as at a commit between reading and remembering
        return found

    with monkeypatch.context() as patch:
        patch.setattr(reading, "counts", overtaken)
        await counts(lodge, house)
    async with recording(lodge.platform.db) as sent:
        await counts(lodge, house)

    assert any("ticket_counter" in statement.sql for statement in sent)


async def test_an_announcement_of_another_process_makes_it_read_again(lodge: Lodge, house: House) -> None:
    await counts(lodge, house)
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute("INSERT INTO ticket_counter VALUES ($1, $2, 'new', 7)", house.company_id, house.sites[0].id)
    lodge.platform.tickets.forget_counts(house.company_id)

    assert (await counts(lodge, house))["new"] == 7
