"""The gate itself: it sees what statements change, and who says nothing about it (OB-2)."""

from __future__ import annotations

import msgspec
import pytest

from core.work import Work
from tests.support.lodge import House, Lodge
from tests.support.record import NotOnRecord, changed_by


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT 1 FROM ticket WHERE company_id = $1 FOR UPDATE OF ticket", set()),
        ("SELECT 1 FROM ticket t FOR UPDATE SKIP LOCKED", set()),
        ("UPDATE ticket SET a = 1", {"ticket"}),
        ("UPDATE ticket AS t SET a = 1", {"ticket"}),
        ("UPDATE ticket t\nSET a = 1", {"ticket"}),
        ("INSERT INTO team (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 2", {"team"}),
        ("WITH gone AS (DELETE FROM party RETURNING id) INSERT INTO unit SELECT id FROM gone", {"party", "unit"}),
    ],
)
def test_what_a_statement_changes_is_read_from_it(sql: str, tables: set[str]) -> None:
    assert changed_by(sql) == tables


@pytest.mark.parametrize(
    ("slug", "request_id", "says", "fine"),
    [
        ("own", "r", False, False),
        ("own", "r", True, True),
        ("own", "", False, True),  # no request: a job, which acts for nobody
        ("nobody", "r", False, True),  # a change that fits no row
    ],
)
async def test_ob_2_a_request_that_changes_something_and_says_nothing_fails(
    lodge: Lodge, house: House, slug: str, request_id: str, says: bool, fine: bool
) -> None:
    wanted = house.slug if slug == "own" else slug

    async def change() -> None:
        work: Work
        async with lodge.work(house, "admin") as work:
            work.ctx = msgspec.structs.replace(work.ctx, request_id=request_id)
            sql = "UPDATE company SET name = name WHERE company_id = $1 AND slug = $2"
            await work.uow.execute(sql, house.company_id, wanted)
            if says:
                work.audit("company.changed", "company", house.company_id)

    if fine:
        await change()
    else:
        with pytest.raises(NotOnRecord, match="company"):
            await change()
