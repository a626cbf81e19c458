"""The bases of tenants' Piccolo tables. Tables declare the schema; migrations create it; a test compares the two."""

from __future__ import annotations

from typing import Any, ClassVar

from piccolo.columns import UUID
from piccolo.table import Table

from core.db.ids import new_id
from core.db.personal import NOTHING, Privacy


class KeyedTable(Table):
    """A row belongs to one company and is known by a natural key, (company_id, …), which Piccolo cannot declare."""

    privacy: ClassVar[Privacy] = NOTHING
    company_id = UUID(primary_key=True, default=None)

    async def save(self, columns: Any = None) -> None:  # type: ignore[override]
        raise NotImplementedError("save() writes WHERE id = … only; name company_id in an UPDATE of the repository")

    async def remove(self) -> None:  # type: ignore[override]
        raise NotImplementedError("remove() writes WHERE id = … only; name company_id in a DELETE of the repository")


class TenantTable(KeyedTable):
    """A row belongs to one company; its primary key is (company_id, id)."""

    company_id = UUID(null=False, default=None)
    id = UUID(primary_key=True, default=new_id)
