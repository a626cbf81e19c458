"""Scripts over the JSON API and in the console: the manual that clerks read, and its texts changed with a preview."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, JSONBody

from core.sdk import FieldError, Invalid, Malformed, Platform, Principal, Site, View, Work, msgid
from plugins.reception.forms import fielder
from plugins.reception.permissions import MANAGE, TAKE
from plugins.reception.scripts import service
from plugins.reception.scripts.service import Line, Particulars, Speaker, Spoken

NAMES: Final = {
    "site": msgid("Site"),
    "time_of_day": msgid("Greeting of the hour"),
    "clerk": msgid("Clerk"),
    "staff_no": msgid("Staff number"),
    "department": msgid("Department"),
    "caller": msgid("Caller"),
    "unit": msgid("Caller's unit"),
    "where": msgid("Where to go"),
    "phone": msgid("Telephone there"),
    "papers": msgid("Papers to bring"),
}
Text = Annotated[str, msgspec.Meta(max_length=500)]


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text to be tried: `of` names which, such as greeting.0, hold or guidance.2."""

    of: Annotated[str, msgspec.Meta(max_length=20)]
    zh: Text
    en: Text = ""
    particulars: Particulars | None = None


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
    return await service.preview(platform, work, site, principal, data.of, (data.zh, data.en), data.particulars)


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
    try:
        await service.save(
            platform, work, site, of, _texts(form), _own(form), reason=form.get("reason", ""), expected=int(version)
        )
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
    texts = values if values is not None else {"zh": shown.zh, "en": shown.en, **_shown(shown.particulars)}
    field = fielder(texts, faults)
    own = (
        (
            field("where", msgid("Where to go"), maximum=100, help=msgid("Window, floor, room.")),
            field("where_en", msgid("Where to go, in English"), maximum=100),
        ),
        (
            field("papers", msgid("Papers to bring"), "textarea", maximum=800, help=msgid("One a line.")),
            field("papers_en", msgid("Papers to bring, in English"), "textarea", maximum=800),
        ),
        (field("phone", msgid("Telephone there"), "tel", maximum=30),),
    )
    return await view.html(
        "reception/script_edit.html",
        status=422 if faults else 200,
        edited=shown,
        version=values.get("version", "") if values is not None else shown.version,
        fields=(
            field("zh", msgid("In Chinese"), "textarea", required=True, maximum=500),
            field("en", msgid("In English"), "textarea", maximum=500),
        ),
        own=own if shown.particulars else (),
        names=tuple((name, NAMES[name]) for name in shown.names),
        reason=field("reason", msgid("Reason"), required=True, maximum=200),
        **await _previewed(platform, work, site, principal, {**texts, "of": of}),
    )


async def _previewed(
    platform: Platform, work: Work, site: Site, principal: Principal, form: Mapping[str, str]
) -> dict[str, Any]:
    """What `_preview.html` shows: the texts as they are said, or what is wrong with them."""
    try:
        of = form.get("of", "")
        line = await service.preview(platform, work, site, principal, of, _texts(form), _own(form))
    except Invalid as refused:
        return {"line": None, "faults": refused.fields}
    return {"line": line, "faults": ()}


def _texts(form: Mapping[str, str]) -> tuple[str, str]:
    return form.get("zh", ""), form.get("en", "")


def _own(form: Mapping[str, str]) -> Particulars | None:
    """What a form for guidance says besides the texts; None where it has no such fields."""
    if "where" not in form:
        return None
    where, where_en, phone = (form.get(name, "").strip() for name in ("where", "where_en", "phone"))
    papers, papers_en = (
        tuple(filter(None, map(str.strip, form.get(name, "").splitlines()))) for name in ("papers", "papers_en")
    )
    return Particulars(papers, where, phone, papers_en, where_en)


def _shown(own: Particulars | None) -> dict[str, str]:
    if own is None:
        return {}
    papers = {"papers": "\n".join(own.papers), "papers_en": "\n".join(own.papers_en)}
    return {"where": own.where, "where_en": own.where_en, "phone": own.phone, **papers}


API: list[HTTPRouteHandler] = [get_scripts, preview_script]
PAGES: list[HTTPRouteHandler] = [manual, editor, preview, save]
