"""Discounts in the console, below /s/{site_id}/billing/discounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
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
    Site,
    View,
    Work,
    amount_for,
    local_day,
    msgid,
    read_form,
    views,
)
from plugins.billing.amounts.number import plain
from plugins.billing.counter.forms import fen_of
from plugins.billing.discounts import service
from plugins.billing.discounts.model import ASKED, KINDS, Discount, End, NewDiscount
from plugins.billing.marks import id_or_none
from plugins.billing.permissions import DISCOUNT_APPROVE, DISCOUNT_ASK, RECEIPT_VIEW, TARIFF_VIEW
from plugins.billing.places import places
from plugins.billing.tariffs import forms
from plugins.billing.tariffs import repository as tariffs
from plugins.billing.tariffs.assignments import unit_named
from plugins.billing.tariffs.model import MEASURED
from plugins.billing.tariffs.screens import choices, fields, version_seen
from plugins.billing.telling import yuan

_ROWS: Final = 50
_NAMED: Final = {"unit_id": "unit", "factor": "percent", "off_fen": "yuan"}


@get("/discounts", permission=TARIFF_VIEW.id)
async def discount_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """Discounts that were agreed to, and a form to ask for one."""
    return await _list(work, site, view)


@post("/discounts", permission=DISCOUNT_ASK.id, status_code=200)
async def discount_ask(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """Ask somebody else to agree to a discount."""
    values = await view.form()
    try:
        async with work.savepoint():
            named = values.get("unit", "").strip()
            unit_id = await unit_named(work, site, named) if named else None
            asked = await service.ask(platform, work, site, read_form(_filled(values, unit_id), NewDiscount))
    except Invalid as refused:
        return await _list(work, site, view, "new", values, refused.fields)
    except (Conflict, Forbidden) as refused:
        return await _list(work, site, view, "new", values, [FieldError("reason", refused.message, refused.params)])
    return view.redirect(f"/s/{site.slug}/approvals/{asked}")


@post("/discounts/{billing_discount_id:uuid}", permission=DISCOUNT_APPROVE.id, status_code=200)
async def discount_end(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_discount_id: FromPath[UUID],
) -> Response[Any]:
    """An earlier last day of a discount."""
    values = await view.form()
    try:
        until = local_day(values.get("until", "").strip())
        if until is None:
            raise Invalid.field("until", "Give a day.")
        await service.end(work, site, billing_discount_id, End(until), version_seen(values))
    except Invalid as refused:
        return await _list(work, site, view, str(billing_discount_id), values, refused.fields)
    return view.redirect(f"/s/{site.slug}/billing/discounts")


async def _list(
    work: Work,
    site: Site,
    view: View,
    taken: str = "",
    values: Mapping[str, str] | None = None,
    errors: Iterable[FieldError] = (),
) -> Response[str]:
    query = view.query if values is None else {}
    text, after = query.get("q", "")[:80], query.get("after", "")
    found = await service.page(work, site, text, id_or_none(after), _ROWS)
    today, held = site.today(work.now), work.ctx.permissions
    bases = (*MEASURED, "fixed", "rent")
    items = [i for i in await tariffs.items(work.uow, site.id) if i.basis in bases and not i.ended(today)]
    wrong = [FieldError(_NAMED.get(e.field, e.field), e.message, e.params) for e in errors]

    def field_of(kind: str, default: Mapping[str, str]) -> Any:
        return fields(values, wrong) if kind == taken and values is not None else fields(default, ())

    def ending(each: Discount) -> tuple[views.Field, ...]:
        field = field_of(str(each.id), {"until": str(each.until or today)})
        return (
            field("until", msgid("Last day"), "date", required=True,
                  help=msgid("The day before its first takes it back altogether.")),
        )  # fmt: skip

    field = field_of("new", {"since": str(today)})
    asked = (
        field("item_id", msgid("Fee item"), "select",
              choices=tuple(views.Choice(str(item.id), item.title) for item in items)),
        field("unit", msgid("Unit of the roll"), maximum=80, help=msgid("Empty: for the whole site.")),
        field("kind", msgid("Kind"), "select", choices=choices(ASKED)),
        field("since", msgid("From"), "date", required=True),
        field("until", msgid("Until"), "date", help=msgid("Empty: until further notice.")),
        field("percent", msgid("Charged (% of the price)"), maximum=5,
              help=msgid("70 for seven tenths, 0 for nothing.")),
        field("yuan", msgid("Or a fixed sum off each full period (yuan)"), maximum=20,
              help=msgid("It comes off the rounded amount; parts of a period have their share by the day.")),
        field("reason", msgid("Reason"), maximum=200, required=True),
    )  # fmt: skip
    here, kept = f"/s/{site.slug}/billing/discounts", ({"q": text} if text else {})
    return await view.html(
        "billing/discounts.html",
        status=422 if taken else 200,
        rows=[(each, percent(each), ending(each), str(each.id) == taken) for each in found.items],
        kinds=KINDS,
        today=today,
        fields=asked if DISCOUNT_ASK.id in held and items else (),
        ends=DISCOUNT_APPROVE.id in held,
        items=bool(items),
        text=text,
        show=taken == "new",
        places=places(work),
        receipts=RECEIPT_VIEW.id in held,
        money=lambda fen: amount_for(held, yuan(fen)),
        pager_view=views.Pager(
            len(found.items),
            "",
            f"{here}?{urlencode({**kept, 'after': str(found.cursor)})}" if found.cursor else None,
            f"{here}?{urlencode(kept)}" if after else None,
        ),
    )


def percent(discount: Discount) -> str:
    """What is charged of the price, such as `70`; '' of a fixed sum."""
    return "" if discount.factor is None else plain(Fraction(discount.factor) * 100)


def _filled(values: Mapping[str, str], unit_id: UUID | None) -> dict[str, object]:
    since = local_day(values.get("since", "").strip())
    if since is None:
        raise Invalid.field("since", "Give a day.")
    part = None
    if values.get("percent", "").strip():
        part = Fraction(forms.decimal(values, "percent")) / 100
        if part >= 1 or (part * 10000).denominator != 1:
            raise Invalid.field("percent", "Give less than 100, with two places at most.")
    off = fen_of(values.get("yuan", ""), "yuan")
    if off == 0:
        raise Invalid.field("yuan", msgid("Enter an amount above nought."))
    names = ("item_id", "kind", "reason")
    return {
        **{name: values.get(name, "").strip() for name in names},
        "unit_id": unit_id,
        "since": since,
        "until": local_day(values.get("until", "").strip()),
        "factor": None if part is None else plain(part),
        "off_fen": off,
    }


HANDLERS: list[HTTPRouteHandler] = [discount_list, discount_ask, discount_end]
