"""The line at the counter in the console, below /s/{site_id}/reception/waiting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import Invalid, Platform, Site, View, Work, document, msgid, read_form, views
from plugins.reception.permissions import QUEUE
from plugins.reception.screens import Kpi
from plugins.reception.waiting import service
from plugins.reception.waiting.model import WAITING, NewTurn, Next, Turn, WaitingRules


class TurnRow(msgspec.Struct, frozen=True):
    """A turn as a row; `waited` is seconds until it was called, or until now; `late`: longer than people should."""

    turn: Turn
    waited: int
    late: bool


@get("/waiting", permission=QUEUE.id)
async def waiting_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """Who waits how long, live on every open screen (REC-11)."""
    return await _page(platform, work, site, view, view.query)


@post("/waiting", permission=QUEUE.id, status_code=200)
async def take_number(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """Give out a number."""
    values = await view.form()
    try:
        new = read_form({name: values.get(name, "") for name in ("purpose", "name")}, NewTurn)
        turn = await service.take(work, site, new)
    except Invalid as refused:
        return await _page(platform, work, site, view, values, refused)
    return await _done(platform, work, site, view, view.say(msgid("Number {n}."), n=turn.number), taken=turn)


@post("/waiting/next", permission=QUEUE.id, status_code=200)
async def call_next(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """Call whoever has waited longest."""
    values = await view.form()
    to = read_form({"counter": values.get("counter", "")}, Next)
    rules = await platform.policies.value(work, WAITING, site.id)
    turn = await service.call(work, site, to, rules.purposes_of(to.counter))
    told = view.say(msgid("Number {n} please, {name}"), n=turn.number, name=turn.name or turn.purpose)
    return await _done(platform, work, site, view, told, values)


@post("/waiting/{turn_id:uuid}/done", permission=QUEUE.id, status_code=200)
async def turn_done(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    turn_id: FromPath[UUID],
) -> Response[Any]:
    """Served."""
    await service.end(work, site, turn_id, "done")
    return await _done(platform, work, site, view)


@post("/waiting/{turn_id:uuid}/leave", permission=QUEUE.id, status_code=200)
async def turn_left(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    turn_id: FromPath[UUID],
) -> Response[Any]:
    """Gone before they were served."""
    await service.end(work, site, turn_id, "left")
    return await _done(platform, work, site, view)


@post("/waiting/{turn_id:uuid}/requeue", permission=QUEUE.id, status_code=200)
async def turn_requeued(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    turn_id: FromPath[UUID],
) -> Response[Any]:
    """Back in line with the same number."""
    await service.requeue(work, site, turn_id)
    return await _done(platform, work, site, view)


@get("/waiting/{turn_id:uuid}/slip", permission=QUEUE.id)
async def turn_slip(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], turn_id: FromPath[UUID]
) -> Response[bytes]:
    """The number, to be printed on paper of 80 mm."""
    shown = await service.slip(work, site, turn_id)
    return await document(view, "reception/slip.typ", str(shown.number), shown)


@get("/waiting/wall", permission=QUEUE.id)
async def waiting_wall(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """The screen above the counters: who is called where, and who is next; numbers only."""
    turns = (await service.line(work, site)).turns
    return await view.html(
        "reception/waiting_wall.html",
        called=tuple(turn for turn in turns if turn.status == "called"),
        waiting=tuple(turn.number for turn in turns if turn.status == "waiting"),
    )


async def _done(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    toast: str | None = None,
    values: Mapping[str, str] = {},
    taken: Turn | None = None,
) -> Response[Any]:
    if not view.htmx:
        return view.redirect(f"/s/{site.slug}/reception/waiting")
    return await _page(platform, work, site, view, values, toast=toast, taken=taken)


async def _page(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    values: Mapping[str, str],
    refused: Invalid | None = None,
    toast: str | None = None,
    taken: Turn | None = None,
) -> Response[str]:
    rules = await platform.policies.value(work, WAITING, site.id)
    line = await service.line(work, site)
    rows = tuple(
        TurnRow(turn, waited, turn.status == "waiting" and waited > rules.minutes * 60)
        for turn in line.turns
        for waited in (max(0, int(((turn.called_at or work.now) - turn.taken_at).total_seconds())),)
    )
    late = sum(row.late for row in rows)
    wait = line.average_wait
    purposes = tuple(views.Choice(purpose, purpose) for purpose in rules.purposes)
    return await view.html(
        "reception/waiting.html",
        status=422 if refused else 200,
        toast=toast,
        kpis=(
            Kpi(msgid("Waiting"), str(sum(row.turn.status == "waiting" for row in rows))),
            Kpi(msgid("Longer than {n} min"), str(late), tone="breach" if late else ""),
            Kpi(msgid("Average wait"), "—" if wait is None else f"{wait / 60:.0f}", "" if wait is None else "min"),
            Kpi(msgid("Served today"), str(line.done)),
            Kpi(
                msgid("Gone without"),
                str(line.left + line.missed),
                note=view.say(msgid("{n} did not come when called"), n=line.missed) if line.missed else "",
            ),
        ),
        limit=rules.minutes,
        rows=rows,
        taken=taken,
        counter=_counter(view, rules, values.get("counter", line.counter)),
        fields=(
            views.Field("purpose", msgid("Comes for"), "select", values.get("purpose", ""), choices=purposes),
            views.Field("name", msgid("Name (if given)"), maximum=60),
        ),
    )


def _counter(view: View, rules: WaitingRules, chosen: str) -> views.Field:
    """Chosen of those the site has, or written down; at first where the clerk called last."""
    if not rules.counters:
        return views.Field("counter", msgid("Counter"), value=chosen, maximum=20)
    choices = tuple(
        views.Choice(known.name, " · ".join(filter(None, (known.name, view.listed(known.purposes)))))
        for known in rules.counters
    )
    return views.Field("counter", msgid("Counter"), "select", chosen, choices=choices)


HANDLERS: list[HTTPRouteHandler] = [
    waiting_page,
    take_number,
    call_next,
    turn_done,
    turn_left,
    turn_requeued,
    turn_slip,
    waiting_wall,
]
