"""The JSON API, mounted below /api/v1/sites/{site_id}/lostfound."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from core.sdk import Platform, Site, Work
from lodge_lostfound import service
from lodge_lostfound.permissions import REGISTER, VIEW
from lodge_lostfound.policies import KEEPING
from lodge_lostfound.schemas import Item, NewItem


@get("/items", permission=VIEW.id)
async def list_items(work: NamedDependency[Work], site: NamedDependency[Site]) -> list[Item]:
    """What is kept at the site, latest first."""
    return await service.items(work, site.id)


@post("/items", permission=REGISTER.id)
async def register_item(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    data: JSONBody[NewItem],
) -> Item:
    """Take a found thing in, to be kept as long as the site's policy says."""
    keeping = await platform.policies.value(work, KEEPING, site.id)
    return await service.register(work, site.id, data, keeping)


HANDLERS = [list_items, register_item]
