"""The list as a page: what its address asks for, kept lists it opens with, its rows alone, and the export's dialog."""

from __future__ import annotations

import io
import re

import httpx
import pytest
from python_calamine import CalamineWorkbook

from core.tickets.model import NewTicket
from core.tickets.queue import Wanted
from core.web.console import listing
from tests.core.tickets.desk import Desk
from tests.support.statements import recording
from tests.support.web import Web

HTMX = {"hx-request": "true"}
WANTED = {
    "nothing": Wanted(),
    "words": Wanted(text="漏水 & 3幢", sort="newest", status="all"),
    "one's own": Wanted(mine=True, due_within=60),
    "nobody's": Wanted(unassigned=True, severity="urgent"),
    "links": Wanted(breached="response", created_within=30, category="lift"),
}


@pytest.mark.parametrize("name", WANTED)
def test_an_address_asks_for_what_it_was_written_from(name: str) -> None:
    query = dict(httpx.QueryParams(listing.address(WANTED[name], ("number", "matter"))))

    assert listing.wanted(query) == WANTED[name]
    assert listing.columns(query) == ("matter", "number")


@pytest.fixture
async def console(desk: Desk, web: Web) -> httpx.AsyncClient:
    """A supervisor's browser at the site, where two leaks and a lift are open."""
    for text, category in (
        ("厨房漏水", "plumbing_electric"),
        ("卫生间漏水", "plumbing_electric"),
        ("电梯异响", "lift"),
    ):
        async with desk.work() as work:
            new = NewTicket(description=text, category=category, place="3-1802", reporter_name="王芳")
            await desk.tickets.create(work, desk.site, new)
    client = await web.console(desk.house, "supervisor")
    client.base_url = client.base_url.join(f"/s/{desk.site.slug}/")
    return client


