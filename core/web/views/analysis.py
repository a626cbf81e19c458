"""Repeated matters, meetings and their agenda, figures."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from core.web.views.parts import Field, Tone, Word
from core.web.views.tickets import Clock, TicketLink


class RepeatRow(msgspec.Struct, frozen=True, kw_only=True):
    """A repeated matter of a month. `hidden` are the form's fixed values; `late`: its day has passed, no outcome.

    `show` opens the form at once: the values were refused and the errors are in the fields.
    """

    key: str
    category: str
    kind: str
    place: str
    times: int
    tickets: tuple[TicketLink, ...]
    cause: str = ""
    countermeasure: str = ""
    responsible: str = ""
    due_on: date | None = None
    late: bool = False
    outcome: str = ""
    hidden: tuple[tuple[str, str], ...] = ()
    fields: tuple[Field, ...] = ()
    show: bool = False


class AgendaRow(msgspec.Struct, frozen=True, kw_only=True):
    """A matter on the agenda. `meetings` is how many have dealt with it before; `href` leads to the ticket, if any."""

    id: str
    title: str
    reason: Word
    since: datetime
    meetings: int
    version: int
    href: str = ""
    number: str = ""
    state: Word | None = None
    clock: Clock | None = None
    responsible: str = ""
    due_on: date | None = None
    late: bool = False
    minutes: str = ""
    outcome: str = ""
    fields: tuple[Field, ...] = ()
    show: bool = False


class MeetingView(msgspec.Struct, frozen=True, kw_only=True):
    """A meeting; `fields` to change it and `closing` to end it are those of the next one."""

    id: str
    held_on: date
    attendees: str
    notes: str
    version: int
    closed_at: datetime | None = None
    closed_by: str = ""
    fields: tuple[Field, ...] = ()
    closing: tuple[Field, ...] = ()


class MeetingLink(msgspec.Struct, frozen=True):
    href: str
    held_on: date
    closed_by: str


class Tile(msgspec.Struct, frozen=True):
    """A figure against its target: `value` as shown, `note` and `help` are message ids filled from `params`."""

    label: str
    value: str
    unit: str = ""
    note: str = ""
    help: str = ""
    params: dict[str, object] = {}
    tone: Tone = ""


class Cell(msgspec.Struct, frozen=True):
    """A number of a table that leads to the tickets behind it, '' where there is no such list."""

    number: str
    href: str = ""


class FigureRow(msgspec.Struct, frozen=True):
    """A row of figures under its label, in the reader's words; `href` leads to all tickets of that slice."""

    label: str
    cells: tuple[Cell, ...]
    href: str = ""


class FigureTable(msgspec.Struct, frozen=True, kw_only=True):
    """Figures as a table and, where `chart` says how, as a chart drawn from it: `line` and `bar` show the first column
    as a share, `count` as a number, `stack` all but the last; a click leads where the row's first link does, in a stack
    where its number's link does. `target` is a line across the chart; `help` (a message id) says how the figures come
    about.
    """

    key: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[FigureRow, ...]
    help: str
    chart: str = ""
    target: int | None = None


class WallRow(msgspec.Struct, frozen=True):
    """A matter on the wall: its number and what it is about in one word, nobody's name or place."""

    number: str
    category: str
    severity: Word
    state: Word
    since: datetime
    clock: Clock | None = None
