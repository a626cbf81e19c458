"""Expenses in the console, below /s/{site_id}/billing/disclosures/expenses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
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
    Invalid,
    Malformed,
    Site,
    View,
    Work,
    local_month,
    msgid,
    read_form,
    views,
)
from plugins.billing.arrears.screens import money
from plugins.billing.disclosure import service
from plugins.billing.disclosure.model import CATEGORIES, Expense, NewCategory, NewExpense, OwnCategory, ReverseExpense
from plugins.billing.disclosure.screens import tabs
from plugins.billing.marks import id_or_none
from plugins.billing.permissions import DISCLOSURE_PUBLISH, EXPENSE_ENTER, REPORT_VIEW
from plugins.billing.tariffs import forms
from plugins.billing.tariffs.screens import fields

_ROWS: Final = 50


@get("/disclosures/expenses", permission=REPORT_VIEW.id)
async def expense_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """What the site has spent, and forms for more."""
    return await _list(work, site, view)


@post("/disclosures/expenses", permission=EXPENSE_ENTER.id, status_code=200)
async def expense_enter(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[Any]:
    """Enter an expense."""
    values = await view.form()
    try:
        async with work.savepoint():
            await service.add_expenses(work, site, [read_form(_filled(values), NewExpense)])
    except Invalid as refused:
        return await _list(work, site, view, "new", values, refused.fields)
    return view.redirect(f"/s/{site.slug}/billing/disclosures/expenses")


@post("/disclosures/expenses/categories", permission=DISCLOSURE_PUBLISH.id, status_code=200)
async def category_add(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[Any]:
    """Add a category of the company's own."""
    values = await view.form()
    try:
        async with work.savepoint():
            new = read_form({"title": values.get("title", "").strip()}, NewCategory)
            await service.add_category(work, site, new.title)
    except Invalid as refused:
        return await _list(work, site, view, "category", values, refused.fields)
    except Conflict as refused:
        return await _list(work, site, view, "category", values, [FieldError("title", refused.message)])
    return view.redirect(f"/s/{site.slug}/billing/disclosures/expenses")


@get("/disclosures/expenses/{billing_expense_id:uuid}", permission=REPORT_VIEW.id)
async def expense_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_expense_id: FromPath[UUID],
) -> Response[str]:
    """An expense, and a form to take it back."""
    return await _expense(work, site, view, billing_expense_id)


@post("/disclosures/expenses/{billing_expense_id:uuid}", permission=EXPENSE_ENTER.id, status_code=200)
async def expense_reverse(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_expense_id: FromPath[UUID],
) -> Response[Any]:
    """Take an expense back."""
    values = await view.form()
    try:
        async with work.savepoint():
            new = read_form({"reason": values.get("reason", "").strip()}, ReverseExpense)
            made = await service.reverse(work, site, billing_expense_id, new.reason)
    except Invalid as refused:
        return await _expense(work, site, view, billing_expense_id, values, refused.fields)
    except Conflict as refused:
        return await _expense(work, site, view, billing_expense_id, values, (), view.reason(refused))
    return view.redirect(f"/s/{site.slug}/billing/disclosures/expenses/{made.id}")


async def _list(
    work: Work,
    site: Site,
    view: View,
    taken: str = "",
    values: Mapping[str, str] | None = None,
    errors: Iterable[FieldError] = (),
) -> Response[str]:
    query, held = (view.query if values is None else {}), work.ctx.permissions
    month, after = _month(query.get("month", "")), query.get("after", "")
    found = await service.expenses(work, site, month, id_or_none(after), _ROWS)
    own = await service.categories(work, site)
    entering = fields(values or {}, _renamed(errors)) if taken == "new" else fields(_fresh(work, site), ())
    naming = fields(values or {}, errors) if taken == "category" else fields({}, ())
    here, kept = f"/s/{site.slug}/billing/disclosures/expenses", ({"month": f"{month:%Y-%m}"} if month else {})
    return await view.html(
        "billing/expenses.html",
        status=422 if taken else 200,
        rows=[(each, _called(each)) for each in found.items],
        month=views.Field("month", msgid("Month"), "month", f"{month:%Y-%m}" if month else ""),
        fields=_asked(entering, own) if EXPENSE_ENTER.id in held else (),
        named=(naming("title", msgid("Name"), maximum=40, required=True),) if DISCLOSURE_PUBLISH.id in held else (),
        show=taken,
        tabs=tabs(work),
        money=money(work),
        export=f"{here}/export?{urlencode(kept)}",
        pager_view=views.Pager(
            len(found.items),
            "",
            f"{here}?{urlencode({**kept, 'after': str(found.cursor)})}" if found.cursor else None,
            f"{here}?{urlencode(kept)}" if after else None,
        ),
    )


async def _expense(
    work: Work,
    site: Site,
    view: View,
    expense_id: UUID,
    values: Mapping[str, str] | None = None,
    errors: Iterable[FieldError] = (),
    refused: str = "",
) -> Response[str]:
    found = await service.get_expense(work, site, expense_id)
    takes = EXPENSE_ENTER.id in work.ctx.permissions and found.reverses is None and found.reversed_by is None
    field = fields(values or {}, errors)
    return await view.html(
        "billing/expense.html",
        status=409 if refused else 422 if errors else 200,
        expense=found,
        called=_called(found),
        reason=field("reason", msgid("Why is it taken back?"), maximum=200, required=True) if takes else None,
        refused=refused,
        money=money(work),
    )


def _asked(field: Any, own: Iterable[OwnCategory]) -> tuple[views.Field, ...]:
    choices = (
        *(views.Choice(code, title) for code, title in CATEGORIES.items() if code != "other"),
        *(views.Choice(str(each.id), each.title) for each in own),
        views.Choice("other", CATEGORIES["other"]),
    )
    return (
        field("month", msgid("Month"), "month", required=True),
        field("category", msgid("Expense category"), "select", choices=choices),
        field("yuan", msgid("Amount (yuan)"), maximum=16, required=True),
        field("document", msgid("Document number"), maximum=80),
        field("supplier", msgid("Supplier"), maximum=80),
        field("remark", msgid("Remark"), maximum=200),
    )


def _fresh(work: Work, site: Site) -> dict[str, str]:
    return {"month": f"{site.today(work.now):%Y-%m}", "category": "staff"}


def _called(expense: Expense) -> str:
    return expense.title or CATEGORIES[expense.category]


def _filled(values: Mapping[str, str]) -> dict[str, object]:
    try:
        month = local_month(values.get("month", ""))
    except Malformed:
        month = None
    if month is None:
        raise Invalid.field("month", "Choose a month.")
    exact = Decimal(forms.decimal(values, "yuan")) * 100
    if exact != exact.to_integral_value():
        raise Invalid.field("yuan", "Give at most two places: fen.")
    if exact <= 0:
        raise Invalid.field("yuan", msgid("Give more than 0: what is wrong is taken back on its own page."))
    category = values.get("category", "")
    own = category not in CATEGORIES
    return {
        **{name: values.get(name, "").strip() for name in ("supplier", "document", "remark")},
        "month": month,
        "category": "own" if own else category,
        "category_id": category if own else None,
        "amount_fen": int(exact),
    }


def _renamed(errors: Iterable[FieldError]) -> list[FieldError]:
    names = {"amount_fen": "yuan", "category_id": "category"}
    return [FieldError(names.get(each.field, each.field), each.message, each.params) for each in errors]


def _month(text: str) -> Any:
    try:
        return local_month(text)
    except Malformed:
        return None


HANDLERS: list[HTTPRouteHandler] = [expense_list, expense_enter, category_add, expense_page, expense_reverse]
