"""The pages of invitations: asking somebody to join, the link to hand over, on screen and on paper."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import segno
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.errors import Conflict, Forbidden, Invalid, LodgeError, NotFound
from core.i18n import msgid
from core.people.invitations import Invitation, InvitationPage, NewInvitation
from core.people.service import role_title
from core.web.console import posted
from core.web.console.people import MANAGE, held_by, place_fields, place_groups, place_of, place_posts
from core.web.console.posted import Form
from core.web.filled import read_form
from core.web.printing import document, qr
from core.web.view import View
from core.web.views import Word

STATES: Final = {
    "open": Word("open", msgid("Invited"), "info"),
    "expired": Word("expired", msgid("Run out"), "warn"),
    "joined": Word("joined", msgid("Joined"), "ok"),
    "revoked": Word("revoked", msgid("Taken back"), "paused"),
}
_DONE: Final = {
    "made": msgid("The invitation is made. Hand over the link, or have it mailed."),
    "mailed": msgid("The link is on its way by mail. You can hand it over besides."),
    "renewed": msgid("There is a new link; the former one is worth nothing."),
}


class Sheet(msgspec.Struct, frozen=True):
    """An invitation on paper; `code` is the link as a QR picture."""

    company: str
    name: str
    link: str
    code: str
    until: str


@get("/invitations/new", permission=MANAGE)
async def invitation_form(view: NamedDependency[View]) -> Response[str]:
    return await _form(view, {})


@post("/invitations", permission=MANAGE, status_code=200)
async def invitation_make(view: NamedDependency[View]) -> Response[Any]:
    """Ask somebody to join. A refusal comes back with the form as it was filled in."""
    form, state = await view.form_lists(), view.state
    try:
        new = read_form({**place_of(form), "email": posted.last(form, "email")}, NewInvitation)
        made = await state.platform.invitations.invite(state.work, state.principal.company, new)
    except (Invalid, Forbidden) as refused:
        return await _form(view, form, refused)
    done = "mailed" if made.invitation.mailed_at else "made"
    return view.redirect(f"/admin/invitations/{made.invitation.id}?done={done}")


@get("/invitations/{invitation_id:uuid}", permission=MANAGE)
async def invitation_page(view: NamedDependency[View], invitation_id: FromPath[UUID]) -> Response[str]:
    page = await view.state.platform.invitations.get(view.state.work, view.state.principal.company, invitation_id)
    return await _page(view, page, _DONE.get(view.query.get("done", ""), ""))


@get("/invitations/{invitation_id:uuid}/sheet", permission=MANAGE)
async def invitation_sheet(view: NamedDependency[View], invitation_id: FromPath[UUID]) -> Response[bytes]:
    """The link on paper, with a code for the telephone. Raises NotFound where there is no link to hand over."""
    company = view.state.principal.company
    page = await view.state.platform.invitations.get(view.state.work, company, invitation_id)
    if not page.link:
        raise NotFound
    until = f"{page.invitation.expires_at.astimezone(ZoneInfo(view.page.timezone)):%Y-%m-%d %H:%M}"
    sheet = Sheet(company.name, page.invitation.name, page.link, qr(page.link), until)
    return await document(view, "people/invitation.typ", "invitation", sheet)


@post("/invitations/{invitation_id:uuid}/renewal", permission=MANAGE, status_code=200)
async def invitation_renew(view: NamedDependency[View], invitation_id: FromPath[UUID]) -> Response[Any]:
    """A new link."""
    state = view.state
    try:
        await state.platform.invitations.renew(state.work, state.principal.company, invitation_id)
    except (Conflict, Forbidden) as refused:
        page = await state.platform.invitations.get(state.work, state.principal.company, invitation_id)
        return await _page(view, page, refused=refused)
    return view.redirect(f"/admin/invitations/{invitation_id}?done=renewed")


@post("/invitations/{invitation_id:uuid}/revocation", permission=MANAGE)
async def invitation_revoke(view: NamedDependency[View], invitation_id: FromPath[UUID]) -> Response[Any]:
    """Take it back."""
    await view.state.platform.invitations.revoke(view.state.work, view.state.principal.company, invitation_id)
    return view.redirect("/admin/people")


async def _form(view: View, form: Form, refused: LodgeError | None = None) -> Response[str]:
    faults, company = posted.faults(refused, {}), view.state.principal.company
    mail = view.state.platform.invitations.mail
    told = msgid("The link is mailed there. Empty: you hand it over.")
    silent = msgid("This instance sends no mail: hand the link over.")
    sites = posted.sites(view)
    return await view.html(
        "people/invite.html",
        status=int(refused.status) if refused else 200,
        fields=(
            *place_fields(form, faults),
            posted.field("email", msgid("E-mail"), form, faults, maximum=254, help=told if mail else silent),
        ),
        groups=place_groups(view, company, faults),
        posts=place_posts(view, company, form),
        posts_fault=faults.get("posts"),
        chosen={*form.get("roles", ()), *(form.get("site_ids", ()) if form else sites if len(sites) == 1 else ())},
        all_sites=posted.last(form, "all_sites") == "true",
        refused=refused if refused and not refused.fields else None,
    )


async def _page(view: View, page: InvitationPage, done: str = "", refused: LodgeError | None = None) -> Response[str]:
    company, shown = view.state.principal.company, page.invitation
    picture = segno.make_qr(page.link, error="m").svg_data_uri(border=2, scale=4, light="#fff") if page.link else ""
    return await view.html(
        "people/invitation.html",
        status=int(refused.status) if refused else 200,
        invitation=shown,
        word=STATES[shown.state],
        roles=tuple(role_title(company, key) for key in held_by(shown)),
        sites=sites_of(view, shown),
        link=page.link,
        picture=picture,
        done=done,
        refused=refused,
    )


def sites_of(view: View, invitation: Invitation) -> tuple[str, ...]:
    """Names; none are all."""
    return () if invitation.all_sites else posted.names(invitation.site_ids, posted.sites(view))


HANDLERS = [
    invitation_form,
    invitation_make,
    invitation_page,
    invitation_sheet,
    invitation_renew,
    invitation_revoke,
]
