"""What the tests of the estate share: the roll of a real compound's size, and a bench that takes rolls in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

import pytest

from core.estate.model import AppliedRoll, RollPreview, UnitHit
from core.estate.service import Estate
from core.tenancy.directory import Site
from core.work import Work
from tests.support.lodge import House, Lodge

P = ParamSpec("P")
T = TypeVar("T")

_DATA = Path(__file__).resolve().parents[2] / "data"
# What a roll can change, in an order of its own. Sealed numbers are compared as they are: a seal is never made anew.
_TABLES = {
    "unit": "to_jsonb(t) - 'import_id'",
    "party": "to_jsonb(t) - 'import_id'",
    "contact": "to_jsonb(t) - 'import_id'",
    "occupancy": "to_jsonb(t) - 'import_id'",
    "roll_import_change": "to_jsonb(t)",
}


class Desk:
    """The archivist of a house, who takes rolls in at one of its sites."""

    def __init__(self, lodge: Lodge, house: House, site: Site) -> None:
        self.lodge, self.house, self.site = lodge, house, site

    @property
    def estate(self) -> Estate:
        return self.lodge.platform.estate

    async def preview(self, content: bytes, name: str = "roll.xlsx") -> RollPreview:
        async with self.lodge.work(self.house, "archivist") as work:
            return await self.estate.preview_roll(work, self.site, name, content)

    async def apply(self, import_id: UUID) -> AppliedRoll:
        async with self.lodge.work(self.house, "archivist") as work:
            return await self.estate.apply_roll(work, self.site, import_id)

    async def take_in(self, content: bytes) -> AppliedRoll:
        return await self.apply((await self.preview(content)).id)

    async def undo(self, import_id: UUID) -> None:
        async with self.lodge.work(self.house, "archivist") as work:
            await self.estate.undo_roll(work, self.site, import_id)

    async def ask(
        self, call: Callable[Concatenate[Work, Site, P], Awaitable[T]], *args: P.args, **options: P.kwargs
    ) -> T:
        """What the estate answers a clerk, in a transaction of its own."""
        async with self.lodge.work(self.house) as work:
            return await call(work, self.site, *args, **options)

    async def find(self, text: str) -> UnitHit:
        """The first unit suggested."""
        return (await self.ask(self.estate.suggest_units, text))[0]

    async def contents(self) -> dict[str, list[str]]:
        """Every row of the company that imports write, as JSON."""
        async with self.lodge.work(self.house, read_only=True) as work:
            return {
                table: await work.uow.fetch(
                    str, f"SELECT ({row})::text FROM {table} t WHERE company_id = $1 ORDER BY id", self.house.company_id
                )
                for table, row in _TABLES.items()
            }

    async def value(self, sql: str, *args: object) -> object:
        async with self.lodge.work(self.house, read_only=True) as work:
            return await work.uow.value(sql, *args)


@pytest.fixture
def desk(lodge: Lodge, house: House) -> Desk:
    return Desk(lodge, house, house.sites[0])


@pytest.fixture(scope="session")
def cuihu() -> bytes:
    """A roll of 1,065 units with everything that real rolls have wrong."""
    return (_DATA / "roll-cuihu.xlsx").read_bytes()


@pytest.fixture(scope="session")
def expected() -> bytes:
    return (_DATA / "roll-cuihu.expected.json").read_bytes()
