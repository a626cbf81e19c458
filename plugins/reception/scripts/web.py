"""Scripts over the JSON API and in the console: the manual that clerks read, and its texts changed with a preview."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, JSONBody

from core.sdk import FieldError, Invalid, Malformed, Platform, Principal, Site, View, Work, msgid
from plugins.reception.forms import fielder
from plugins.reception.permissions import MANAGE, TAKE
from plugins.reception.scripts import service
from plugins.reception.scripts.service import Line, Speaker, Spoken

Text = Annotated[str, msgspec.Meta(max_length=500)]


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text to be tried: `of` names which, such as greeting.0, hold or guidance.2."""

    of: Annotated[str, msgspec.Meta(max_length=20)]
    zh: Text
    en: Text = ""


@get("/scripts", permission=TAKE.id)
async def get_scripts(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
) -> Spoken:
    """Everything that the desk says, filled in for whoever asks; texts are changed at the site's policies."""
    return await service.spoken(platform, work, Speaker(site, principal))


@post("/scripts/preview", permission=MANAGE.id, status_code=200)
async def preview_script(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    data: JSONBody[Draft],
) -> Line:
    """How a text would be said now, to a caller made up for it."""
    return await service.preview(platform, work, site, principal, data.of, data.zh, data.en)


@get("/scripts", permission=TAKE.id)
async def manual(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    view: NamedDependency[View],
) -> Response[str]:
    """The manual: what is said when, filled in as the reader would say it."""
    shown = await service.spoken(platform, work, Speaker(site, principal))
    return await view.html("reception/scripts.html", spoken=shown, edits=MANAGE.id in work.ctx.permissions)


@get("/scripts/edit", permission=MANAGE.id)
async def editor(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    view: NamedDependency[View],
    of: FromQuery[str],
) -> Response[str]:
    """The form for one text, with how it is said beside it."""
    return await _editor(platform, work, site, principal, view, of)


@post("/scripts/preview", permission=MANAGE.id, status_code=200)
async def preview(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    view: NamedDependency[View],
) -> Response[str]:
    """What is being typed, as it would be said."""
    form = await view.form()
    return await view.html("reception/_preview.html", **await _previewed(platform, work, site, principal, form))


@post("/scripts/edit", permission=MANAGE.id, status_code=200)
async def save(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    principal: NamedDependency[Principal],
    view: NamedDependency[View],
) -> Response[Any]:
    """Save a text. A refusal shows the form again."""
    form = await view.form()
    of, version = form.get("of", ""), form.get("version", "")
    if not version.isdecimal():
        raise Malformed
    texts = form.get("zh", ""), form.get("en", "")
    try:
        await service.save(platform, work, site, of, *texts, reason=form.get("reason", ""), expected=int(version))
    except Invalid as refused:
        return await _editor(platform, work, site, principal, view, of, form, refused.fields)
    return view.redirect(f"/s/{site.slug}/reception/scripts#{of}")


async def _editor(
    platform: Platform,
    work: Work,
    site: Site,
    principal: Principal,
    view: View,
    of: str,
    values: Mapping[str, str] | None = None,
    errors: Iterable[FieldError] = (),
) -> Response[str]:
    shown = await service.edited(platform, work, site, of)
    faults = tuple(errors)
    texts = values if values is not None else {"zh": shown.zh, "en": shown.en}
    field = fielder(texts, faults)
    return await view.html(
        "reception/script_edit.html",
        status=422 if faults else 200,
        edited=shown,
        version=values.get("version", "") if values is not None else shown.version,
        fields=(
            field("zh", msgid("In Chinese"), "textarea", required=True, maximum=500),
            field("en", msgid("In English"), "textarea", maximum=500),
        ),
        reason=field("reason", msgid("Reason"), required=True, maximum=200),
        **await _previewed(platform, work, site, principal, {**texts, "of": of}),
    )


async def _previewed(
    platform: Platform, work: Work, site: Site, principal: Principal, form: Mapping[str, str]
) -> dict[str, Any]:
    """What `_preview.html` shows: the texts as they are said, or what is wrong with them."""
    texts = form.get("zh", ""), form.get("en", "")
    try:
        line = await service.preview(platform, work, site, principal, form.get("of", ""), *texts)
    except Invalid as refused:
        return {"line": None, "faults": refused.fields}
    return {"line": line, "faults": ()}


API: list[HTTPRouteHandler] = [get_scripts, preview_script]
PAGES: list[HTTPRouteHandler] = [manual, editor, preview, save]
