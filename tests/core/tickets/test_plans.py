"""Among the tickets of many companies each request finds its own by index, and asks the database few times."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

import httpx
import msgspec
import pytest

from core.tickets import queue
from core.tickets.model import NewTicket, Page, Ticket
from core.tickets.queue import Filter
from tests.support.crowd import crowd
from tests.support.lodge import NOW, Databases, House, Lodge, SettableClock
from tests.support.statements import Node, Statement, plan_of, recording
from tests.support.web import Web

MOST = 6  # round trips of a request, BEGIN with the tenant and COMMIT included
KEY = "ticket_company_id_site_id_id_key"
GROWING = {"ticket", "ticket_goal", "ticket_event", "ticket_timer"}  # with tickets; counters and numbers have few rows


@pytest.fixture(scope="module")
async def house(lodge: Lodge, databases: Databases, shared_clock: SettableClock) -> House:
    """One of twenty companies with 800 tickets each, their statistics known."""
    houses = [await lodge.house(sites=2) for _ in range(20)]
    await crowd(lodge, shared_clock, databases.admin_dsn(lodge.dsns), houses, patterns=40, copies=20)
    return houses[7]


async def page(lodge: Lodge, house: House, wanted: Filter) -> tuple[Page, Statement]:
    async with recording(lodge.platform.db) as sent, lodge.work(house, read_only=True) as work:
        found = await lodge.platform.tickets.page(work, house.sites[0], wanted)
    _, statement, _ = sent
    return found, statement


async def plan(lodge: Lodge, house: House, statement: Statement, *, generic: bool) -> list[Node]:
    async with lodge.work(house) as work:
        return await plan_of(work.uow, statement, generic=generic)


def read_whole(plan: Iterable[Node]) -> set[str | None]:
    """Tables of tickets that a plan reads from end to end."""
    return {node.relation for node in plan if node.kind == "Seq Scan"} & GROWING


LISTS = {
    "open by deadline": (Filter(), "ticket_queue"),
    "open, due soon": (Filter(due_before=NOW), "ticket_queue"),
    "open, of a category": (Filter(category="plumbing_electric"), "ticket_queue"),
    "closed by deadline": (Filter(status="closed"), "ticket_state"),
    "newest first": (Filter(sort="newest", status="all"), KEY),
    "newest first, paused": (Filter(sort="newest", status="paused"), KEY),
    "by number": (Filter(sort="number", status="all"), "ticket_company_id_site_id_number_key"),
    "open, the gravest first": (Filter(sort="severity"), "ticket_severity"),
    "changed last": (Filter(sort="updated", status="all"), "ticket_updated"),
}


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_walks_along_an_index_from_its_mark(lodge: Lodge, house: House, name: str) -> None:
    wanted, index = LISTS[name]
    first, statement = await page(lodge, house, wanted)
    plans = [await plan(lodge, house, statement, generic=True)]
    if first.cursor:
        _, following = await page(lodge, house, msgspec.structs.replace(wanted, cursor=first.cursor))
        plans.append(await plan(lodge, house, following, generic=True))
        [scan] = [node for node in plans[-1] if node.relation == "ticket"]
        narrowed = scan.condition.replace("company_id", "").replace("site_id", "")
        assert "id" in narrowed or "number" in narrowed, "a page would begin at the list's first row"

    for nodes in plans:
        assert [node.index for node in nodes if node.relation == "ticket"] == [index]
        sorts = [node for node in nodes if node.kind == "Sort" and any(n.relation == "ticket" for n in node.walk())]
        assert not sorts, "a page would be as slow as the whole list"


RARE = NewTicket(
    description="对讲机型号 XQ-200，屏幕碎裂，夜间亮度闪烁不定，住户要求更换同款",
    category="plumbing_electric",
    place="77-9931",
    reporter_name="欧阳上善",
    reporter_phone="13955550998",
)
SEARCHES = {
    "number": "{number}",
    "a number's digits": "{digits}",
    "telephone": "139 5555 0998",
    "last four digits of a telephone": "0998",
    "name": "欧阳上善",
    "surname": "欧阳",
    "unit": "77-9931",
    "one Chinese character": "碎",
    "two Chinese characters": "碎裂",
    "Latin letters": "XQ",
    "a Latin letter": "x",
    "a long text": "夜间亮度闪烁不定，住户要求更换同款",
    "words apart": "碎裂 上善 xq-200",
    "two letters that no ticket has": "zz",
    "a sign that no ticket has": "%",
}


@pytest.fixture(scope="module")
async def rare(lodge: Lodge, house: House) -> Ticket:
    """A ticket whose words no other one has."""
    async with lodge.work(house) as work:
        return await lodge.platform.tickets.create(work, house.sites[0], RARE)


@pytest.mark.parametrize("kind", SEARCHES)
async def test_a_search_reads_what_it_finds_and_little_more(
    lodge: Lodge, house: House, rare: Ticket, kind: str
) -> None:
    """Of the site's 400 tickets; the function that searches plans for itself, so what it read is counted."""
    text = SEARCHES[kind].format(number=rare.number, digits=rare.number[2:])
    read = """SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables
              WHERE schemaname = 'lodge' AND relname = 'ticket_search'"""
    async with lodge.work(house, read_only=True) as work:
        before = await work.uow.value(read)
        found = await queue.search(work, house.sites[0], text)
        rows = await work.uow.value(read) - (before or 0)

    assert [row.id for row in found.items] == ([] if "no ticket" in kind else [rare.id])
    assert rows <= 5


