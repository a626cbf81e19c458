"""Household rolls that count only once a second person has agreed to them (ARC-3)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from core.errors import Conflict, NotFound
from core.hooks.types import ApprovalKind
from core.i18n import msgid
from core.policies.approvals import APPROVALS
from core.tenancy.directory import Site
from core.work import Work

if TYPE_CHECKING:
    from core.approvals.service import Approvals
    from core.estate.service import Estate
    from core.policies.service import Policies

PERMISSION = "estate.import"


class RollToImport(msgspec.Struct, frozen=True):
    """The preview that is to be carried out, and what it would do."""

    import_id: UUID
    file: str
    units_new: int
    units_changed: int
    owners_new: int


class SecondLook:
    """Imports of rolls, directly or by way of a colleague, as the site has it."""

    def __init__(self, estate: Estate, policies: Policies) -> None:
        self._estate, self._policies = estate, policies
        self.kind = ApprovalKind(
            id="estate.roll_import",
            title=msgid("Import of a household roll"),
            text=msgid("{file}: {units_new} units new, {units_changed} changed, {owners_new} owners new."),
            payload=RollToImport,
            effect=self._import,
            page="estate/import/{import_id}",
        )

    async def needed(self, work: Work, site: Site) -> bool:
        """Whether the site wants a second person to look at rolls."""
        return (await self._policies.value(work, APPROVALS, site.id)).roll_import

    async def refuse_alone(self, work: Work, site: Site) -> None:
        """Raises Conflict where nobody imports a roll alone."""
        if await self.needed(work, site):
            raise Conflict("Here a second person looks at a roll before it counts: ask for that.")

    async def ask(self, work: Work, site: Site, approvals: Approvals, import_id: UUID) -> UUID:
        """Ask for a previewed roll; the approval's id. Raises NotFound, and Conflict for what is imported already."""
        found = next((each for each in await self._estate.imports(work, site) if each.id == import_id), None)
        if found is None:
            raise NotFound
        if found.status != "previewed":
            raise Conflict("This file has been imported already. Upload it again to import it once more.")
        effect = found.effect
        asked = RollToImport(import_id, found.file_name, effect.units_new, effect.units_changed, effect.parties_new)
        return await approvals.ask(work, site, self.kind.id, str(import_id), asked, permission=PERMISSION)

    async def _import(self, work: Work, site: Site, asked: RollToImport) -> None:
        try:
            await self._estate.apply_roll(work, site, asked.import_id)
        except NotFound:
            raise Conflict("The preview is no longer kept. It has to be uploaded and asked for again.") from None
