"""The kind of ticket that work orders are (REP-1, REP-3), and what can be out of order."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from core.sdk import Duration, GoalSpec, Stage, Ticket, TicketType, Transition, msgid

ORDER: Final = "repairs.order"

Item = Literal[
    "",
    "pipes",
    "wiring",
    "waterproofing",
    "doors_windows",
    "walls",
    "heating_cooling",
    "structure",
    "lift",
    "access",
    "lighting",
    "fixtures",
    "other",
]
ITEMS: Final[dict[str, str]] = {
    "": msgid("Not yet known"),
    "pipes": msgid("Water and drains"),
    "wiring": msgid("Wiring"),
    "waterproofing": msgid("Waterproofing"),
    "doors_windows": msgid("Doors and windows"),
    "walls": msgid("Walls and floors"),
    "heating_cooling": msgid("Heating and cooling"),
    "structure": msgid("Structure"),
    "lift": msgid("Lift"),
    "access": msgid("Entry system"),
    "lighting": msgid("Lighting"),
    "fixtures": msgid("Fittings and appliances"),
    "other": msgid("Other"),
}


class OrderFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the repair form asks for besides (REP-1); neither keeps a report from being taken down."""

    item: Annotated[
        Item,
        msgspec.Meta(
            title="What is out of order",
            description="Decides on the warranty and the trade.",
            extra={"labels": ITEMS},
        ),
    ] = ""
    spot: Annotated[
        str,
        msgspec.Meta(title="Exact place", description="Such as: kitchen, under the sink, left valve.", max_length=100),
    ] = ""


def item_of(ticket: Ticket) -> str:
    """What is out of order with it; "" if that is not known yet."""
    return str(ticket.fields.get("item") or "")


# Progress is told while the work goes on, as for any repair (TKT-5).
_PROGRESS = GoalSpec(
    name="progress",
    title="Progress told",
    starts=("accept", "claim", "reopen"),
    stops=("resolve",),
    routine=Duration(1, "working_days", "working"),
    urgent=Duration(4, "hours"),
    critical=Duration(2, "hours"),
)

TYPE: Final = TicketType(
    id=ORDER,
    title=msgid("Work order"),
    counts_as="repair",
    stages=(
        Stage("reported", msgid("Waiting for response"), "new"),
        Stage("accepted", msgid("Accepted"), "accepted"),
        Stage("on_way", msgid("On the way"), "accepted"),
        Stage("arrived", msgid("On site"), "arrived"),
        Stage("working", msgid("Work under way"), "arrived"),
    ),
    transitions=(
        Transition(name="set_off", title=msgid("Set off"), sources=("accepted",), to="on_way", icon="walk"),
        Transition(name="start_work", title=msgid("Start work"), sources=("arrived",), to="working", icon="tools"),
    ),
    goals=(_PROGRESS,),
    fields=OrderFields,
    signed=True,
)
