"""The list of builders in the console, below /s/{site_id}/repairs/contractors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import Invalid, Malformed, Site, View, Work, msgid, views
from plugins.repairs.permissions import CONTRACTOR
from plugins.repairs.sheets import contractors
from plugins.repairs.sheets.forms import read_form
from plugins.repairs.sheets.model import Contractor, NewContractor


@get("/contractors", permission=CONTRACTOR.id)
async def contractor_list(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]
) -> Response[str]:
    """The builders of the site, each with the form that changes it."""
    return await _page(work, site, view)


@post("/contractors", permission=CONTRACTOR.id, status_code=200)
async def add(work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View]) -> Response[Any]:
    """Add a builder. A refusal comes back with the form as it was filled in."""
    values = await view.form()
    try:
        await contractors.add(work, site, _entered(values))
    except Invalid as refused:
        return await _page(work, site, view, "", values, refused)
    return view.redirect(f"/s/{site.slug}/repairs/contractors")


@post("/contractors/{contractor_id:uuid}", permission=CONTRACTOR.id, status_code=200)
async def change(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], contractor_id: FromPath[UUID]
) -> Response[Any]:
    """Change a builder, from the version that the form was made of."""
    values = await view.form()
    version = values.get("version", "")
    if not version.isdecimal() or len(version) > 9:
        raise Malformed
    try:
        await contractors.replace(work, site, contractor_id, _entered(values), int(version))
    except Invalid as refused:
        return await _page(work, site, view, str(contractor_id), values, refused)
    return view.redirect(f"/s/{site.slug}/repairs/contractors")


def _entered(values: Mapping[str, str]) -> NewContractor:
    texts = {name: values.get(name, "") for name in ("name", "scope", "contact", "phone")}
    return read_form({"name": " ", **texts, "active": values.get("active") == "true"}, NewContractor)


async def _page(
    work: Work,
    site: Site,
    view: View,
    changed: str | None = None,
    values: Mapping[str, str] = {},
    refused: Invalid | None = None,
) -> Response[str]:
    """The list; `changed` is the builder whose form was refused, '' the form for a new one."""
    wrong = {error.field: error for error in (refused.fields if refused else ())}

    def fields(of: Contractor | None) -> tuple[views.Field, ...]:
        own = changed == (str(of.id) if of else "")

        def field(name: str, label: str, present: str, kind: Any = "text", **more: Any) -> views.Field:
            said = {"error": wrong[name].message, "params": wrong[name].params} if own and name in wrong else {}
            return views.Field(name, label, kind, values.get(name, "") if own else present, **{**more, **said})

        return (
            field("name", msgid("Builder"), of.name if of else "", maximum=60, required=True),
            field("scope", msgid("What it built"), of.scope if of else "", maximum=200),
            field("contact", msgid("Whom to ask"), of.contact if of else "", maximum=60),
            field("phone", msgid("Phone"), of.phone if of else "", "tel", maximum=30),
            field("active", msgid("Gets new sheets"), str(of.active).lower() if of else "true", "checkbox"),
        )

    builders = await contractors.listed(work, site)
    return await view.html(
        "repairs/contractors.html",
        status=422 if refused else 200,
        rows=tuple((builder, fields(builder), changed == str(builder.id)) for builder in builders),
        fields=fields(None),
        show=changed == "",
    )


HANDLERS: list[HTTPRouteHandler] = [contractor_list, add, change]
