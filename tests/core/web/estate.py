"""What the tests of the estate's routes share: small rolls, and what in them is personal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID

import httpx

from tests.core.exchange.workbooks import HEADINGS, Value, workbook
from tests.support.lodge import House, Lodge

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CUIHU = Path(__file__).resolve().parents[2] / "data" / "roll-cuihu.xlsx"
WANG = (1, "3幢", "2单元", "1802", 118.9, "王丽华", "13817626207", "310101198001010018", None, "")
LI = (2, "3幢", "2单元", "1803", 89.6, "李强", "021-56807071", None, None, "")
FULL = ("13817626207", "021-56807071", "310101198001010018")
PERSONAL = (*FULL, "56807071", "王丽华", "李强")


def roll(*rows: Sequence[Value]) -> bytes:
    return workbook([HEADINGS, *rows])


def api(house: House, site: int = 0) -> str:
    return f"/api/v1/sites/{house.sites[site].slug}"


async def upload(
    client: httpx.AsyncClient,
    path: str,
    content: bytes,
    *,
    field: str = "file",
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    return await client.post(path, files={field: ("名册.xlsx", content, XLSX)}, headers=headers)


async def take_in(lodge: Lodge, house: House, content: bytes, site: int = 0) -> UUID:
    """The id of an import that the archivist has applied."""
    estate, place = lodge.platform.estate, house.sites[site]
    async with lodge.work(house, "archivist") as work:
        preview = await estate.preview_roll(work, place, "roll.xlsx", content)
    async with lodge.work(house, "archivist") as work:
        await estate.apply_roll(work, place, preview.id)
    return preview.id


async def counts(lodge: Lodge, house: House) -> dict[str, int]:
    """How many rows of the company there are that routes of the estate may write."""
    tables = ("unit", "party", "contact", "occupancy", "roll_import", "audit_entry")
    async with lodge.work(house, read_only=True) as work:
        return {
            table: await work.uow.value(f"SELECT count(*) FROM {table} WHERE company_id = $1", house.company_id)
            for table in tables
        }


async def audited(lodge: Lodge, house: House) -> list[tuple[str, str]]:
    """Actions and changes on record, the oldest first."""
    async with lodge.work(house, read_only=True) as work:
        sql = "SELECT action, changes::text FROM audit_entry WHERE company_id = $1 ORDER BY id"
        return await work.uow.fetch(lambda action, changes: (action, changes), sql, house.company_id)
