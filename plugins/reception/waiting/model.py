"""People who wait at the counter: what rules, API and console share, the table, and what a site sets."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from piccolo.columns import UUID as Id
from piccolo.columns import Date, Integer, Text, Timestamptz

from core.sdk import PolicySpec, Privacy, TenantTable
from plugins.reception.permissions import MANAGE

Status = Literal["waiting", "called", "done", "left"]
Purpose = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class ReceptionTurn(TenantTable, tablename="reception_turn"):
    """Somebody's turn at the counter (REC-11). `status` follows from the instants."""

    privacy = Privacy(
        purpose="calling people to the counter",
        of="visitor",
        plain="status purpose counter",
        name="name",
        staff="called_by_name",
    )
    site_id = Id(default=None)
    day = Date(default=None)
    number = Integer(default=None)
    status = Text(default=None)
    purpose = Text(default=None)
    name = Text(default=None)
    taken_at = Timestamptz(default=None)
    called_at = Timestamptz(null=True, default=None)
    called_by = Id(null=True, default=None)
    called_by_name = Text(default=None)
    counter = Text(default=None)
    done_at = Timestamptz(null=True, default=None)
    left_at = Timestamptz(null=True, default=None)


class NewTurn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who takes a number, and for what."""

    purpose: Annotated[str, msgspec.Meta(max_length=40)]
    name: Annotated[str, msgspec.Meta(max_length=60)] = ""


class Next(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where whoever is next shall come."""

    counter: Annotated[str, msgspec.Meta(max_length=20)] = ""


class Turn(msgspec.Struct, frozen=True):
    """A turn as stored; its fields are the columns that are read."""

    id: UUID
    number: int
    status: Status
    purpose: str
    name: str
    taken_at: datetime
    called_at: datetime | None
    called_by_name: str
    counter: str


class Line(msgspec.Struct, frozen=True):
    """Today's line: who waits or is being served, in order, and the day so far. Waits are in seconds, until called.
    `left` went before they were called, `missed` did not come when they were; `counter` is where the reader called
    last."""

    turns: list[Turn]
    taken: int
    done: int
    left: int
    missed: int
    average_wait: float | None
    counter: str


class Slip(msgspec.Struct, frozen=True):
    """A number as it is given out on paper: how many are before it."""

    site: str
    number: int
    purpose: str
    taken: str
    ahead: int


class Counter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A counter, and what it is for."""

    name: Annotated[str, msgspec.Meta(title="Counter", min_length=1, max_length=20)]
    purposes: Annotated[
        tuple[Purpose, ...],
        msgspec.Meta(title="Purposes", description="Whom it calls; empty: whoever is next.", max_length=30),
    ] = ()


class WaitingRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long people wait, and what for."""

    purposes: Annotated[
        tuple[Purpose, ...],
        msgspec.Meta(
            title="Purposes", description="To choose from when a number is taken.", min_length=1, max_length=30
        ),
    ] = ("缴费", "报修", "咨询", "投诉建议", "装修办理", "入住办理", "租售业务", "领取证件")
    minutes: Annotated[
        int,
        msgspec.Meta(
            title="Longest wait", description="Whoever waits longer shows.", ge=1, le=240, extra={"unit": "min"}
        ),
    ] = 15
    counters: Annotated[
        tuple[Counter, ...],
        msgspec.Meta(
            title="Counters",
            description="To choose from when somebody is called; without any the counter is written down.",
            max_length=20,
        ),
    ] = ()

    def purposes_of(self, counter: str) -> tuple[Purpose, ...]:
        """What people come for whom that counter calls; empty: for anything."""
        return next((known.purposes for known in self.counters if known.name == counter), ())


WAITING = PolicySpec(
    name="reception.waiting",
    struct=WaitingRules,
    default=WaitingRules(),
    title="Waiting line",
    help="What people come to the counter for, and how long they should wait.",
    permission=MANAGE.id,
    plugin="reception",
)
