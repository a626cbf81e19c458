"""The blacklist: who is not to be let in, and why (REC-9). Entries are lifted, not deleted. Callers commit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from core.sdk import Conflict, Invalid, NotFound, Site, Work, masked, new_id
from plugins.reception.visitors.model import Barred, Lift, NewBarred, Visit, masked_id

_BARRED = ", ".join(Barred.__struct_fields__)
_IN_FORCE = """company_id = $1 AND site_id = $2 AND lifted_at IS NULL AND (until IS NULL OR until >= $3)"""
# The same name with another document is another person.
_MATCHING = f"""
SELECT reason FROM reception_barred WHERE {_IN_FORCE}
    AND (($5 <> '' AND phone = $5) OR (name = $4 AND ($6 = '' OR id_number IN ('', $6)))) ORDER BY id
"""  # noqa: S608
_LIST = f"SELECT {_BARRED} FROM reception_barred WHERE {_IN_FORCE} ORDER BY name, id LIMIT 500"  # noqa: S608
_BAR = f"""
INSERT INTO reception_barred (company_id, id, site_id, name, phone, id_number, reason, until, barred_at, barred_by,
    barred_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING {_BARRED}
"""  # noqa: S608
_LIFT = """
UPDATE reception_barred SET lifted_at = $4, lifted_by_name = $5, lifted_reason = $6
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND lifted_at IS NULL RETURNING id
"""
_ENTERED = "SELECT id FROM reception_barred WHERE company_id = $1 AND site_id = $2 AND id = $3"


async def listed(work: Work, site: Site) -> list[Barred]:
    """Whom not to let in, by name; phones masked."""
    _enter(work, site)
    found = await work.uow.fetch(_barred, _LIST, work.ctx.company_id, site.id, site.today(work.now))
    return [_shown(entry) for entry in found]


async def warnings(work: Work, site: Site, visit: Visit) -> list[str]:
    """Why somebody who may be this visitor is barred."""
    known = visit.name, visit.phone, visit.id_number
    found: list[str] = await work.uow.fetch(str, _MATCHING, work.ctx.company_id, site.id, site.today(work.now), *known)
    return found


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
    entry = name, phone, masked_id(new.id_number), reason, new.until
    actor = work.ctx.actor
    by = actor.id if actor.kind == "person" else None, actor.name
    barred = await work.uow.fetch_one(_barred, _BAR, work.ctx.company_id, new_id(), site.id, *entry, work.now, *by)
    assert barred is not None
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
    which = work.ctx.company_id, site.id, barred_id
    if await work.uow.value(_LIFT, *which, work.now, work.ctx.actor.name, reason) is None:
        if await work.uow.value(_ENTERED, *which) is None:
            raise NotFound
        raise Conflict("This entry has been taken off the list already.")
    work.audit("reception.barred.lifted", "reception_barred", barred_id, site_id=site.id)
    work.announce("desk", site.id)


def _enter(work: Work, site: Site) -> None:
    if site.id not in work.ctx.site_ids:
        raise NotFound


def _barred(*row: Any) -> Barred:
    return Barred(**dict(zip(Barred.__struct_fields__, row, strict=True)))


def _shown(entry: Barred) -> Barred:
    return msgspec.structs.replace(entry, phone=masked(entry.phone))
