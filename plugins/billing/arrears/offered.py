"""What other modules are told of arrears: the service `ARREARS` of the SDK."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from core.sdk import Site, UnitArrears, Work
from plugins.billing.access import enter
from plugins.billing.arrears import repository


class Arrears:
    """What units owe, as the ledger has it."""

    async def of_units(self, work: Work, site: Site, unit_ids: Collection[UUID]) -> Mapping[UUID, UnitArrears]:
        """By unit of the site, those that owe something, in one statement."""
        enter(work, site)
        if not unit_ids:
            return {}
        rows = await repository.of_units(work.uow, site.id, site.today(work.now), unit_ids)
        return {unit_id: UnitArrears(owed, overdue, oldest) for unit_id, owed, overdue, oldest in rows}
