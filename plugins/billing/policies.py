"""What a site sets for its billing (BIL-2)."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.sdk import PolicySpec
from plugins.billing.arrears import policies as arrears
from plugins.billing.arrears.damages.policy import DAMAGES
from plugins.billing.permissions import CASH_CLOSE, RECEIPT_VOID, RUN_APPROVE


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


class ClosingRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is out of the ordinary when a day or a week of cash is closed (BIL-4)."""

    difference_yuan: Annotated[
        int,
        msgspec.Meta(
            title="Difference allowed",
            description="Of what was counted from what the ledger says, by each means. Managers are told of more.",
            ge=0,
            le=10_000,
            extra={"unit": "yuan"},
        ),
    ] = 0
    large_yuan: Annotated[
        int,
        msgspec.Meta(
            title="Large amount",
            description="A payment or refund of this much or more is listed.",
            ge=1,
            le=100_000_000,
            extra={"unit": "yuan"},
        ),
    ] = 10_000
    back_times: Annotated[
        int,
        msgspec.Meta(
            title="Back and forth",
            description="A unit to which money was given back this often within the days below is listed.",
            ge=1,
            le=100,
            extra={"unit": "times"},
        ),
    ] = 2
    back_days: Annotated[
        int,
        msgspec.Meta(
            title="Days of back and forth",
            description="Days that are looked at, up to the one that is closed.",
            ge=1,
            le=366,
            extra={"unit": "days"},
        ),
    ] = 30
    arrears_yuan: Annotated[
        int,
        msgspec.Meta(
            title="Large arrears",
            description="Units that owe this much or more, and are overdue, are listed: the twenty largest.",
            ge=1,
            le=100_000_000,
            extra={"unit": "yuan"},
        ),
    ] = 5_000


CLOSING = PolicySpec(
    name="billing.closing",
    struct=ClosingRules,
    default=ClosingRules(),
    title="Cash closing",
    help="What is listed and told to managers when shifts, days and weeks of cash are closed.",
    permission=CASH_CLOSE.id,
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
ALL = (RUN, CLOSING, COUNTER, *arrears.ALL, DAMAGES)
