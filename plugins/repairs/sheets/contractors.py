"""The builders of a site, whom contact sheets go to (REP-4). Callers commit."""

from __future__ import annotations

from uuid import UUID

import msgspec

from core.sdk import Invalid, NotFound, PreconditionFailed, Site, Work
from plugins.repairs.sheets import repository
from plugins.repairs.sheets.model import Contractor, NewContractor
from plugins.repairs.sheets.service import enter

_TAKEN = "The site has a builder of this name already."


async def listed(work: Work, site: Site) -> list[Contractor]:
    """Those that are active first."""
    enter(work, site)
    return await repository.contractors(work.uow, site.id)


async def add(work: Work, site: Site, new: NewContractor) -> Contractor:
    """Raises Invalid naming the field."""
    enter(work, site)
    found = await repository.add_contractor(work.uow, site.id, _described(new))
    if found is None:
        raise Invalid.field("name", _TAKEN)
    _audit(work, site, found, "added")
    return found


async def replace(work: Work, site: Site, contractor_id: UUID, new: NewContractor, version: int) -> Contractor:
    """Change it; sheets keep what they were issued with. Raises NotFound, Invalid, PreconditionFailed."""
    enter(work, site)
    found = await repository.replace_contractor(work.uow, site.id, contractor_id, _described(new), version)
    if found is None:
        present = await repository.contractor(work.uow, site.id, contractor_id)
        if present is None:
            raise NotFound
        if present.version != version:
            raise PreconditionFailed
        raise Invalid.field("name", _TAKEN)
    _audit(work, site, found, "changed")
    return found


def _described(new: NewContractor) -> NewContractor:
    if not new.name.strip():
        raise Invalid.field("name", "Write down the builder's name.")
    return msgspec.structs.replace(
        new, name=new.name.strip(), scope=new.scope.strip(), contact=new.contact.strip(), phone=new.phone.strip()
    )


def _audit(work: Work, site: Site, contractor: Contractor, action: str) -> None:
    change = {"name": contractor.name, "active": contractor.active}
    work.audit(f"repairs.contractor.{action}", "repairs_contractor", contractor.id, change, site_id=site.id)
