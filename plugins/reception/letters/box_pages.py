"""The complaint box in the console, below /s/{site_id}/reception/boxes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import (
    FieldError,
    Invalid,
    Platform,
    Site,
    View,
    Work,
    local_instant,
    local_text,
    msgid,
    read_form,
    ticket_queue,
    views,
)
from plugins.reception import intake
from plugins.reception.forms import fielder, of_place
from plugins.reception.letters import boxes, screens, service
from plugins.reception.letters.model import Emptying, NewEmptying, NewSlip
from plugins.reception.permissions import BOX


class BoxRow(msgspec.Struct, frozen=True):
    """A box of the site: when it was emptied last, and whether that is too long ago."""

    box: str
    last: Emptying | None
    late: bool


@get("/boxes", permission=BOX.id)
async def box_list(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """The site's boxes, their emptyings, and the form for the next one."""
    return await _boxes(platform, work, site, view, {})


@post("/boxes", permission=BOX.id, status_code=200)
async def empty(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """Record that a box was emptied; its slips are entered next. A refusal shows the form again."""
    values = await view.form()
    try:
        texts = {name: values.get(name, "") for name in ("box", "witness")}
        at = local_instant(site, values.get("emptied_at", ""))
        new = read_form({**texts, "slips": values.get("slips") or 0, "emptied_at": at}, NewEmptying)
        made = await boxes.empty(platform, work, site, new)
    except Invalid as refused:
        return await _boxes(platform, work, site, view, values, refused.fields)
    page = f"/s/{site.slug}/reception/boxes"
    return view.redirect(f"{page}/{made.id}" if made.slips else page)


@get("/boxes/{box_id:uuid}", permission=BOX.id)
async def box_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    box_id: FromPath[UUID],
) -> Response[str]:
    """An emptying: the slips that are tickets already, and the form for the next."""
    return await _box(platform, work, site, view, box_id, {})


@post("/boxes/{box_id:uuid}/slips", permission=BOX.id, status_code=200)
async def enter_slip(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    box_id: FromPath[UUID],
) -> Response[Any]:
    """Make a ticket of the next slip. A refusal shows the form again."""
    values = await view.form()
    texts = {name: values.get(name, "") for name in ("text", "category", "writer", "phone", "place")}
    ids = {name: values.get(name) or None for name in ("unit_id", "concerns_id")}
    own = {"fields": await screens.own_fields(platform, work, site, values)}
    try:
        await boxes.enter_slip(platform, work, site, box_id, read_form({**texts, **ids, **own}, NewSlip))
    except Invalid as refused:
        return await _box(platform, work, site, view, box_id, values, refused.fields)
    return view.redirect(f"/s/{site.slug}/reception/boxes/{box_id}")


async def _boxes(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    values: Mapping[str, str],
    errors: Iterable[FieldError] = (),
) -> Response[str]:
    rules = await service.rules(platform, work, site)
    emptied = await boxes.emptied(work, site)
    faults = tuple(errors)
    field = fielder(values, faults)
    since = work.now - timedelta(days=rules.empty_days)
    latest = {box: next((each for each in emptied if each.box == box), None) for box in rules.boxes}
    return await view.html(
        "reception/boxes.html",
        status=422 if faults else 200,
        rows=emptied,
        boxes=tuple(BoxRow(box, last, last is None or last.emptied_at < since) for box, last in latest.items()),
        days=rules.empty_days,
        fields=(
            field("box", msgid("Box"), "select", choices=tuple(views.Choice(box, box) for box in rules.boxes)),
            field("slips", msgid("Slips in it"), "number", minimum=0, maximum=200, required=True),
            field("emptied_at", msgid("Emptied at"), "datetime-local", local_text(site, work.now).replace(" ", "T")),
            field("witness", msgid("Who looked on"), maximum=60),
        ),
    )


async def _box(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    box_id: UUID,
    values: Mapping[str, str],
    errors: Iterable[FieldError] = (),
) -> Response[str]:
    shown = await boxes.get(work, site, box_id)
    faults = tuple(errors)
    field = fielder(values, (*faults, *of_place(faults)))
    kinds = await intake.kinds_of(platform, work, site)
    categories = tuple(views.Choice(c.key, ticket_queue.title(c, work.ctx.locale)) for c, _ in kinds)
    chosen = values.get("category") or categories[0].value
    staff = platform.directory.colleagues(work.ctx.company_id, site)
    fields = (
        field("text", msgid("What the slip says"), "textarea", required=True, maximum=4000),
        field("place", msgid("Unit or place"), maximum=100),
        field("category", msgid("Category"), "select", chosen, choices=categories),
        field("writer", msgid("Signed by"), maximum=60, help=msgid("Empty: nobody signed it.")),
        field("phone", msgid("Phone"), "tel", maximum=30),
        field(
            "concerns_id",
            msgid("Colleague concerned"),
            "select",
            choices=(views.Choice("", msgid("Nobody of us")), *(views.Choice(str(c.id), c.name) for c in staff)),
        ),
    )
    return await view.html(
        "reception/box.html",
        status=422 if faults else 200,
        emptying=shown,
        fields={each.name: each for each in fields} if len(shown.entered) < shown.slips else {},
        own=tuple(intake.own_fields(kinds, chosen, values, faults)),
        unit_id=values.get("unit_id", ""),
    )


HANDLERS: list[HTTPRouteHandler] = [box_list, empty, box_page, enter_slip]
