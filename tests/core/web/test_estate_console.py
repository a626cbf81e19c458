"""The estate's pages as a browser asks for them, without scripts and with htmx."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest

from core.db.ids import new_id
from core.exchange.workbook import DEFAULT
from core.web import limits
from tests.core.exchange.hostile import CORPUS
from tests.core.exchange.workbooks import HEADINGS, workbook
from tests.core.web.estate import CUIHU, FULL, LI, WANG, audited, counts, roll, take_in, upload
from tests.support.lodge import House, Lodge
from tests.support.web import Web

HTMX = {"hx-request": "true"}


def base(house: House, site: int = 0) -> str:
    return f"/s/{house.sites[site].slug}/estate"


def hidden(page: httpx.Response, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(f'name="{name}" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def href(page: httpx.Response, label: str) -> str:
    found = re.search(rf'<a href="([^"]+)"[^>]*>{label}<', page.text)
    assert found, page.text
    return unescape(found[1])


@pytest.fixture
async def archivist(web: Web, house: House) -> httpx.AsyncClient:
    return await web.console(house, "archivist")


@pytest.fixture
async def clerk(web: Web, house: House) -> httpx.AsyncClient:
    return await web.console(house, "clerk")


# -- units ------------------------------------------------------------------------------------------------------------


async def test_units_are_listed_searched_and_paged_with_masked_numbers(
    clerk: httpx.AsyncClient, lodge: Lodge, house: House
) -> None:
    assert "No units yet" in (await clerk.get(base(house))).text
    await take_in(lodge, house, roll(WANG, LI, *((n, "5幢", None, f"{n:03}", 50) for n in range(3, 70))))
    first = await clerk.get(base(house))
    assert "3幢2单元1802" in first.text and "138****6207" in first.text and "5幢069" not in first.text
    following = re.search(r'href="([^"]+after=[^"]+)"', first.text)
    assert following
    second = await clerk.get(unescape(following[1]))
    assert "5幢069" in second.text and "3幢2单元1802" not in second.text
    found = await clerk.get(base(house), params={"q": "王丽"})
    assert "3幢2单元1802" in found.text and "3幢2单元1803" not in found.text
    assert "5幢003" not in (await clerk.get(base(house), params={"building": "3"})).text
    assert "Nothing found" in (await clerk.get(base(house), params={"q": "nobody"})).text
    for page in (first, found):
        assert [full for full in FULL if full in page.text] == []
    assert (await clerk.get(base(house), params={"after": "x"})).status_code == 400


async def test_the_lookup_offers_units_with_whom_they_belong_to(
    clerk: httpx.AsyncClient, lodge: Lodge, house: House
) -> None:
    await take_in(lodge, house, roll(WANG, LI))
    options = (await clerk.get(f"{base(house)}/suggest", params={"q": "180"}, headers=HTMX)).text
    assert options.count('role="option"') == 2
    assert 'data-text="3幢2单元1802"' in options and "王丽华 · 138****6207" in options
    assert [full for full in FULL if full in options] == []
    assert 'role="option"' not in (await clerk.get(f"{base(house)}/suggest", headers=HTMX)).text


async def test_a_household_opens_as_a_page_and_as_a_dialog(
    clerk: httpx.AsyncClient, lodge: Lodge, house: House
) -> None:
    await take_in(lodge, house, roll(WANG))
    path = href(await clerk.get(base(house)), "3幢2单元1802")
    page, dialog = await clerk.get(path), await clerk.get(path, headers=HTMX)
    assert "<html" in page.text and "<html" not in dialog.text and "<dialog" in dialog.text
    for shown in (page, dialog):
        assert "王丽华" in shown.text and "138****6207" in shown.text and "118.90" in shown.text
        assert [full for full in FULL if full in shown.text] == []


@pytest.mark.parametrize("headers", [{}, HTMX])
async def test_full_numbers_are_shown_once_for_a_reason(
    clerk: httpx.AsyncClient, lodge: Lodge, house: House, headers: dict[str, str]
) -> None:
    await take_in(lodge, house, roll(WANG))
    path = href(await clerk.get(base(house)), "3幢2单元1802")
    household = await clerk.get(path)
    reveal = re.search(r'action="([^"]+/phones)"', household.text)
    assert reveal
    unit = hidden(household, "unit_id")
    refused = await clerk.post(reveal[1], data={"unit_id": unit, "reason": "x"}, headers=headers)
    assert refused.status_code == 422
    assert "Say in 2 to 200 characters" in refused.text and "13817626207" not in refused.text
    shown = await clerk.post(reveal[1], data={"unit_id": unit, "reason": "to call back"}, headers=headers)
    assert shown.status_code == 200
    assert "13817626207" in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert ("<html" in shown.text) is (not headers)
    assert "13817626207" not in (await clerk.get(path)).text
    for unit_id, status in (("", 400), ("x", 400), (str(new_id()), 404)):
        answer = await clerk.post(reveal[1], data={"unit_id": unit_id, "reason": "to call back"})
        assert answer.status_code == status
    records = [changes for action, changes in await audited(lodge, house) if action == "contact.revealed"]
    assert len(records) == 1, "what was refused showed nothing and is not on record"


@pytest.mark.parametrize("headers", [{}, HTMX])
async def test_a_full_id_number_is_shown_once_for_a_reason(
    web: Web, lodge: Lodge, house: House, headers: dict[str, str]
) -> None:
    await take_in(lodge, house, roll(WANG))
    manager = await web.console(house, "manager")
    path = href(await manager.get(base(house)), "3幢2单元1802")
    household = await manager.get(path)
    reveal = re.search(r'action="([^"]+/id-number)"', household.text)
    assert reveal
    unit = hidden(household, "unit_id")
    refused = await manager.post(reveal[1], data={"unit_id": unit, "reason": "x"}, headers=headers)
    assert refused.status_code == 422 and "310101198001010018" not in refused.text
    shown = await manager.post(reveal[1], data={"unit_id": unit, "reason": "核对产权"}, headers=headers)
    assert shown.status_code == 200 and "310101198001010018" in shown.text and "138****6207" in shown.text
    assert "310101198001010018" not in (await manager.get(path)).text
    clerk = await web.console(house, "clerk")
    assert "/id-number" not in (await clerk.get(path)).text


# -- rolls ------------------------------------------------------------------------------------------------------------


async def test_a_real_roll_goes_in_and_out_without_scripts(
    archivist: httpx.AsyncClient, web: Web, lodge: Lodge, house: House
) -> None:
    page = await archivist.get(f"{base(house)}/import")
    form = {"csrf_token": hidden(page, "csrf_token")}
    plain = await web.console(house, "archivist", csrf=False)
    plain.cookies = archivist.cookies
    preview = await plain.post(f"{base(house)}/import", data=form, files={"file": ("名册.xlsx", CUIHU.read_bytes())})
    assert preview.status_code == 200
    for said in ("Preview of 名册.xlsx", "1,065", "Row left out", "Field left out", "Fill in the room number."):
        assert said in preview.text
    assert (await counts(lodge, house))["unit"] == 0
    confirmed = await plain.post(f"{base(house)}/import/confirm", data={**form, "token": hidden(preview, "token")})
    assert confirmed.status_code == 303
    done = await plain.get(confirmed.headers["location"])
    assert "名册.xlsx was imported." in done.text
    assert (await counts(lodge, house))["unit"] == 1065
    undo = re.search(r'action="([^"]+/undo)"', done.text)
    assert undo
    undone = await plain.post(undo[1], data=form)
    assert undone.status_code == 303
    after = await plain.get(undone.headers["location"])
    assert "The import of 名册.xlsx was undone." in after.text and "/undo" not in after.text
    assert (await counts(lodge, house))["unit"] == 0


async def test_htmx_is_sent_on_after_each_step(archivist: httpx.AsyncClient, house: House) -> None:
    preview = await upload(archivist, f"{base(house)}/import", roll(WANG), headers=HTMX)
    confirm = {"data": {"token": hidden(preview, "token")}, "headers": HTMX}
    confirmed = await archivist.post(f"{base(house)}/import/confirm", **confirm)  # type: ignore[arg-type]
    assert (confirmed.status_code, confirmed.text) == (200, "")
    assert confirmed.headers["hx-redirect"].startswith(f"{base(house)}/import?about=")


async def test_a_second_confirmation_says_that_it_was_done(
    archivist: httpx.AsyncClient, lodge: Lodge, house: House
) -> None:
    preview = await upload(archivist, f"{base(house)}/import", roll(WANG))
    confirm = {"token": hidden(preview, "token")}
    assert (await archivist.post(f"{base(house)}/import/confirm", data=confirm)).status_code == 303
    before = await counts(lodge, house)
    again = await archivist.post(f"{base(house)}/import/confirm", data=confirm)
    assert again.status_code == 409
    assert "This file has been imported already." in again.text and "Recent imports" in again.text
    assert await counts(lodge, house) == before
    for token in ("", "x"):
        assert (await archivist.post(f"{base(house)}/import/confirm", data={"token": token})).status_code == 400


async def test_what_stands_on_an_import_keeps_it_from_being_undone(
    archivist: httpx.AsyncClient, lodge: Lodge, house: House
) -> None:
    first = await take_in(lodge, house, roll(WANG))
    await take_in(lodge, house, roll(LI))
    page = await archivist.get(f"{base(house)}/import")
    assert page.text.count("/undo") == 2, "the latest alone, as action and for htmx"
    refused = await archivist.post(f"{base(house)}/import/{first}/undo")
    assert refused.status_code == 409
    assert "Later imports stand on this one: 1." in refused.text
    assert (await counts(lodge, house))["unit"] == 2


async def test_a_preview_says_what_it_did_not_read_and_when_there_is_nothing_to_do(
    archivist: httpx.AsyncClient, lodge: Lodge, house: House
) -> None:
    two = workbook([HEADINGS, WANG], [HEADINGS, LI])
    assert "were not read: 表2." in (await upload(archivist, f"{base(house)}/import", two)).text
    await take_in(lodge, house, roll(WANG))
    again = await upload(archivist, f"{base(house)}/import", roll(WANG))
    assert "There is nothing to import" in again.text and "/import/confirm" not in again.text


async def test_a_long_list_of_problems_is_cut(archivist: httpx.AsyncClient, house: House) -> None:
    many = roll(*((n, "3幢", None, None, 50, None, None, None, None, None) for n in range(620)))
    page = await upload(archivist, f"{base(house)}/import", many)
    assert page.text.count("Row left out") == 500
    assert "120 more are not listed here." in page.text


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (CORPUS["plain text"][0](), 422, "This is not an Excel workbook."),
        (CORPUS["old or protected (OLE)"][0](), 422, "without a password"),
        (b"PK\x03\x04" + bytes(DEFAULT.file_bytes), 413, "larger than 4 MB"),
        (b"PK\x03\x04" + bytes(limits.BODY), 413, "More than 5 MB"),
        (b"", 422, "This is not an Excel workbook."),
    ],
)
async def test_a_refused_workbook_leaves_nothing_but_the_reason(
    archivist: httpx.AsyncClient,
    lodge: Lodge,
    house: House,
    headers: dict[str, str],
    content: bytes,
    status: int,
    said: str,
) -> None:
    before = await counts(lodge, house)
    refused = await upload(archivist, f"{base(house)}/import", content, headers=headers)
    assert refused.status_code == status
    assert said in refused.text and 'id="error-file"' in refused.text
    assert await counts(lodge, house) == before


async def test_too_large_a_form_without_scripts_is_told_the_limit(web: Web, house: House) -> None:
    plain = await web.console(house, "archivist", csrf=False)
    refused = await upload(plain, f"{base(house)}/import", bytes(limits.BODY + 1))
    assert refused.status_code == 413
    assert "More than 5 MB cannot be taken in at once." in refused.text


async def test_a_form_without_a_file_asks_for_one(archivist: httpx.AsyncClient, house: House) -> None:
    path = f"{base(house)}/import"
    attempts = [
        await upload(archivist, path, roll(WANG), field="roll"),
        await archivist.post(path),
        await archivist.post(path, data={"file": "roll.xlsx"}),
    ]
    for refused in attempts:
        assert refused.status_code == 422
        assert "Choose a file." in refused.text


# -- who may ----------------------------------------------------------------------------------------------------------


async def test_pages_are_for_those_who_may(web: Web, lodge: Lodge, house: House) -> None:
    await take_in(lodge, house, roll(WANG))
    guard, cashier, clerk = [await web.console(house, role) for role in ("guard", "cashier", "clerk")]
    for path in ("", "/suggest?q=1"):
        assert (await guard.get(base(house) + path)).status_code == 403
        assert (await cashier.get(base(house) + path)).status_code == 200
    listed = await cashier.get(base(house))
    household = await cashier.get(href(listed, "3幢2单元1802"))
    assert "Full phone numbers" not in listed.text and "/phones" not in household.text
    assert (await cashier.post(f"{base(house)}/parties/{new_id()}/phones")).status_code == 403
    assert "/estate/import" not in (await clerk.get(base(house))).text
    for method, path in (
        ("GET", "/import"),
        ("POST", "/import"),
        ("POST", "/import/confirm"),
        ("POST", f"/import/{new_id()}/undo"),
    ):
        assert (await clerk.request(method, base(house) + path)).status_code == 403


async def test_ids_of_others_answer_as_ids_of_nothing(web: Web, lodge: Lodge, house: House) -> None:
    other = await lodge.house()
    theirs = await take_in(lodge, other, roll(WANG))
    next_door = await take_in(lodge, house, roll(LI), site=1)
    admin = await web.console(house, house.local[0])
    stranger = await web.console(other, "clerk")
    unit = href(await stranger.get(base(other)), "3幢2单元1802").rpartition("/")[2]
    assert (await admin.get(f"{base(house)}/units/{unit}")).status_code == 404
    for roll_import in (theirs, next_door, new_id()):
        undo = await admin.post(f"{base(house)}/import/{roll_import}/undo")
        confirm = await admin.post(f"{base(house)}/import/confirm", data={"token": str(roll_import)})
        assert (undo.status_code, confirm.status_code) == (404, 404)
        about = await admin.get(f"{base(house)}/import", params={"about": str(roll_import)})
        assert about.status_code == 200 and "roll.xlsx" not in about.text
    for path in (base(house, 1), base(other)):
        assert (await admin.get(path)).status_code == 404


@pytest.mark.parametrize("token", ["", "x", "é", "中"])
async def test_a_form_with_anothers_token_is_refused(web: Web, house: House, token: str) -> None:
    plain = await web.console(house, "archivist", csrf=False)
    as_field = await plain.post(f"{base(house)}/import/confirm", data={"csrf_token": token})
    as_header = await plain.post(f"{base(house)}/import/confirm", headers={b"x-csrf-token": token.encode()})
    assert (as_field.status_code, as_header.status_code) == (403, 403)
