"""The page on which a company sets up its identity provider, tries it, and makes it the only way in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from litestar import Response, get, post
from litestar.di import NamedDependency

from core.errors import FieldError, Forbidden, Invalid, LodgeError
from core.i18n import msgid
from core.identity.model import Administrator, Provider, ProviderEntry
from core.identity.providers import BEYOND, MANAGE
from core.web.console import posted
from core.web.console.posted import Form
from core.web.filled import read_form
from core.web.view import View
from core.web.views import Choice, Field

_DONE: Final = {
    "saved": msgid("Saved."),
    "tried": msgid("The trial succeeded: you were let in as yourself."),
    "removed": msgid("The provider is removed. Everybody signs in with a password again."),
}


@get("/sign-in", permission=MANAGE)
async def identity_page(view: NamedDependency[View]) -> Response[str]:
    return await _page(view, done=_DONE.get(view.query.get("done", ""), ""))


@post("/sign-in", permission=MANAGE, status_code=200)
async def identity_save(view: NamedDependency[View]) -> Response[Any]:
    """Save. A secret that is left empty stays."""
    state, form = view.state, await view.form_lists()
    version = posted.version({"version": posted.last(form, "version")})
    try:
        await state.platform.identities.providers.set(state.work, state.principal.company, _entry(form), version)
    except (Invalid, Forbidden) as refused:
        return await _page(view, form=form, refused=refused)
    return view.redirect("/admin/sign-in?done=saved")


@post("/sign-in/removal", permission=MANAGE, status_code=200)
async def identity_remove(view: NamedDependency[View]) -> Response[Any]:
    state, version = view.state, posted.version(await view.form())
    try:
        await state.platform.identities.providers.remove(state.work, state.principal.company, version)
    except Forbidden as refused:
        return await _page(view, refused=refused)
    return view.redirect("/admin/sign-in?done=removed")


async def _page(
    view: View, *, done: str = "", form: Form | None = None, refused: LodgeError | None = None
) -> Response[str]:
    state, identities = view.state, view.state.platform.identities
    found = await identities.providers.get(state.work)
    administrators = await identities.providers.administrators(state.work)
    slug = state.principal.company.slug
    return await view.html(
        "admin/sign_in.html",
        status=int(refused.status) if refused else 200,
        provider=found,
        fields=form_fields(form or filled(found), posted.faults(refused, {}), found, administrators),
        redirect_uri=identities.back(slug),
        sign_in_page=identities.page(slug),
        editable=identities.providers.may(state.work, state.principal.company),
        trial=identities.trial(state.work, state.principal.company),
        beyond=BEYOND,
        stranded=found.only_way and found.emergency_id not in {each.id for each in administrators},
        done=done,
        problem=refused.message if refused and not refused.fields else "",
    )


def filled(found: Provider) -> Form:
    """The form as it is saved."""
    return {
        "title": [found.title],
        "issuer": [found.issuer],
        "client_id": [found.client_id],
        "scopes": [" ".join(found.scopes)],
        "address_claim": [found.address_claim],
        "factors": [" ".join(found.factors)],
        "active": ["true"] if found.active else [],
        "only_way": ["true"] if found.only_way else [],
        "emergency_id": [str(found.emergency_id or "")],
    }


def _entry(form: Form) -> ProviderEntry:
    texts = {name: posted.last(form, name) for name in ("title", "issuer", "client_id", "address_claim")}
    return read_form(
        {
            **texts,
            "client_secret": posted.last(form, "client_secret") or None,
            "scopes": posted.last(form, "scopes").split(),
            "factors": posted.last(form, "factors").split(),
            "active": posted.last(form, "active") == "true",
            "only_way": posted.last(form, "only_way") == "true",
            "emergency_id": posted.last(form, "emergency_id") or None,
        },
        ProviderEntry,
    )


def form_fields(
    form: Form, faults: Mapping[str, FieldError], found: Provider, administrators: list[Administrator]
) -> tuple[Field, ...]:
    """The fields of the form, as it was filled in."""
    nobody = Choice("", msgid("Nobody named"))
    named = tuple(Choice(str(each.id), f"{each.name} {each.staff_no}") for each in administrators)
    kept = msgid("Kept sealed and never shown. Empty: the present one stays.")

    def field(name: str, label: str, help: str = "", *, kind: str = "text", **more: Any) -> Field:
        return posted.field(name, label, form, faults, kind=kind, help=help, **more)

    return (
        field("title", msgid("Name on the button"), msgid("Such as the name of your company's account."), maximum=40),
        field("issuer", msgid("Issuer"), msgid("As the provider shows it, beginning with https://."), maximum=300),
        field("client_id", msgid("Client ID"), maximum=200),
        field("client_secret", msgid("Client secret"), kept if found.has_secret else "", kind="password", maximum=500),
        field("scopes", msgid("Scopes"), msgid("With blanks between them; openid is needed."), maximum=400),
        field("address_claim", msgid("Claim with the e-mail address"), msgid("Usually email."), maximum=60),
        field(
            "factors",
            msgid("What shows a second factor"),
            msgid("Values of amr or acr, such as mfa. Empty: Lodge asks for its own second step."),
            maximum=400,
        ),
        field("emergency_id", msgid("In an emergency"), _EMERGENCY, kind="select", choices=(nobody, *named)),
        field("active", msgid("Offered on the sign-in page"), kind="checkbox"),
        field("only_way", msgid("Only this way: passwords let nobody in but for emergencies"), kind="checkbox"),
    )


_EMERGENCY: Final = msgid("May sign in with a password always, for when the provider fails.")

HANDLERS = [identity_page, identity_save, identity_remove]
