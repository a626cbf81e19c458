"""Background work of lost and found."""

from collections.abc import Mapping

from core.sdk import TenantContext, Work
from lodge_lostfound import repository


async def release(work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
    """Release the things whose keeping time is over, at the sites where the plugin is on."""
    await repository.release(work.uow, ctx.company_id, ctx.site_ids, work.now)
