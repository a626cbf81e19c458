"""What waits for people: the callbacks of a site by their time, and offers and questions to the reader."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.errors import Conflict, Invalid, NotFound, PreconditionFailed
from core.i18n import msgid
from core.platform import Platform
from core.tenancy.directory import Site
from core.tickets.callbacks import CallbackRow
from core.tickets.ownership import OfferRow
from core.tickets.questions import QuestionRow
from core.web.console.actions import form_of, refused_in, step_of
from core.web.console.words import SEVERITIES
from core.web.view import View
from core.web.views import Clock, TicketAction, WaitingRow
from core.work import Work

_ACTIONS = {
    "callbacks": ("keep_callback", "promise_callback"),
    "inbox": ("accept_offer", "refuse_offer", "withdraw_offer", "answer_question"),
}


@get("/callbacks", permission="ticket.view")
async def callbacks_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """The callbacks that are owed, the earliest promise first (TKT-4)."""
    return await view.html("tickets/callbacks.html", **await _lists("callbacks", work, site, platform))


@get("/inbox", permission="ticket.view")
async def inbox_page(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """Offers and questions that wait for the reader, and those they wait for others with (TKT-2, TKT-8)."""
    return await view.html("tickets/inbox.html", **await _lists("inbox", work, site, platform))


@get("/waiting", permission="ticket.view")
async def waiting_counts(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
) -> Response[str]:
    """The numbers beside the two pages' entries in the navigation."""
    inbox, callbacks = await platform.tickets.waiting(work, site)
    return await view.html("tickets/waiting.html", inbox=inbox, callbacks=callbacks)


@post("/callbacks/{ticket_id:uuid}/{action:str}", permission="ticket.view", status_code=200)
async def callbacks_act(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
    action: FromPath[str],
) -> Response[Any]:
    """Keep or move a callback from the list."""
    return await _act("callbacks", work, site, platform, view, ticket_id, action)


@post("/inbox/{ticket_id:uuid}/{action:str}", permission="ticket.view", status_code=200)
async def inbox_act(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    ticket_id: FromPath[UUID],
    action: FromPath[str],
) -> Response[Any]:
    """Answer an offer or a question from the list."""
    return await _act("inbox", work, site, platform, view, ticket_id, action)


async def _act(
    name: str, work: Work, site: Site, platform: Platform, view: View, ticket_id: UUID, action: str
) -> Response[Any]:
    """Take a step, and show the list anew. A refusal opens the dialog again, and says why."""
    if action not in _ACTIONS[name]:
        raise NotFound
    form = await view.form()
    step, version = step_of(form, site)
    refused = None
    try:
        await platform.tickets.act(work, site, ticket_id, action, step, version)
    except (Invalid, Conflict, PreconditionFailed) as error:
        if not view.htmx:
            raise
        refused = error
    if not view.htmx:
        return view.redirect(f"/s/{site.slug}/{name}")
    shown = await _lists(name, work, site, platform)
    if refused is None:
        return await view.html(f"tickets/_{name}.html", **shown)
    again: dict[str, Any] = {
        table: tuple(
            msgspec.structs.replace(row, actions=refused_in(row.actions, action, form, refused))
            if row.ticket_id == str(ticket_id)
            else row
            for row in rows
        )
        for table, rows in shown.items()
    }
    toast = view.say(refused.message, **refused.params)
    return await view.html(f"tickets/_{name}.html", status=int(refused.status), toast=toast, **again)


async def _lists(name: str, work: Work, site: Site, platform: Platform) -> dict[str, Any]:
    """The rows of the page of that name, by the table they stand in."""
    held = work.ctx.permissions
    if name == "callbacks":
        callbacks = await platform.tickets.callbacks(work, site)
        answers = "ticket.answer" in held
        return {"callbacks": tuple(_callback(row, site, work.now, answers=answers) for row in callbacks)}
    offers = await platform.tickets.offers(work, site)
    questions = await platform.tickets.questions(work, site)
    return {
        "offers": tuple(_offer(row, site, work.now) for row in offers),
        "questions": tuple(_question(row, site, work.now) for row in questions),
    }


def _callback(row: CallbackRow, site: Site, now: datetime, *, answers: bool) -> WaitingRow:
    return _row(
        row,
        site,
        now,
        names=("keep_callback", "promise_callback") if answers else (),
        who=row.reporter_name,
        phone=row.reporter_phone,
        said=row.note,
        by=row.by_name,
        clock=Clock(row.promised_at, _span(now, row.promised_at)),
    )


def _offer(row: OfferRow, site: Site, now: datetime) -> WaitingRow:
    return _row(
        row,
        site,
        now,
        names=("accept_offer", "refuse_offer") if row.mine else ("withdraw_offer",),
        who=row.by_name if row.mine else row.to_name,
        said=row.reason,
        by=row.owner_name,
        clock=Clock(row.lapses_at, _length(row.offered_at, row.lapses_at)),
        mine=row.mine,
    )


def _question(row: QuestionRow, site: Site, now: datetime) -> WaitingRow:
    return _row(
        row,
        site,
        now,
        names=("answer_question",),
        who=row.by_name if row.mine else row.to_name,
        said=row.question,
        clock=Clock(row.due_at, _length(row.asked_at, row.due_at)),
        mine=row.mine,
    )


def _row(
    row: CallbackRow | OfferRow | QuestionRow,
    site: Site,
    now: datetime,
    *,
    names: tuple[str, ...],
    who: str,
    said: str,
    clock: Clock,
    phone: str = "",
    by: str = "",
    mine: bool = True,
) -> WaitingRow:
    actions: tuple[TicketAction, ...] = tuple(_named(form_of(name, site, now)) for name in names)
    return WaitingRow(
        ticket_id=str(row.ticket_id),
        number=row.number,
        href=f"/s/{site.slug}/tickets/{row.ticket_id}",
        title=row.description.partition("\n")[0],
        place=row.place,
        severity=SEVERITIES[row.severity],
        version=row.version,
        clock=clock,
        who=who,
        said=said,
        phone=phone,
        by=by,
        mine=mine,
        actions=actions,
    )


def _named(action: TicketAction) -> TicketAction:
    """Where a callback is promised already, another promise moves it."""
    moves = action.name == "promise_callback"
    return msgspec.structs.replace(action, label=msgid("Move the callback")) if moves else action


def _span(now: datetime, due: datetime) -> int:
    return max(7200, _length(now, due))  # promises of hours colour as such, however near they are


def _length(start: datetime, end: datetime) -> int:
    return max(1, int((end - start).total_seconds()))


HANDLERS = [callbacks_page, inbox_page, waiting_counts, callbacks_act, inbox_act]
