"""Areas in the console, below /s/{site_id}/returnvisits/areas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import FieldError, Invalid, Platform, Site, View, Work, msgid, read_form, views
from plugins.returnvisits.areas import service
from plugins.returnvisits.areas.model import AreaEntry
from plugins.returnvisits.permissions import AREA, VIEW
from plugins.returnvisits.visits import screens


@get("/areas", permission=VIEW.id)
async def area_list(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """Which steward looks after which buildings."""
    return await _page(platform, work, site, view)


@post("/areas", permission=AREA.id, status_code=200)
async def area_add(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """A new area."""
    values = await view.form()
    try:
        await service.add(platform, work, site, _entry(values))
    except Invalid as refused:
        return await _page(platform, work, site, view, "new", values, refused.fields)
    return view.redirect(f"/s/{site.slug}/returnvisits/areas")


@post("/areas/{area_id:uuid}", permission=AREA.id, status_code=200)
async def area_change(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    area_id: FromPath[UUID],
) -> Response[Any]:
    """Change an area, or take it away."""
    values = await view.form()
    seen = int(values["version"]) if values.get("version", "").isdecimal() else 0
    try:
        if values.get("kind") == "remove":
            await service.remove(work, site, area_id, seen)
        else:
            await service.change(platform, work, site, area_id, _entry(values), seen)
    except Invalid as refused:
        return await _page(platform, work, site, view, str(area_id), values, refused.fields)
    return view.redirect(f"/s/{site.slug}/returnvisits/areas")


async def _page(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    taken: str = "",
    values: Mapping[str, str] | None = None,
    errors: Iterable[FieldError] = (),
) -> Response[str]:
    areas = await service.listed(work, site)
    buildings = await platform.estate.buildings(work, site)
    looked_after = {building for area in areas for building in area.buildings}
    colleagues = platform.directory.colleagues(work.ctx.company_id, site)
    staff = (views.Choice("", msgid("Choose")), *(views.Choice(str(c.id), c.name) for c in colleagues))
    wrong = tuple(errors)

    def form(name: str, default: Mapping[str, str]) -> tuple[views.Field, ...]:
        given = values if name == taken and values is not None else default
        field = screens.fields(given, wrong if name == taken else ())
        return (
            field("name", msgid("Area"), maximum=30, required=True),
            field("steward_id", msgid("Steward"), "select", choices=staff, required=True),
            field("buildings", msgid("Buildings"), "textarea", help=msgid("One a line, as the roll names them.")),
        )

    rows = [
        (area, form(str(area.id), {"name": area.name, "steward_id": str(area.steward_id),
                                   "buildings": "\n".join(area.buildings)}), str(area.id) == taken)
        for area in areas
    ]  # fmt: skip
    left = [building for building in buildings if building not in looked_after]
    return await view.html(
        "returnvisits/areas.html",
        status=422 if taken else 200,
        rows=rows,
        left=left,
        keeps=AREA.id in work.ctx.permissions,
        fields=form("new", {"buildings": "\n".join(left)}),
        show=taken == "new",
    )


def _entry(values: Mapping[str, str]) -> AreaEntry:
    names = {name: values.get(name, "") for name in ("name", "steward_id")}
    buildings = [line.strip() for line in values.get("buildings", "").splitlines() if line.strip()]
    return read_form({**names, "buildings": buildings}, AreaEntry)


HANDLERS: list[HTTPRouteHandler] = [area_list, area_add, area_change]
