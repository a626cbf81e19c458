"""Who can be made responsible for something at a site."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from core.errors import Invalid
from core.tenancy.directory import Site
from core.work import Work

if TYPE_CHECKING:
    from core.tenancy.directory import Directory


def responsible_name(directory: Directory, work: Work, site: Site, person_id: UUID | None) -> str:
    """The person's name, '' for nobody. Raises Invalid unless they work at the site."""
    if person_id is None:
        return ""
    for colleague in directory.colleagues(work.ctx.company_id, site):
        if colleague.id == person_id:
            return colleague.name
    raise Invalid.field("responsible_id", "There is no such colleague at this site.")
