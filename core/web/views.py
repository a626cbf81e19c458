"""What templates are given: the page around them, and the parts that several pages show.

Texts that are our own (labels, states) are message ids and translated by the template; names that customers chose pass
through the same call unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

import msgspec

from core.policies.forms import FormField
from core.web.i18n import msgid

Tone = Literal["", "ok", "info", "warn", "risk", "breach", "paused", "care"]


class SiteLink(msgspec.Struct, frozen=True):
    """A site the person may work at. `slug` is its name in URLs."""

    slug: str
    name: str

    @property
    def href(self) -> str:
        return f"/s/{self.slug}/"


class NavItem(msgspec.Struct, frozen=True):
    """An entry of the navigation. `hotkey` is a sequence such as `g t`; `section` a heading it stands under."""

    label: str
    icon: str
    href: str
    hotkey: str = ""
    count: int = 0
    section: str = ""
    current: bool = False


class Person(msgspec.Struct, frozen=True):
    name: str
    login: str


class Page(msgspec.Struct, frozen=True):
    """The page around a template, for one request. `path` is where `/prefs` returns to; `brand` the company's name."""

    locale: str
    csrf_token: str
    nonce: str
    now: datetime
    theme: Literal["light", "dark"] = "light"
    timezone: str = "Asia/Shanghai"
    path: str = "/"
    brand: str = "Lodge"
    person: Person | None = None
    site: SiteLink | None = None
    sites: tuple[SiteLink, ...] = ()
    nav: tuple[NavItem, ...] = ()

    @property
    def base(self) -> str:
        """URL prefix of the site's pages, without a slash at the end."""
        return f"/s/{self.site.slug}" if self.site else ""

    @property
    def server_ms(self) -> int:
        return int(self.now.timestamp() * 1000)


class Word(msgspec.Struct, frozen=True):
    """A coded value as shown: its code, its label and its tone."""

    code: str
    label: str
    tone: Tone = ""


class Choice(msgspec.Struct, frozen=True):
    """One of several values to choose from."""

    value: str
    label: str
    icon: str = ""
    tone: Tone = ""
    count: int | None = None


FieldKind = Literal[
    "text", "tel", "number", "select", "textarea", "checkbox", "date", "datetime-local", "file", "password"
]  # fmt: skip


class Field(msgspec.Struct, frozen=True):
    """A form field. `value` is its text (`true` for a ticked checkbox); `error` is a message id, `params` fill it.

    `minimum` and `maximum` bound a number, `maximum` also the length of a text.
    """

    name: str
    label: str
    kind: FieldKind = "text"
    value: str = ""
    help: str = ""
    required: bool = False
    choices: tuple[Choice, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    unit: str = ""
    accept: str = ""
    autocomplete: str = "off"
    error: str = ""
    params: Mapping[str, object] = {}


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


class Pager(msgspec.Struct, frozen=True):
    """Cursor paging. `total` is capped text such as `1,000+`; the links are None where there is nothing more."""

    shown: int
    total: str
    next_href: str | None = None
    first_href: str | None = None


class Filters(msgspec.Struct, frozen=True):
    """What a list is filtered and sorted by; each select lists its choices, `''` being all."""

    text: str = ""
    sort: str = ""
    selects: tuple[Field, ...] = ()


class Queue(msgspec.Struct, frozen=True):
    """A list of tickets. `view` goes back to the server with each refetch, `action` is the page's own URL."""

    title: str
    view: str
    action: str
    rows: tuple[TicketRow, ...]
    tabs: tuple[Choice, ...]
    tab: str
    filters: Filters
    pager: Pager | None = None


class Goal(msgspec.Struct, frozen=True):
    """A ticket's goal. `amount` and `unit` as in the policy; `used` in seconds, for day units in days."""

    label: str
    amount: int
    unit: str
    used: int
    state: Word
    clock: Clock | None = None


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


class TimelineEntry(msgspec.Struct, frozen=True):
    """Something that happened to a ticket. `params` fill the names in `what`; `text` is what somebody wrote."""

    at: datetime
    who: str
    what: str
    icon: str = "point"
    text: str = ""
    params: Mapping[str, object] = {}


class TicketView(msgspec.Struct, frozen=True):
    """A ticket with everything on its page. `facts` are pairs of label and text; `version` is for If-Match."""

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
    actions: tuple[TicketAction, ...] = ()
    timeline: tuple[TimelineEntry, ...] = ()


class PaletteHit(msgspec.Struct, frozen=True):
    label: str
    icon: str
    href: str
    hint: str = ""


class UnitRow(msgspec.Struct, frozen=True):
    """A unit in the estate's list; `people` are pairs of name and full phone number, masked by the template."""

    id: str
    building: str
    label: str
    area: str
    people: tuple[tuple[str, str], ...]
    since: date | None = None
    open_tickets: int = 0


class UnitHit(msgspec.Struct, frozen=True):
    """A suggestion of the unit lookup; `contact` and `phone` fill the empty fields of the form it stands in."""

    id: str
    label: str
    hint: str = ""
    contact: str = ""
    phone: str = ""


class ImportIssue(msgspec.Struct, frozen=True):
    """Something wrong in an uploaded file. `row` as the spreadsheet counts, `column` as the file calls it; `params` fill
    `message`. An error leaves the row out, otherwise only the field is left out."""

    row: int
    column: str
    value: str
    message: str
    params: Mapping[str, object] = {}
    error: bool = False


class ImportPreview(msgspec.Struct, frozen=True):
    """What an import would do. `token` names the uploaded file until it is confirmed."""

    token: str
    file_name: str
    counts: tuple[tuple[str, int], ...]
    issues: tuple[ImportIssue, ...]
    importable: bool


class ImportRun(msgspec.Struct, frozen=True):
    id: str
    file_name: str
    at: datetime
    who: str
    counts: tuple[tuple[str, int], ...]
    state: Word
    can_undo: bool = False


class PolicyLink(msgspec.Struct, frozen=True):
    """A policy in the list, and how many of its values this layer sets itself."""

    name: str
    label: str
    help: str
    href: str
    own_values: int = 0


class Revision(msgspec.Struct, frozen=True):
    """A past state of a layer; `changed` are the labels or paths of what it changed."""

    number: int
    at: datetime
    who: str
    reason: str
    effective_at: datetime
    changed: tuple[str, ...] = ()


class PolicyView(msgspec.Struct, frozen=True):
    """A policy at one layer, with the fields made from its struct. `version` is the number of the layer's last revision."""

    name: str
    label: str
    help: str
    action: str
    layer: Literal["company", "site"]
    version: int
    fields: tuple[FormField, ...]
    history: tuple[Revision, ...] = ()
    effective: Field = Field("effective_at", msgid("In force from"), "datetime-local", help=msgid("Empty: at once."))
    reason: Field = Field("reason", msgid("Reason"), required=True, maximum=200)


class PluginCell(msgspec.Struct, frozen=True):
    """One plugin at one site: subscribed from `starts` until the day before `ends`, and whether an admin switched it on."""

    site: SiteLink
    subscribed: bool
    enabled: bool
    starts: date | None = None
    ends: date | None = None


class PluginRow(msgspec.Struct, frozen=True):
    """A plugin with its sites; `alarm` says why it is quarantined."""

    id: str
    label: str
    version: str
    cells: tuple[PluginCell, ...]
    alarm: str = ""


class TokenRow(msgspec.Struct, frozen=True):
    id: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


class AuditRow(msgspec.Struct, frozen=True):
    at: datetime
    who: str
    action: str
    subject: str
    site: str = ""
    detail: str = ""