NEW = {"description": "厨房水管漏水", "category": "plumbing_electric", "severity": "urgent", "place": "3-1802"}
REQUESTS = {
    "list": ("GET", "/tickets", 200),
    "list, closed, a text": ("GET", "/tickets?status=closed&q=1", 200),
    "list, narrowed and counted": (
        "GET",
        "/tickets?status=all&sort=updated&breached=any&created_within=30&count=true",
        200,
    ),
    "search": ("GET", "/tickets/search?q=漏水", 200),
    "search, a telephone": ("GET", "/tickets/search?q=1234", 200),
    "detail": ("GET", "/tickets/{ticket}", 200),
    "counts": ("GET", "/tickets/counts", 200),
    "promise": ("GET", "/tickets/promise?category=plumbing_electric", 200),
    "create": ("POST", "/tickets", 201),
}


@pytest.fixture(scope="module")
async def api(serving: Web, house: House) -> AsyncIterator[httpx.AsyncClient]:
    """The JSON API as a supervisor, warm: who that is and what is promised here have been looked up."""
    async with serving.visit() as web:
        api = await web.api(house, "supervisor")
        api.base_url = api.base_url.join(f"/api/v1/sites/{house.sites[0].slug}")
        (await api.get("/tickets/promise?category=plumbing_electric")).raise_for_status()
        yield api


async def check(lodge: Lodge, house: House, sent: list[Statement]) -> None:
    """One transaction in at most six round trips, or none; and no table of tickets read from end to end."""
    if not sent:
        return
    begin, *statements, commit = sent
    assert begin.sql.startswith("BEGIN") and commit.sql == "COMMIT" and len(sent) <= MOST, sent
    for statement in statements:
        for generic in (False, True):
            assert not read_whole(await plan(lodge, house, statement, generic=generic)), statement.sql


@pytest.mark.parametrize("name", REQUESTS)
async def test_a_request_asks_few_times_and_by_index(
    lodge: Lodge, house: House, api: httpx.AsyncClient, name: str
) -> None:
    method, path, status = REQUESTS[name]
    first, _ = await page(lodge, house, Filter())
    body = NEW if method == "POST" else None

    async with recording(lodge.platform.db) as sent:
        answer = await api.request(method, path.format(ticket=first.items[0].id), json=body)

    assert answer.status_code == status, answer.text
    await check(lodge, house, sent)


async def test_a_ticket_taken_in_with_a_key_and_a_colleague_asks_few_times_too(
    lodge: Lodge, house: House, api: httpx.AsyncClient
) -> None:
    body = {**NEW, "assignee_id": str(house.staff["technician"].membership_id)}

    async with recording(lodge.platform.db) as sent:
        answer = await api.post("/tickets", json=body, headers={"idempotency-key": "once"})

    assert answer.status_code == 201, answer.text
    await check(lodge, house, sent)


async def test_every_step_of_a_ticket_asks_few_times_and_by_index(
    lodge: Lodge, house: House, api: httpx.AsyncClient
) -> None:
    ticket = (await api.post("/tickets", json=NEW)).json()
    for action in ("assign", "accept", "arrive", "pause", "resume", "comment", "resolve", "answer", "close", "reopen"):
        body = {"text": "text", "assignee_id": str(house.staff["technician"].membership_id)}
        async with recording(lodge.platform.db) as sent:
            answer = await api.post(
                f"/tickets/{ticket['id']}/actions/{action}",
                json=body,
                headers={"if-match": f'"{ticket["version"]}"'},
            )
        assert answer.status_code == 200, (action, answer.text)
        await check(lodge, house, sent)
        ticket = answer.json()
