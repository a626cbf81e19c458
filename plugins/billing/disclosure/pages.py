"""Disclosures in the console: what was published, what would be, below /s/{site_id}/billing/disclosures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final, get_args
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
    Platform,
    PreconditionFailed,
    Site,
    View,
    Work,
    local_day,
    local_month,
    msgid,
    read_form,
    sees_amounts,
    views,
)
from plugins.billing.amounts.spans import months_after
from plugins.billing.arrears.screens import money
from plugins.billing.disclosure import paper, service
from plugins.billing.disclosure.model import HEADINGS, KINDS, Kind, NewDisclosure, SetHeading
from plugins.billing.disclosure.policy import PUBLIC
from plugins.billing.disclosure.screens import WORDS, tabs, told
from plugins.billing.marks import id_or_none
from plugins.billing.permissions import DISCLOSURE_PUBLISH, REPORT_VIEW
from plugins.billing.tariffs.price_list import posted
from plugins.billing.tariffs.screens import choices, fields, version_seen

_ROWS: Final = 50


@get("/disclosures", permission=REPORT_VIEW.id)
async def disclosure_list(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """What was published, the period to look at next, and the link for residents."""
    after = view.query.get("after", "")
    found = await service.editions(work, site, id_or_none(after), _ROWS)
    rules = await platform.policies.value(work, PUBLIC, site.id)
    here, last = f"/s/{site.slug}/billing/disclosures", months_after(site.today(work.now).replace(day=1), -1)
    return await view.html(
        "billing/disclosures.html",
        editions=found.items,
        fields=(
            views.Field("kind", msgid("Period"), "select", "month", choices=choices(KINDS)),
            views.Field("month", msgid("Month"), "month", f"{last:%Y-%m}", required=True),
        ),
        tabs=tabs(work),
        money=money(work),
        shown=rules.disclosures,
        link=platform.settings.public_url + posted(platform, work.ctx.company_id, site)
        if rules.disclosures or rules.prices
        else "",
        pager_view=views.Pager(
            len(found.items),
            "",
            f"{here}?{urlencode({'after': str(found.cursor)})}" if found.cursor else None,
            here if after else None,
        ),
        **WORDS,
    )


@get("/disclosures/preview", permission=REPORT_VIEW.id)
async def disclosure_preview(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """What would be published of a period: that which the month is in, or the last one that is over."""
    kind: Any = view.query.get("kind", "month")
    if kind not in get_args(Kind):
        raise Malformed
    return await _preview(platform, work, site, view, kind, local_month(view.query.get("month", "")))


@post("/disclosures", permission=DISCLOSURE_PUBLISH.id, status_code=200)
async def disclosure_publish(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[Any]:
    """Publish what was looked at."""
    values = await view.form()
    new = read_form(
        {
            "kind": values.get("kind", ""),
            "first_day": local_day(values.get("first_day", "")),
            **{name: values.get(name, "").strip() for name in ("digest", "note", "reason")},
        },
        NewDisclosure,
    )
    try:
        async with work.savepoint():
            id = await service.publish(platform, work, site, new)
    except Invalid as refused:
        return await _preview(platform, work, site, view, new.kind, new.first_day, values, refused.fields)
    except Conflict as refused:
        return await _preview(platform, work, site, view, new.kind, new.first_day, values, (), view.reason(refused))
    return view.redirect(f"/s/{site.slug}/billing/disclosures/{id}")


@get("/disclosures/{billing_disclosure_id:uuid}", permission=REPORT_VIEW.id)
async def disclosure_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_disclosure_id: FromPath[UUID],
) -> Response[str]:
    """An edition as it was published."""
    found = await service.edition(work, site, billing_disclosure_id)
    return await view.html(
        "billing/disclosure.html",
        edition=found.edition,
        money=money(work),
        **told(found.edition.sums, found.lines),
    )


@get("/disclosures/{billing_disclosure_id:uuid}/paper", permission=REPORT_VIEW.id, media_type="application/pdf")
async def disclosure_paper(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_disclosure_id: FromPath[UUID],
) -> Response[bytes]:
    """An edition on A4, shown to be printed."""
    found = await service.edition(work, site, billing_disclosure_id)
    return await paper.printed(view, view.page.brand, site, found, work.now)


@get("/disclosures/{billing_disclosure_id:uuid}/export", permission=REPORT_VIEW.id)
async def disclosure_export(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_disclosure_id: FromPath[UUID],
) -> Response[bytes]:
    """An edition as a workbook."""
    found = await service.edition(work, site, billing_disclosure_id)
    sees = sees_amounts(work.ctx.permissions)
    return await paper.exported(view, site, found, work.now, lambda fen: fen / 100 if sees else None)


@get("/disclosures/headings", permission=REPORT_VIEW.id)
async def heading_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """Under which heading each item's money is told."""
    return await _headings(work, site, view)


@post("/disclosures/headings/{billing_item_id:uuid}", permission=DISCLOSURE_PUBLISH.id, status_code=200)
async def heading_set(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    billing_item_id: FromPath[UUID],
) -> Response[Any]:
    """Tell an item's money under another heading."""
    values = await view.form()
    new = read_form({"heading": values.get("heading", "")}, SetHeading)
    try:
        async with work.savepoint():
            await service.set_heading(work, site, billing_item_id, new.heading, version_seen(values))
    except PreconditionFailed as refused:
        return await _headings(work, site, view, view.reason(refused))
    return view.redirect(f"/s/{site.slug}/billing/disclosures/headings")


async def _headings(work: Work, site: Site, view: View, refused: str = "") -> Response[str]:
    found = await service.headings(work, site)
    return await view.html(
        "billing/headings.html",
        status=412 if refused else 200,
        refused=refused,
        rows=[
            (each, views.Field("heading", msgid("Heading"), "select", each.heading, choices=choices(HEADINGS)))
            for each in found
        ],
        manages=DISCLOSURE_PUBLISH.id in work.ctx.permissions,
        tabs=tabs(work),
        **WORDS,
    )


async def _preview(
    platform: Platform,
    work: Work,
    site: Site,
    view: View,
    kind: Kind,
    day: date | None,
    values: Mapping[str, str] | None = None,
    errors: Iterable[FieldError] = (),
    refused: str = "",
) -> Response[str]:
    found = await service.draft(platform, work, site, kind, day)
    field = fields(values or {}, errors)
    asked = [field("note", msgid("Remark, for everybody"), "textarea", maximum=500)]
    if found.edition > 1:
        asked.insert(
            0, field("reason", msgid("Why does it replace the edition before?"), "textarea", maximum=200, required=True)
        )
    may = found.over and DISCLOSURE_PUBLISH.id in work.ctx.permissions
    return await view.html(
        "billing/disclosure_draft.html",
        status=409 if refused else 422 if errors else 200,
        draft=found,
        fields=tuple(asked) if may else (),
        hidden=[("kind", kind), ("first_day", str(found.first_day)), ("digest", found.digest)],
        show=bool(errors),
        refused=refused,
        money=money(work),
        **told(found.sums, found.lines),
    )


HANDLERS: list[HTTPRouteHandler] = [
    disclosure_list,
    disclosure_preview,
    disclosure_publish,
    disclosure_page,
    disclosure_paper,
    disclosure_export,
    heading_list,
    heading_set,
]
