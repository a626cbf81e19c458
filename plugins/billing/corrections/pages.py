"""Corrections in the console, below /s/{site_id}/billing/corrections."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    Platform,
    PreconditionFailed,
    Site,
    View,
    Work,
    amount_for,
    local_day,
    msgid,
    read_form,
    views,
)
from plugins.billing.corrections import screens, service
from plugins.billing.corrections.model import AskBack, Correction, NewCorrection
from plugins.billing.permissions import CORRECTION_APPROVE, CORRECTION_CREATE, CORRECTION_VIEW, COUNTER_TAKE
from plugins.billing.runs.screens import REASONS
from plugins.billing.tariffs.screens import fields, version_seen
from plugins.billing.telling import yuan

_ROWS: Final = 50


@get("/corrections", permission=CORRECTION_VIEW.id)
async def correction_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """The corrections of the site, and a form for a new one, which an address may fill in: unit, item_id, since."""
    return await _list(work, site, view)


@post("/corrections", permission=CORRECTION_CREATE.id, status_code=200)
async def correction_create(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[Any]:
    """Look which bills a wrong fact has touched."""
    values = await view.form()
    try:
        since = local_day(values.get("since", "").strip())
        if since is None:
            raise Invalid.field("since", "Give a day.")
        unit_id = await service.unit_named(work, site, values.get("unit", ""))
        filled = {"reason": values.get("reason", ""), "since": since, "item_id": values.get("item_id") or None}
        correction = await service.create(work, site, read_form({**filled, "unit_id": unit_id}, NewCorrection))
    except Invalid as refused:
        return await _list(work, site, view, values, refused.fields)
    return view.redirect(f"/s/{site.slug}/billing/corrections/{correction.id}")


@get("/corrections/{billing_correction_id:uuid}", permission=CORRECTION_VIEW.id)
async def correction_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    billing_correction_id: FromPath[UUID],
) -> Response[str]:
    """A correction: how far it is, what changes for whom, who has something to get back."""
    return await _correction(platform, work, site, view, billing_correction_id)


@post("/corrections/{billing_correction_id:uuid}/credits", permission=COUNTER_TAKE.id, status_code=200)
async def credit_ask(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    billing_correction_id: FromPath[UUID],
) -> Response[Any]:
    """Ask for a household's refund, of the amount that was shown; the list comes back."""
    values = await view.form()
    try:
        named = {name: values.get(name, "") for name in ("unit_id", "party_id")}
        fen = values.get("amount_fen", "")
        new = read_form({**named, "amount_fen": int(fen) if fen.isdecimal() and len(fen) < 15 else 0}, AskBack)
        async with work.savepoint():
            await service.ask_back(platform, work, site, billing_correction_id, new)
    except (Conflict, Forbidden, Invalid) as refused:
        return await _correction(
            platform, work, site, view, billing_correction_id, view.reason(refused), refused.status, "credits"
        )
    kept = {"show": "credits", **({"after": values["after"][:200]} if values.get("after") else {})}
    return view.redirect(f"/s/{site.slug}/billing/corrections/{billing_correction_id}?{urlencode(kept)}")


@post("/corrections/{billing_correction_id:uuid}/request", permission=CORRECTION_CREATE.id, status_code=200)
async def correction_ask(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    billing_correction_id: FromPath[UUID],
) -> Response[Any]:
    """Hand a correction on to be approved."""
    return await _act(platform, work, site, view, billing_correction_id, service.ask)


@post("/corrections/{billing_correction_id:uuid}/approval", permission=CORRECTION_APPROVE.id, status_code=200)
async def correction_approve(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    billing_correction_id: FromPath[UUID],
) -> Response[Any]:
    """Agree to a correction, which is posted then."""
    return await _act(platform, work, site, view, billing_correction_id, service.approve)


@post("/corrections/{billing_correction_id:uuid}/discard", permission=CORRECTION_CREATE.id, status_code=200)
async def correction_discard(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    billing_correction_id: FromPath[UUID],
) -> Response[Any]:
    """Throw a correction away."""
    return await _act(platform, work, site, view, billing_correction_id, service.discard)


