"""The estate in the JSON API: rolls in and out, units and households, full telephone numbers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from core.exchange.roll import Summary
from core.exchange.workbook import DEFAULT
from core.web import limits
from tests.core.exchange.workbooks import HEADINGS, Value, workbook
from tests.support.lodge import House
from tests.support.web import Web, problem

DATA = Path(__file__).resolve().parents[2] / "data"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WANG = (1, "3幢", "2单元", "1802", 118.9, "王丽华", "13817626207", "310101198001010018", None, "")
LI = (2, "3幢", "2单元", "1803", 89.6, "李强", "021-56807071", None, None, "")
PERSONAL = ("13817626207", "56807071", "310101198001010018", "王丽华", "李强")


def roll(*rows: tuple[Value, ...]) -> bytes:
    return workbook([HEADINGS, *rows])


def base(house: House, site: int = 0) -> str:
    return f"/api/v1/sites/{house.sites[site].slug}"


async def send(
    client: httpx.AsyncClient, house: House, content: bytes, *, field: str = "file", **headers: str
) -> httpx.Response:
    return await client.post(
        f"{base(house)}/imports/roll", files={field: ("名册.xlsx", content, XLSX)}, headers=headers
    )


async def taken_in(client: httpx.AsyncClient, house: House, content: bytes) -> UUID:
    """The id of an import that was previewed and applied."""
    preview = await send(client, house, content)
    assert preview.status_code == 201, preview.text
    applied = await client.post(f"{base(house)}/imports/{preview.json()['id']}/apply")
    assert applied.status_code == 200, applied.text
    return UUID(preview.json()["id"])


async def imports(client: httpx.AsyncClient, house: House) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await client.get(f"{base(house)}/imports")).raise_for_status().json()["items"]
    return items


async def units(client: httpx.AsyncClient, house: House, **query: str | int) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(f"{base(house)}/units", params=query)).raise_for_status().json()
    return found


@pytest.fixture
async def archivist(web: Web, house: House) -> httpx.AsyncClient:
    return await web.api(house, "archivist")


@pytest.fixture
async def clerk(web: Web, house: House) -> httpx.AsyncClient:
    return await web.api(house, "clerk")


# -- rolls ------------------------------------------------------------------------------------------------------------


async def test_a_real_roll_is_previewed_applied_found_and_undone(
    archivist: httpx.AsyncClient, clerk: httpx.AsyncClient, house: House
) -> None:
    preview = (await send(archivist, house, (DATA / "roll-cuihu.xlsx").read_bytes())).json()
    expected = msgspec.json.decode((DATA / "roll-cuihu.expected.json").read_bytes(), type=Summary)
    assert msgspec.convert(preview["summary"], Summary) == expected
    assert preview["changes"]["units_new"] == 1065
    assert (await units(clerk, house))["items"] == [], "a preview changes nothing"
    severities = [issue["severity"] for issue in preview["issues"]]
    assert (severities.count("error"), severities.count("warning")) == (10, len(expected["warnings"]))
    assert [issue["row"] for issue in preview["issues"]] == sorted(issue["row"] for issue in preview["issues"])

    applied = (await archivist.post(f"{base(house)}/imports/{preview['id']}/apply")).json()
    assert applied == {"id": preview["id"], "file_name": "名册.xlsx", "changes": preview["changes"]}
    seen: list[str] = []
    page: dict[str, Any] = {"cursor": ""}
    while page["cursor"] is not None:
        page = await units(clerk, house, limit=200, cursor=page["cursor"])
        seen += [unit["id"] for unit in page["items"]]
    assert len(seen) == len(set(seen)) == 1065
    [listed] = await imports(archivist, house)
    assert (listed["status"], listed["undoable"]) == ("applied", True)

    assert (await archivist.post(f"{base(house)}/imports/{preview['id']}/undo")).status_code == 204
    assert (await units(clerk, house))["items"] == []
    assert [i["status"] for i in await imports(archivist, house)] == ["undone"]


async def test_an_import_has_one_effect_however_often_it_is_confirmed(
    archivist: httpx.AsyncClient, clerk: httpx.AsyncClient, house: House
) -> None:
    import_id = (await send(archivist, house, roll(WANG, LI))).json()["id"]
    path = f"{base(house)}/imports/{import_id}/apply"
    both = await asyncio.gather(archivist.post(path), archivist.post(path))
    assert sorted(answer.status_code for answer in both) == [200, 409]
    [refused] = [answer for answer in both if answer.status_code == 409]
    assert problem(refused)["type"] == "urn:lodge:problem:conflict"
    assert "重新上传" in str(problem(refused)["detail"])
    assert len((await units(clerk, house))["items"]) == 2
    assert (await archivist.post(f"{base(house)}/imports/{import_id}/undo")).status_code == 204
    assert (await archivist.post(f"{base(house)}/imports/{import_id}/undo")).status_code == 409


async def test_an_upload_sent_again_under_its_key_is_answered_as_before(
    archivist: httpx.AsyncClient, house: House
) -> None:
    key = {"idempotency-key": "roll-1"}
    content = roll(WANG)
    first = await send(archivist, house, content, **key)
    again = await send(archivist, house, content, **key)  # with a boundary of its own, as clients do
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert len(await imports(archivist, house)) == 1
    assert (await send(archivist, house, roll(LI), **key)).status_code == 409


async def test_too_large_an_upload_is_told_the_limit(archivist: httpx.AsyncClient, house: House) -> None:
    for size, megabytes in ((limits.BODY + 1, "5"), (DEFAULT.file_bytes + 1, "4")):
        for headers in ({}, {"idempotency-key": f"k{size}"}):
            refused = await send(archivist, house, b"PK\x03\x04" + bytes(size), **headers)
            assert refused.status_code == 413, size
            assert f"{megabytes} MB" in str(problem(refused)["detail"])
    assert await imports(archivist, house) == []
