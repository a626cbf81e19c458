"""What a site sets for its billing (BIL-2)."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.sdk import PolicySpec
from plugins.billing.permissions import RECEIPT_VOID, RUN_APPROVE


class RunRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands out when a run is looked at."""

    differs_percent: Annotated[
        int,
        msgspec.Meta(
            title="Stands out from",
            description="A unit whose amount differs by more than this from the period before is listed.",
            ge=0,
            le=1000,
            extra={"unit": "%"},
        ),
    ] = 20


RUN = PolicySpec(
    name="billing.run",
    struct=RunRules,
    default=RunRules(),
    title="Billing runs",
    help="What stands out when a run is looked at before it is issued.",
    permission=RUN_APPROVE.id,
    plugin="billing",
)


class CounterRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a cashier may let go."""

    round_off_most: Annotated[
        int,
        msgspec.Meta(
            title="Rounded off at most",
            description="Whoever may round off leaves out this much of a payment at most; 0: nothing is rounded off.",
            ge=0,
            le=99,
            extra={"unit": "fen"},
        ),
    ] = 99


COUNTER = PolicySpec(
    name="billing.counter",
    struct=CounterRules,
    default=CounterRules(),
    title="Counter",
    help="What holds where money is taken.",
    permission=RECEIPT_VOID.id,
    plugin="billing",
)
ALL = (RUN, COUNTER)