async def _list(
    work: Work,
    site: Site,
    view: View,
    values: Mapping[str, str] | None = None,
    errors: Iterable[FieldError] = (),
) -> Response[str]:
    found = await service.listed(work, site, view.query.get("after") or None, _ROWS)
    items = await service.items(work, site)
    computes = CORRECTION_CREATE.id in work.ctx.permissions
    given = {name: view.query[name][:100] for name in ("unit", "item_id", "since") if view.query.get(name)}
    field = fields(values if values is not None else given, _named(errors))
    choices = (views.Choice("", screens.EVERY_ITEM), *(views.Choice(str(item.id), item.title) for item in items))
    here = f"/s/{site.slug}/billing/corrections"
    more = f"{here}?{urlencode({'after': found.cursor})}" if found.cursor else None
    form = (
        field("reason", msgid("What was wrong"), required=True, maximum=200,
              help=msgid("Such as: area 120 instead of 100. It goes with the entries: name nobody.")),
        field("since", msgid("Wrong from"), "date", required=True),
        field("unit", msgid("Unit"), maximum=80, help=msgid("Empty: the whole site.")),
        field("item_id", msgid("Fee item"), "select", choices=choices),
    )  # fmt: skip
    return await view.html(
        "billing/corrections.html",
        status=200 if values is None else 422,
        rows=[(each, screens.STATES[each.status]) for each in found.items],
        form=form if computes else (),
        show=computes and bool(values is not None or given),
        pager=views.Pager(len(found.items), "", more, here if view.query.get("after") else None),
        money=money(work),
    )


def _named(errors: Iterable[FieldError]) -> Iterable[FieldError]:
    """The form names a unit, the service its id."""
    return [FieldError("unit", e.message, e.params) if e.field == "unit_id" else e for e in errors]


async def _correction(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    correction_id: UUID,
    refused: str = "",
    status: int = 200,
    asked: str = "",
) -> Response[str]:
    correction = await service.get(work, site, correction_id)
    query = view.query
    posted = correction.status == "posted"
    show = "credits" if posted and (asked or query.get("show")) == "credits" else "lines"
    unit, cursor = query.get("q", "")[:100], query.get("after") or None
    found: Any
    if show == "credits":
        found = await service.credits(platform, work, site, correction_id, cursor=cursor, limit=_ROWS)
    else:
        found = await service.lines(work, site, correction_id, unit=unit, cursor=cursor, limit=_ROWS)
    here = f"/s/{site.slug}/billing/corrections/{correction_id}"
    kept = {name: value for name, value in (("show", show), ("q", unit)) if value}
    shown = tuple(views.Choice(code, label) for code, label in screens.SHOWN.items())
    more = f"{here}?{urlencode({**kept, 'after': found.cursor})}" if found.cursor else None
    return await view.html(
        "billing/correction.html",
        status=status,
        correction=correction,
        state=screens.STATES[correction.status],
        steps=_steps(work, correction),
        refused=refused,
        show=show,
        rows=found.items,
        refunds=screens.REFUNDS,
        asks=COUNTER_TAKE.id in work.ctx.permissions,
        after=cursor or "",
        reasons=REASONS,
        outcomes=screens.OUTCOMES,
        filters=views.Filters(
            text=unit, selects=(views.Field("show", msgid("Show"), "select", show, choices=shown),) if posted else ()
        ),
        pager=views.Pager(len(found.items), "", more, f"{here}?{urlencode(kept)}" if cursor else None),
        export=f"{here}/export?{urlencode({'q': unit})}" if unit else f"{here}/export",
        money=money(work),
    )


def _steps(work: Work, correction: Correction) -> list[tuple[str, str, str, bool]]:
    """What the reader may do next: where it is posted, what the button says, its icon, whether it is the main one."""
    held = work.ctx.permissions
    steps = [
        ("preview", CORRECTION_CREATE.id, "request", msgid("Ask for approval"), "user-check", True),
        ("asked", CORRECTION_APPROVE.id, "approval", msgid("Approve and post"), "checks", True),
        ("computing preview asked", CORRECTION_CREATE.id, "discard", msgid("Discard"), "trash", False),
    ]
    return [
        (path, label, icon, main)
        for states, permission, path, label, icon, main in steps
        if correction.status in states.split()
        and permission in held
        and not (path == "request" and correction.lines == correction.unknown)
    ]


async def _act(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    correction_id: UUID,
    action: Callable[[Work, Site, UUID, int], Awaitable[Correction]],
) -> Response[Any]:
    seen = version_seen(await view.form())
    try:
        async with work.savepoint():
            await action(work, site, correction_id, seen)
    except (Conflict, Forbidden, PreconditionFailed) as error:
        return await _correction(platform, work, site, view, correction_id, view.reason(error), error.status)
    return view.redirect(f"/s/{site.slug}/billing/corrections/{correction_id}")


def money(work: Work) -> Callable[[int], str]:
    held = work.ctx.permissions
    return lambda fen: amount_for(held, yuan(fen))


HANDLERS: list[HTTPRouteHandler] = [
    correction_list,
    correction_create,
    correction_page,
    credit_ask,
    correction_ask,
    correction_approve,
    correction_discard,
]
