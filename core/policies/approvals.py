"""`core.approvals`: what a second person has to agree to, and for how long they can."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.policies.spec import PolicySpec


class Approvals(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What counts at a site only once a second person has looked at it (ARC-3)."""

    answer_hours: Annotated[
        int,
        msgspec.Meta(
            title="Time to decide",
            description="After it what was asked lapses and has to be asked again.",
            ge=1,
            le=336,
            extra={"unit": "hours"},
        ),
    ] = 24
    roll_import: Annotated[
        bool,
        msgspec.Meta(
            title="Household rolls need a second person",
            description="Whoever uploads a roll asks for it; somebody else who may import rolls decides.",
        ),
    ] = False


APPROVALS = PolicySpec(
    name="core.approvals",
    struct=Approvals,
    default=Approvals(),
    title="Second look",
    help="What somebody else has to agree to before it counts.",
    permission="policy.manage",
)
