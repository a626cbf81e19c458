"""Household rolls taken in: previewed without a trace in the estate, applied as a whole, undone as a whole."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import asyncpg
import msgspec

from core.db.ids import new_id
from core.errors import Conflict, NotFound
from core.estate import imports_repository as repository
from core.estate import merge_repository
from core.estate.access import enter
from core.estate.merge import Plan, key_of, plan
from core.estate.model import AppliedRoll, RollImport, RollPreview
from core.estate.sealing import CannotUnseal, Sealer
from core.exchange.normalise import cell_text
from core.exchange.roll import Roll, parse_roll_async, summary
from core.tenancy.directory import Site
from core.work import Work

PREVIEW_LIVES = timedelta(days=1)
_FOLDERS = re.compile(r".*[/\\]", re.DOTALL)
_NAME_LENGTH = 200
_STANDS_ON = "Other records refer to units or people of this import, so it cannot be undone."


class RollImports:
    """The imports of sites; each method raises NotFound for a site the actor may not touch."""

    def __init__(self, secret: bytes, *former: bytes) -> None:
        self._sealer = Sealer(secret, *former)

    async def preview_roll(self, work: Work, site: Site, file_name: str, content: bytes) -> RollPreview:
        """Read the .xlsx `content` and keep it, sealed, for `apply_roll` within a day.

        Nothing is changed in the estate. Give it work without a statement so far: reading takes up to seconds, and
        the transaction begins after. Raises Invalid or TooLarge, then keeping nothing (IN-5).
        """
        enter(work, site)
        roll = await parse_roll_async(content)
        import_id, name = new_id(), _plain(file_name)
        counts, effect = summary(roll), (await self._plan(work, site, roll)).effect
        await repository.add_preview(
            work.uow,
            site.id,
            import_id,
            name,
            bytes.fromhex(roll.file_digest),
            self._sealer.seal(work.ctx.company_id, import_id, msgspec.msgpack.encode(roll)),
            counts,
            effect,
            work.ctx.actor.name,
            work.now,
            work.now - PREVIEW_LIVES,
        )
        work.audit("roll.uploaded", "roll_import", import_id, site_id=site.id)
        return RollPreview(import_id, name, roll.sheet, roll.other_sheets, counts, effect, roll.errors, roll.warnings)

    async def preview(self, work: Work, site: Site, import_id: UUID) -> RollPreview:
        """What an uploaded roll would change now. Raises NotFound, and Conflict when it was applied before."""
        enter(work, site)
        stored = await repository.read(work.uow, site.id, import_id)
        if stored is None:
            raise NotFound
        if stored.content is None:
            raise Conflict("This file has been imported already. Upload it again to import it once more.")
        roll = self._roll(work, import_id, stored.content)
        counts, effect = summary(roll), (await self._plan(work, site, roll)).effect
        return RollPreview(
            import_id, stored.file_name, roll.sheet, roll.other_sheets, counts, effect, roll.errors, roll.warnings
        )

    async def apply_roll(self, work: Work, site: Site, import_id: UUID) -> AppliedRoll:
        """Carry a previewed import out, as a whole or not at all.

        Units, owners (by unit, name and ID number) and phones that are recorded already stay as they are: the same
        file again changes nothing. Another area, day of moving in or remark replaces the unit's, which is kept for
        undoing. Nobody is deleted for being missing in a later file, and an empty cell empties nothing: a roll says
        who owns a unit, not who has left. Raises NotFound, or Conflict when it was applied before.
        """
        enter(work, site)
        await repository.wait_turn(work.uow, site.id)
        stored = await self._lock(work, site, import_id)
        if stored.content is None:
            raise Conflict("This file has been imported already. Upload it again to import it once more.")
        plan = await self._plan(work, site, self._roll(work, import_id, stored.content))
        await merge_repository.carry_out(work.uow, self._sealer, site.id, import_id, plan)
        await repository.mark_applied(work.uow, site.id, import_id, plan.effect, work.now)
        work.audit("roll.applied", "roll_import", import_id, msgspec.structs.asdict(plan.effect), site_id=site.id)
        work.announce("estate", site.id)
        return AppliedRoll(import_id, stored.file_name, plan.effect)

    async def undo_roll(self, work: Work, site: Site, import_id: UUID) -> None:
        """Take the site's latest applied import back: delete what it made, restore what it changed.

        Raises NotFound, or Conflict: not applied, or a count of later imports or of tickets stands on it.
        """
        enter(work, site)
        await repository.wait_turn(work.uow, site.id)
        stored = await self._lock(work, site, import_id)
        if stored.status != "applied" or stored.position is None:
            raise Conflict("Only an import that has been carried out can be undone.")
        found = await repository.dependants(work.uow, site.id, import_id, stored.position)
        if found.imports:
            raise Conflict(
                "Later imports stand on this one: {count}. Undo them first.", params={"count": found.imports}
            )
        if found.tickets:
            message = "Tickets refer to units or people of this import: {count}. So it cannot be undone."
            raise Conflict(message, params={"count": found.tickets})
        try:
            await repository.take_back(work.uow, import_id, work.now)
        except asyncpg.ForeignKeyViolationError:
            raise Conflict(_STANDS_ON) from None
        work.audit("roll.undone", "roll_import", import_id, site_id=site.id)
        work.announce("estate", site.id)

    async def imports(self, work: Work, site: Site) -> list[RollImport]:
        """The site's imports, the newest first; previews among them."""
        enter(work, site)
        return await repository.imports(work.uow, site.id)

    async def _plan(self, work: Work, site: Site, roll: Roll) -> Plan:
        keys = [key_of(row) for row in roll.rows]
        return plan(roll.rows, await merge_repository.known_units(work.uow, self._sealer, site.id, keys))

    async def _lock(self, work: Work, site: Site, import_id: UUID) -> repository.Stored:
        stored = await repository.lock(work.uow, site.id, import_id)
        if stored is None:
            raise NotFound
        return stored

    def _roll(self, work: Work, import_id: UUID, content: bytes) -> Roll:
        """What was previewed, whichever version of the program reads it now."""
        try:
            return msgspec.msgpack.decode(self._sealer.unseal(work.ctx.company_id, import_id, content), type=Roll)
        except (CannotUnseal, msgspec.DecodeError):
            raise Conflict("This preview can no longer be read. Upload the file again.") from None


def _plain(file_name: str) -> str:
    """The last part of a path as browsers may send it, fit to be shown."""
    return _FOLDERS.sub("", cell_text(file_name))[:_NAME_LENGTH]
