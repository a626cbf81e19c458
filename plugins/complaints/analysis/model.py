"""What a month's analysis of complaints says."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec


class Count(msgspec.Struct, frozen=True):
    """So many complaints; `name` is a kind, a cause or a department, "" where it is not known."""

    name: str
    complaints: int


class Share(msgspec.Struct, frozen=True):
    """Of the complaints whose answer is decided upon: so many were answered in time, so many not (CMP-3)."""

    in_time: int
    late: int

    @property
    def percent(self) -> float | None:
        """None where nothing is decided yet."""
        decided = self.in_time + self.late
        return round(100 * self.in_time / decided, 1) if decided else None


class Signed(msgspec.Struct, frozen=True):
    """Who signed the month off, and with what remark; `complaints` is how many there were then."""

    remark: str
    complaints: int
    signed_at: datetime
    signed_by_name: str


class Figures(msgspec.Struct, frozen=True):
    """The month counted; amounts in fen."""

    complaints: int
    open: int
    general: Share
    major: Share
    kinds: list[Count]
    causes: list[Count]
    departments: list[Count]
    compensated: int
    compensation_fen: int
    signed: Signed | None


class Repeated(msgspec.Struct, frozen=True):
    """A complaint that came again, and what is done about it (TKT-7)."""

    place: str
    category: str
    times: int
    cause: str
    countermeasure: str
    responsible_name: str
    due_on: date | None
    ticket_ids: list[UUID]


class Analysis(msgspec.Struct, frozen=True):
    """A month's complaints: `first` to `last` day; `over` once it can be signed off."""

    first: date
    last: date
    over: bool
    figures: Figures
    repeated: list[Repeated]


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The month that is signed off, by any of its days, and what the manager remarks."""

    month: date
    remark: Annotated[str, msgspec.Meta(max_length=2000)] = ""
