"""The pages of staff: the list, and a member's account."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.auth.permissions import ROLES
from core.errors import Conflict, FieldError, Forbidden, Invalid, LodgeError, PreconditionFailed
from core.i18n import msgid
from core.people.invitations import Invitation
from core.people.model import DEPARTMENT, NAME, STAFF_NO, Member, MemberEntry, MemberPage, State, Wanted
from core.people.service import BEYOND, role_title
from core.tenancy.directory import Company
from core.web.console import posted
from core.web.console.posted import Form, Group
from core.web.filled import read_form
from core.web.view import View
from core.web.views import Choice, Field, Filters, Pager, Word
from core.web.views.people import InvitedRow, OpenRow, PersonRow, PersonView, PostView

MANAGE = "people.manage"
STATES: Final[Mapping[bool, Word]] = {
    True: Word("active", msgid("Active"), "ok"),
    False: Word("disabled", msgid("Switched off"), "paused"),
}
DONE: Final = {
    "saved": msgid("Saved."),
    "disabled": msgid("The account is off: every session of it has ended."),
    "enabled": msgid("The account is on again."),
}
_POST_ROLES, _BUILDINGS = "post_roles", "buildings-"  # fields of posts: `site:role`, and a line of names a site
_BETWEEN: Final = re.compile(r"[,，、;；]")
_STATE_NAMES: Final[Mapping[str, State]] = {"active": "active", "disabled": "disabled"}


@get("/people", permission=MANAGE)
async def people_page(
    view: NamedDependency[View],
    q: FromQuery[str] = "",
    status: FromQuery[str] = "active",
    role: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[str]:
    """Those who work for the company."""
    state, company = view.state, view.state.principal.company
    wanted = Wanted(q, _STATE_NAMES.get(status), role or None, after or None)
    page = await state.platform.people.list(state.work, company, wanted)
    query = {"q": q, "status": status, "role": role}
    states = (Choice("", msgid("Active or not")), *(Choice(word.code, word.label) for word in STATES.values()))
    roles = (Choice("", msgid("Any role")), *role_choices(company, (*ROLES, *(own.key for own in company.roles))))
    asked = await state.platform.invitations.open(state.work, company) if not after else []
    return await view.html(
        "people/list.html",
        invited=tuple(_invited(view, company, invitation, state.work.now) for invitation in asked),
        rows=tuple(_row(view, company, member) for member in page.items),
        filters=Filters(
            text=q,
            selects=(
                Field("status", msgid("State"), "select", status, choices=states),
                Field("role", msgid("Role"), "select", role, choices=roles),
            ),
        ),
        pager_view=Pager(
            len(page.items),
            "",
            f"/admin/people?{urlencode({**query, 'after': page.cursor})}" if page.cursor else None,
            f"/admin/people?{urlencode(query)}" if after else None,
        ),
    )


@get("/people/{member_id:uuid}", permission=MANAGE)
async def person_page(view: NamedDependency[View], member_id: FromPath[UUID]) -> Response[str]:
    return await member_view(view, member_id, done=DONE.get(view.query.get("done", ""), ""))


@post("/people/{member_id:uuid}", permission=MANAGE, status_code=200)
async def person_save(view: NamedDependency[View], member_id: FromPath[UUID]) -> Response[Any]:
    """Change a member as a whole. A refusal comes back with the form as it was filled in."""
    form, state = await view.form_lists(), view.state
    version = posted.version({"version": posted.last(form, "version")})
    try:
        entry = read_form(place_of(form) | _contacts(form), MemberEntry)
        await state.platform.people.change(state.work, state.principal.company, member_id, entry, version)
    except (Invalid, Conflict, Forbidden, PreconditionFailed) as refused:
        return await member_view(view, member_id, form=form, refused=refused)
    return view.redirect(f"/admin/people/{member_id}?done=saved")


@post("/people/{member_id:uuid}/disable", permission=MANAGE, status_code=200)
async def person_disable(view: NamedDependency[View], member_id: FromPath[UUID]) -> Response[Any]:
    """Switch the account off."""
    state, version = view.state, posted.version(await view.form())
    try:
        await state.platform.people.disable(state.work, state.principal.company, member_id, version)
    except (Conflict, Forbidden, PreconditionFailed) as refused:
        return await member_view(view, member_id, refused=refused)
    return view.redirect(f"/admin/people/{member_id}?done=disabled")


@post("/people/{member_id:uuid}/enable", permission=MANAGE, status_code=200)
async def person_enable(view: NamedDependency[View], member_id: FromPath[UUID]) -> Response[Any]:
    """Switch the account on again."""
    state, version = view.state, posted.version(await view.form())
    try:
        await state.platform.people.enable(state.work, state.principal.company, member_id, version)
    except (Conflict, Forbidden, PreconditionFailed) as refused:
        return await member_view(view, member_id, refused=refused)
    return view.redirect(f"/admin/people/{member_id}?done=enabled")


def place_of(form: Form) -> dict[str, object]:
    """What a form says of somebody's place in the company."""
    return {
        "name": posted.last(form, "name"),
        "staff_no": posted.last(form, "staff_no"),
        "department": posted.last(form, "department"),
        "roles": form.get("roles", []),
        "all_sites": posted.last(form, "all_sites") == "true",
        "site_ids": posted.ids(form.get("site_ids", [])),
        "posts": _posts_of(form),
    }


