"""The policy pages of a site and of the company: what is in force and where it comes from, changing it, its history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.errors import FieldError, Forbidden, Invalid, LodgeError, Malformed, PreconditionFailed
from core.i18n import msgid
from core.policies import administration
from core.policies.administration import LayerState, NewRevision
from core.policies.calendar import CALENDAR
from core.policies.escalation import ESCALATION
from core.policies.forms import FormField, form_fields, parse_form
from core.policies.layers import diff
from core.policies.revisions import Revision
from core.policies.sla_targets import SLA_TARGETS
from core.policies.spec import PolicySpec
from core.policies.ticket_categories import TICKET_CATEGORIES
from core.tenancy.directory import Site
from core.tickets.model import OPEN
from core.tickets.simulations import SIMULATED
from core.web import views
from core.web.console import policy_aids as aids
from core.web.console import queue
from core.web.view import View
from core.web.views import Notice, PolicyLink, PolicyView

Form = Mapping[str, list[str]]
_SHOWN = 8  # revisions beside the form; all are on the page of the history
# What becomes of open tickets: they keep what they were promised unless asked otherwise, but share the site's days.
_RENEWALS: dict[str, Literal["asked", "itself", "steps"]] = {
    SLA_TARGETS.name: "asked",
    CALENDAR.name: "itself",
    ESCALATION.name: "steps",
}


@get("/policies", permission="policy.view")
async def policy_list(view: NamedDependency[View]) -> Response[str]:
    state = view.state
    site_id, policies, known = state.layer, state.platform.policies, state.principal
    offered = administration.offered(policies.registry, known.company, state.site_or_none, known.sites, state.work.now)
    links = [
        PolicyLink(
            spec.name,
            spec.title,
            spec.help,
            f"{base(view)}/{spec.name}",
            await administration.own_values(state.work, policies, spec, site_id),
        )
        for spec in offered
    ]
    return await view.html("policies/index.html", policies=tuple(links), layer="site" if site_id else "company")


@get("/policies/{name:str}", permission="policy.view")
async def policy_page(view: NamedDependency[View], name: FromPath[str]) -> Response[str]:
    spec = find(view, name)
    layer = await layer_of(view, spec)
    saved = view.query.get("saved") == str(layer.number) != "0"
    return await view.html("policies/edit.html", policy=await _view(view, spec, layer), saved=saved)


@post("/policies/{name:str}", signed_in=True, status_code=200)
async def policy_save(view: NamedDependency[View], name: FromPath[str]) -> Response[Any]:
    """Save a revision. A refusal comes back with the form as it was filled in, and why."""
    state, spec = view.state, find(view, name)
    if spec.permission not in state.work.ctx.permissions:
        raise Forbidden
    form = await view.form_lists()
    layer = await layer_of(view, spec)
    try:
        expected = int(last(form, "version"))
    except ValueError as error:
        raise Malformed from error
    try:
        if last(form, "base") != layer.base:
            raise PreconditionFailed
        new = NewRevision(
            parse_form(spec, form, layer.inherited, layer.overrides),
            last(form, "reason"),
            instant_of(last(form, "effective_at"), view.page.timezone, state.work.now),
            last(form, "open_tickets") == "on",
        )
        work, policies, company = state.work, state.platform.policies, state.principal.company
        number = await administration.change(work, policies, spec, company, state.layer, new, expected)
    except (Invalid, PreconditionFailed) as refused:
        shown = await _view(view, spec, layer, form, refused)
        return await view.html("policies/edit.html", status=int(refused.status), policy=shown, saved=False)
    return view.redirect(f"{base(view)}/{spec.name}?saved={number}")


def base(view: View) -> str:
    site = view.state.site_or_none
    return f"/s/{site.slug}/policies" if site else "/admin/policies"


def _sites(view: View) -> tuple[Site, ...]:
    site = view.state.site_or_none
    return (site,) if site else view.state.principal.sites


def find(view: View, name: str) -> PolicySpec[Any]:
    state, registry = view.state, view.state.platform.policies.registry
    known, now = state.principal, state.platform.clock()
    return administration.find(registry, known.company, state.site_or_none, known.sites, now, name)


async def layer_of(view: View, spec: PolicySpec[Any]) -> LayerState:
    state = view.state
    return await administration.layer_state(state.work, state.platform.policies, spec, state.layer)


async def _view(
    view: View,
    spec: PolicySpec[Any],
    layer: LayerState,
    form: Form | None = None,
    refused: LodgeError | None = None,
) -> PolicyView:
    """The page; after a refusal with what was posted, and as of the revisions that the form was made from."""
    state = view.state
    faults = refused.fields if refused else ()
    categories = await categories_of(view) if spec.name == SLA_TARGETS.name else {}
    fields = form_fields(
        spec, layer.resolved, map_keys={"categories": tuple(categories)}, posted=form or {}, errors=faults
    )
    fields = tuple(
        msgspec.structs.replace(field, group=tuple(categories.get(part, part) for part in field.group))
        for field in fields
    )
    shown = PolicyView(
        name=spec.name,
        label=spec.title,
        help=spec.help,
        action=f"{base(view)}/{spec.name}",
        layer="site" if state.site_or_none else "company",
        version=layer.number,
        base=layer.base,
        editable=spec.permission in state.work.ctx.permissions,
        fields=fields,
        history=tuple(_history(view, spec, layer, fields)),
        notices=tuple(_notices(view, spec, layer, fields, refused)),
        open_tickets=await _open_tickets(view) if spec.name in _RENEWALS else None,
        renewal=_RENEWALS.get(spec.name, ""),
        simulated=spec.name in SIMULATED
        and (state.site_or_none is not None or administration.enters_all(state.work, state.principal.company)),
        holidays=tuple(aids.holidays(layer.resolved.value, state.work.now)) if spec.name == CALENDAR.name else (),
        lanes=tuple(aids.lanes(layer.resolved.value, categories)) if spec.name == SLA_TARGETS.name else (),
    )
    if form is None:
        return shown
    return msgspec.structs.replace(
        shown,
        version=int(last(form, "version")),
        base=last(form, "base"),
        renewed=last(form, "open_tickets") == "on",
        effective=_again(shown.effective, form, faults),
        reason=_again(shown.reason, form, faults),
    )


async def categories_of(view: View) -> dict[str, str]:
    """The ticket categories that promises can be made for, with their titles."""
    value = await view.state.platform.policies.value(view.state.work, TICKET_CATEGORIES, view.state.layer)
    return {category.key: queue.title(category, view.state.locale) for category in value.categories}


async def _open_tickets(view: View) -> int:
    counts = [await view.state.platform.tickets.counts(view.state.work, site) for site in _sites(view)]
    return sum(count.get(status, 0) for count in counts for status in OPEN)


def _notices(
    view: View, spec: PolicySpec[Any], layer: LayerState, fields: tuple[FormField, ...], refused: LodgeError | None
) -> Iterator[Notice]:
    if refused is not None:
        yield Notice("breach", refused.message, refused.params)
        known = {*(field.path for field in fields), "reason", "effective_at"}
        for fault in refused.fields:
            if not any(f"{fault.field}.".startswith(f"{path}.") for path in known):
                yield Notice("breach", "{field}: {fault}", {"field": fault.field, "fault": _said(view, fault)})
    if spec.name == CALENDAR.name:
        yield from aids.unannounced(layer.resolved.value, view.state.work.now)
    if layer.resolved.problems:
        paths = ", ".join(dict.fromkeys(problem.path for problem in layer.resolved.problems))
        message = msgid("Some stored values no longer fit and are left out: {paths}.")
        yield Notice("warn", message, {"paths": paths})
    for revision in layer.planned(view.state.work.now):
        local = revision.effective_at.astimezone(ZoneInfo(view.page.timezone))
        message = msgid("Revision {n} is planned: from {time} on it takes the place of what is saved before.")
        yield Notice("warn", message, {"n": revision.number, "time": f"{local:%Y-%m-%d %H:%M}"})


def _said(view: View, fault: FieldError) -> str:
    return view.say(fault.message, **fault.params)


def _history(
    view: View, spec: PolicySpec[Any], layer: LayerState, fields: tuple[FormField, ...]
) -> Iterator[views.Revision]:
    for revision, before in zip(layer.history[:_SHOWN], [*layer.history[1:], None], strict=False):
        changes = diff(spec, before.overrides if before else {}, revision.overrides)
        yield views.Revision(
            number=revision.number,
            at=revision.created_at,
            who=revision.author_name,
            reason=revision.reason,
            effective_at=revision.effective_at,
            state=standing(view, layer, revision),
            changed=tuple(dict.fromkeys(label(view, change.path, fields) for change in changes)),
        )


def standing(view: View, layer: LayerState, revision: Revision) -> Any:
    if revision.withdraws is not None:
        return "withdraws"
    if revision.id in layer.withdrawn:
        return "withdrawn"
    if revision in layer.planned(view.state.work.now):
        return "planned"
    return "in_force" if revision.number == layer.in_force else ""


def label(view: View, path: str, fields: tuple[FormField, ...]) -> str:
    """The path of a changed value in the words of the form; a special day is named by its date."""
    for field in fields:
        if f"{path}.".startswith(f"{field.path}."):
            words = [view.say(part) for part in dict.fromkeys((*field.group, field.label))]
            return " · ".join(words + [rest for rest in (path[len(field.path) + 1 :],) if rest])
    return path


def _again(field: views.Field, form: Form, faults: tuple[FieldError, ...]) -> views.Field:
    error = next((fault for fault in faults if fault.field == field.name), None)
    return msgspec.structs.replace(
        field,
        value=last(form, field.name),
        error=error.message if error else "",
        params=error.params if error else {},
    )


def instant_of(text: str, timezone: str, now: datetime) -> datetime | None:
    """Local wall time, to the minute, as an instant; None for no time and for the present minute."""
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid.field("effective_at", "Give a date and a time.") from error
    return None if instant == now.replace(second=0, microsecond=0) else instant


def last(form: Form, name: str) -> str:
    return form.get(name, [""])[-1]


HANDLERS = [policy_list, policy_page, policy_save]
