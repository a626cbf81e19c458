"""Dunning in the console: who is due for which step, and what was done at once; below /s/{site_id}/billing/dunning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from core.sdk import Conflict, Invalid, Platform, Site, View, Work, msgid, read_form, views
from plugins.billing.arrears.dunning import forms, paper, service
from plugins.billing.arrears.dunning.ladder import STEPS, Step
from plugins.billing.arrears.dunning.model import MOST, Press, TakeStep
from plugins.billing.arrears.screens import WORDS, money
from plugins.billing.permissions import ARREARS_VIEW, DUNNING_PRESS, DUNNING_TAKE


@get("/dunning", permission=ARREARS_VIEW.id)
async def work_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """The households that are due for a step, and the form that takes it with those that are ticked."""
    return await _worklist(platform, work, site, view, _step(view.query.get("step", "")))


@post("/dunning", permission=DUNNING_TAKE.id, status_code=200)
async def step_take(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """Send messages, write letters or note a visit."""
    return await _take(platform, work, site, view, TakeStep)


@post("/dunning/press", permission=DUNNING_PRESS.id, status_code=200)
async def step_press(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """Issue formal notices, or hand over to the lawyer."""
    return await _take(platform, work, site, view, Press)


@get("/dunning/{billing_dunning_id:uuid}", permission=ARREARS_VIEW.id)
async def batch_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_dunning_id: FromPath[UUID],
    left: FromQuery[str] = "",
    unreached: FromQuery[str] = "",
) -> Response[str]:
    """What was carried out at once, to be printed where it is on paper."""
    taken = await service.together(work, site, billing_dunning_id)
    return await view.html(
        "billing/dunned.html",
        taken=taken,
        dunning_id=billing_dunning_id,
        left=_count(left),
        unreached=_count(unreached),
        amount=money(work),
        **WORDS,
    )


@get("/dunning/{billing_dunning_id:uuid}/paper", permission=ARREARS_VIEW.id, media_type="application/pdf")
async def paper_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    billing_dunning_id: FromPath[UUID],
    alone: FromQuery[bool] = False,
) -> Response[bytes]:
    """Letters or notices on A4, shown to be printed."""
    return await paper.letters(platform, work, site, view, billing_dunning_id, alone=alone, save=False)


async def _take(
    platform: Platform, work: Work, site: Site, view: View, shape: type[TakeStep] | type[Press]
) -> Response[Any]:
    lists = await view.form_lists()
    values = {name: texts[-1] for name, texts in lists.items()}
    step, units = _step(values.get("step", "")), lists.get("unit_ids", [])
    try:
        if not units:
            raise Invalid.field("unit_ids", msgid("Tick at least one household."))
        if len(units) > MOST:
            raise Invalid.field("unit_ids", msgid("Tick at most {n} households at once."), n=MOST)
        given = {name: values[name] for name in ("who", "outcome", "note") if values.get(name)}
        asked = read_form({**given, "step": step, "unit_ids": units}, shape)
        outcomes = await service.take(platform, work, site, asked)
    except (Invalid, Conflict) as refused:
        return await _worklist(platform, work, site, view, step, values, refused)
    left, unreached = len(outcomes.not_due), len(outcomes.not_reached)
    if outcomes.dunning_id is None:
        nobody = Conflict(
            msgid("None of them has a telephone number that a message can be sent to: write to them, or phone.")
            if unreached
            else msgid("None of them is due for this step any more: somebody else was faster, or they have paid.")
        )
        return await _worklist(platform, work, site, view, step, values, nobody)
    query = urlencode({name: n for name, n in (("left", left), ("unreached", unreached)) if n})
    return view.redirect(f"/s/{site.slug}/billing/dunning/{outcomes.dunning_id}{'?' if query else ''}{query}")


async def _worklist(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    step: Step,
    values: Mapping[str, str] = {},
    refused: Invalid | Conflict | None = None,
) -> Response[str]:
    query = view.query
    text, cursor = query.get("q", "")[:100], query.get("after") or None
    found = await service.worklist(platform, work, site, step, text, cursor, MOST)
    here = f"/s/{site.slug}/billing/dunning"
    kept = {"step": step, **({"q": text} if text else {})}
    pager = views.Pager(
        len(found.items),
        "",
        f"{here}?{urlencode({**kept, 'after': found.cursor})}" if found.cursor else None,
        f"{here}?{urlencode(kept)}" if cursor else None,
    )
    gentle = step in STEPS[:3]
    return await view.html(
        "billing/dunning.html",
        status=422 if refused else 200,
        step=step,
        worklist=found,
        text=text,
        pager_view=pager,
        target=here if gentle else f"{here}/press",
        may=(DUNNING_TAKE if gentle else DUNNING_PRESS).id in work.ctx.permissions,
        fields=forms.taking(step, values, refused.fields if isinstance(refused, Invalid) else ()),
        refused=view.reason(refused) if refused else "",
        amount=money(work),
        **WORDS,
    )


def _step(text: str) -> Step:
    return next((step for step in STEPS if step == text), "message")


def _count(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 4 else 0


HANDLERS: list[HTTPRouteHandler] = [
    work_page,
    step_take,
    step_press,
    batch_page,
    paper_page,
]
