"""`core.sla_targets`: the times promised per severity, and what categories have of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from core.policies.spec import PolicySpec
from core.policies.values import TIME_WORDS, Duration, Key
from core.sla import Goal
from core.sla.model import ClockKind

if TYPE_CHECKING:
    from core.hooks.types import GoalSpec

Severity = Literal["routine", "urgent", "critical"]

_LABELS = {**TIME_WORDS, "none": "No goal", "general": "As for all categories"}
Promise = Annotated[Duration | None, msgspec.Meta(extra={"labels": _LABELS})]
CategoryPromise = Annotated[Duration | Literal["general"] | None, msgspec.Meta(extra={"labels": _LABELS})]


class Promises(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is owed at one severity; None: no goal."""

    response: Annotated[Promise, msgspec.Meta(title="Response")]
    arrival: Annotated[Promise, msgspec.Meta(title="Arrival on site")]
    resolution: Annotated[Promise, msgspec.Meta(title="Resolution")]


class CategoryPromises(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a category owes at one severity; `general`: the same as any category."""

    response: Annotated[CategoryPromise, msgspec.Meta(title="Response")] = "general"
    arrival: Annotated[CategoryPromise, msgspec.Meta(title="Arrival on site")] = "general"
    resolution: Annotated[CategoryPromise, msgspec.Meta(title="Resolution")] = "general"


class CategoryTargets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The promises of one category by severity."""

    routine: Annotated[CategoryPromises, msgspec.Meta(title="Routine")] = CategoryPromises()
    urgent: Annotated[CategoryPromises, msgspec.Meta(title="Urgent")] = CategoryPromises()
    critical: Annotated[CategoryPromises, msgspec.Meta(title="Critical")] = CategoryPromises()


GoalPromise = Annotated[
    Duration | Literal["declared"] | None, msgspec.Meta(extra={"labels": {**_LABELS, "declared": "As its kind has it"}})
]


class GoalPromises(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a further goal of a kind of ticket owes by severity; `declared`: what the kind says itself."""

    routine: Annotated[GoalPromise, msgspec.Meta(title="Routine")] = "declared"
    urgent: Annotated[GoalPromise, msgspec.Meta(title="Urgent")] = "declared"
    critical: Annotated[GoalPromise, msgspec.Meta(title="Critical")] = "declared"


class SlaTargets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Promises by severity, and per category where it differs."""

    routine: Annotated[
        Promises,
        msgspec.Meta(
            title="Routine",
            description="Response: until somebody accepts the matter. Arrival: until somebody is there. Resolution: "
            "until it is done. Working time stands still outside the site's shifts.",
        ),
    ]
    urgent: Annotated[Promises, msgspec.Meta(title="Urgent", description="Matters in which waiting does harm.")]
    critical: Annotated[
        Promises, msgspec.Meta(title="Critical", description="Danger to people, or damage that grows by the minute.")
    ]
    categories: Annotated[
        dict[Key, CategoryTargets],
        msgspec.Meta(
            title="By category",
            description="Only what a category has of its own; the rest follows the times above.",
            max_length=100,
        ),
    ] = {}
    goals: Annotated[
        dict[Key, GoalPromises],
        msgspec.Meta(
            title="Further goals",
            description="Each is named after the kind of ticket and the goal, such as complaint_progress.",
            max_length=100,
        ),
    ] = {}


def goals_for(targets: SlaTargets, category: str, severity: Severity) -> tuple[Goal, ...]:
    """What a ticket owes: response, arrival, resolution in this order, less those that are not promised."""
    general: Promises = getattr(targets, severity)
    own: CategoryPromises = getattr(targets.categories.get(category, CategoryTargets()), severity)
    goals = []
    for name in general.__struct_fields__:
        promise = getattr(own, name)
        if promise == "general":
            promise = getattr(general, name)
        if promise is not None:
            goals.append(Goal(name, promise.amount, promise.unit, promise.clock))
    return tuple(goals)


def key_of(type_id: str, goal: str) -> str:
    """Under which name `SlaTargets.goals` has the goal of a type."""
    return f"{type_id.replace('.', '_')}_{goal}"[:40]


def amount_of(targets: SlaTargets, type_id: str, spec: GoalSpec, severity: Severity) -> Goal | None:
    """A further goal of a type as the site wants it; None where it is not owed."""
    promise = getattr(targets.goals.get(key_of(type_id, spec.name), GoalPromises()), severity)
    if promise == "declared":
        promise = getattr(spec, severity)
    return None if promise is None else Goal(spec.name, promise.amount, promise.unit, promise.clock)


def _minutes(amount: int, clock: ClockKind = "elapsed") -> Duration:
    return Duration(amount, "minutes", clock)


def _hours(amount: int, clock: ClockKind = "elapsed") -> Duration:
    return Duration(amount, "hours", clock)


# CMP-3: answered within 24 h, major ones told the result within 3 days. Someone goes there only if it is urgent.
_COMPLAINT = CategoryPromises(response=_hours(24), resolution=Duration(3, "days"))

SLA_TARGETS = PolicySpec(
    name="core.sla_targets",
    struct=SlaTargets,
    default=SlaTargets(
        routine=Promises(_minutes(30, "working"), _hours(4, "working"), Duration(2, "working_days", "working")),
        # REP-2: urgent repairs have someone on site within 30 minutes, day and night.
        urgent=Promises(_minutes(10), _minutes(30), _hours(4)),
        critical=Promises(_minutes(5), _minutes(30), _hours(2)),
        categories={
            "plumbing_electric": CategoryTargets(
                routine=CategoryPromises(_minutes(15, "working"), _hours(2, "working"), _hours(4, "working")),
                urgent=CategoryPromises(arrival=_minutes(15), resolution=_hours(2)),
                critical=CategoryPromises(arrival=_minutes(15)),
            ),
            "lift": CategoryTargets(
                routine=CategoryPromises(_minutes(15), _minutes(60), _hours(8)),
                urgent=CategoryPromises(response=_minutes(5), resolution=_hours(2)),
            ),
            "access": CategoryTargets(
                routine=CategoryPromises(_minutes(10), _minutes(60), _hours(8, "working")),
            ),
            "cleaning": CategoryTargets(
                routine=CategoryPromises(resolution=_hours(8, "working")),
            ),
            "noise": CategoryTargets(
                routine=msgspec.structs.replace(_COMPLAINT, arrival=None), urgent=_COMPLAINT, critical=_COMPLAINT
            ),
            "fees": CategoryTargets(
                routine=CategoryPromises(arrival=None, resolution=_hours(8, "working")),
                urgent=CategoryPromises(arrival=None),
                critical=CategoryPromises(arrival=None),
            ),
        },
    ),
    title="Promised times",
    help="How soon someone responds, arrives and resolves a matter, by severity and by category.",
    permission="policy.manage",
)
