"""What a site sets for its complaints: the steps of each kind, who gets what, limits of compensation (CMP-2, CMP-4)."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from core.sdk import PolicySpec, msgid
from plugins.complaints.model import KINDS, STEPS, Kind, StepKind
from plugins.complaints.permissions import MANAGE

Words = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
_Step = Annotated[StepKind, msgspec.Meta(extra={"labels": STEPS})]
_Steps = tuple[_Step, ...]


class Department(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A department that is complained about, and the team that such a complaint goes to."""

    name: Annotated[Words, msgspec.Meta(title="Department")]
    team: Annotated[
        str,
        msgspec.Meta(
            title="Goes to team", description="Its name; empty: the complaint stays where it is.", max_length=60
        ),
    ] = ""


class Handling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How complaints are handled."""

    contact_first: Annotated[
        bool,
        msgspec.Meta(
            title="Contact the complainant first",
            description="No other step is recorded before; anonymous complaints apart.",
        ),
    ] = True
    care_first: Annotated[
        bool,
        msgspec.Meta(
            title="Injury first", description="Where somebody was hurt, that is seen to before anything else."
        ),
    ] = True
    staff: Annotated[
        _Steps, msgspec.Meta(title=KINDS["staff"], description="What has to be done before it is resolved.")
    ] = ("investigate", "apologise", "remedy")
    neighbour: Annotated[
        _Steps,
        msgspec.Meta(title=KINDS["neighbour"], description="Both sides are heard separately, then brought together."),
    ] = ("hear_complainant", "hear_other", "mediate")
    own_cause: Annotated[_Steps, msgspec.Meta(title=KINDS["own_cause"])] = ("investigate", "explain")
    municipal: Annotated[
        _Steps, msgspec.Meta(title=KINDS["municipal"], description="Explained with the authorities involved.")
    ] = ("refer", "explain")
    unfounded: Annotated[_Steps, msgspec.Meta(title=KINDS["unfounded"])] = ("investigate", "explain", "courtesy")
    chase_days: Annotated[
        int,
        msgspec.Meta(
            title="Ask authorities again after",
            description="What an authority has not answered by then is chased.",
            ge=1,
            le=60,
            extra={"unit": "days"},
        ),
    ] = 7
    causes: Annotated[
        tuple[Words, ...],
        msgspec.Meta(title="Causes", description="To choose from; the monthly analysis counts by them.", max_length=40),
    ] = (
        "服务态度",
        "处理不及时",
        "维修质量",
        "噪音扰民",
        "漏水影响",
        "宠物",
        "占用公共区域",
        "停车",
        "保洁",
        "收费",
        "市政停供",
        "误会",
    )
    departments: Annotated[
        tuple[Department, ...],
        msgspec.Meta(
            title="Departments", description="Who is complained about, and which team sees to it.", max_length=30
        ),
    ] = (
        Department("客户服务"),
        Department("工程维修"),
        Department("秩序维护"),
        Department("保洁绿化"),
        Department("财务收费"),
    )

    def steps_of(self, kind: Kind) -> tuple[StepKind, ...]:
        """What has to be done for a complaint of the kind, in order."""
        steps: tuple[StepKind, ...] = getattr(self, kind)
        return steps


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who decides on how much compensation, by the amount."""

    first_yuan: Annotated[
        int,
        msgspec.Meta(
            title="First limit",
            description="Supervisors decide up to it, as do all who may decide at all.",
            ge=0,
            le=1_000_000,
            extra={"unit": "yuan"},
        ),
    ] = 500
    second_yuan: Annotated[
        int,
        msgspec.Meta(
            title="Second limit",
            description="Managers decide up to it; beyond it the quality department does.",
            ge=0,
            le=10_000_000,
            extra={"unit": "yuan"},
        ),
    ] = 5000


HANDLING = PolicySpec(
    name="complaints.handling",
    struct=Handling,
    default=Handling(),
    title=msgid("Handling of complaints"),
    help=msgid("The steps of each kind, who is contacted first, causes and departments."),
    permission=MANAGE.id,
    plugin="complaints",
)
LIMITS = PolicySpec(
    name="complaints.compensation",
    struct=Limits,
    default=Limits(),
    title=msgid("Limits of compensation"),
    help=msgid("Up to which amount whom decides. Nobody decides on what they have proposed."),
    permission=MANAGE.id,
    plugin="complaints",
)
ALL: list[PolicySpec[Any]] = [HANDLING, LIMITS]