def _posts_of(form: Form) -> list[dict[str, object]]:
    """Roles are posted as `site:role`, buildings as a line for each site."""
    roles: dict[str, list[str]] = {name.removeprefix(_BUILDINGS): [] for name in form if name.startswith(_BUILDINGS)}
    for ticked in form.get(_POST_ROLES, []):
        site_id, _, role = ticked.partition(":")
        roles.setdefault(site_id, []).append(role)
    return [
        {
            "site_id": site_id,
            "roles": held,
            "buildings": _BETWEEN.sub(" ", posted.last(form, _BUILDINGS + named)).split(),
        }
        for site_id, (named, held) in zip(posted.ids([*roles]), roles.items(), strict=True)
    ]


def place_fields(form: Form, faults: Mapping[str, FieldError]) -> tuple[Field, ...]:
    """The fields of a place besides its roles and sites."""
    return (
        posted.field("name", msgid("Full name"), form, faults, required=True, maximum=NAME),
        posted.field("staff_no", msgid("Staff number"), form, faults, required=True, maximum=STAFF_NO),
        posted.field("department", msgid("Department"), form, faults, maximum=DEPARTMENT),
    )


def place_groups(
    view: View, company: Company, faults: Mapping[str, FieldError], held: tuple[str, ...] = ()
) -> tuple[Group, Group]:
    """Roles and sites to tick: the roles that the reader may give, and those held already."""
    grantable = view.state.platform.people.grantable(view.state.work, company)
    order = (*ROLES, *(own.key for own in company.roles))
    keys = [key for key in (*order, *(key for key in held if key not in order)) if key in grantable or key in held]
    sites = tuple(Choice(*site) for site in posted.sites(view).items())
    return (
        ("roles", msgid("Roles"), role_choices(company, keys), faults.get("roles")),
        ("site_ids", msgid("Sites"), sites, faults.get("site_ids") or faults.get("all_sites")),
    )


def place_posts(view: View, company: Company, form: Form, before: Member | None = None) -> tuple[PostView, ...]:
    """What they are at each site besides, to be filled in: roles that the reader may give, and those held already."""
    grantable = view.state.platform.people.grantable(view.state.work, company)
    held = {post.site_id: post.roles for post in before.posts} if before else {}
    chosen = form.get(_POST_ROLES, [])
    return tuple(
        PostView(
            site_id,
            name,
            tuple(
                Choice(f"{site_id}:{key}", role_title(company, key))
                for key in (*ROLES, *(own.key for own in company.roles))
                if key in grantable or key in held.get(UUID(site_id), ())
            ),
            tuple(each for each in chosen if each.startswith(f"{site_id}:")),
            posted.last(form, _BUILDINGS + site_id),
        )
        for site_id, name in posted.sites(view).items()
        if UUID(site_id) in view.state.work.ctx.site_ids
    )


def role_choices(company: Company, keys: Any) -> tuple[Choice, ...]:
    return tuple(Choice(key, role_title(company, key)) for key in keys)


