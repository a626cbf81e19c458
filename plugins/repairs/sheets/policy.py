"""What a site sets for its work contact sheets (REP-4)."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.sdk import PolicySpec
from plugins.repairs.permissions import MANAGE


class SheetRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How builders are chased, in calendar days."""

    chase_days: Annotated[
        int,
        msgspec.Meta(
            title="Chase the builder every",
            description="The next chase is due so many days after the last one, or on the promised day.",
            ge=1,
            le=60,
            extra={"unit": "days"},
        ),
    ] = 3
    promise_days: Annotated[
        int,
        msgspec.Meta(
            title="Longest promise",
            description="A date later than this is not taken from a builder.",
            ge=1,
            le=365,
            extra={"unit": "days"},
        ),
    ] = 30
    accept_days: Annotated[
        int,
        msgspec.Meta(
            title="Have it accepted within",
            description="Once the builder is done, the owner is asked to accept the work within so many days.",
            ge=1,
            le=60,
            extra={"unit": "days"},
        ),
    ] = 3


SHEETS = PolicySpec(
    name="repairs.sheets",
    struct=SheetRules,
    default=SheetRules(),
    title="Work contact sheets",
    help="How builders are held to what they promise about defects under their warranty.",
    permission=MANAGE.id,
    plugin="repairs",
)
