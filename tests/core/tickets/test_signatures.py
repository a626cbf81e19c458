"""Signatures: a picture or a paper, whose it is, and that it stays (REP-3, VIS-4)."""

from __future__ import annotations

import base64
import io
from uuid import UUID

import httpx
import pytest
from PIL import Image, ImageDraw

from core.errors import Conflict
from tests.core.files.samples import PDF
from tests.core.tickets.desk import Desk
from tests.support.web import Web


def drawn(*line: tuple[int, int]) -> str:
    """A signature as a pad sends it, in base64; nothing is drawn without a line."""
    picture, target = Image.new("RGB", (900, 360), "white"), io.BytesIO()
    if line:
        ImageDraw.Draw(picture).line(line, fill="#14213d", width=5)
    picture.save(target, "PNG")
    return base64.b64encode(target.getvalue()).decode()


SIGNED = drawn((100, 200), (300, 90), (500, 250), (700, 100))


@pytest.fixture
async def clerk(web: Web, desk: Desk) -> httpx.AsyncClient:
    return await web.api(desk.house, "clerk")


async def test_a_signature_is_kept_with_its_ticket_and_nobody_takes_it_away(
    clerk: httpx.AsyncClient, desk: Desk
) -> None:
    ticket = await desk.create()
    url = f"/api/v1/sites/{desk.site.slug}/tickets/{ticket.id}"
    answer = await clerk.post(f"{url}/signatures", json={"signer": " 王丽华 ", "picture": SIGNED})

    assert answer.status_code == 201, answer.text
    kept = answer.json()
    assert (kept["signer"], kept["attachment"]["signed_by"]) == ("王丽华", "王丽华")
    detail = (await clerk.get(url)).json()
    assert [file["signed_by"] for file in detail["sections"]["attachments"]] == ["王丽华"]
    assert (detail["timeline"][-1]["kind"], detail["timeline"][-1]["details"]) == ("signed", {"signer": "王丽华"})
    async with desk.work("supervisor") as work:
        with pytest.raises(Conflict, match="stays"):
            await desk.lodge.platform.files.remove(work, desk.site, ticket.id, UUID(kept["attachment"]["id"]))


async def test_on_paper_it_says_where_the_paper_is(clerk: httpx.AsyncClient, desk: Desk) -> None:
    ticket = await desk.create()
    url = f"/api/v1/sites/{desk.site.slug}/tickets/{ticket.id}"
    said = {"signer": "王丽华", "on_paper": True, "remark": "前台文件柜 3 号"}
    answer = await clerk.post(f"{url}/signatures", json=said)

    assert (answer.status_code, answer.json()["attachment"]) == (201, None)
    last = (await clerk.get(url)).json()["timeline"][-1]
    assert (last["kind"], last["details"]) == ("signed_on_paper", {"signer": "王丽华", "remark": "前台文件柜 3 号"})


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"signer": " ", "picture": SIGNED}, "signer"),
        ({"signer": "王丽华"}, "signature"),
        ({"signer": "王丽华", "picture": drawn()}, "signature"),
        ({"signer": "王丽华", "picture": base64.b64encode(PDF).decode()}, "signature"),
        ({"signer": "王丽华", "on_paper": True}, "remark"),
    ],
    ids=["nobody", "nothing", "a blank box", "no picture", "paper of which nothing is said"],
)
async def test_what_is_no_signature_is_refused(
    clerk: httpx.AsyncClient, desk: Desk, said: dict[str, object], field: str
) -> None:
    ticket = await desk.create()
    answer = await clerk.post(f"/api/v1/sites/{desk.site.slug}/tickets/{ticket.id}/signatures", json=said)
    assert answer.status_code == 422
    assert [wrong["field"] for wrong in answer.json()["errors"]] == [field]


async def test_a_form_says_it_the_same_way(web: Web, desk: Desk) -> None:
    ticket = await desk.create()
    person = await web.console(desk.house, "clerk")
    url = f"/s/{desk.site.slug}/tickets/{ticket.id}"
    answer = await person.post(
        f"{url}/signatures", data={"signer": "王丽华", "signature": f"data:image/png;base64,{SIGNED}"}
    )
    assert answer.status_code == 303
    page = (await person.get(url)).text
    assert "signatures" in page and "王丽华.png" in page
    for broken in ("data:image/png;base64,no", "https://elsewhere.example/x.png"):
        refused = await person.post(f"{url}/signatures", data={"signer": "王丽华", "signature": broken})
        assert refused.status_code == 422
