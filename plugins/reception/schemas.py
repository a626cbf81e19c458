"""What goes in and out of the API, and what the repository reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

Channel = Literal["call", "visit", "letter", "complaint_box", "staff_opinion"]
Status = Literal["ringing", "answered", "ended", "missed", "abandoned"]
Part = Literal["name", "address", "phone"]
PARTS: tuple[Part, ...] = ("name", "address", "phone")
Happened = Literal["ringing", "answered", "ended"]
MOST = 200  # rows a page may have (IN-9)

Phone = Annotated[str, msgspec.Meta(max_length=30, pattern=r"^[0-9+*#() -]*$")]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a telephone exchange tells of a call. `external_id` is the exchange's own, unique at the site; `phone` is
    empty where the caller withholds it; without `at` it happened just now."""

    external_id: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    event: Happened
    phone: Phone = ""
    at: Instant | None = None


class End(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`abandoned`: the caller hung up before anybody could answer."""

    abandoned: bool = False


class Link(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a call was about: a ticket, a unit and who of it called, or both."""

    ticket_id: UUID | None = None
    unit_id: UUID | None = None
    party_id: UUID | None = None


class Noted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a call was about, and what the caller was told."""

    matter: Annotated[str, msgspec.Meta(max_length=500)]
    answer: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class Call(msgspec.Struct, frozen=True):
    """A call as stored; its fields are the columns that are read."""

    id: UUID
    site_id: UUID
    external_id: str | None
    channel: Channel
    source: Literal["exchange", "manual"]
    phone: str
    status: Status
    ringing_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    answered_by: UUID | None
    answered_by_name: str
    unit_id: UUID | None
    place: str
    party_id: UUID | None
    caller_name: str
    ticket_id: UUID | None
    ticket_number: str
    note: str
    confirmed: Sequence[Part] = ()
    confirmed_at: datetime | None = None
    confirmed_by_name: str = ""
    matter: str = ""
    answer: str = ""
    called_back_at: datetime | None = None
    called_back_by_name: str = ""
    erased_at: datetime | None = None

    @property
    def about(self) -> str:
        """What it was about, as far as that was written down."""
        return self.matter or (self.note if self.ticket_id else "")

    @property
    def waited(self) -> int | None:
        """Seconds until it was answered; None while it was not, and for what does not ring."""
        if self.answered_at is None or self.channel != "call":
            return None
        return _seconds(self.ringing_at, self.answered_at)

    @property
    def talked(self) -> int | None:
        """Seconds from the answer to the end; None for what was written, or heard elsewhere."""
        if self.answered_at is None or self.ended_at is None or self.channel not in ("call", "visit"):
            return None
        return _seconds(self.answered_at, self.ended_at)

    @property
    def open(self) -> bool:
        """Whether somebody is still on the line."""
        return self.ended_at is None


class Who(msgspec.Struct, frozen=True):
    """Who called, as far as is known: a party of a unit, with its names as they were then."""

    unit_id: UUID | None = None
    place: str = ""
    party_id: UUID | None = None
    caller_name: str = ""


class Reported(msgspec.Struct, frozen=True):
    """What an exchange is answered: the call as it now stands, nothing about the caller."""

    id: UUID
    external_id: str
    status: Status
    ringing_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None


class LoggedCall(msgspec.Struct, frozen=True):
    """A call in the log; `phone` is masked, `waited` and `talked` are seconds. `confirmed` is what the caller's
    identity was confirmed by (REC-5), `matter` what it was about and `answer` what they were told (REC-1)."""

    id: UUID
    channel: Channel
    source: Literal["exchange", "manual"]
    status: Status
    phone: str
    caller_name: str
    place: str
    unit_id: UUID | None
    ringing_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    waited: int | None
    talked: int | None
    answered_by_name: str
    ticket_id: UUID | None
    ticket_number: str
    confirmed: Sequence[Part] = ()
    confirmed_at: datetime | None = None
    confirmed_by_name: str = ""
    matter: str = ""
    answer: str = ""
    called_back_at: datetime | None = None
    called_back_by_name: str = ""
    erased_at: datetime | None = None


class CallPage(msgspec.Struct, frozen=True):
    """One page of the log, latest first; `cursor` goes into the next request, null at the end."""

    items: list[LoggedCall]
    cursor: str | None


class Filter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which calls to list; `since` is included, `until` is not. `text` is part of a name, a place or a ticket number,
    or a whole phone number."""

    status: Status | None = None
    channel: Channel | None = None
    since: Instant | None = None
    until: Instant | None = None
    text: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    cursor: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST)] = 50


class Day(msgspec.Struct, frozen=True):
    """Calls since midnight at the site, and the seconds they rang on average; None before the first answered call."""

    calls: int
    average_wait: float | None


class Figures(msgspec.Struct, frozen=True):
    """The day so far at a site. `average_wait` is in seconds, None before the first answered call."""

    calls: int
    average_wait: float | None
    waiting: int
    due_soon: int
    overdue: int


def _seconds(start: datetime, end: datetime) -> int:
    return max(0, round((end - start).total_seconds()))
