"""The console page, mounted below /s/{site_id}/lostfound."""

from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from core.sdk import Work
from lodge_lostfound import service
from lodge_lostfound.permissions import VIEW


@get("/", permission=VIEW.id)
async def items_page(work: NamedDependency[Work], site_id: FromPath[UUID]) -> Template:
    """What is kept at the site."""
    return Template("lostfound/items.html", context={"items": await service.items(work, site_id)})


HANDLERS = [items_page]
