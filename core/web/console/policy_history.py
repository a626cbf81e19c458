"""The history of a policy's layer: who changed what, why, from when on; going back to an earlier one, and
taking back one that is still to come."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.errors import Malformed
from core.i18n import msgid
from core.policies import administration
from core.policies.administration import NewRevision, Withdrawal
from core.policies.forms import form_fields
from core.policies.layers import diff
from core.policies.schema import Entries, Fields, Items, Json, Node, Scalar
from core.policies.sla_targets import SLA_TARGETS
from core.web import views
from core.web.console.policies import base, categories_of, find, instant_of, label, last, layer_of, standing
from core.web.view import View
from core.web.views.admin import Difference, PastRevision


@get("/policies/{name:str}/history", permission="policy.view")
async def policy_history(view: NamedDependency[View], name: FromPath[str]) -> Response[str]:
    spec = find(view, name)
    layer = await layer_of(view, spec)
    titles = await categories_of(view) if spec.name == SLA_TARGETS.name else {}
    fields = tuple(
        msgspec.structs.replace(field, group=tuple(titles.get(part, part) for part in field.group))
        for field in form_fields(spec, layer.resolved, map_keys={"categories": tuple(titles)})
    )
    planned, numbers = layer.planned(view.state.work.now), {each.id: each.number for each in layer.history}
    editable = spec.permission in view.state.work.ctx.permissions
    revisions = [
        PastRevision(
            views.Revision(
                revision.number,
                revision.created_at,
                revision.author_name,
                revision.reason,
                revision.effective_at,
                standing(view, layer, revision),
            ),
            tuple(
                Difference(
                    label(view, change.path, fields),
                    _said(view, change.before, _node(spec.shape, change.path)),
                    _said(view, change.after, _node(spec.shape, change.path)),
                )
                for change in diff(spec, before.overrides if before else {}, revision.overrides)
            ),
            restorable=editable and revision.number != layer.number and layer.stands(revision),
            withdrawable=editable and revision in planned,
            withdraws=numbers.get(revision.withdraws, 0) if revision.withdraws else 0,
            open_tickets=revision.open_tickets,
        )
        for revision, before in zip(layer.history, [*layer.history[1:], None], strict=False)
    ]
    return await view.html(
        "policies/history.html",
        title=spec.title,
        back=f"{base(view)}/{spec.name}",
        version=layer.number,
        revisions=tuple(revisions),
        layer="site" if view.state.site_or_none else "company",
    )


@post("/policies/{name:str}/history", signed_in=True, status_code=200)
async def policy_restore(view: NamedDependency[View], name: FromPath[str]) -> Response[Any]:
    """Put an earlier revision in force again, as a new one."""
    state, spec, (number, reason, expected) = view.state, find(view, name), await _meant(view)
    policies, company, site_id = state.platform.policies, state.principal.company, state.layer
    overrides = await administration.overrides_of(state.work, policies, spec, site_id, number)
    effective_at = instant_of((await view.form()).get("effective_at", ""), view.page.timezone, state.work.now)
    new = NewRevision(overrides, reason, effective_at)
    made = await administration.change(state.work, policies, spec, company, site_id, new, expected)
    return view.redirect(f"{base(view)}/{spec.name}?saved={made}")


@post("/policies/{name:str}/withdrawal", signed_in=True, status_code=200)
async def policy_withdraw(view: NamedDependency[View], name: FromPath[str]) -> Response[Any]:
    """Take back a revision that is still to come."""
    state, spec, (number, reason, expected) = view.state, find(view, name), await _meant(view)
    policies, company, withdrawal = state.platform.policies, state.principal.company, Withdrawal(number, reason)
    made = await administration.withdraw(state.work, policies, spec, company, state.layer, withdrawal, expected)
    return view.redirect(f"{base(view)}/{spec.name}?saved={made}")


async def _meant(view: View) -> tuple[int, str, int]:
    """The number of a revision, why, and the version that was seen."""
    form = await view.form_lists()
    try:
        return int(last(form, "number")), last(form, "reason"), int(last(form, "version"))
    except ValueError as error:
        raise Malformed from error


def _node(shape: Fields, path: str) -> Node | None:
    """The shape of what is at that path; None for what the policy does not have (any more)."""
    node: Node | None = shape
    for name in path.split("."):
        node = node.fields.get(name) if isinstance(node, Fields) else node.item if isinstance(node, Entries) else None
    return node


def _said(view: View, value: Json | msgspec.UnsetType, node: Node | None = None) -> str:
    """An override in words: a time with its unit, shifts, lists; empty for a value that is inherited."""
    if value is msgspec.UNSET:
        return ""
    if value is None:
        return view.say(msgid("none"))
    if isinstance(value, bool):
        return view.say(msgid("Yes") if value else msgid("No"))
    if isinstance(node, Scalar) and (label := node.about.labels.get(str(value))):
        return view.say(label)
    if isinstance(value, dict) and {"amount", "unit"} <= value.keys() and value["unit"] in UNITS:
        clock = msgid("around the clock") if value.get("clock", "elapsed") == "elapsed" else msgid("in working time")
        amount = view.say(UNITS[str(value["unit"])], n=value["amount"])
        return f"{amount}, {view.say(clock)}" if value["unit"] in ("minutes", "hours") else amount
    if isinstance(value, list):
        below = node.item if isinstance(node, Items) else None
        closed = isinstance(node, Items) and node.is_shifts
        said = [_item(view, item, below) for item in value]
        if not said:
            return view.say(msgid("closed") if closed else msgid("none"))
        return "; ".join(said) if isinstance(below, Fields) else view.listed(said)
    if isinstance(value, dict):
        return view.listed(f"{key}: {_said(view, below)}" for key, below in value.items())
    return view.say(str(value))


def _cell(view: View, value: Json, node: Node | None) -> str:
    """A value of a row: yes and no say to what."""
    said = _said(view, value, node)
    return f"{view.say(node.about.title)}: {said}" if isinstance(value, bool) and node is not None else said


def _item(view: View, item: Json, node: Node | None) -> str:
    if isinstance(node, Fields) and isinstance(item, dict) and "title_zh" not in item:
        return " · ".join(_cell(view, item[name], child) for name, child in node.fields.items() if name in item)
    if isinstance(item, list):
        return "–".join(map(str, item))
    if isinstance(item, dict) and "title_zh" in item:
        return str(item["title_zh" if view.state.locale.startswith("zh") else "title_en"])
    return _said(view, item)


UNITS = {
    "minutes": msgid("{n} min"),
    "hours": msgid("{n} h"),
    "working_days": msgid("{n} working days"),
    "days": msgid("{n} days"),
}

HANDLERS = [policy_history, policy_restore, policy_withdraw]
