"""What is said at the desk: situations, guidance by purpose, two languages, changed with a preview (REC-3, REC-4)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.plugins.reception.conftest import Desk, Ring, english
from tests.support.statements import recording
from tests.support.web import Web


@pytest.fixture
async def manager(desk: Desk, web: Web) -> httpx.AsyncClient:
    return english(await web.api(desk.house, "manager"))


@pytest.fixture
async def editor(desk: Desk, web: Web) -> httpx.AsyncClient:
    screen = english(await web.console(desk.house, "manager"))
    screen.headers["hx-request"] = "true"
    return screen


async def spoken(client: httpx.AsyncClient, desk: Desk) -> dict[str, Any]:
    said: dict[str, Any] = (await client.get(f"{desk.api}/scripts")).json()
    return said


async def test_situations_and_guidance_are_filled_in_beside_a_call(
    desk: Desk, clerk: httpx.AsyncClient, screen: httpx.AsyncClient, ring: Ring
) -> None:
    call = await ring("a")
    card = (await clerk.get(f"{desk.api}/calls/{call['id']}/card")).json()
    said = {line["key"]: line for line in card["situations"]}
    page = (await screen.get(f"{desk.console}/card")).text

    assert list(said) == ["hold", "callback", "message", "complaint", "farewell"]
    assert said["complaint"]["text"].startswith("王丽华，感谢您告诉我们")
    assert desk.site.name in said["farewell"]["text"] and desk.site.name in said["farewell"]["en"]
    paying = card["guidance"][0]
    assert (paying["title"], paying["where"]) == ("缴费", "一楼 1 号收费窗口") and paying["where"] in paying["text"]
    assert card["script"][0]["en"].startswith("Good morning")
    assert not any("{{" in line["text"] + line["en"] for line in (*card["situations"], *card["guidance"]))
    assert 'data-situation="hold"' in page and 'data-said="guidance.0"' in page


@pytest.mark.parametrize(
    ("of", "zh", "expected"),
    [
        ("hold", "{{caller}}，请稍候", "王女士，请稍候"),
        ("greeting.0", "{{time_of_day}}，{{unit}}", "上午好，3 幢 1802"),
        ("guidance.0", "请到{{where}}", "请到一楼 1 号收费窗口"),
    ],
)
async def test_a_text_is_previewed_as_it_would_be_said(
    desk: Desk, manager: httpx.AsyncClient, editor: httpx.AsyncClient, of: str, zh: str, expected: str
) -> None:
    told = await manager.post(f"{desk.api}/scripts/preview", json={"of": of, "zh": zh})
    typed = await editor.post(f"{desk.console}/scripts/preview", data={"of": of, "zh": zh, "en": ""})

    assert told.json()["text"] == expected and expected in typed.text


@pytest.mark.parametrize(("of", "name"), [("hold", "password"), ("hold", "where"), ("greeting.0", "papers")])
async def test_a_name_that_nobody_fills_in_is_refused_at_its_field(
    desk: Desk, manager: httpx.AsyncClient, editor: httpx.AsyncClient, of: str, name: str
) -> None:
    text = "{{" + name + "}}"
    told = await manager.post(f"{desk.api}/scripts/preview", json={"of": of, "zh": "好", "en": text})
    saved = await editor.post(
        f"{desk.console}/scripts/edit", data={"of": of, "zh": "好", "en": text, "version": "0", "reason": "try"}
    )

    assert [error["field"] for error in told.json()["errors"]] == ["en"]
    assert saved.status_code == 422 and 'id="error-en"' in saved.text and name in saved.text


@pytest.mark.parametrize("of", ["complaint", "greeting.1", "guidance.4"])
async def test_one_text_is_changed_and_the_others_stay(
    desk: Desk, clerk: httpx.AsyncClient, editor: httpx.AsyncClient, of: str
) -> None:
    before = await spoken(clerk, desk)
    form = {"of": of, "zh": "您好，{{site}}。", "en": "Hello, {{site}}.", "version": "0", "reason": "更简短"}
    saved = await editor.post(f"{desk.console}/scripts/edit", data=form)
    again = await editor.post(f"{desk.console}/scripts/edit", data=form)
    after = await spoken(clerk, desk)

    assert saved.headers["hx-redirect"] == f"{desk.console}/scripts#{of}" and again.status_code == 412
    changed = [new for part in before for old, new in zip(before[part], after[part], strict=True) if old != new]
    assert [(line["key"], line["text"], line["en"]) for line in changed] == [
        (of, f"您好，{desk.site.name}。", f"Hello, {desk.site.name}.")
    ]


async def test_guidance_is_given_in_english_with_its_own_place_and_papers(
    desk: Desk, clerk: httpx.AsyncClient, manager: httpx.AsyncClient, editor: httpx.AsyncClient
) -> None:
    """REC-4: nobody is sent to a place that they cannot read; what has no English is said in Chinese."""
    renovation = (await spoken(clerk, desk))["guidance"][2]
    assert "room 203" in renovation["en"] and "the drawings" in renovation["en"] and "203 室" in renovation["text"]
    assert renovation["en"].isascii()

    own = {"where": "三楼 301 室", "papers": ["装修图纸"], "papers_en": ["drawings"]}
    draft = {"of": "guidance.2", "zh": "请到{{where}}，带{{papers}}", "en": "Go to {{where}} with {{papers}}"}
    told = (await manager.post(f"{desk.api}/scripts/preview", json={**draft, "particulars": own})).json()
    assert (told["text"], told["en"]) == ("请到三楼 301 室，带装修图纸", "Go to 三楼 301 室 with drawings")
    form = {**draft, "where": "三楼 301 室", "papers": "装修图纸\n \n合同", "papers_en": "", "phone": "8003"}
    previewed = await editor.post(f"{desk.console}/scripts/preview", data=form)
    assert "请到三楼 301 室，带装修图纸、合同" in previewed.text
    long = {**form, "papers": "纸" * 61, "version": "0", "reason": "搬家"}
    refused = await editor.post(f"{desk.console}/scripts/edit", data=long)
    assert refused.status_code == 422 and 'id="error-papers"' in refused.text
    saved = await editor.post(f"{desk.console}/scripts/edit", data={**form, "version": "0", "reason": "搬家"})
    assert "hx-redirect" in saved.headers
    after = (await spoken(clerk, desk))["guidance"][2]
    assert (after["where"], after["phone"], after["papers"]) == ("三楼 301 室", "8003", ["装修图纸", "合同"])


async def test_the_manual_asks_nothing_and_texts_that_are_not_there_are_not_found(
    desk: Desk, screen: httpx.AsyncClient, editor: httpx.AsyncClient
) -> None:
    await screen.get(f"{desk.console}/scripts")
    async with recording(desk.lodge.platform.db) as sent:
        manual = await screen.get(f"{desk.console}/scripts")

    assert manual.status_code == 200 and sent == [] and "scripts/edit" not in manual.text
    for of in ("nonsense", "greeting.99", "greeting.", "guidance.-1"):
        assert (await editor.get(f"{desk.console}/scripts/edit", params={"of": of})).status_code == 404
