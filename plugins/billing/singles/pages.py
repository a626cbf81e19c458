"""Single charges in the console, below /s/{site_id}/billing/singles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from core.sdk import (
    Conflict,
    FieldError,
    Invalid,
    Site,
    View,
    Work,
    amount_for,
    local_day,
    msgid,
    read_form,
    views,
)
from plugins.billing.marks import id_or_none
from plugins.billing.permissions import CHARGE_ONCE, LEDGER_VIEW
from plugins.billing.places import places
from plugins.billing.singles import service
from plugins.billing.singles.model import NewSingle
from plugins.billing.tariffs import forms
from plugins.billing.tariffs import repository as tariffs
from plugins.billing.tariffs.assignments import unit_named
from plugins.billing.tariffs.screens import fields
from plugins.billing.telling import yuan

_ROWS: Final = 50
# fields of the form by those of the API
_NAMED: Final = {"unit_id": "unit", "amount_fen": "yuan", "party_id": "unit"}


@get("/singles", permission=LEDGER_VIEW.id)
async def single_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """What was charged once, and a form for more."""
    return await _list(work, site, view)


@post("/singles", permission=CHARGE_ONCE.id, status_code=200)
async def single_charge(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[Any]:
    """Charge a household something single, and show how it came about."""
    values = await view.form()
    try:
        async with work.savepoint():
            unit_id = await unit_named(work, site, values.get("unit", ""))
            owed = await service.add(work, site, read_form(_filled(values, unit_id), NewSingle))
    except Invalid as refused:
        return await _list(work, site, view, values, refused.fields)
    except Conflict as refused:
        return await _list(work, site, view, values, [FieldError("day", refused.message, refused.params)])
    return view.redirect(f"/s/{site.slug}/billing/singles?done={owed.id}")


async def _list(
    work: Work,
    site: Site,
    view: View,
    values: Mapping[str, str] | None = None,
    errors: Iterable[FieldError] = (),
) -> Response[str]:
    query = view.query if values is None else {}
    text, after = query.get("q", "")[:80], query.get("after", "")
    found = await service.page(work, site, text, id_or_none(after), _ROWS)
    today = site.today(work.now)
    items = [i for i in await tariffs.items(work.uow, site.id) if i.basis == "once" and not i.ended(today)]
    may, held = CHARGE_ONCE.id in work.ctx.permissions, work.ctx.permissions
    wrong = [FieldError(_NAMED.get(e.field, e.field), e.message, e.params) for e in errors]
    field = fields(values or {"day": str(today), "times": "1"}, wrong)
    asked = (
        field("item_id", msgid("Fee item"), "select",
              choices=tuple(views.Choice(str(item.id), item.title) for item in items)),
        field("unit", msgid("Unit of the roll"), maximum=80, required=True,
              help=msgid("As the roll names it. Whoever the item says pays.")),
        field("day", msgid("Day"), "date", required=True),
        field("times", msgid("How many times"), maximum=9, required=True),
        field("yuan", msgid("Amount each time (yuan)"), maximum=16, help=msgid("Empty where the item has a price.")),
        field("due_on", msgid("Due on"), "date", help=msgid("Empty: the item's days after that day.")),
    )  # fmt: skip
    here, kept = f"/s/{site.slug}/billing/singles", ({"q": text} if text else {})
    return await view.html(
        "billing/singles.html",
        status=422 if values is not None else 200,
        singles=found.items,
        done=next((each for each in found.items if str(each.id) == query.get("done", "")), None),
        fields=asked if may and items else (),
        items=bool(items),
        text=text,
        show=values is not None,
        places=places(work),
        money=lambda fen: amount_for(held, yuan(fen)),
        pager_view=views.Pager(
            len(found.items),
            "",
            f"{here}?{urlencode({**kept, 'after': str(found.cursor)})}" if found.cursor else None,
            f"{here}?{urlencode(kept)}" if after else None,
        ),
    )


def _filled(values: Mapping[str, str], unit_id: UUID) -> dict[str, object]:
    day = local_day(values.get("day", "").strip())
    if day is None:
        raise Invalid.field("day", "Give a day.")
    fen = None
    if values.get("yuan", "").strip():
        exact = Decimal(forms.decimal(values, "yuan")) * 100
        if exact != exact.to_integral_value():
            raise Invalid.field("yuan", "Give at most two places: fen.")
        fen = int(exact)
    return {
        "item_id": values.get("item_id", ""),
        "unit_id": unit_id,
        "day": day,
        "times": forms.decimal(values, "times"),
        "amount_fen": fen,
        "due_on": local_day(values.get("due_on", "").strip()),
    }


HANDLERS: list[HTTPRouteHandler] = [single_list, single_charge]
