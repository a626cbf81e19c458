"""What the front desk asks of the database: few round trips a request, and every table by an index."""

from __future__ import annotations

import httpx
import pytest

from core.db.ids import new_id
from core.policies.assignment import ASSIGNMENT
from core.teams.model import MemberEntry, TeamEntry
from core.tickets.model import NewTicket
from tests.plugins.reception.conftest import OWNER_PHONE, Desk, Ring
from tests.plugins.reception.test_intake import filled
from tests.support.statements import Statement, plan_of, recording

CALLS = 3_000  # of the past, so that reading them all would show


@pytest.fixture
async def warm(desk: Desk, clerk: httpx.AsyncClient, screen: httpx.AsyncClient, ring: Ring) -> str:
    """A call in hand at a desk with a past, and the policies read; the call's id."""
    async with desk.lodge.owner.begin(desk.house.company_id) as uow:
        await uow.execute(
            "INSERT INTO reception_call (company_id, id, site_id, external_id, channel, source, phone, ringing_at, "
            "answered_at, ended_at) SELECT $1, gen_random_uuid(), $2, 'old ' || n, 'call', 'exchange', '', at, at, at "
            "FROM (SELECT n, timestamptz '2026-11-22' - n * interval '1 minute' AS at FROM generate_series(1, $3) n) t",
            desk.house.company_id,
            desk.site.id,
            CALLS,
        )
        await uow.execute("ANALYZE reception_call")
    call = await ring("a")
    await screen.post(f"{desk.console}/calls/{call['id']}/answer")
    form = await filled(desk, screen, call["id"])
    assert (await screen.post(f"{desk.console}/intake", data=form)).status_code == 200
    return str(call["id"])


async def check(desk: Desk, sent: list[Statement], most: int) -> None:
    """One transaction in that many round trips, in which no calls are read from end to end."""
    assert sent[0].sql.startswith("BEGIN") and sent[-1].sql == "COMMIT"
    assert len(sent) <= most, [statement.sql for statement in sent]
    async with desk.lodge.work(desk.house, "clerk") as work:
        for statement in sent[1:-1]:
            for generic in (False, True):
                for node in await plan_of(work.uow, statement, generic=generic):
                    assert (node.kind, node.relation) != ("Seq Scan", "reception_call"), statement.sql


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/card", 4),
        ("/kpis", 4),
        ("/intake?call={call}", 4),
        ("/promise?category=lift&severity=urgent", 0),
        ("/calls", 4),
        ("/calls?q=%E7%8E%8B&status=missed", 4),
        ("", 6),
        ("?call={call}", 6),
    ],
)
async def test_a_page_asks_few_times_and_by_index(
    desk: Desk, screen: httpx.AsyncClient, warm: str, path: str, most: int
) -> None:
    async with recording(desk.lodge.platform.db) as sent:
        answer = await screen.get(desk.console + path.format(call=warm))

    assert answer.status_code == 200, answer.text
    if most:
        await check(desk, sent, most)
    else:
        assert sent == []


async def test_the_card_of_a_household_is_three_questions_at_most(
    desk: Desk, clerk: httpx.AsyncClient, screen: httpx.AsyncClient, warm: str
) -> None:
    """REC-5: who calls, the household with its tickets, and what another module knows of it in a request of its own."""
    await clerk.get(f"{desk.api}/calls/{warm}/card")
    async with recording(desk.lodge.platform.db) as card:
        answer = await clerk.get(f"{desk.api}/calls/{warm}/card")
    await screen.get(f"{desk.console}/households/{desk.wang.unit_id}")
    async with recording(desk.lodge.platform.db) as more:
        known = await screen.get(f"{desk.console}/households/{desk.wang.unit_id}")

    assert answer.json()["household"]["label"] == "3幢1802" and known.status_code == 200
    await check(desk, card, 2 + 3)
    await check(desk, more, 6)


@pytest.mark.parametrize("mode", ["named", "round_robin"])
async def test_taking_a_matter_in_asks_six_times(desk: Desk, screen: httpx.AsyncClient, warm: str, mode: str) -> None:
    form = await filled(desk, screen, warm)
    technician = desk.house.staff["technician"].membership_id
    platform, site = desk.lodge.platform, desk.site
    async with desk.lodge.work(desk.house, "admin") as work:
        await platform.teams.create(work, site, TeamEntry(name="水电班", members=(MemberEntry(technician),)))
        await platform.policies.revise(work, ASSIGNMENT, site.id, {"mode": "round_robin"}, reason="test", expected=0)
    async with desk.lodge.work(desk.house, "clerk") as work:  # teams and policies are known from here on
        await platform.tickets.create(work, site, NewTicket(description="厨房漏水", category="lift", place="大堂"))

    chosen = str(technician) if mode == "named" else ""
    async with recording(platform.db) as sent:
        answer = await screen.post(f"{desk.console}/intake", data={**form, "assignee": chosen})

    assert answer.status_code == 200, answer.text
    await check(desk, sent, 6)


@pytest.mark.parametrize("event", ["ringing", "answered", "ended"])
async def test_a_report_asks_six_times(desk: Desk, ring: Ring, warm: str, event: str) -> None:
    async with recording(desk.lodge.platform.db) as sent:
        await ring(f"new {new_id()}", event, phone=OWNER_PHONE)

    await check(desk, sent, 6)


@pytest.mark.parametrize("action", ["answer", "end"])
async def test_a_step_with_a_call_asks_six_times(desk: Desk, screen: httpx.AsyncClient, warm: str, action: str) -> None:
    async with recording(desk.lodge.platform.db) as sent:
        answer = await screen.post(f"{desk.console}/calls/{warm}/{action}", data={})

    assert answer.status_code == 200, answer.text
    await check(desk, sent, 6)
