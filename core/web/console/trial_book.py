"""Tickets that would come out differently under a draft, as a workbook."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from litestar import Response

from core.exchange.sheet import MEDIA_TYPE, Cell, Heading, Sheet
from core.files.model import Content
from core.i18n import msgid
from core.policies.ticket_categories import TICKET_CATEGORIES
from core.tenancy.directory import Site
from core.tickets.export import MOST
from core.tickets.simulations import SimulatedTicket, Simulation, Turn
from core.web.console import queue, words
from core.web.download import saved
from core.web.view import View


async def titles_of(view: View, site: Site | None) -> dict[str, str]:
    """What the categories of the site, or of the company, are called."""
    state = view.state
    value = await state.platform.policies.value(state.work, TICKET_CATEGORIES, site.id if site else None)
    return {category.key: queue.title(category, state.locale) for category in value.categories}


async def answer(view: View, simulation: Simulation, turn: Turn) -> Response[bytes]:
    """The workbook, 50,000 tickets at most. On record."""
    state, site = view.state, view.state.site_or_none
    found = await state.platform.simulations.tickets(state.work, simulation, turn, limit=MOST)
    titles = await titles_of(view, site)
    said = {code: view.say(word.label) for code, word in words.STATES.items()}
    headings = [
        Heading(view.say(label), width)
        for label, width in (
            (msgid("Site"), 18),
            (msgid("Ticket number"), 16),
            (msgid("Category"), 16),
            (msgid("State"), 12),
            (msgid("Would be missed"), 24),
            (msgid("Would be kept"), 24),
            (msgid("Due now"), 17),
            (msgid("Due under the draft"), 19),
        )
    ]
    goals = {name for ticket in found for name in (*ticket.missed, *ticket.kept)}
    called = {name: view.say(words.goal_title(name)) for name in goals}
    rows = _rows(found, state.principal.sites, titles, said, called)
    name = view.say(msgid("Policy trial"))
    state.work.audit(
        "policy.trial_exported",
        "policy",
        simulation.policy,
        {"rows": len(found), "of": turn},
        site_id=simulation.site_id,
    )
    data = await asyncio.to_thread(_written, name, headings, rows)
    return saved(Content(f"{name}.xlsx", MEDIA_TYPE, data))


def _rows(
    found: list[SimulatedTicket],
    sites: tuple[Site, ...],
    titles: Mapping[str, str],
    states: Mapping[str, str],
    goals: Mapping[str, str],
) -> Iterator[list[Cell]]:
    known = {site.id: site for site in sites}
    for ticket in found:
        site = known[ticket.site_id]
        yield [
            site.name,
            ticket.number,
            titles.get(ticket.category, ticket.category),
            states[ticket.status],
            ", ".join(goals[name] for name in ticket.missed),
            ", ".join(goals[name] for name in ticket.kept),
            _local(ticket.due_before, site),
            _local(ticket.due_after, site),
        ]


def _local(at: datetime | None, site: Site) -> datetime | None:
    return None if at is None else at.astimezone(ZoneInfo(site.timezone)).replace(tzinfo=None)


def _written(title: str, headings: list[Heading], rows: Iterator[list[Cell]]) -> bytes:
    file = io.BytesIO()
    with Sheet(file, title, headings) as sheet:
        sheet.add(rows)
    return file.getvalue()
