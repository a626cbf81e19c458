"""The rules of lost and found."""

from datetime import timedelta
from uuid import UUID

from core.sdk import Event, Invalid, NotFound, Work, new_id
from lodge_lostfound import repository
from lodge_lostfound.events import ITEM_HANDED_IN
from lodge_lostfound.policies import Keeping
from lodge_lostfound.schemas import Item, NewItem

LIST_LIMIT = 200


async def items(work: Work, site_id: UUID) -> list[Item]:
    """What is kept at a site, latest first, at most 200. Raises NotFound for a site the actor may not see."""
    _own(work, site_id)
    return await repository.items(work.uow, work.ctx.company_id, site_id, status="kept", limit=LIST_LIMIT)


async def register(work: Work, site_id: UUID, new: NewItem, keeping: Keeping) -> Item:
    """Take a thing in. Raises NotFound for a foreign site, Invalid for a keeping time that is over already."""
    _own(work, site_id)
    keep_until = new.keep_until or work.now + timedelta(days=keeping.days)
    if keep_until <= work.now:
        raise Invalid.field("keep_until", "Choose a time in the future.")
    item = Item(new_id(), new.description, new.place, "kept", work.now, keep_until)
    await repository.add(work.uow, work.ctx.company_id, site_id, item)
    work.audit("lostfound.item.register", "lostfound_item", item.id, {"place": item.place}, site_id=site_id)
    work.emit(Event(ITEM_HANDED_IN, site_id, item.id))
    return item


def _own(work: Work, site_id: UUID) -> None:
    if site_id not in work.ctx.site_ids:
        raise NotFound