async def member_view(
    view: View,
    member_id: UUID,
    *,
    done: str = "",
    form: Form | None = None,
    refused: LodgeError | None = None,
    link: object = None,
) -> Response[str]:
    """The page of a member; `link` is one that has just been made for them."""
    state, company = view.state, view.state.principal.company
    page = await state.platform.people.page(state.work, company, member_id)
    manageable = state.platform.people.may_hold(state.work, company, page.member.roles, page.member.posts)
    given, faults = form or _form_of(page), posted.faults(refused, {})
    general = refused if refused is not None and not refused.fields else None
    return await view.html(
        "people/member.html",
        status=int(refused.status) if refused else 200,
        person=_person(view, page, manageable),
        version=posted.last(given, "version") or str(page.member.version),
        fields=(
            *place_fields(given, faults),
            posted.field(
                "email",
                msgid("E-mail"),
                given,
                faults,
                maximum=254,
                help=msgid("They confirm it before anything is sent there."),
            ),
            posted.field("phone", msgid("Telephone"), given, faults, kind="tel", maximum=30),
        ),
        phone_shown=page.phone,
        groups=place_groups(view, company, faults, tuple(page.member.roles)),
        posts=place_posts(view, company, given, page.member),
        posts_fault=faults.get("posts"),
        chosen={*given.get("roles", ()), *given.get("site_ids", ())},
        all_sites=posted.last(given, "all_sites") == "true",
        refused=general or (None if manageable else Forbidden(BEYOND)),
        done=done,
        link=link,
    )


def _contacts(form: Form) -> dict[str, object]:
    """A telephone number that stands there masked was not touched."""
    phone = posted.last(form, "phone")
    shown = posted.last(form, "phone_shown")
    return {"email": posted.last(form, "email"), "phone": None if phone == shown else phone}


def _form_of(page: MemberPage) -> Form:
    member = page.member
    return {
        "name": [member.name],
        "staff_no": [member.staff_no],
        "department": [member.department],
        "email": [page.email],
        "phone": [page.phone],
        "roles": member.roles,
        "site_ids": [str(site_id) for site_id in member.site_ids],
        "all_sites": ["true"] if member.all_sites else [],
        _POST_ROLES: [f"{post.site_id}:{role}" for post in member.posts for role in post.roles],
        **{f"{_BUILDINGS}{post.site_id}": [" ".join(post.buildings)] for post in member.posts},
    }


def _person(view: View, page: MemberPage, manageable: bool) -> PersonView:
    member, links = page.member, {site.id: site for site in view.state.principal.sites}
    return PersonView(
        str(member.id),
        member.name,
        page.login,
        page.elsewhere,
        STATES[member.active],
        member.active,
        member.signed_in_at,
        tuple(member.teams),
        tuple(
            OpenRow(links[o.site_id].name, f"/s/{links[o.site_id].slug}/tickets", o.owned, o.assigned)
            for o in page.open
        ),
        manageable,
        member.id == view.state.principal.actor.member_id,
    )


def _invited(view: View, company: Company, invitation: Invitation, now: datetime) -> InvitedRow:
    return InvitedRow(
        f"/admin/invitations/{invitation.id}",
        invitation.name,
        invitation.staff_no,
        tuple(role_title(company, key) for key in held_by(invitation)),
        () if invitation.all_sites else posted.names(invitation.site_ids, posted.sites(view)),
        invitation.invited_by,
        invitation.expires_at,
        invitation.expires_at <= now,
    )


def held_by(someone: Member | Invitation) -> Iterable[str]:
    """The roles of somebody, at every site and at single ones."""
    return dict.fromkeys([*someone.roles, *(role for post in someone.posts for role in post.roles)])


def _row(view: View, company: Company, member: Member) -> PersonRow:
    return PersonRow(
        f"/admin/people/{member.id}",
        member.name,
        member.staff_no,
        member.department,
        tuple(role_title(company, key) for key in held_by(member)),
        () if member.all_sites else posted.names(member.site_ids, posted.sites(view)),
        tuple(member.teams),
        STATES[member.active],
        member.signed_in_at,
    )


HANDLERS = [people_page, person_page, person_save, person_disable, person_enable]
