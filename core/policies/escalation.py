"""`core.escalation`: the ladder by which a matter goes up when its time runs out (TKT-6)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from core.errors import FieldError
from core.policies.spec import PolicySpec
from core.policies.values import Unfit

Target = Literal["assignee", "owner", "supervisor", "manager", "quality"]
TARGETS = {
    "assignee": "Assignee",
    "owner": "Owner of the matter",
    "supervisor": "Supervisor",
    "manager": "Site manager",
    "quality": "Quality department",
}
_UNITS = {
    "percent": "% of the time used",
    "minutes": "minutes after the deadline",
    "hours": "hours after the deadline",
}
_GOALS = {
    "any": "Any goal",
    "response": "Response",
    "arrival": "Arrival on site",
    "resolution": "Resolution",
}
_SEVERITIES = {"routine": "All matters", "urgent": "Urgent and critical", "critical": "Critical only"}


class Rung(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step up. `100 percent` and `0 minutes` both are the deadline itself."""

    amount: Annotated[
        int,
        msgspec.Meta(title="When", description="A share of the time, or how long after the deadline.", ge=0, le=10_000),
    ]
    unit: Annotated[
        Literal["percent", "minutes", "hours"],
        msgspec.Meta(
            title="Counted as",
            description="Pauses and closed hours count as they do for the goal.",
            extra={"labels": _UNITS},
        ),
    ]
    to: Annotated[
        Target,
        msgspec.Meta(
            title="Goes up to",
            description="Where there is nobody, the next one up is told; never whom a complaint concerns.",
            extra={"labels": TARGETS},
        ),
    ]
    goal: Annotated[
        Literal["any", "response", "arrival", "resolution"],
        msgspec.Meta(title="Goal", description="Whose time it is that runs out.", extra={"labels": _GOALS}),
    ] = "any"
    severity: Annotated[
        Literal["routine", "urgent", "critical"],
        msgspec.Meta(title="Matters", description="Which ones the step is for.", extra={"labels": _SEVERITIES}),
    ] = "routine"
    quiet: Annotated[
        bool, msgspec.Meta(title="Waits for quiet hours to end", description="No: people are told even at night.")
    ] = True


class Escalation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The ladder. Each rung is climbed once for each goal, whatever happens to the goal afterwards."""

    rungs: Annotated[
        tuple[Rung, ...],
        msgspec.Meta(
            title="Steps",
            description="Each is taken once for each goal. A change replaces the whole list.",
            max_length=20,
        ),
    ]

    def __post_init__(self) -> None:
        problems = [
            FieldError(f"rungs.{index}.amount", "Give a share from 1 to 100 %.")
            for index, rung in enumerate(self.rungs)
            if rung.unit == "percent" and not 1 <= rung.amount <= 100
        ]
        if problems:
            raise Unfit(*problems)


ESCALATION = PolicySpec(
    name="core.escalation",
    struct=Escalation,
    default=Escalation(
        (
            Rung(80, "percent", "assignee"),
            Rung(100, "percent", "supervisor"),
            Rung(100, "percent", "manager", severity="critical", quiet=False),
            Rung(2, "hours", "manager", severity="urgent", quiet=False),
            Rung(24, "hours", "manager"),
        )
    ),
    title="Escalation",
    help="Who is told, step by step, when a promised time runs out: the supervisor first, then the manager.",
    permission="policy.manage",
)
