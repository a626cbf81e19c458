"""What a second person has to agree to: giving a thing away before its time."""

from uuid import UUID

import msgspec

from core.sdk import ApprovalKind, Conflict, Site, Work
from lodge_lostfound import repository


class GiveAway(msgspec.Struct, frozen=True):
    item_id: UUID
    description: str


async def give_away(work: Work, site: Site, asked: GiveAway) -> None:
    if not await repository.give_away(work.uow, work.ctx.company_id, site.id, asked.item_id):
        raise Conflict("It is no longer kept.")


EARLY = ApprovalKind(
    id="lostfound.early",
    title="Giving away early",
    text="Give away before its time: {description}",
    payload=GiveAway,
    effect=give_away,
)
