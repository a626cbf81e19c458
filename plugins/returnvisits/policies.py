"""What a site sets for its return visits: after what, how soon, by whom, and how many (VIS-1 to VIS-3)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from core.sdk import FieldError, Key, PolicySpec, TicketTypeId, Unfit
from plugins.returnvisits.permissions import MANAGE

After = Literal["resolved", "closed"]
Visitor = Literal["desk", "steward", "supervisor", "manager"]
Way = Literal["any", "phone", "visit", "onsite"]
Severities = Literal["routine", "urgent", "critical"]
DueUnit = Literal["working_days", "days"]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
_VISITORS = {
    "desk": "Front desk",
    "steward": "Steward of the area",
    "supervisor": "Supervisor",
    "manager": "Site manager",
}
_WAYS = {"any": "Any way", "phone": "By telephone", "visit": "Visit at home", "onsite": "On site"}


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """After which matters a visit is owed, for what share of them, how soon and by whom."""

    key: Annotated[Key, msgspec.Meta(title="Key", description="Draws keep it: do not reuse one for another rule.")]
    title: Annotated[
        str, msgspec.Meta(title="Name", description="As it stands on lists and reports.", min_length=1, max_length=30)
    ]
    kinds: Annotated[
        tuple[TicketTypeId, ...],
        msgspec.Meta(title="Kinds of ticket", description="After these a visit is owed.", min_length=1),
    ]
    percent: Annotated[
        int, msgspec.Meta(title="Share", description="Drawn by the system.", ge=1, le=100, extra={"unit": "%"})
    ]
    due_amount: Annotated[int, msgspec.Meta(title="Within", description="Counted from then on.", ge=1, le=366)]
    due_unit: Annotated[
        DueUnit,
        msgspec.Meta(
            title="Counted in",
            description="Working days are those of the site's calendar.",
            extra={"labels": {"working_days": "Working days", "days": "Days"}},
        ),
    ]
    visitor: Annotated[
        Visitor,
        msgspec.Meta(
            title="Visited by",
            description="Where nobody looks after the building, the front desk.",
            extra={"labels": _VISITORS},
        ),
    ] = "steward"
    way: Annotated[Way, msgspec.Meta(title="How", description="What the visit has to be.", extra={"labels": _WAYS})] = (
        "any"
    )
    after: Annotated[
        After,
        msgspec.Meta(
            title="After it is",
            description="The step that the time runs from.",
            extra={"labels": {"resolved": "Resolved", "closed": "Closed"}},
        ),
    ] = "resolved"
    fails: Annotated[
        Literal["rework", "follow_up"],
        msgspec.Meta(
            title="One that fails",
            description="What a household that is not content leads to.",
            extra={"labels": {"rework": "Goes back to work", "follow_up": "New ticket"}},
        ),
    ] = "rework"
    earliest_days: Annotated[
        int, msgspec.Meta(title="Not before", description="0: at once.", ge=0, le=365, extra={"unit": "d"})
    ] = 0
    categories: Annotated[
        tuple[Key, ...], msgspec.Meta(title="Categories", description="Keys of the site's categories; none: any.")
    ] = ()
    severity: Annotated[
        Severities,
        msgspec.Meta(
            title="Matters",
            description="Which ones the rule is for.",
            extra={
                "labels": {"routine": "All matters", "urgent": "Urgent and critical", "critical": "Critical only"},
            },
        ),
    ] = "routine"
    field: Annotated[
        str,
        msgspec.Meta(
            title="Field",
            description="A field of the kind that is looked at besides; empty: none.",
            pattern=r"^([a-z][a-z0-9_]{0,39})?\Z",
            extra={"mend": "Use small letters, digits and underscores."},
        ),
    ] = ""
    values: Annotated[
        tuple[Word, ...], msgspec.Meta(title="Its values", description="The rule is for these alone.", max_length=30)
    ] = ()


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rules of a site. The first that fits a matter is the one that counts."""

    rules: Annotated[
        tuple[Rule, ...],
        msgspec.Meta(
            title="Rules",
            description="The first that fits a matter counts. A change replaces the whole list; "
            "a share takes effect with the next month.",
            max_length=30,
        ),
    ]

    def __post_init__(self) -> None:
        keys = [rule.key for rule in self.rules]
        problems = [
            FieldError(f"rules.{index}.key", "Use each key once: {key} is there already.", {"key": key})
            for index, key in enumerate(keys)
            if key in keys[:index]
        ]
        problems += [
            FieldError(f"rules.{index}.values", "Name the field and its values, or neither.")
            for index, rule in enumerate(self.rules)
            if bool(rule.field) != bool(rule.values)
        ]
        if problems:
            raise Unfit(*problems)


