"""`core.assignment`: how a new matter comes to somebody's hands, and what counts as how much work."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from core.policies.spec import PolicySpec

Mode = Literal["suggest", "round_robin", "claim"]
_MODES = {
    "suggest": "Somebody assigns; the best are suggested",
    "round_robin": "The best candidate gets it at once",
    "claim": "It waits with the team until a member takes it",
}
Points = Annotated[int, msgspec.Meta(ge=0, le=20)]


class Assignment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How tickets of a site are given out."""

    mode: Annotated[
        Mode,
        msgspec.Meta(title="New tickets", description="What happens to a ticket nobody was named for.",
                     extra={"labels": _MODES}),
    ] = "suggest"  # fmt: skip
    only_on_duty: Annotated[
        bool,
        msgspec.Meta(
            title="On duty only",
            description="Only who is on duty is given tickets without being asked. Teams that keep no roster count as "
            "on duty.",
        ),
    ] = True
    routine_points: Annotated[
        Points,
        msgspec.Meta(
            title="Work of a routine ticket",
            description="What somebody has in hand is added up; who has less is suggested first.",
            extra={"unit": "points"},
        ),
    ] = 2
    urgent_points: Annotated[
        Points,
        msgspec.Meta(
            title="Work of an urgent ticket",
            description="Compared with a routine one.",
            extra={"unit": "points"},
        ),
    ] = 4
    critical_points: Annotated[
        Points,
        msgspec.Meta(
            title="Work of a critical ticket",
            description="Compared with a routine one.",
            extra={"unit": "points"},
        ),
    ] = 6
    paused_points: Annotated[
        Points,
        msgspec.Meta(title="Work of a paused ticket", description="Whatever its severity.", extra={"unit": "points"}),
    ] = 1


ASSIGNMENT = PolicySpec(
    name="core.assignment",
    struct=Assignment,
    default=Assignment(),
    title="Assignment",
    help="Who gets a new ticket, and how much work each kind of ticket is taken for.",
    permission="policy.manage",
)
