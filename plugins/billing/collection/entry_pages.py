"""Coming back: what was collected on a day is entered line by line, on one page, by keyboard (BIL-3)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from core.sdk import FieldError, Invalid, LodgeError, Site, View, Work, msgid, views
from plugins.billing.collection import forms, service, taking
from plugins.billing.collection.forms import Line, Posted
from plugins.billing.collection.pages import day_in, id_in, words
from plugins.billing.collection.taking import Entered
from plugins.billing.ledger import reading
from plugins.billing.permissions import COLLECTION_TAKE


@get("/collection/entry", permission=COLLECTION_TAKE.id)
async def entry_page(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """The visits of a day that are still agreed, a line each, with their charges ticked."""
    return await _page(work, site, view, view.query)


@post("/collection/entry", permission=COLLECTION_TAKE.id, status_code=200)
async def entry_post(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """Take the lines that fit; each of the others comes back with what is wrong, and as it was typed."""
    lists = await view.form_lists()
    posted = forms.posted(lists)
    refused: dict[UUID, LodgeError] = {}
    rows = []
    for visit_id in posted.visits:
        try:
            row = posted.row(visit_id)
        except Invalid as wrong:
            refused[visit_id] = wrong
        else:
            rows += [row] if row is not None else []
    entered = await taking.enter_all(work, site, rows)
    refused |= {each.visit_id: each.refused for each in entered if each.refused is not None}
    where = {name: (lists.get(name) or [""])[-1] for name in ("day", "collector")}
    return await _page(work, site, view, where, posted, entered, refused)


async def _page(
    work: Work,
    site: Site,
    view: View,
    where: Mapping[str, str],
    posted: Posted | None = None,
    entered: list[Entered] | None = None,
    refused: Mapping[UUID, LodgeError] = {},
) -> Response[str]:
    today = site.today(work.now)
    day, collector = day_in(where, today), id_in(where.get("collector", ""))
    found = await service.listed(work, site, day, collector, "agreed", limit=forms.MOST)
    units = sorted({visit.unit_id for visit in found.items})
    accounts = {each.unit_id: each for each in await reading.accounts(work, site, units)} if units else {}
    lines = []
    for visit in found.items:
        account, seen = accounts.get(visit.unit_id), posted is not None and visit.id in posted.visits
        every = frozenset(str(charge.charge_id) for charge in account.charges) if account else frozenset[str]()
        wrong, told = _wrong(view, refused.get(visit.id))
        values = posted.values(visit.id) if posted and seen else {"means": "cash"}
        ticked = posted.ticked(visit.id) & every if posted and seen else every
        lines.append(Line(visit, account, values, ticked, wrong, told))
    open_ = {visit.id for visit in found.items}
    done = [each for each in entered or [] if each.refused is None]
    chosen = posted.collected_on if posted else str(min(day, today))
    return await view.html(
        "billing/collection_entry.html",
        status=422 if refused and not done else 200,  # an error would undo the lines that were taken
        lines=lines,
        done=[each.receipt for each in done if each.receipt is not None],
        unpaid=sum(each.receipt is None for each in done),
        lost=[view.reason(each) for id, each in refused.items() if id not in open_],
        wrong=len(refused),
        day=day,
        collector=collector or "",
        collected_on=views.Field("collected_on", msgid("Collected on"), "date", chosen, required=True),
        means=forms.means_choices(),
        more=bool(found.cursor),
        back=f"/s/{site.slug}/billing/collection?{urlencode({'day': day, 'collector': collector or ''})}",
        **words(work),
    )


def _wrong(view: View, refused: LodgeError | None) -> tuple[dict[str, FieldError], str]:
    """What is wrong by field, and of the line as a whole."""
    if refused is None:
        return {}, ""
    fields = refused.fields if isinstance(refused, Invalid) else ()
    wrong = {forms.NAMES.get(each.field, each.field): each for each in fields}
    shown = {name: each for name, each in wrong.items() if name in ("number", "amount", "reason", "reference")}
    rest = [view.say(each.message, **each.params) for name, each in wrong.items() if name not in shown]
    return shown, " ".join(rest) if fields else view.reason(refused)


HANDLERS: list[HTTPRouteHandler] = [entry_page, entry_post]
