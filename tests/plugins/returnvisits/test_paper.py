"""The form of a visit on paper: with room to write before it was made, with what was said afterwards (VIS-4)."""

from __future__ import annotations

import io

import httpx
import pytest
from pypdf import PageObject, PdfReader

from plugins.returnvisits.visits import paper
from tests.plugins.returnvisits.conftest import Desk
from tests.plugins.returnvisits.test_visits import SORRY, drawn_signature, finish
from tests.support.web import Web


def pages(answer: httpx.Response) -> list[PageObject]:
    assert answer.headers["content-type"] == "application/pdf", answer.text
    return list(PdfReader(io.BytesIO(answer.content)).pages)


async def test_a_signed_form_says_what_the_household_said(desk: Desk, web: Web, clerk: httpx.AsyncClient) -> None:
    await desk.resolved()
    [visit] = await desk.visits(clerk)
    here = f"{desk.api}/visits/{visit['id']}"
    await finish(clerk, desk, visit, **{**SORRY, "opinions": "#let x 尽快 𠮷"})
    await clerk.post(f"{here}/signature", json={"signer": "王女士", "picture": drawn_signature()})
    [page] = pages(await clerk.get(f"{here}/paper"))
    [chinese] = pages(await clerk.get(f"{here}/paper", headers={"accept-language": "zh-CN"}))
    console = await web.console(desk.house, "clerk")
    shown = await console.get(f"{desk.console}/visits/{visit['id']}/paper")
    text = page.extract_text()
    number = f"HF-{visit['id'][-8:].upper()}"

    assert text.count(number) == 2, "at the head and at the foot"
    assert "■ Dissatisfied" in text and "■ Not solved" in text and "□ Satisfied" in text
    assert "还在漏" in text and "#let x 尽快" in text and "王女士" in text and "Printed" in text
    assert len(page.images) == 1
    assert "■ 不满意" in chinese.extract_text() and f"回访单号 {number}" in chinese.extract_text()
    assert shown.headers["content-disposition"].startswith("inline")
    [found] = await desk.visits(clerk, which="done", text=number)
    assert found["id"] == visit["id"]


async def test_a_round_is_one_document_with_a_form_a_page(
    desk: Desk, web: Web, clerk: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("5幢201", "3幢1802", "3幢901"):
        await desk.resolved(place=place)
    made, *_ = await desk.visits(clerk, text="901")
    await finish(clerk, desk, made)
    console = await web.console(desk.house, "clerk")
    round_ = pages(await clerk.get(f"{desk.api}/paper"))
    narrowed = pages(await console.get(f"{desk.console}/paper?which=open&q=5幢"))
    none = await console.get(f"{desk.console}/paper?which=overdue")
    listed = await console.get(desk.console)
    monkeypatch.setattr(paper, "_MOST", 1)
    too_many = await clerk.get(f"{desk.api}/paper")

    assert ["3幢1802" in round_[0].extract_text(), "5幢201" in round_[1].extract_text()] == [True, True]
    assert (len(round_), len(narrowed), none.status_code, too_many.status_code) == (2, 1, 409, 413)
    assert "■" not in round_[0].extract_text() and not round_[0].images
    assert f"{desk.console}/paper?" in listed.text
