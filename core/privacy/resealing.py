"""Sealing anew, after the instance's secret was changed, what was sealed under a former one.

In batches, each a transaction: servers go on meanwhile, since they open both, and a run that was stopped is taken up by
the next one. What a person or a row is sealed for is declared with the tables (`sealed`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

import msgspec

from core.db import rows
from core.estate.sealing import CannotUnseal, Sealer
from core.privacy.register import Held
from core.work import Work

if TYPE_CHECKING:
    from core.platform import Platform

BATCH: Final = 500
_FIRST = UUID(int=0)


class Resealed(msgspec.Struct, frozen=True):
    """How many values of a table's column were sealed anew; `lost` are those that no known secret opens."""

    table: str
    column: str
    anew: int
    lost: int


async def reseal(platform: Platform, company_id: UUID, register: Sequence[Held], sealer: Sealer) -> list[Resealed]:
    """Seal everything of the company with the present secret; what there was to do, column by column."""
    ctx = await platform.system_context(company_id, None)
    if ctx is None:
        return []
    done: list[Resealed] = []
    for held in register:
        for column, bound in held.privacy.sealed.items():
            after: UUID | None = _FIRST
            anew = lost = 0
            while after is not None:
                async with platform.work(ctx) as work:
                    after, sealed, unknown = await _batch(work, sealer, held.name, column, bound, after)
                anew, lost = anew + sealed, lost + unknown
            if anew or lost:
                done.append(Resealed(held.name, column, anew, lost))
    async with platform.work(ctx) as work:
        anew, lost = await platform.notify.residents.reseal(work, sealer)
    return [*done, Resealed("notify_delivery", "payload", anew, lost)] if anew or lost else done


async def _batch(
    work: Work, sealer: Sealer, table: str, column: str, bound: str, after: UUID
) -> tuple[UUID | None, int, int]:
    """Where the next batch begins (None: that was all), how many were sealed anew, how many do not open."""
    company_id = work.ctx.company_id
    sql = rows.select_sealed(table, column, bound)
    found = await work.uow.fetch(lambda *row: row, sql, company_id, sealer.current, after, BATCH)
    opened: list[tuple[UUID, bytes, bytes]] = []
    for id, before in found:
        try:
            opened.append((id, before, sealer.seal(company_id, id, sealer.unseal(company_id, id, before))))
        except CannotUnseal:
            continue
    if opened:
        ids, before_all, anew = (list(each) for each in zip(*opened, strict=True))
        await work.uow.execute(rows.update_sealed(table, column, bound), company_id, ids, before_all, anew)
    return (found[-1][0] if len(found) == BATCH else None), len(opened), len(found) - len(opened)
