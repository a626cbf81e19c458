"""What a site sets for its billing (BIL-2)."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.sdk import PolicySpec
from plugins.billing.arrears import policies as arrears
from plugins.billing.arrears.damages.policy import DAMAGES
from plugins.billing.permissions import RUN_APPROVE


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
ALL = (RUN, *arrears.ALL, DAMAGES)
