"""What a site sets for its work orders (REP-3, REP-6)."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from core.sdk import PolicySpec
from plugins.repairs.permissions import MANAGE
from plugins.repairs.visits.policy import VISITS
from plugins.repairs.warranty.policy import WARRANTY

Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class WorkRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a work order waits for, needs before it is done, and when it is one too many."""

    pause_reasons: Annotated[
        tuple[Reason, ...],
        msgspec.Meta(
            title="What work waits for",
            description="To choose from when an order is paused.",
            min_length=1,
            max_length=20,
        ),
    ] = ("等待配件", "业主不在家", "天气原因", "等待施工单位", "其他")
    item_needed: Annotated[
        bool,
        msgspec.Meta(title="Item needed", description="An order is done only once it says what was out of order."),
    ] = False
    photos_before: Annotated[
        int, msgspec.Meta(title="Photos from before the work", description="At least so many.", ge=0, le=10)
    ] = 0
    photos_after: Annotated[
        int, msgspec.Meta(title="Photos from after the work", description="At least so many.", ge=0, le=10)
    ] = 0
    estimate_above_yuan: Annotated[
        int,
        msgspec.Meta(
            title="Estimate above",
            description="What costs more is agreed with the resident before the work starts.",
            ge=0,
            le=100_000,
            extra={"unit": "yuan"},
        ),
    ] = 200
    repeat_times: Annotated[
        int,
        msgspec.Meta(
            title="Repaired too often",
            description="So many orders about the same thing within a year are flagged.",
            ge=2,
            le=20,
        ),
    ] = 3


WORK = PolicySpec(
    name="repairs.work",
    struct=WorkRules,
    default=WorkRules(),
    title="Work orders",
    help="What work waits for, what an order needs before it is done, and when the same thing is repaired too often.",
    permission=MANAGE.id,
    plugin="repairs",
)
ALL: tuple[PolicySpec[Any], ...] = (WORK, VISITS, WARRANTY)
