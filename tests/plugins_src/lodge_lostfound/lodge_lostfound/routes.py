"""The JSON API, mounted below /api/v1/sites/{site_id}/lostfound."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.sdk import Work
from lodge_lostfound import service
from lodge_lostfound.permissions import REGISTER, VIEW
from lodge_lostfound.schemas import Item, NewItem


@get("/items", permission=VIEW.id)
async def list_items(work: NamedDependency[Work], site_id: FromPath[UUID]) -> list[Item]:
    """What is kept at the site, latest first."""
    return await service.items(work, site_id)


@post("/items", permission=REGISTER.id)
async def register_item(work: NamedDependency[Work], site_id: FromPath[UUID], data: JSONBody[NewItem]) -> Item:
    """Take a found thing in."""
    return await service.register(work, site_id, data)


HANDLERS = [list_items, register_item]
