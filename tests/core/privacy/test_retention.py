"""What is kept no longer goes with the next run, which can be foreseen."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from core.db.ids import new_id
from core.files.model import NewSignature
from core.jobs.queue import Worker
from core.policies.attachments import ATTACHMENTS
from core.policies.privacy import PRIVACY
from core.privacy.people import Subject
from core.privacy.service import NewRequest
from core.tickets.model import NewTicket
from tests.core.privacy.test_requests import ask
from tests.support.lodge import House, Lodge, SettableClock
from tests.world import PICTURE


async def run(lodge: Lodge, house: House) -> None:
    platform = lodge.platform
    [job] = [job for job in platform.jobs if job.name == "core.retention"]
    await Worker(platform, platform.jobs).perform(job, None, house.company_id)


async def foreseen(lodge: Lodge, house: House) -> dict[str, int]:
    async with lodge.work(house, "admin") as work:
        found = await lodge.platform.retention.outlook(work)
    return {kind: sum(kept.rows for kept in found if kept.kind == kind) for kind in {kept.kind for kept in found}}


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


async def test_files_of_a_closed_ticket_go_when_their_months_are_over_unless_something_needs_them(
    lodge: Lodge, house: House, clock: SettableClock
) -> None:
    site, platform = house.sites[0], lodge.platform
    closed, asked, reopened = [await closed_ticket(lodge, house) for _ in range(3)]
    async with lodge.work(house, "admin") as work:
        await platform.policies.revise(work, ATTACHMENTS, site.id, {"keep_months": 2}, reason="less", expected=0)
    for ticket_id in (closed, asked, reopened):
        async with lodge.work(house, "clerk") as work:
            await platform.files.add(work, site, ticket_id, "letter of Konrad.txt", f"Konrad {ticket_id}".encode())
            if ticket_id == closed:
                new = NewSignature(signer="Konrad Kept", picture=PICTURE, on_paper=True)
                await platform.files.sign(work, site, ticket_id, new)
    async with lodge.owner.begin(house.company_id) as uow:
        sql = "UPDATE ticket SET status = CASE WHEN id = $2 THEN 'accepted' ELSE 'closed' END WHERE company_id = $1"
        await uow.execute(sql, house.company_id, reopened)
        await uow.execute(
            "INSERT INTO approval (company_id, id, site_id, kind, subject, permission, payload, reason, state, "
            "asked_at, expires_at, asked_by, asked_by_name, decision) VALUES ($1, $2, $3, 'trial', 'x', "
            "'ticket.close', jsonb_build_object('ticket_id', $4::uuid), '', 'asked', $5, $6, $7, 'clerk', '')",
            *(house.company_id, new_id(), site.id, asked, clock(), clock() + timedelta(days=900)),
            house.staff["clerk"].membership_id,
        )

    clock.advance(days=60)
    early = await foreseen(lodge, house)
    clock.advance(days=2)
    due = await foreseen(lodge, house)
    await run(lodge, house)
    [sweep] = [job for job in platform.jobs if job.name == "core.sweep_files"]
    await Worker(platform, platform.jobs).perform(sweep, None, house.company_id)

    assert (early["files"], due["files"], (await foreseen(lodge, house))["files"]) == (0, 1, 0)
    async with lodge.work(house, "admin") as work:
        sql = """SELECT t.id, a.name, a.emptied_at IS NOT NULL, a.signed_by FROM ticket_attachment a
            JOIN ticket t ON t.company_id = $1 AND t.id = a.ticket_id WHERE a.company_id = $1"""
        found = await work.uow.fetch(lambda *row: row, sql, house.company_id)
        entries = await work.uow.fetch(
            str, "SELECT changes::text FROM audit_entry WHERE company_id = $1 AND action = 'privacy.forgotten'",
            house.company_id,
        )  # fmt: skip
    assert {(id, name) for id, name, gone, _ in found if gone} == {(closed, "***.txt")}
    assert {signed for _, _, gone, signed in found if not gone} == {None, "Konrad Kept"}
    assert entries == ['{"files": 1}']
    store = platform.files._store
    kept = [await store.read(house.company_id, digest) for digest in await store.digests(house.company_id)]
    assert f"Konrad {closed}".encode() not in kept
    assert f"Konrad {asked}".encode() in kept and f"Konrad {reopened}".encode() in kept
