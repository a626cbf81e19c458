"""Tickets as lists and pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from core.web.views.carried import Carried
from core.web.views.parts import Choice, Field, Filters, Notice, Pager, Tone, Word


class Clock(msgspec.Struct, frozen=True):
    """A deadline: when it is due, the goal's whole length in seconds, and whether it stands still or is over."""

    due: datetime | None
    span: int
    paused: bool = False
    met: bool = False


class TicketRow(msgspec.Struct, frozen=True):
    """A ticket in a list. `clock` is its nearest deadline."""

    id: str
    number: str
    href: str
    title: str
    place: str
    category: str
    severity: Word
    state: Word
    assignee: str = ""
    clock: Clock | None = None
    type: str = ""
    channel: str = ""
    reporter: str = ""
    owner: str = ""
    team: str = ""
    created: datetime | None = None
    updated: datetime | None = None
    version: int = 0
    tags: tuple[str, ...] = ()


class Column(msgspec.Struct, frozen=True):
    """A column of a list of tickets; `sort` is the order that a click on its heading asks for."""

    key: str
    label: str
    sort: str = ""


class SavedLink(msgspec.Struct, frozen=True):
    """A list that somebody keeps, as a link; the reader's list opens with the `preferred` one."""

    id: str
    name: str
    href: str
    shared: bool = False
    preferred: bool = False
    active: bool = False


class Queue(msgspec.Struct, frozen=True):
    """A list of tickets. `view` goes back to the server with each refetch, `action` is the page's own URL, `address`
    its query, `after` the mark that this page begins at.

    On the page of its own there are `more` filters behind a button, `kept` ones (name and value) that no field shows,
    columns to choose from (and whether they are shown), lists that are kept, exports for whom may, and whom selected
    tickets can be given to.
    """

    title: str
    view: str
    action: str
    rows: tuple[TicketRow, ...]
    tabs: tuple[Choice, ...]
    tab: str
    filters: Filters
    columns: tuple[Column, ...]
    address: str = ""
    after: str = ""
    pager: Pager | None = None
    more: tuple[Field, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    choosable: tuple[tuple[Choice, bool], ...] = ()
    saved: tuple[SavedLink, ...] = ()
    exports: bool = False
    staff: tuple[Choice, ...] = ()
    teams: tuple[Choice, ...] = ()


class Goal(msgspec.Struct, frozen=True):
    """A ticket's goal. `amount` and `unit` as in the policy; `used` in seconds, for day units in days. Once it has
    `ended`, nothing counts any more."""

    label: str
    amount: int
    unit: str
    used: int
    state: Word
    clock: Clock | None = None
    ended: bool = False
    name: str = ""


class TicketAction(msgspec.Struct, frozen=True):
    """Something the person may do with a ticket: POST to `…/tickets/{id}/{name}`; with fields it asks in a dialog.

    `show` opens the dialog at once: the values were refused and the errors are in the fields.
    """

    name: str
    label: str
    icon: str
    tone: Literal["", "primary", "go", "danger"] = ""
    fields: tuple[Field, ...] = ()
    hotkey: str = ""
    show: bool = False


class MissedGoal(msgspec.Struct, frozen=True):
    """A goal that was missed, and why: `cause` in the site's words, '' where nobody has said; `ask` is the dialog."""

    name: str
    label: str
    cause: str = ""
    note: str = ""
    ask: TicketAction | None = None


class WaitingRow(msgspec.Struct, frozen=True):
    """A callback, offer or question in a list: by when (`clock`), whom it is from or to (`who`), what was `said`.

    `by` says who promised or owns; `mine`: the reader is to act.
    """

    ticket_id: str
    number: str
    href: str
    title: str
    place: str
    severity: Word
    version: int
    clock: Clock
    who: str
    said: str
    phone: str = ""
    by: str = ""
    mine: bool = True
    actions: tuple[TicketAction, ...] = ()


class TimelineEntry(msgspec.Struct, frozen=True):
    """Something that happened to a ticket. `params` fill the names in `what`; `text` is what somebody wrote."""

    at: datetime
    who: str
    what: str
    icon: str = "point"
    text: str = ""
    params: Mapping[str, object] = {}
    tone: Tone = ""


class TicketLink(msgspec.Struct, frozen=True):
    """A ticket named in passing."""

    number: str
    href: str
    title: str
    at: datetime
    state: Word


class RepeatNote(msgspec.Struct, frozen=True):
    """What is said of a matter that has come before: `repeated` as often as the policy names, or not yet."""

    times: int
    threshold: int
    days: int
    repeated: bool
    tickets: tuple[TicketLink, ...]


class TicketView(msgspec.Struct, frozen=True):
    """A ticket with everything on its page. `facts` are pairs of label and text; `version` is for If-Match; `amend`
    changes what the ticket's type asks for; `agenda` is where it is put on the agenda of the next meeting."""

    id: str
    number: str
    title: str
    description: str
    state: Word
    severity: Word
    version: int
    facts: tuple[tuple[str, str], ...]
    phone: str = ""
    clock: Clock | None = None
    goals: tuple[Goal, ...] = ()
    missed: tuple[MissedGoal, ...] = ()
    actions: tuple[TicketAction, ...] = ()
    timeline: tuple[TimelineEntry, ...] = ()
    owed: tuple[Notice, ...] = ()
    carried: Carried = Carried()
    repeat: RepeatNote | None = None
    amend: TicketAction | None = None
    agenda: str = ""


class FilterDialog(msgspec.Struct, frozen=True):
    """Asks under which name a list is kept: POST to `action`; `drop` is where the button that forgets it posts to."""

    title: str
    action: str
    fields: tuple[Field, ...]
    hidden: tuple[tuple[str, str], ...]
    drop: str = ""


class ExportDialog(msgspec.Struct, frozen=True):
    """Asks which columns of the list (`address`) leave as a workbook, `most` rows at most; `reveals` for whom may have
    telephone numbers in full."""

    action: str
    address: str
    columns: tuple[tuple[Choice, bool], ...]
    reveals: bool
    most: int
