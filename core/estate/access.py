"""The door to a site's estate."""

from __future__ import annotations

from datetime import date

from core.errors import NotFound
from core.tenancy.directory import Site
from core.work import Work


def enter(work: Work, site: Site) -> date:
    """Today at the site. Raises NotFound where the actor may not touch it, as if it did not exist."""
    if site.id not in work.ctx.site_ids:
        raise NotFound
    return site.today(work.now)
