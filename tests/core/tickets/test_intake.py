"""Taking a matter in: what is promised, what is refused, and what is recorded with it (TKT-1, TKT-2)."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import msgspec
import pytest

from core.db.ids import new_id
from core.errors import Invalid, Malformed
from core.tickets.model import NewTicket, TicketRow
from core.tickets.queue import Filter
from tests.core.tickets.desk import Desk
from tests.support.lodge import NOW, Lodge

GOOD = NewTicket(description="厨房漏水了", category="plumbing_electric", severity="urgent", place="3-1802")


async def test_what_was_promised_is_what_the_ticket_owes(desk: Desk) -> None:
    async with desk.work() as work:
        promised = await desk.tickets.promise(work, desk.site, "plumbing_electric", "urgent")

    detail = await desk.detail(await desk.create("plumbing_electric", "urgent"))

    assert [(p.name, p.due_at) for p in promised] == [(g.name, g.due_at) for g in detail.goals]
    assert detail.ticket.due_at == min(p.due_at for p in promised if p.due_at)
    assert detail.ticket.due_seconds == 600


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"category": "witchcraft"}, ["category"]),
        ({"description": " 水 "}, ["description"]),
        ({"place": " "}, ["place"]),
        ({"category": "", "description": "", "place": ""}, ["category", "description", "place"]),
        ({"unit_id": new_id()}, ["unit_id"]),
        ({"party_id": new_id(), "assignee_id": new_id()}, ["party_id", "assignee_id"]),
    ],
)
async def test_every_wrong_field_is_named(change: dict[str, object], fields: list[str], desk: Desk) -> None:
    with pytest.raises(Invalid) as caught:
        async with desk.work() as work:
            await desk.tickets.create(work, desk.site, msgspec.structs.replace(GOOD, **change))

    assert [field.field for field in caught.value.fields] == fields
    assert await desk.counts() == {}


async def test_a_unit_of_another_site_or_company_is_no_unit(desk: Desk, lodge: Lodge) -> None:
    async def unit(company: object, site: object) -> object:
        unit_id = new_id()
        async with lodge.owner.begin(company) as uow:  # type: ignore[arg-type]
            await uow.execute(
                "INSERT INTO unit (company_id, id, site_id, building, room, label) "
                "VALUES ($1, $2, $3, '3', '1', '3-1')",
                company,
                unit_id,
                site,
            )
        return unit_id

    stranger = await lodge.house()
    here, there = desk.house.sites
    own = await unit(desk.house.company_id, here.id)
    foreign = [
        await unit(desk.house.company_id, there.id),
        await unit(stranger.company_id, stranger.sites[0].id),
        new_id(),
    ]

    answers = []
    for unit_id in foreign:
        with pytest.raises(Invalid) as caught:
            await desk.create(unit_id=unit_id)  # type: ignore[arg-type]
        answers.append(caught.value.fields)
    ticket = await desk.create(unit_id=own)  # type: ignore[arg-type]

    assert answers[0] == answers[1] == answers[2], "theirs and none look the same"
    assert ticket.unit_id == own


async def test_numbers_follow_the_sites_own_month(desk: Desk) -> None:
    desk.clock.now = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)
    last = await desk.create()
    desk.clock.now = datetime(2026, 12, 31, 16, 1, tzinfo=UTC)  # a minute past midnight in Shanghai
    first = await desk.create()

    assert (last.number, first.number) == ("GD2612-0001", "GD2701-0001")


async def test_a_ticket_audits_and_tells_in_its_own_transaction(desk: Desk) -> None:
    ticket = await desk.create()
    await desk.act(ticket, "accept")
    await desk.act(ticket, "comment")

    async with desk.work("admin", read_only=True) as work:
        company = work.ctx.company_id
        audited = await work.uow.fetch(
            lambda *row: row,
            "SELECT action, actor_name, subject_id FROM audit_entry WHERE company_id = $1 ORDER BY id",
            company,
        )
        told = await work.uow.fetch(
            lambda *row: row,
            "SELECT type, aggregate_id, site_id FROM outbox WHERE company_id = $1 ORDER BY id",
            company,
        )
    clerk, supervisor = desk.house.staff["clerk"].name, desk.house.staff["supervisor"].name
    assert audited == [
        ("ticket.created", clerk, str(ticket.id)),
        ("ticket.accept", supervisor, str(ticket.id)),
        ("ticket.comment", supervisor, str(ticket.id)),
    ]
    assert told == [(f"ticket.{past}.v1", ticket.id, desk.site.id) for past in ("created", "accepted")]


async def test_pages_hold_every_ticket_once_in_order(desk: Desk) -> None:
    made = []
    for n in range(7):
        desk.clock.advance(seconds=n % 2)
        made.append(await desk.create(severity=("urgent", "critical", "routine")[n % 3]))
    await desk.act(made[0], "resolve")
    async with desk.work(read_only=True) as work:
        for sort in ("due", "newest"):
            rows: list[TicketRow] = []
            cursor = None
            while True:
                wanted = Filter(sort=sort, limit=2, cursor=cursor)
                page = await desk.tickets.page(work, desk.site, wanted)
                rows += page.items
                cursor = page.cursor
                if cursor is None:
                    break

            assert {row.id for row in rows} == {ticket.id for ticket in made}
            assert len(rows) == 7
            if sort == "due":
                due = [row.due_at for row in rows]
                assert due[-1] is None and due[:-1] == sorted(d for d in due if d)


@pytest.mark.parametrize("cursor", ["x", "!!!", "aGVsbG8", "MjAyNi0xMS0yMyBub3BsYWNl", "AAAA"])
async def test_a_page_mark_that_is_not_ours_is_refused(cursor: str, desk: Desk) -> None:
    with pytest.raises(Malformed):
        async with desk.work(read_only=True) as work:
            await desk.tickets.page(work, desk.site, Filter(cursor=cursor))


async def test_a_page_mark_of_a_date_in_an_odd_form_is_harmless(desk: Desk) -> None:
    cursor = base64.urlsafe_b64encode(f"2026-W48-1 {new_id()}".encode()).decode().rstrip("=")

    async with desk.work(read_only=True) as work:
        assert (await desk.tickets.page(work, desk.site, Filter(cursor=cursor))).items == []


@pytest.mark.parametrize(
    ("text", "found"),
    [("漏水", 2), ("GD2611-0002", 1), ("%", 0), ("_", 0), ("\\", 0), ("100%", 0), ("'; --", 0)],
)
async def test_a_search_takes_wildcards_as_they_are_written(text: str, found: int, desk: Desk) -> None:
    for _ in range(2):
        await desk.create()

    async with desk.work(read_only=True) as work:
        page = await desk.tickets.page(work, desk.site, Filter(text=text))

    assert len(page.items) == found


async def test_a_search_finds_what_stands_together_not_its_parts(desk: Desk) -> None:
    """Each three letters of it stand there, but not one after the other: a wildcard would lead from one to the next."""
    new = NewTicket(description="50%a 0%oz %of", category="other", place="3-1802")
    async with desk.work() as work:
        await desk.tickets.create(work, desk.site, new)

    async with desk.work(read_only=True) as work:
        found = [len((await desk.tickets.page(work, desk.site, Filter(text=t))).items) for t in ("50%of", "50%a")]

    assert found == [0, 1]


async def test_filters_narrow_the_list(desk: Desk) -> None:
    technician = desk.house.staff["technician"].membership_id
    ticket, _ = await desk.create(), await desk.create("lift", role="supervisor")
    await desk.act(ticket, "assign", assignee_id=technician)
    filters = [
        Filter(category="plumbing_electric"),
        Filter(assignee_id=technician),
        Filter(owner_id=desk.house.staff["clerk"].membership_id),
        Filter(status="new", category="plumbing_electric"),
        Filter(due_before=NOW.replace(day=24), text="厨房", assignee_id=technician),
    ]

    async with desk.work(read_only=True) as work:
        pages = [await desk.tickets.page(work, desk.site, wanted) for wanted in filters]
        nothing = await desk.tickets.page(work, desk.site, Filter(due_before=NOW))

    assert [[row.id for row in page.items] for page in pages] == [[ticket.id]] * len(filters)
    assert nothing.items == []
