"""How long lost and found knows what was lost: descriptions of things given back go after the site's days."""

from datetime import datetime
from uuid import UUID

from core.sdk import KeptFor, Work
from lodge_lostfound import repository
from lodge_lostfound.policies import KEEPING


async def forget(work: Work, site_id: UUID, before: datetime) -> int:
    return await repository.forget(work.uow, work.ctx.company_id, site_id, before)


THINGS = KeptFor(
    id="lostfound.things", title="Found things", policy=KEEPING, field="days", due=repository.DUE, forget=forget
)
