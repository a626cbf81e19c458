"""The kind of ticket that a complaint is: what is asked when it is taken in, and what it is promised (CMP-1, CMP-3)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

import msgspec

from core.sdk import Duration, GoalSpec, TicketType

TYPE = "complaints.complaint"
MAJOR: Final = "critical"
"""The severity at which a complaint counts as major; what is promised and who is told follow from it."""


class Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When and where it happened and whom it is about; the course of events is the ticket's description."""

    happened_on: Annotated[date | None, msgspec.Meta(title="Day it happened")] = None
    happened_at: Annotated[str, msgspec.Meta(title="Time of day", max_length=40)] = ""
    happened_where: Annotated[str, msgspec.Meta(title="Where it happened", max_length=100)] = ""
    about: Annotated[
        str,
        msgspec.Meta(
            title="About whom",
            description="Persons or department complained about; a colleague is chosen below, by name.",
            max_length=100,
        ),
    ] = ""
    injury: Annotated[bool, msgspec.Meta(title="Somebody was hurt")] = False
    anonymous: Annotated[
        bool, msgspec.Meta(title="Anonymous", description="The answer is then published instead of given.")
    ] = False


COMPLAINT = TicketType(
    id=TYPE,
    title="Complaint case",
    goals=(
        GoalSpec(
            name="answer",
            title="Answer to the complainant",
            stops=("answer",),
            routine=Duration(24, "hours"),
            urgent=Duration(24, "hours"),
            critical=Duration(72, "hours"),
        ),
        GoalSpec(
            name="progress",
            title="Progress told",
            starts=("accept", "claim", "reopen"),
            stops=("resolve",),
            routine=Duration(1, "working_days", "working"),
            urgent=Duration(4, "hours"),
            critical=Duration(1, "days"),
        ),
    ),
    fields=Facts,
    counts_as="complaint",
)
