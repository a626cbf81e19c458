"""The console page, mounted below /s/{site_id}/lostfound."""

from litestar import Response, get
from litestar.di import NamedDependency

from core.sdk import Site, View, Work
from lodge_lostfound import service
from lodge_lostfound.permissions import VIEW


@get("/", permission=VIEW.id)
async def items_page(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """What is kept at the site."""
    return await view.html("lostfound/items.html", items=await service.items(work, site.id))


HANDLERS = [items_page]
