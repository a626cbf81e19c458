"""Handing a shift over in the console, below /s/{site_id}/reception/handover."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import Platform, Site, View, Work, msgid, read_form, views
from plugins.reception.handover import service
from plugins.reception.handover.model import Accept, Handover, NewHandover
from plugins.reception.permissions import HANDOVER


@get("/handover", permission=HANDOVER.id)
async def handover_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """What the next shift would take over, and the shifts before."""
    past = await service.latest(work, site)
    return await view.html(
        "reception/handover.html",
        sheet=await service.sheet(platform, work, site),
        past=tuple(past),
        fields=(
            views.Field("keys", msgid("Keys and things handed over"), "textarea", _carried(past), maximum=2000),
            views.Field("remarks", msgid("What to mind"), "textarea", maximum=2000),
        ),
    )


@post("/handover", permission=HANDOVER.id, status_code=200)
async def hand_over(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """Hand the shift over; its record is shown, to be printed or accepted."""
    values = await view.form()
    new = read_form({name: values.get(name, "") for name in ("keys", "remarks")}, NewHandover)
    handed = await service.hand(platform, work, site, new)
    return view.redirect(f"/s/{site.slug}/reception/handover/{handed.id}")


@get("/handover/{handover_id:uuid}", permission=HANDOVER.id)
async def handover_record(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], handover_id: FromPath[UUID]
) -> Response[str]:
    """A shift as it was handed over."""
    handed = await service.get(work, site, handover_id)
    me = work.ctx.actor
    return await view.html(
        "reception/handover_record.html",
        handed=handed,
        sheet=handed.sheet,
        accepts=handed.accepted_at is None and me.kind == "person" and me.id != handed.handed_by,
        fields=(views.Field("note", msgid("Checked, and what differs"), "textarea", maximum=2000),),
    )


@post("/handover/{handover_id:uuid}/accept", permission=HANDOVER.id, status_code=200)
async def accept(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], handover_id: FromPath[UUID]
) -> Response[Any]:
    """Take the shift over."""
    note = (await view.form()).get("note", "")
    await service.accept(work, site, handover_id, read_form({"note": note}, Accept))
    return view.redirect(f"/s/{site.slug}/reception/handover/{handover_id}")


def _carried(past: list[Handover]) -> str:
    """The keys of the last shift, so that only what has changed is written."""
    return past[0].keys if past else ""


HANDLERS: list[HTTPRouteHandler] = [handover_page, hand_over, handover_record, accept]
