"""Files of tickets: what is taken and sent out again, to whom, and what is left when one goes (TI-8, UP-1)."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from PIL import Image

from core.errors import Conflict, Forbidden, NotFound
from core.files.model import Attachment
from core.files.store import digest_of
from core.policies.attachments import ATTACHMENTS
from core.tickets.model import Ticket
from core.web import limits
from tests.core.files.samples import JPEG, MP3, PDF, PNG, TEXT, XLSX, picture
from tests.core.tickets.desk import Desk
from tests.support.lodge import Lodge
from tests.support.statements import recording
from tests.support.web import Web, problem


async def attach(
    desk: Desk, ticket: Ticket, name: str = "note.txt", data: bytes = TEXT, role: str = "clerk"
) -> Attachment:
    async with desk.work(role) as work:
        return await desk.lodge.platform.files.add(work, desk.site, ticket.id, name, data)


async def remove(desk: Desk, ticket: Ticket, file: Attachment, role: str = "clerk") -> None:
    async with desk.work(role) as work:
        await desk.lodge.platform.files.remove(work, desk.site, ticket.id, file.id)


async def contents(desk: Desk) -> list[str]:
    """The digests of everything that is kept for the company, after the sweep."""
    files = desk.lodge.platform.files
    ctx = await desk.lodge.platform.system_context(desk.house.company_id, None)
    assert ctx is not None
    async with desk.lodge.platform.work(ctx) as work:
        await files.sweep(work, ctx, {})
    return await files._store.digests(desk.house.company_id)


def url(desk: Desk, ticket: Ticket, rest: str = "") -> str:
    return f"/api/v1/sites/{desk.site.slug}/tickets/{ticket.id}/attachments{rest}"


@pytest.fixture
async def clerk(web: Web, desk: Desk) -> httpx.AsyncClient:
    return await web.api(desk.house, "clerk")


async def test_up_1_a_picture_goes_in_and_comes_out_to_be_saved_without_what_told_of_its_sender(
    clerk: httpx.AsyncClient, desk: Desk
) -> None:
    ticket = await desk.create()
    sent = await clerk.post(url(desk, ticket), files={"file": ("厨房 漏水.JPG", picture(), "text/html")})
    assert sent.status_code == 201, sent.text
    file = sent.json()
    assert (file["name"], file["kind"], file["preview"]) == ("厨房 漏水.JPG", "jpeg", True)

    got = await clerk.get(url(desk, ticket, f"/{file['id']}"))
    small = await clerk.get(url(desk, ticket, f"/{file['id']}/preview"))

    assert got.headers["content-type"] == small.headers["content-type"] == "image/jpeg"
    assert got.headers["content-disposition"] == (
        "attachment; filename=\"__ __.JPG\"; filename*=UTF-8''%E5%8E%A8%E6%88%BF%20%E6%BC%8F%E6%B0%B4.JPG"
    )
    for answer in (got, small):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers.get_list("cache-control") == ["no-store"]
        [policy] = answer.headers.get_list("content-security-policy")
        assert policy.startswith("sandbox; default-src 'none'")
        assert b"Li Hua" not in answer.content
        assert Image.open(io.BytesIO(answer.content)).size == (40, 60)
    detail = (await clerk.get(url(desk, ticket).removesuffix("/attachments"))).json()
    assert [a["id"] for a in detail["sections"]["attachments"]] == [file["id"]]
    assert [(e["kind"], e["details"]) for e in detail["timeline"]][-1] == ("attached", {"name": "厨房 漏水.JPG"})
    assert detail["ticket"]["version"] == 1, "whoever is about to act need not load the ticket again"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("note.txt", b"", "not empty"),
        ("drawing.svg", b"<svg onload='alert(1)'/>", "not taken"),
        ("page.txt", b"<!doctype html><script>alert(1)</script>", "not taken"),
        ("photo.png", JPEG, "something else than its content: it is .jpg"),
        ("photo.jpg.html", JPEG, "something else"),
        ("report", PDF, "something else"),
        ("run.exe", b"MZ\x90\x00\x03", "not taken"),
        ("photo.jpg", JPEG[:300], "damaged"),
    ],
)
async def test_up_1_what_is_not_taken_is_refused_with_the_reason(
    name: str, data: bytes, said: str, clerk: httpx.AsyncClient, desk: Desk
) -> None:
    ticket = await desk.create()
    clerk.headers["accept-language"] = "en"
    answer = await clerk.post(url(desk, ticket), files={"file": (name, data)})

    assert answer.status_code == 422
    assert said in str(problem(answer)["errors"])
    assert await contents(desk) == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\Li\\note.TXT", "note.TXT"),
        ("\u202egnp.note.txt", "gnp.note.txt"),
        ("a\x00b\r\n.txt", "ab.txt"),
        (".txt", "file.txt"),
        ("漏" * 300 + ".txt", "漏" * 120 + ".txt"),
    ],
)
async def test_up_1_names_are_names_of_files_and_nothing_else(given: str, kept: str, desk: Desk) -> None:
    assert (await attach(desk, await desk.create(), given)).name == kept


async def test_telephone_pictures_become_jpegs_in_name_too(desk: Desk) -> None:
    file = await attach(desk, await desk.create(), "IMG_1.HEIC", picture("HEIF"))

    assert (file.name, file.kind) == ("IMG_1.jpg", "jpeg")


@pytest.mark.parametrize(("name", "data"), [("a.pdf", PDF), ("b.xlsx", XLSX), ("c.mp3", MP3), ("d.txt", TEXT)])
async def test_up_1_other_files_come_out_as_they_went_in(name: str, data: bytes, desk: Desk) -> None:
    ticket = await desk.create()
    file = await attach(desk, ticket, name, data)

    async with desk.work(read_only=True) as work:
        content = await desk.lodge.platform.files.open(work, desk.site, ticket.id, file.id)
        with pytest.raises(NotFound):
            await desk.lodge.platform.files.preview(work, desk.site, ticket.id, file.id)
    assert (content.name, content.data) == (name, data)


async def test_only_the_sender_and_those_who_lead_remove_a_file_and_the_timeline_keeps_its_name(desk: Desk) -> None:
    ticket = await desk.create()
    first, second = await attach(desk, ticket, "first.txt"), await attach(desk, ticket, "second.txt")

    with pytest.raises(Forbidden):
        await remove(desk, ticket, first, "technician")
    await remove(desk, ticket, first, "clerk")
    await remove(desk, ticket, second, "supervisor")

    detail = await desk.detail(ticket)
    assert detail.sections.attachments == ()
    assert [(e.kind, e.details) for e in detail.timeline][-2:] == [
        ("detached", {"name": "first.txt"}),
        ("detached", {"name": "second.txt"}),
    ]
    with pytest.raises(NotFound):
        await remove(desk, ticket, first)


async def test_ti_8_ti_10_files_are_seen_through_their_own_ticket_and_site_alone(
    lodge: Lodge, web: Web, desk: Desk
) -> None:
    house, other = await lodge.house(sites=2), await lodge.house()
    theirs = Desk(lodge, house, desk.clock)
    ticket, neighbour = await theirs.create(), await theirs.create()
    far = await theirs.create(site=house.sites[1])
    file = await attach(theirs, ticket, "photo.png", PNG)
    local = await web.api(house, house.local[1])
    stranger = await web.api(other, "admin")
    admin = await web.api(house, "admin")
    base = "/api/v1/sites/{}/tickets/{}/attachments/{}"
    here, there, foreign = house.sites[0].slug, house.sites[1].slug, other.sites[0].slug

    asked: list[tuple[httpx.AsyncClient, str]] = [
        (admin, base.format(here, neighbour.id, file.id)),
        (admin, base.format(there, ticket.id, file.id)),
        (admin, base.format(there, far.id, file.id)),
        (admin, base.format(here, ticket.id, uuid4())),
        (local, base.format(here, ticket.id, file.id)),
        (local, base.format(there, far.id, file.id)),
        (stranger, base.format(foreign, ticket.id, file.id)),
        (stranger, base.format(here, ticket.id, file.id)),
    ]
    for client, path in asked:
        for answer in (await client.get(path), await client.get(f"{path}/preview"), await client.delete(path)):
            assert answer.status_code == 404, path
    assert (await admin.get(base.format(here, ticket.id, file.id))).status_code == 200


async def test_the_same_content_is_kept_once_a_company_and_goes_with_its_last_file(lodge: Lodge, desk: Desk) -> None:
    ticket = await desk.create()
    one, two = await attach(desk, ticket, "one.txt"), await attach(desk, ticket, "two.txt")
    other = Desk(lodge, await lodge.house(), desk.clock)
    await attach(other, await other.create())

    assert await contents(desk) == [digest_of(TEXT)]
    await remove(desk, ticket, one)
    assert await contents(desk) == [digest_of(TEXT)]
    await remove(desk, ticket, two)
    assert await contents(desk) == []
    assert await contents(other) == [digest_of(TEXT)]


async def test_an_upload_that_is_not_committed_leaves_nothing_after_the_sweep(desk: Desk) -> None:
    ticket = await desk.create()
    with pytest.raises(ZeroDivisionError):
        async with desk.work() as work:
            await desk.lodge.platform.files.add(work, desk.site, ticket.id, "photo.png", PNG)
            raise ZeroDivisionError

    assert (await desk.detail(ticket)).sections.attachments == ()
    assert await contents(desk) == []


async def test_the_sweep_waits_for_uploads_under_way_and_spares_them(desk: Desk) -> None:
    ticket = await desk.create()
    stored, go_on = asyncio.Event(), asyncio.Event()

    async def upload() -> None:
        async with desk.work() as work:
            await desk.lodge.platform.files.add(work, desk.site, ticket.id, "note.txt", TEXT)
            stored.set()
            await go_on.wait()

    uploading = asyncio.create_task(upload())
    await stored.wait()
    sweeping = asyncio.create_task(contents(desk))
    waiting, _ = await asyncio.wait({sweeping}, timeout=0.2)
    go_on.set()
    await uploading

    assert waiting == set()
    assert await sweeping == [digest_of(TEXT)]


async def test_a_content_that_is_lost_is_an_outage_and_not_an_empty_file(clerk: httpx.AsyncClient, desk: Desk) -> None:
    ticket = await desk.create()
    file = await attach(desk, ticket)
    await desk.lodge.platform.files._store.remove(desk.house.company_id, [digest_of(TEXT)])

    assert (await clerk.get(url(desk, ticket, f"/{file.id}"))).status_code == 503


async def test_uploads_at_once_all_stand_in_the_timeline_and_keep_to_the_limit(desk: Desk) -> None:
    ticket = await desk.create()
    async with desk.work("admin") as work:
        await desk.lodge.platform.policies.revise(
            work, ATTACHMENTS, desk.site.id, {"per_ticket": 3}, reason="few", expected=0
        )

    answers = await asyncio.gather(*(attach(desk, ticket, f"{n}.txt") for n in range(6)), return_exceptions=True)

    assert sum(isinstance(answer, Attachment) for answer in answers) == 3
    assert sum(isinstance(answer, Conflict) for answer in answers) == 3
    assert [e.seq for e in (await desk.detail(ticket)).timeline] == [1, 2, 3, 4]


async def test_a_limit_of_the_site_is_told(clerk: httpx.AsyncClient, web: Web, desk: Desk) -> None:
    ticket = await desk.create()
    async with desk.work("admin") as work:
        await desk.lodge.platform.policies.revise(
            work, ATTACHMENTS, desk.site.id, {"megabytes": 1}, reason="small", expected=0
        )
    clerk.headers["accept-language"] = "en"
    for size, said in ((1 << 20, 201), ((1 << 20) + 1, "more than 1 MB"), (limits.UPLOAD, "More than 21 MB")):
        answer = await clerk.post(url(desk, ticket), files={"file": ("note.txt", b"a" * size)})
        assert answer.status_code == (said if isinstance(said, int) else 413)
        if isinstance(said, str):
            assert said in str(problem(answer)["detail"])


async def test_the_same_upload_again_under_its_key_is_one_file(clerk: httpx.AsyncClient, desk: Desk) -> None:
    ticket = await desk.create()
    large = b"a" * (limits.BODY + 1)
    answers = [
        await clerk.post(
            url(desk, ticket), files={"file": ("note.txt", large)}, headers={"idempotency-key": str(ticket.id)}
        )
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert len((await desk.detail(ticket)).sections.attachments) == 1


@pytest.mark.parametrize("what", ["add", "remove", "open"])
async def test_each_takes_six_statements_at_most(what: str, desk: Desk) -> None:
    ticket = await desk.create()
    file = await attach(desk, ticket)
    files = desk.lodge.platform.files
    steps: dict[str, Callable[..., Any]] = {
        "add": lambda work: files.add(work, desk.site, ticket.id, "photo.png", PNG),
        "remove": lambda work: files.remove(work, desk.site, ticket.id, file.id),
        "open": lambda work: files.open(work, desk.site, ticket.id, file.id),
    }
    async with recording(desk.lodge.platform.db) as sent, desk.work(read_only=what == "open") as work:
        await steps[what](work)

    assert len(sent) <= 6, [statement.sql for statement in sent]


async def test_the_ticket_page_takes_several_files_and_answers_for_script_and_form(web: Web, desk: Desk) -> None:
    ticket = await desk.create()
    console = await web.console(desk.house, "clerk")
    page = f"/s/{desk.site.slug}/tickets/{ticket.id}"
    several = [("file", ("one.txt", TEXT)), ("file", ("photo.png", PNG))]

    plain = await console.post(f"{page}/attachments", files=several)
    scripted = await console.post(
        f"{page}/attachments", files={"file": ("two.txt", TEXT)}, headers={"hx-request": "true"}
    )
    refused = await console.post(
        f"{page}/attachments", files={"file": ("x.svg", b"<svg/>")}, headers={"hx-request": "true"}
    )

    assert (plain.status_code, plain.headers["location"]) == (303, f"{page}#files")
    assert "lodge:refresh" in scripted.headers["hx-trigger"]
    assert (refused.status_code, "not taken" in refused.headers["hx-trigger"]) == (422, True)
    shown = (await console.get(page)).text
    assert [name in shown for name in ("one.txt", "two.txt", "photo.png", "x.svg")] == [True, True, True, False]
    picture_file = next(f for f in (await desk.detail(ticket)).sections.attachments if f.preview)
    assert (await console.get(f"{page}/attachments/{picture_file.id}/preview")).headers["content-type"] == "image/jpeg"
    removed = await console.post(f"{page}/attachments/{picture_file.id}/remove")
    assert removed.status_code == 303
    assert "photo.png" in (await console.get(page)).text, "the timeline tells of it"
