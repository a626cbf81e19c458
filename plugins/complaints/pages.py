"""Complaints in the console, below /s/{site_id}/complaints: the list, and what the panel on a ticket's page sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from core.sdk import Invalid, Malformed, Platform, Site, View, Work, msgid, views
from plugins.complaints import compensation, screens, service
from plugins.complaints.model import (
    KINDS,
    LEVELS,
    Decision,
    Findings,
    LevelChange,
    NewCompensation,
    NewReferral,
    NewStep,
    Payment,
    Publication,
    ReferralNews,
    Wanted,
)
from plugins.complaints.permissions import APPROVE, DECLARE, HANDLE, PAY, PROPOSE, VIEW
from plugins.complaints.policies import HANDLING

T = TypeVar("T")
_WHICH = {"open": msgid("Open"), "closed": msgid("Closed"), "all": msgid("All")}
_MOST_YUAN = 1_000_000


@get("/", permission=VIEW.id)
async def case_list(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """The complaints of the site, narrowed, page by page."""
    names = ("which", "kind", "level", "department", "late", "q")
    query = {name: text for name in names if (text := view.query.get(name, "").strip())}
    found = await service.listed(work, site, _read({**query, "before": view.query.get("before", "")}, Wanted))
    known = (await platform.policies.value(work, HANDLING, site.id)).departments

    def select(name: str, label: str, every: str, options: Mapping[str, str]) -> views.Field:
        choices = tuple(views.Choice(code, text) for code, text in options.items())
        first = () if name == "which" else (views.Choice("", every),)
        return views.Field(name, label, "select", query.get(name, ""), choices=(*first, *choices))

    address = f"/s/{site.slug}/complaints?"
    following = urlencode({**query, "before": str(found.before)}) if found.before else ""
    return await view.html(
        "complaints/cases.html",
        filters=views.Filters(
            text=query.get("q", ""),
            selects=(
                select("which", msgid("State"), "", _WHICH),
                select(
                    "kind",
                    msgid("Kind of complaint"),
                    msgid("All kinds of complaint"),
                    {**KINDS, "unknown": msgid("Not known yet")},
                ),
                select("level", msgid("Level"), msgid("All levels"), LEVELS),
                select("department", msgid("Department"), msgid("All departments"), {d.name: d.name for d in known}),
                select("late", msgid("Answer"), msgid("In time or not"), {"true": msgid("Overdue")}),
            ),
        ),
        rows=tuple(screens.row(site, case) for case in found.items),
        pager_view=views.Pager(
            len(found.items),
            "",
            address + following if following else None,
            address + urlencode(query) if view.query.get("before") else None,
        ),
    )


@post("/{ticket_id:uuid}/steps", permission=HANDLE.id, status_code=200)
async def add_step(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[Any]:
    """Put what was done on record."""
    await service.add_step(platform, work, site, ticket_id, _read(await _form(view), NewStep))
    return _done(view, site, ticket_id)


@post("/{ticket_id:uuid}/findings", permission=HANDLE.id, status_code=200)
async def record_findings(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[Any]:
    """Say what was found out, of the version that the form was made from."""
    form = await _form(view)
    version = form.pop("version", "")
    found = _read(form, Findings)
    await service.find(platform, work, site, ticket_id, found, int(version) if version.isdigit() else -1)
    return _done(view, site, ticket_id)


@post("/{ticket_id:uuid}/level", permission=DECLARE.id, status_code=200)
async def set_level(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[Any]:
    """Declare it major, or general again."""
    await service.set_level(platform, work, site, ticket_id, _read({"reason": "", **await _form(view)}, LevelChange))
    return _done(view, site, ticket_id)


@post("/{ticket_id:uuid}/publication", permission=HANDLE.id, status_code=200)
async def publish_answer(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[Any]:
    """Put up the answer to an anonymous complaint."""
    await service.publish(platform, work, site, ticket_id, _read({"text": "", **await _form(view)}, Publication))
    return _done(view, site, ticket_id)


@post("/{ticket_id:uuid}/referrals", permission=HANDLE.id, status_code=200)
async def refer_case(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
) -> Response[Any]:
    """Forward it to an authority."""
    await service.refer(platform, work, site, ticket_id, _read({"authority": "", **await _form(view)}, NewReferral))
    return _done(view, site, ticket_id)


@post("/{ticket_id:uuid}/referrals/{referral_id:uuid}/news", permission=HANDLE.id, status_code=200)
async def hear_authority(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
    referral_id: FromPath[UUID],
) -> Response[Any]:
    """Note what the authority answered, or that it was asked again."""
    await service.hear(platform, work, site, ticket_id, referral_id, _read(await _form(view), ReferralNews))
    return _done(view, site, ticket_id)


@post("/{ticket_id:uuid}/compensations", permission=PROPOSE.id, status_code=200)
async def propose_compensation(
    work: NamedDependency[Work], site: NamedDependency[Site], view: NamedDependency[View], ticket_id: FromPath[UUID]
) -> Response[Any]:
    """Propose an amount, written in yuan."""
    form = await _form(view)
    new = NewCompensation(_fen(form.get("amount", "")), form.get("reason", ""))
    await compensation.propose(work, site, ticket_id, new)
    return _done(view, site, ticket_id)


@post("/{ticket_id:uuid}/compensations/{compensation_id:uuid}/decision", permission=APPROVE.id, status_code=200)
async def decide_compensation(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
    compensation_id: FromPath[UUID],
) -> Response[Any]:
    """Approve or refuse it."""
    said = _read(await _form(view), Decision)
    await compensation.decide(platform, work, site, ticket_id, compensation_id, said)
    return _done(view, site, ticket_id)


@post("/{ticket_id:uuid}/compensations/{compensation_id:uuid}/payment", permission=PAY.id, status_code=200)
async def pay_compensation(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
    compensation_id: FromPath[UUID],
) -> Response[Any]:
    """Note that it was paid out."""
    said = _read({"note": "", **await _form(view)}, Payment)
    await compensation.pay(work, site, ticket_id, compensation_id, said)
    return _done(view, site, ticket_id)


async def _form(view: View) -> dict[str, str]:
    """What was filled in."""
    return {name: value for name, value in (await view.form()).items() if value and name != "csrf_token"}


def _read(values: Mapping[str, object], shape: type[T]) -> T:
    """The struct that the filled-in values make. Raises Malformed."""
    try:
        return msgspec.convert({name: value for name, value in values.items() if value != ""}, shape, strict=False)
    except msgspec.ValidationError as error:
        raise Malformed from error


def _fen(text: str) -> int:
    """An amount written in yuan, with up to two decimals. Raises Invalid."""
    whole, _, part = text.replace(",", "").strip().partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) < 8 and (part or "0").isdigit() and len(part) <= 2):
        raise Invalid.field("amount", "Write the amount in yuan, such as 200 or 88.50.")
    fen = int(whole) * 100 + int(part.ljust(2, "0"))
    if not 0 < fen <= _MOST_YUAN * 100:
        raise Invalid.field("amount", "Write the amount in yuan, such as 200 or 88.50.")
    return fen


def _done(view: View, site: Site, ticket_id: UUID) -> Response[Any]:
    return view.refresh(f"/s/{site.slug}/tickets/{ticket_id}", view.say(msgid("Saved")))


HANDLERS: list[HTTPRouteHandler] = [
    case_list,
    add_step,
    record_findings,
    set_level,
    publish_answer,
    refer_case,
    hear_authority,
    propose_compensation,
    decide_compensation,
    pay_compensation,
]
