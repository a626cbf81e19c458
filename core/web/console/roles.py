"""The pages of roles: the list, a role with what it may do and who has it, copying one and changing the copy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.auth.permissions import ROLES
from core.auth.roles import TITLE, NewRole, Role, RoleEntry
from core.errors import Conflict, Forbidden, Invalid, LodgeError, PreconditionFailed
from core.fields import AMOUNT
from core.hooks.types import Permission
from core.i18n import msgid
from core.operator.inside import REVEAL
from core.policies.administration import enters_all
from core.web.console import posted
from core.web.console.posted import Form
from core.web.view import View
from core.web.views.roles import RightGroup, RightRow, RoleRow

MANAGE = "role.manage"
_FEW = 3  # built-in roles that are named beside a permission
_OTHERS = msgid("Administration")
_FIELDS = msgid("Fields that are masked or left out")
_AREAS: Final = {
    "ticket": msgid("Tickets"),
    "team": msgid("Teams"),
    "analysis": msgid("Analysis"),
    "repeat": msgid("Analysis"),
    "agenda": msgid("Analysis"),
    "estate": msgid("Estate"),
}


@get("/roles", permission=MANAGE)
async def role_list(view: NamedDependency[View]) -> Response[str]:
    roles = await view.state.platform.roles.all(view.state.work)
    return await view.html(
        "admin/roles.html",
        rows=tuple(RoleRow(r.key, r.title, r.built_in, len(r.permissions), r.holders) for r in roles),
        changes=enters_all(view.state.work, view.state.principal.company),
    )


@get("/roles/{role_key:str}", permission=MANAGE)
async def role_page(view: NamedDependency[View], role_key: FromPath[str]) -> Response[str]:
    return await _page(view, await view.state.platform.roles.get(view.state.work, role_key))


@post("/roles/{role_key:str}", permission=MANAGE, status_code=200)
async def role_save(view: NamedDependency[View], role_key: FromPath[str]) -> Response[Any]:
    """Change a role of the company's own. A refusal comes back with the form as it was filled in, and why."""
    state, form = view.state, await view.form_lists()
    version = posted.version({"version": posted.last(form, "version")})
    entry = RoleEntry(posted.last(form, "title"), form.get("permissions", []))
    try:
        await state.platform.roles.revise(state.work, state.principal.company, role_key, entry, version)
    except (Invalid, PreconditionFailed) as refused:
        return await _page(view, await state.platform.roles.get(state.work, role_key), form=form, refused=refused)
    return view.redirect(f"/admin/roles/{role_key}?done=saved")


@get("/roles/{role_key:str}/copy", permission=MANAGE)
async def role_copy_page(view: NamedDependency[View], role_key: FromPath[str]) -> Response[str]:
    return await _page(view, await view.state.platform.roles.get(view.state.work, role_key), copying=True)


@post("/roles/{role_key:str}/copy", permission=MANAGE, status_code=200)
async def role_copy(view: NamedDependency[View], role_key: FromPath[str]) -> Response[Any]:
    """Make a role of the company's own, as the copy was changed."""
    state, form = view.state, await view.form_lists()
    new = NewRole(posted.last(form, "title"), form.get("permissions", []), posted.last(form, "key").strip())
    try:
        made = await state.platform.roles.make(state.work, state.principal.company, new)
    except Invalid as refused:
        role = await state.platform.roles.get(state.work, role_key)
        return await _page(view, role, copying=True, form=form, refused=refused)
    return view.redirect(f"/admin/roles/{made.key}?done=saved")


@post("/roles/{role_key:str}/remove", permission=MANAGE, status_code=200)
async def role_remove(view: NamedDependency[View], role_key: FromPath[str]) -> Response[Any]:
    state = view.state
    try:
        await state.platform.roles.remove(state.work, state.principal.company, role_key)
    except Conflict as refused:
        return await _page(view, await state.platform.roles.get(state.work, role_key), refused=refused)
    return view.redirect("/admin/roles")


async def _page(
    view: View, role: Role, *, copying: bool = False, form: Form | None = None, refused: LodgeError | None = None
) -> Response[str]:
    state = view.state
    may = enters_all(state.work, state.principal.company)
    if copying and not may:
        raise Forbidden("Only those who work at every site may change what counts for the whole company.")
    own = state.work.ctx.permissions
    title = view.say(role.title) if role.built_in else role.title
    given = form or {
        "title": [view.say("{title} (copy)", title=title)[:TITLE]] if copying else [title],
        "key": [f"{role.key[:27]}_2"],
        "permissions": [p for p in role.permissions if not copying or p in own],
    }
    faults = posted.faults(refused, {})
    name = posted.field("title", msgid("Name"), given, faults, required=True, maximum=TITLE)
    key = posted.field(
        "key",
        msgid("Short name"),
        given,
        faults,
        required=True,
        maximum=30,
        help=msgid("For the API and company files; it cannot be changed later."),
    )
    return await view.html(
        "admin/role.html",
        status=int(refused.status) if refused else 200,
        role=role,
        copying=copying,
        changeable=copying or (may and not role.built_in),
        may_copy=may,
        fields=(name, key) if copying else (name,),
        fault=faults.get("permissions"),
        problem=refused.message if refused and not refused.fields else "",
        done=not refused and view.query.get("done") == "saved",
        chosen=state.platform.permissions.with_implied(set(given.get("permissions", ()))),
        groups=tuple(_groups(view, role)),
        holders=() if copying else await state.platform.roles.holders(state.work, role.key),
    )


def _groups(view: View, role: Role) -> Iterator[RightGroup]:
    """The permissions by area, then those of the modules that the company subscribes to, then what is gone."""
    platform, company, own = view.state.platform, view.state.principal.company, view.state.work.ctx.permissions
    subscribed = {subscription.plugin for subscription in company.subscriptions}
    modules = {plugin.id: plugin.manifest.title for plugin in platform.host.plugins}
    found: dict[str, list[RightRow]] = {label: [] for label in (_FIELDS, *_AREAS.values(), _OTHERS)}

    def row(permission: Permission) -> RightRow:
        roles = [view.say(title) for key, title in ROLES.items() if key in permission.roles]
        named = view.listed(roles) if len(roles) <= _FEW else view.say(msgid("{n} built-in roles"), n=len(roles))
        closed = permission.id not in own and permission.id not in role.permissions
        return RightRow(permission.id, permission.title, named, closed)

    for permission in platform.permissions:
        noun = permission.id.partition(".")[0]
        if noun not in modules or noun in subscribed or permission.id in role.permissions:
            masked = permission.id == AMOUNT or permission.id.endswith(REVEAL)
            label = _FIELDS if masked else modules[noun] if noun in modules else _AREAS.get(noun, _OTHERS)
            found.setdefault(label, []).append(row(permission))
    yield from (RightGroup(label, tuple(rows)) for label, rows in found.items())
    if role.gone:
        gone = tuple(RightRow(id, id, "", closed=False) for id in role.gone)
        yield RightGroup(msgid("Of modules that no longer run here; they grant nothing"), gone)


HANDLERS = [role_list, role_page, role_save, role_copy_page, role_copy, role_remove]