class Handling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How visits are made, and what follows from one that fails."""

    phone_tries: Annotated[
        int,
        msgspec.Meta(
            title="Calls without an answer", description="After so many the household is visited.", ge=1, le=10
        ),
    ] = 3
    again_hours: Annotated[
        int,
        msgspec.Meta(
            title="Tried again after",
            description="Proposed where nobody was reached.",
            ge=1,
            le=168,
            extra={"unit": "h"},
        ),
    ] = 24
    reopen_days: Annotated[
        int,
        msgspec.Meta(
            title="Goes back to work",
            description="Within so many days after it was resolved; later a new ticket refers to it.",
            ge=0,
            le=365,
            extra={"unit": "d"},
        ),
    ] = 30
    recheck_days: Annotated[
        int,
        msgspec.Meta(
            title="Visited again within",
            description="After what failed was done again.",
            ge=1,
            le=60,
            extra={"unit": "d"},
        ),
    ] = 3
    satisfied_percent: Annotated[
        int,
        msgspec.Meta(
            title="Satisfied households", description="The target, in percent.", ge=1, le=100, extra={"unit": "%"}
        ),
    ] = 90


class Regular(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Visits that no matter leads to (VIS-3)."""

    manager_per_year: Annotated[
        int,
        msgspec.Meta(
            title="Manager's rounds a year",
            description="Each group of households (a building) is visited so often; 0: not at all.",
            ge=0,
            le=5,
        ),
    ] = 2
    steward_percent: Annotated[
        int,
        msgspec.Meta(
            title="Stewards' rounds",
            description="Share of the area's households that a steward visits in a quarter; 0: none.",
            ge=0,
            le=100,
            extra={"unit": "%"},
        ),
    ] = 0


_REPAIRS: tuple[str, ...] = ("repair", "repairs.order")
_COMPLAINTS: tuple[str, ...] = ("complaint", "complaints.complaint")
RULES = PolicySpec(
    name="returnvisits.rules",
    struct=Rules,
    default=Rules(
        (
            Rule(
                "complaint_major",
                "重大投诉",
                _COMPLAINTS,
                100,
                3,
                "days",
                "manager",
                fails="follow_up",
                severity="critical",
            ),
            Rule("complaint", "投诉", _COMPLAINTS, 100, 3, "days", fails="follow_up"),
            Rule("repair_safety", "安全类维修", _REPAIRS, 100, 2, "working_days", "desk", severity="urgent"),
            Rule("repair", "一般维修", _REPAIRS, 30, 2, "working_days", "desk"),
        )
    ),
    title="Return visits",
    help="After which matters a return visit is owed, for what share of them, how soon and by whom.",
    permission=MANAGE.id,
    plugin="returnvisits",
)
HANDLING = PolicySpec(
    name="returnvisits.handling",
    struct=Handling,
    default=Handling(),
    title="Making return visits",
    help="Unanswered calls, what follows from a visit that fails, and the target of satisfaction.",
    permission=MANAGE.id,
    plugin="returnvisits",
)
REGULAR = PolicySpec(
    name="returnvisits.regular",
    struct=Regular,
    default=Regular(),
    title="Regular visits",
    help="How often the manager and the stewards visit households without being called.",
    permission=MANAGE.id,
    plugin="returnvisits",
)
ALL = (RULES, HANDLING, REGULAR)
