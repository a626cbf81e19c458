"""What is stored is where the register says it is, and nowhere else (SE-1)."""

from __future__ import annotations

import re

import asyncpg

from tests.support.lodge import Databases, Lodge
from tests.world import World

_TEXTS = {"text", "text[]", "jsonb", "bytea"}
MAY_HOLD_A_NUMBER = ("contact", "free_text")


async def test_se_1_no_number_lies_where_none_is_declared(lodge: Lodge, databases: Databases, world: World) -> None:
    """Audit entries above all: they are never changed."""
    _, phone = world.a.canaries
    full = re.compile(rf"{phone}\d{{4}}|{phone.encode().hex()}(3\d){{4}}")
    admin = await asyncpg.connect(databases.admin_dsn(lodge.dsns), server_settings={"search_path": "lodge"})
    found = set()
    try:
        for held in lodge.platform.data_requests.register:
            columns = [c.name for c in held.columns if c.type in _TEXTS and c.kind not in MAY_HOLD_A_NUMBER]
            if columns and held.name in world.tables:
                sql = f"SELECT {', '.join(f'{c}::text' for c in columns)} FROM {held.name} WHERE company_id = $1"
                for row in await admin.fetch(sql, world.a.company_id):
                    found |= {
                        f"{held.name}.{c}" for c, value in zip(columns, row, strict=True) if full.search(value or "")
                    }
    finally:
        await admin.close()

    assert found == set()
