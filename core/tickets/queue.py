"""Lists of tickets: what may narrow them, their orders, and pages that begin at a mark instead of an offset."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final, Literal, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from core.db.uow import NOBODY
from core.errors import Malformed
from core.tenancy.directory import Site
from core.tickets import tags
from core.tickets.model import Channel, Page, Severity, Status, TicketRow
from core.work import Work

MOST = 200  # rows a page may have (IN-9)
COUNTED = 1_000  # how far tickets are counted; one more stands for "and more"

Sort = Literal["due", "newest", "number", "severity", "updated"]
SORTS: Final[tuple[Sort, ...]] = get_args(Sort)
Short = Annotated[str, msgspec.Meta(max_length=100)]


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Which tickets, in which order: what a list, an export and a filter that somebody keeps have in common.

    Dates are the site's, both included. `mine` are those the reader handles; `due_within` minutes from now counts
    what is overdue in; `created_within` is in days, today being one; `breached` is a missed goal's name, or `any`;
    `missed_in` the state it was missed in, `cause` why (`none`: nobody has said). `merged` false leaves out duplicates
    that went into another ticket, as figures do.
    `text` is looked for in number, place, reporter and description, and as a telephone number or its last four digits.
    """

    status: Status | Literal["open", "all"] = "open"
    sort: Sort = "due"
    type: Short | None = None
    category: Short | None = None
    severity: Severity | None = None
    channel: Channel | None = None
    mine: bool = False
    assignee_id: UUID | None = None
    unassigned: bool = False
    team_id: UUID | None = None
    owner_id: UUID | None = None
    unit_id: UUID | None = None
    due_before: datetime | None = None
    due_within: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] | None = None
    created_from: date | None = None
    created_to: date | None = None
    created_within: Annotated[int, msgspec.Meta(ge=1, le=3_660)] | None = None
    breached: Short | None = None
    missed_in: Status | None = None
    cause: Short | None = None
    merged: bool | None = None
    tag: Short | None = None
    text: Short | None = None


