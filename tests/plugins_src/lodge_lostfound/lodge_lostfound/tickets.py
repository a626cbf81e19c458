"""Claims: somebody asks for a thing they lost; it is looked for, found or not, and handed over."""

from typing import Annotated, Literal

import msgspec

from core.sdk import Duration, GoalSpec, Stage, TicketType, Transition
from lodge_lostfound.permissions import REGISTER


class ClaimFields(msgspec.Struct, frozen=True):
    """What a claim asks for besides."""

    what: Annotated[str, msgspec.Meta(title="What was lost", min_length=2, max_length=60)]
    worth: Annotated[
        Literal["small", "large"],
        msgspec.Meta(title="Worth", extra={"labels": {"small": "Small", "large": "Large"}}),
    ] = "small"


CLAIM = TicketType(
    id="lostfound.claim",
    title="Claim of lost property",
    stages=(
        Stage("reported", "Reported", "new"),
        Stage("searching", "Being looked for", "accepted"),
        Stage("found", "Found, waiting for the owner", "accepted"),
        Stage("handed_over", "Handed over", "resolved"),
    ),
    transitions=(
        Transition(name="search", title="Look for it", sources=("reported",), to="searching", icon="search"),
        Transition(
            name="found",
            title="It is found",
            sources=("reported", "searching"),
            to="found",
            text="Say where it was found.",
            icon="checks",
        ),
        Transition(
            name="hand_over",
            title="Hand it over",
            sources=("found",),
            to="handed_over",
            permission=REGISTER.id,
            icon="gift",
        ),
    ),
    goals=(
        GoalSpec(name="search", title="Looked for", routine=Duration(2, "days"), stops=("found",)),
        GoalSpec(
            name="collection",
            title="Collected",
            starts=("found",),
            stops=("hand_over",),
            routine=Duration(30, "days"),
            urgent=Duration(7, "days"),
        ),
    ),
    replaces=frozenset({"accept", "claim", "arrive", "resolve"}),
    fields=ClaimFields,
)
