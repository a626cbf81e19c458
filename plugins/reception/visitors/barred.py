"""The blacklist: who is not to be let in, and why (REC-9). Entries are lifted, not deleted. Callers commit."""

from __future__ import annotations

from uuid import UUID

import msgspec

from core.sdk import Conflict, Invalid, NotFound, Site, Work, masked
from plugins.reception.visitors import repository
from plugins.reception.visitors.model import Barred, Lift, NewBarred, masked_id


async def listed(work: Work, site: Site) -> list[Barred]:
    """Whom not to let in, by name; phones masked."""
    _enter(work, site)
    found = await repository.barred(work.uow, site.id, site.today(work.now))
    return [_shown(entry) for entry in found]


async def add(work: Work, site: Site, new: NewBarred) -> Barred:
    """Put somebody on the list. Raises Invalid naming the fields."""
    _enter(work, site)
    name, reason = new.name.strip(), new.reason.strip()
    if not name:
        raise Invalid.field("name", "Write down the visitor's name.")
    if not reason:
        raise Invalid.field("reason", "Say why.")
    if new.until is not None and new.until < site.today(work.now):
        raise Invalid.field("until", "Give a day that is not over, or none.")
    phone = "".join(c for c in new.phone if c not in " ()-")
    entry = msgspec.structs.replace(new, name=name, reason=reason, phone=phone, id_number=masked_id(new.id_number))
    actor = work.ctx.actor
    by = actor.id if actor.kind == "person" else None, actor.name
    barred = await repository.bar(work.uow, site.id, entry, work.now, by)
    work.audit(
        "reception.barred.added", "reception_barred", barred.id, {"until": str(new.until or "")}, site_id=site.id
    )
    work.announce("desk", site.id)
    return _shown(barred)


async def lift(work: Work, site: Site, barred_id: UUID, why: Lift) -> None:
    """Take somebody off the list. Raises NotFound, Invalid without a reason, Conflict if it is off."""
    _enter(work, site)
    reason = why.reason.strip()
    if not reason:
        raise Invalid.field("reason", "Say why.")
    name = work.ctx.actor.name
    if not await repository.lift(work.uow, site.id, barred_id, work.now, name, reason):
        if not await repository.entered(work.uow, site.id, barred_id):
            raise NotFound
        raise Conflict("This entry has been taken off the list already.")
    work.audit("reception.barred.lifted", "reception_barred", barred_id, site_id=site.id)
    work.announce("desk", site.id)


def _enter(work: Work, site: Site) -> None:
    if site.id not in work.ctx.site_ids:
        raise NotFound


def _shown(entry: Barred) -> Barred:
    return msgspec.structs.replace(entry, phone=masked(entry.phone))