class Filter(Wanted, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A page of them. `counted` asks for how many there are in all, as far as COUNTED."""

    cursor: Annotated[str, msgspec.Meta(max_length=300)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST)] = 50
    counted: bool = False


class Order(msgspec.Struct, frozen=True):
    """An order: columns before the id, with the types their marks are read as, and how a row is marked."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    mark: Callable[[TicketRow], tuple[str, ...]]
    descending: bool = False

    def clause(self) -> str:
        return ", ".join(f"{column} DESC" if self.descending else column for column in (*self.columns, "id"))


_RANKS: Final[dict[Severity, int]] = {"critical": 0, "urgent": 1, "routine": 2}
_RANK = "(CASE severity WHEN 'critical' THEN 0 WHEN 'urgent' THEN 1 ELSE 2 END)"  # as the index says it
ORDERS: Final[dict[Sort, Order]] = {
    "due": Order(("queue_at",), ("timestamptz",), lambda row: (_due(row),)),
    "newest": Order((), (), lambda row: (), descending=True),
    # by its letters, so right up to ten thousand tickets of a site and month
    "number": Order(("number",), ("text",), lambda row: (row.number,)),
    "severity": Order((_RANK, "queue_at"), ("int", "timestamptz"), lambda row: (str(_RANKS[row.severity]), _due(row))),
    "updated": Order(("updated_at",), ("timestamptz",), lambda row: (row.updated_at.isoformat(),), descending=True),
}
_TAGS = """ARRAY(SELECT g.name FROM ticket_tag g WHERE g.company_id = $1 AND g.ticket_id = ticket.id ORDER BY g.name)"""
_ROW = ", ".join([*(name for name in TicketRow.__struct_fields__ if name != "tags"), _TAGS])
# What narrows a list, by the field that asks for it. Only what is asked for goes into the statement: a plan for any
# values cannot use an index where every condition might be absent, and would sort a whole site for one page.
_NARROW: Final[dict[str, str]] = {
    "type": "type = {}",
    "category": "category = {}",
    "severity": "severity = {}",
    "channel": "channel = {}",
    "assignee_id": "assignee_id = {}",
    "team_id": "team_id = {}",
    "owner_id": "owner_id = {}",
    "unit_id": "unit_id = {}",
    "due_before": "queue_at < {}",
    "merged": "merged = {}",
    "tag": """EXISTS (SELECT FROM ticket_tag g WHERE g.company_id = $1 AND g.site_id = $2 AND g.ticket_id = ticket.id
    AND g.name = {})""",
}
_OPEN = "status <> 'closed'"  # as the partial indexes say it
_BREACHED = """EXISTS (SELECT FROM ticket_goal g WHERE g.company_id = $1 AND g.ticket_id = ticket.id
    AND g.state = 'breached'{narrowed})"""
# rounds of a goal that began anew are that goal
_ROUND_OF = "regexp_replace(g.name, '_([2-9]|[1-9][0-9]+)$', '') = {}"
# What is found and not shown, being about the reader (CMP-6), takes nobody's place on a page.
_FOUND = """id IN (SELECT find_tickets($2, {text}, {before},
    {most} + (SELECT count(*)::int FROM tickets_about($2, {reader}))))"""


class Query:
    """The conditions of a statement about a site's tickets, with the arguments of their places."""

    def __init__(self, work: Work, site: Site, wanted: Wanted) -> None:
        self.reader = work.uow.reader
        self.confined = site.id in work.ctx.areas
        self.arguments: list[object] = [work.ctx.company_id, site.id]
        self.conditions = ["company_id = $1", "site_id = $2"]
        if wanted.status == "open":
            self.conditions.append(_OPEN)
        elif wanted.status != "all":
            self.conditions.append(f"status = {self.place(wanted.status)}")
        for name, condition in _NARROW.items():
            value = getattr(wanted, name)
            if value is not None:
                asked = tags.normal(value, name) if name == "tag" else value
                self.conditions.append(condition.format(self.place(asked)))
        if wanted.mine:
            self.conditions.append(f"assignee_id = {self.place(work.ctx.actor.id)}")
        if wanted.unassigned:
            self.conditions.append("assignee_id IS NULL")
        if wanted.due_within is not None:
            self.conditions.append(f"queue_at < {self.place(work.now + timedelta(minutes=wanted.due_within))}")
        self._missed(wanted)
        self._created(work, site, wanted)

    def place(self, value: object) -> str:
        """The place of one more argument."""
        self.arguments.append(value)
        return f"${len(self.arguments)}"

    def find(self, text: str, before: UUID | None, most: int | None) -> None:
        """Leave those that `text` is found in: the newest `most` of them from `before` back, or all."""
        # what PostgreSQL cannot store, half a surrogate pair or NUL, cannot be found either
        plain = text.encode(errors="ignore").decode().replace("\0", "")
        if self.confined:  # what is found in other buildings takes nobody's place on a page
            most = None
        text_place, before_place, most_place = self.place(plain), self.place(before), self.place(most)
        reader = self.place(self.reader or NOBODY)
        self.conditions.append(_FOUND.format(text=text_place, before=before_place, most=most_place, reader=reader))

    def after(self, order: Order, mark: Sequence[str], last: UUID) -> None:
        """Leave those that come after a page's last row."""
        places = [f"{self.place(value)}::text::{kind}" for value, kind in zip(mark, order.types, strict=True)]
        sign = "<" if order.descending else ">"
        self.conditions.append(
            f"({', '.join((*order.columns, 'id'))}) {sign} ({', '.join((*places, self.place(last)))})"
        )

    def select(self, columns: str, order: Order, limit: int | None) -> str:
        return (
            f"SELECT {columns} FROM ticket WHERE {' AND '.join(self.conditions)} "  # noqa: S608
            f"ORDER BY {order.clause()}" + (f" LIMIT {self.place(limit)}" if limit is not None else "")
        )

    def count(self) -> str:
        """How many there are, one more than COUNTED at most."""
        return (
            f"(SELECT count(*) FROM (SELECT FROM ticket WHERE {' AND '.join(self.conditions)} "  # noqa: S608
            f"LIMIT {COUNTED + 1}) fitting)"
        )

    def _missed(self, wanted: Wanted) -> None:
        """One goal that was missed as is asked for."""
        if wanted.breached is None and wanted.missed_in is None and wanted.cause is None:
            return
        narrowed = []
        if wanted.breached not in (None, "any"):
            narrowed.append(_ROUND_OF.format(self.place(wanted.breached)))
        if wanted.missed_in is not None:
            narrowed.append(f"g.missed_in = {self.place(wanted.missed_in)}")
        if wanted.cause is not None:
            narrowed.append("g.cause IS NULL" if wanted.cause == "none" else f"g.cause = {self.place(wanted.cause)}")
        self.conditions.append(_BREACHED.format(narrowed="".join(f" AND {each}" for each in narrowed)))

    def _created(self, work: Work, site: Site, wanted: Wanted) -> None:
        zone = ZoneInfo(site.timezone)
        first, last = wanted.created_from, wanted.created_to
        if wanted.created_within is not None:
            first = site.today(work.now) - timedelta(days=wanted.created_within - 1)
        if first is not None and first.year > date.min.year:
            self.conditions.append(f"created_at >= {self.place(_midnight(first, zone))}")
        if last is not None and last.year < date.max.year:
            self.conditions.append(f"created_at < {self.place(_midnight(last + timedelta(days=1), zone))}")


async def page(work: Work, site: Site, wanted: Filter) -> Page:
    """One page. Raises Malformed for a cursor that is not one of ours."""
    order = ORDERS[wanted.sort]
    mark, last = _read(wanted.cursor, order) if wanted.cursor else ((), None)
    query = Query(work, site, wanted)
    text = (wanted.text or "").strip()
    alone = wanted == Filter(
        status="all", sort="newest", text=wanted.text, cursor=wanted.cursor, limit=wanted.limit, counted=False
    )
    if text:
        query.find(text, last if alone else None, wanted.limit + 1 if alone else None)
    columns = f"{_ROW}, {query.count()}" if wanted.counted else _ROW
    if last is not None:
        query.after(order, mark, last)
    statement = query.select(columns, order, wanted.limit + 1)
    total: int | None = None
    if wanted.counted:
        counted = await work.uow.fetch(_counted, statement, *query.arguments)
        rows, total = [row for row, _ in counted], counted[0][1] if counted else 0
    else:
        rows = await work.uow.fetch(TicketRow, statement, *query.arguments)
    items = rows[: wanted.limit]
    return Page(items, _write(items[-1], order) if len(rows) > wanted.limit else None, total)


async def search(work: Work, site: Site, text: str, cursor: str | None = None, limit: int = 50) -> Page:
    """Tickets of any state that `text` is found in, the newest first; none for no text."""
    if not text.strip():
        return Page([], None)
    return await page(work, site, Filter(status="all", sort="newest", text=text, cursor=cursor, limit=limit))


def _counted(*columns: object) -> tuple[TicketRow, int]:
    return TicketRow(*columns[:-1]), columns[-1]  # type: ignore[arg-type, return-value]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _due(row: TicketRow) -> str:
    return row.due_at.isoformat() if row.due_at else "infinity"


def _write(row: TicketRow, order: Order) -> str:
    return base64.urlsafe_b64encode(" ".join((*order.mark(row), str(row.id))).encode()).decode().rstrip("=")


def _read(cursor: str, order: Order) -> tuple[tuple[str, ...], UUID]:
    try:
        *mark, last = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split(" ")
        checked = tuple(_checked(value, kind) for value, kind in zip(mark, order.types, strict=True))
        return checked, UUID(last)
    except ValueError:
        raise Malformed("This page mark is not valid. Start from the first page.") from None


def _checked(value: str, kind: str) -> str:
    """A value of a mark in a form that PostgreSQL reads as Python does; ValueError for another."""
    if kind == "timestamptz" and value != "infinity":
        return datetime.fromisoformat(value).isoformat()
    if kind == "int":
        return str(int(value) % 10)
    if "\0" in value:
        raise ValueError(value)
    return value
