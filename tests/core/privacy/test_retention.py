"""What is kept no longer goes with the next run, which can be foreseen."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from core.db.ids import new_id
from core.jobs.queue import Worker
from core.policies.privacy import PRIVACY
from core.privacy.people import Subject
from core.privacy.service import NewRequest
from core.tickets.model import NewTicket
from tests.core.privacy.test_requests import ask
from tests.support.lodge import House, Lodge, SettableClock


async def run(lodge: Lodge, house: House) -> None:
    platform = lodge.platform
    [job] = [job for job in platform.jobs if job.name == "core.retention"]
    await Worker(platform, platform.jobs).perform(job, None, house.company_id)


async def foreseen(lodge: Lodge, house: House) -> dict[str, int]:
    async with lodge.work(house, "admin") as work:
        return {kept.kind: kept.rows for kept in await lodge.platform.retention.outlook(work)}


async def closed_ticket(lodge: Lodge, house: House) -> UUID:
    async with lodge.work(house, "clerk") as work:
        new = NewTicket(
            description="dripping tap",
            category="plumbing_electric",
            place="east hall",
            reporter_name="Konrad Kept",
            reporter_phone="13900008888",
        )
        ticket = await lodge.platform.tickets.create(work, house.sites[0], new)
    async with lodge.owner.begin(house.company_id) as uow:
        await uow.execute("UPDATE ticket SET status = 'closed' WHERE company_id = $1", house.company_id)
    return ticket.id


async def test_whoever_reported_a_closed_ticket_is_forgotten_when_the_months_are_over(
    lodge: Lodge, house: House, clock: SettableClock
) -> None:
    ticket_id = await closed_ticket(lodge, house)
    async with lodge.work(house, "admin") as work:
        await lodge.platform.policies.revise(work, PRIVACY, None, {"closed_months": 2}, reason="less", expected=0)

    clock.advance(days=60)
    early = await foreseen(lodge, house)
    clock.advance(days=2)
    due = await foreseen(lodge, house)
    await run(lodge, house)

    assert (early["contacts"], due["contacts"]) == (0, 1)
    assert (await foreseen(lodge, house))["contacts"] == 0
    async with lodge.work(house, "admin") as work:
        ticket = await lodge.platform.tickets.get(work, house.sites[0], ticket_id)
        sql = "SELECT text || phone FROM ticket_search WHERE company_id = $1 AND ticket_id = $2"
        found_by = await work.uow.value(sql, house.company_id, ticket_id)
    assert (ticket.reporter_name, ticket.reporter_phone) == ("", "")
    assert ticket.number.lower() in found_by
    assert "konrad" not in found_by
    assert "13900008888" not in found_by


async def test_without_a_period_whoever_reported_is_kept_with_the_ticket(
    lodge: Lodge, house: House, clock: SettableClock
) -> None:
    ticket_id = await closed_ticket(lodge, house)

    clock.advance(days=4000)
    await run(lodge, house)

    async with lodge.work(house, "admin") as work:
        assert (await lodge.platform.tickets.get(work, house.sites[0], ticket_id)).reporter_name == "Konrad Kept"


async def test_an_export_goes_when_its_days_are_over_and_so_do_notices(
    lodge: Lodge, house: House, clock: SettableClock
) -> None:
    clerk = house.staff["clerk"].membership_id
    await ask(lodge, house, NewRequest("export", Subject("member", clerk), "asked"))
    async with lodge.owner.begin(house.company_id) as uow:
        for days in (80, 91):
            await uow.execute(
                "INSERT INTO notification (company_id, site_id, id, member_id, kind, severity, params, event_id, "
                "created_at) VALUES ($1, $2, $3, $4, 'escalated', 'routine', $7, $5, $6)",
                *(
                    house.company_id,
                    house.sites[0].id,
                    new_id(),
                    clerk,
                    new_id(),
                    clock() - timedelta(days=days),
                    '{"page": "p", "text": "t"}',
                ),
            )

    clock.advance(days=6)
    early = await foreseen(lodge, house)
    clock.advance(days=1)
    due = await foreseen(lodge, house)
    await run(lodge, house)

    assert (early["exports"], due["exports"]) == (0, 1)
    assert due["notifications"] == 1
    assert set((await foreseen(lodge, house)).values()) == {0}
