"""Shifts in the console, below /s/{site_id}/billing/cash."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
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
    LodgeError,
    Platform,
    PreconditionFailed,
    Site,
    View,
    Work,
    amount_for,
    msgid,
    views,
)
from plugins.billing.closing import counting, forms, service
from plugins.billing.closing.counting import Count, Tally
from plugins.billing.closing.model import ShiftDetail
from plugins.billing.ledger.pages import MEANS_WORDS
from plugins.billing.permissions import BANK_RECONCILE, CASH_CLOSE, CASH_VIEW, SHIFT_KEEP
from plugins.billing.telling import typed, yuan

_ROWS: Final = 50
STATES: Final = {
    "open": views.Word("open", msgid("Shift open"), "info"),
    "closed": views.Word("closed", msgid("Shift closed"), "ok"),
}


@get("/cash", permission=CASH_VIEW.id)
async def shift_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """The site's shifts, and the one that the reader has open or may open."""
    return await _list(work, site, view)


@post("/cash", permission=SHIFT_KEEP.id, status_code=200)
async def shift_open(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[Any]:
    """Begin one's shift."""
    values = await view.form()
    try:
        shift = await service.open_shift(work, site, forms.new_shift(values))
    except (Invalid, Conflict) as refused:
        return await _list(work, site, view, values, refused)
    return view.redirect(f"/s/{site.slug}/billing/cash/shifts/{shift.id}")


@get("/cash/shifts/{billing_shift_id:uuid}", permission=CASH_VIEW.id)
async def shift_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_shift_id: FromPath[UUID],
) -> Response[str]:
    """A shift: the form of its count, or what was counted and handed over."""
    return await _shift(work, site, view, billing_shift_id)


@post("/cash/shifts/{billing_shift_id:uuid}/closing", permission=SHIFT_KEEP.id, status_code=200)
async def shift_close(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    billing_shift_id: FromPath[UUID],
) -> Response[Any]:
    """Close a shift with what was counted."""
    values = await view.form()
    text = values.get("version", "")
    seen = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
    try:
        async with work.savepoint():
            await service.close(platform, work, site, billing_shift_id, seen, forms.counted(values))
    except (Invalid, Conflict, Forbidden, PreconditionFailed) as refused:
        return await _shift(work, site, view, billing_shift_id, values, refused)
    return view.redirect(f"/s/{site.slug}/billing/cash/shifts/{billing_shift_id}")


@post("/cash/shifts/{billing_shift_id:uuid}/handovers", permission=SHIFT_KEEP.id, status_code=200)
async def shift_hand_over(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_shift_id: FromPath[UUID],
) -> Response[Any]:
    """Cash of a closed shift goes to finance or to the bank."""
    values = await view.form()
    try:
        async with work.savepoint():
            await service.hand_over(work, site, billing_shift_id, forms.handed(values))
    except (Invalid, Conflict, Forbidden) as refused:
        return await _shift(work, site, view, billing_shift_id, values, refused)
    return view.redirect(f"/s/{site.slug}/billing/cash/shifts/{billing_shift_id}")


async def _list(
    work: Work, site: Site, view: View, values: Mapping[str, str] = {}, refused: LodgeError | None = None
) -> Response[str]:
    own = await service.own(work, site)
    after = view.query.get("after", "")
    found = await service.listed(work, site, after or None, _ROWS)
    here = f"/s/{site.slug}/billing/cash"
    faults = refused.fields if refused else ()
    label = msgid("In the drawer for change (yuan)")
    return await view.html(
        "billing/shifts.html",
        status=int(refused.status) if refused else 200,
        own=own,
        rows=[(each, STATES[each.status]) for each in found.items],
        float_field=forms.field({"float_yuan": "0", **values}, faults, "float_yuan", label, maximum=14),
        refused=_told(view, refused),
        show=bool(refused),
        keeps=SHIFT_KEEP.id in work.ctx.permissions,
        pager_view=views.Pager(
            len(found.items), "", f"{here}?after={found.cursor}" if found.cursor else None, here if after else None
        ),
        **words(work),
    )


async def _shift(
    work: Work,
    site: Site,
    view: View,
    shift_id: UUID,
    values: Mapping[str, str] = {},
    refused: LodgeError | None = None,
) -> Response[str]:
    detail = await service.get(work, site, shift_id)
    shift, held, faults = detail.shift, work.ctx.permissions, refused.fields if refused else ()
    mine = shift.cashier_id == work.ctx.actor.id
    counts = not shift.closed_at and SHIFT_KEEP.id in held and (mine or CASH_CLOSE.id in held)
    return await view.html(
        "billing/shift.html",
        status=int(refused.status) if refused else 200,
        detail=detail,
        shift=shift,
        state=STATES[shift.status],
        lines=_tried(detail, values, faults) if counts else detail.counts,
        tried=bool(values) and counts,
        counts=counts,
        cash=forms.cash_fields(values, faults),
        slips=forms.slip_fields(values, faults),
        reason=forms.field(values, faults, "reason", msgid("Why does it differ?"), "textarea", maximum=200),
        handover=_handover(detail, values, faults, mine=mine, finance=CASH_CLOSE.id in held)
        if SHIFT_KEEP.id in held and detail.in_drawer_fen > 0
        else (),
        show="goes_to" in values,
        refused=_told(view, refused),
        goes_to=forms.GOES_TO,
        **words(work),
    )


def _handover(
    detail: ShiftDetail, values: Mapping[str, str], errors: Iterable[FieldError], *, mine: bool, finance: bool
) -> tuple[views.Field, ...]:
    """The form of a handover; finance takes cash that a colleague has counted."""
    faults = list(errors)
    to = [name for name in forms.GOES_TO if (name == "finance" and finance and not mine) or (name == "bank")]
    if not (mine or finance):
        return ()
    given = {"amount_yuan": typed(detail.in_drawer_fen - min(detail.in_drawer_fen, detail.shift.float_fen)), **values}
    choices = tuple(views.Choice(name, forms.GOES_TO[name]) for name in to)
    return (
        forms.field(given, faults, "goes_to", msgid("Goes to"), "select", choices=choices, required=True),
        forms.field(given, faults, "amount_yuan", msgid("Amount (yuan)"), maximum=14, required=True),
        forms.field(given, faults, "slip_no", msgid("Number of the deposit slip"), maximum=40),
    )


def _tried(detail: ShiftDetail, values: Mapping[str, str], errors: Iterable[FieldError]) -> list[Count]:
    """Beside the ledger what was counted, where that can be read: the differences are seen before anything is final."""
    if not values or any(error.field != "reason" for error in errors):
        return detail.counts
    count = forms.counted({**values, "reason": ""})
    tallies = [Tally(each.means, each.entries, each.ledger_fen) for each in detail.counts]
    return counting.counted(detail.shift.float_fen, tallies, counting.cash(count.cash), count.slips)


def _told(view: View, refused: LodgeError | None) -> str:
    """Why something was refused that is no field's fault."""
    return view.reason(refused) if refused and not isinstance(refused, Invalid) else ""


def words(work: Work) -> dict[str, Any]:
    """What all pages of cash closing say amounts with, and which of them the reader may open."""
    held = work.ctx.permissions

    def amount(fen: int | None) -> str:
        return "—" if fen is None else amount_for(held, yuan(fen))

    money: Callable[[int | None], str] = amount
    return {"amount": money, "means_words": MEANS_WORDS, "banks": BANK_RECONCILE.id in held}


HANDLERS: list[HTTPRouteHandler] = [shift_list, shift_open, shift_page, shift_close, shift_hand_over]