def matters(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return re.findall(r'<td class="clip">.*?<a href="[^"]+" title="([^"]+)">', answer.text)


def here(address: str) -> str:
    """An address of the site, as its client takes it."""
    return address.split("/", 3)[3]


ASKED = {
    "tab=all": ["厨房漏水", "卫生间漏水", "电梯异响"],
    "q=漏水&sort=newest": ["卫生间漏水", "厨房漏水"],
    "category=lift": ["电梯异响"],
    "assignee_id=none&q=厨房": ["厨房漏水"],
    "tab=mine": [],
    "status=closed": [],
    "created_from=2026-11-23&created_to=2026-11-23&sort=number": ["厨房漏水", "卫生间漏水", "电梯异响"],
    "created_to=2026-11-22": [],
}


@pytest.mark.parametrize("query", ASKED)
async def test_page_and_rows_show_what_the_address_asks_for(query: str, console: httpx.AsyncClient) -> None:
    page, rows = await console.get(f"tickets?{query}"), await console.get(f"tickets/rows?{query}", headers=HTMX)

    assert sorted(matters(page)) == sorted(matters(rows)) == sorted(ASKED[query])
    assert matters(await console.get(here(rows.headers["hx-replace-url"]))) == matters(rows)


@pytest.mark.parametrize("query", ["status=nonsense", "tab=nonsense", "due_within=x", "after=x"])
async def test_an_address_that_asks_for_nonsense_is_refused(query: str, console: httpx.AsyncClient) -> None:
    assert (await console.get(f"tickets?{query}")).status_code == 400


async def test_columns_are_those_that_were_chosen(console: httpx.AsyncClient) -> None:
    chosen = await console.get("tickets?tab=all&col=reporter&col=number&col=nonsense")
    page = await console.get(here(chosen.headers["location"]))

    heads = re.findall(r'<th scope="col">(?:<label.*?<span>)?([^<]+)', page.text)
    assert heads == ["Reported by", "Ticket number"]
    assert "王芳" in page.text and "GD2611-0001</a>" in page.text


async def test_a_kept_list_opens_the_page_and_can_be_changed_and_forgotten(console: httpx.AsyncClient) -> None:
    dialog = await console.get("tickets/filters/new?q=漏水&sort=newest&cols=matter,number", headers=HTMX)
    kept = re.search(r'name="list" value="([^"]*)"', dialog.text)
    assert kept is not None
    form = {"name": "漏水", "list": kept[1].replace("&amp;", "&"), "shared": "true", "preferred": "true"}

    made = await console.post("tickets/filters", data=form, headers=HTMX)
    again = await console.post("tickets/filters", data=form, headers=HTMX)
    opened = await console.get("tickets")
    assert (opened.status_code, opened.headers["location"]) == (303, made.headers["hx-redirect"])
    assert again.status_code == 422 and "Choose another" in again.text
    page = await console.get(here(opened.headers["location"]))
    assert matters(page) == ["卫生间漏水", "厨房漏水"]
    [filter_id] = set(re.findall(r"tickets/filters/([0-9a-f-]{36})", page.text))

    change = {**form, "version": "1", "was_preferred": "true", "now": "category=lift", "retake": "true"}
    del change["preferred"]
    changed = await console.post(f"tickets/filters/{filter_id}", data=change, headers=HTMX)
    assert matters(await console.get(here(changed.headers["hx-redirect"]))) == ["电梯异响"]
    assert (await console.get("tickets")).status_code == 200, "it opens as it does for everybody"
    stale = await console.post(f"tickets/filters/{filter_id}", data=change, headers=HTMX)
    assert stale.status_code == 412
    assert (await console.post(f"tickets/filters/{filter_id}/delete")).status_code == 303
    assert (await console.get(f"tickets/filters/{filter_id}", headers=HTMX)).status_code == 404


async def test_who_does_not_lead_may_still_open_with_a_shared_list(
    console: httpx.AsyncClient, desk: Desk, web: Web
) -> None:
    await console.post("tickets/filters", data={"name": "电梯", "list": "category=lift", "shared": "true"})
    clerk = await web.console(desk.house, "clerk")
    clerk.base_url = console.base_url
    [filter_id] = set(re.findall(r"tickets/filters/([0-9a-f-]{36})", (await clerk.get("tickets?tab=all")).text))

    dialog = await clerk.get(f"tickets/filters/{filter_id}", headers=HTMX)
    await clerk.post(f"tickets/filters/{filter_id}", data={"preferred": "true", "version": "1"})

    assert 'name="name"' not in dialog.text
    assert matters(await clerk.get(here((await clerk.get("tickets")).headers["location"]))) == ["电梯异响"]


async def test_the_export_is_what_the_list_shows_in_the_columns_that_are_ticked(console: httpx.AsyncClient) -> None:
    dialog = await console.get("tickets/export?q=漏水&sort=number", headers=HTMX)
    shown = re.search(r'name="list" value="([^"]*)"', dialog.text)
    assert shown is not None

    answer = await console.post("tickets/export", data={"list": shown[1].replace("&amp;", "&"), "col": ["matter"]})

    assert answer.status_code == 200 and "attachment" in answer.headers["content-disposition"]
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert rows == [["Matter"], ["厨房漏水"], ["卫生间漏水"]]


async def test_what_is_selected_is_done_for_each_and_a_tag_finds_it_again(console: httpx.AsyncClient) -> None:
    boxes = re.findall(r'name="ticket" value="([^"]+)"', (await console.get("tickets?q=漏水")).text)
    assert len(boxes) == 2

    await console.post("tickets/bulk", data={"ticket": boxes, "action": "tag", "add": "返修"}, headers=HTMX)

    listed = await console.get("tickets?tag=返修&cols=matter,tags")
    assert sorted(matters(listed)) == ["卫生间漏水", "厨房漏水"]
    assert listed.text.count(">返修</a>") == 2
    exported = await console.post("tickets/export", data={"list": "tag=返修", "col": ["tags"]})
    rows = CalamineWorkbook.from_filelike(io.BytesIO(exported.content)).get_sheet_by_index(0).to_python()
    assert rows == [["Tags"], ["返修"], ["返修"]]


@pytest.mark.parametrize("path", ["tickets?q=漏水", "tickets/rows?category=lift", "tickets/export?tab=all"])
async def test_a_page_asks_six_times_at_most(path: str, console: httpx.AsyncClient, desk: Desk) -> None:
    await console.get(path)

    async with recording(desk.lodge.platform.db) as sent:
        assert (await console.get(path)).status_code == 200

    assert len(sent) <= 6, [statement.sql for statement in sent]
