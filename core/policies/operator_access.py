"""`core.operator_access`: whether those who operate the platform may enter by themselves, and for how long."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from core.policies.spec import PolicySpec

LONGEST: Final = 8  # hours, whatever a company says
MANAGE: Final = "operator_access.manage"
Consent = Literal["told", "asked_first"]
_CONSENT: Final = {
    "told": "They enter and we are told",
    "asked_first": "One of us has to agree first",
}


class OperatorAccessRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same at all sites of a company."""

    consent: Annotated[
        Consent,
        msgspec.Meta(
            title="Access by the operator",
            description="Either way we see why, until when, and everything that was looked at, and can end it at once.",
            extra={"labels": _CONSENT},
        ),
    ] = "told"
    longest_hours: Annotated[
        int,
        msgspec.Meta(
            title="At most for",
            description="Nobody can make an access longer; a new one has to be given a reason again.",
            ge=1,
            le=LONGEST,
            extra={"unit": "hours"},
        ),
    ] = 4


OPERATOR_ACCESS = PolicySpec(
    name="core.operator_access",
    struct=OperatorAccessRules,
    default=OperatorAccessRules(),
    title="Access by the operator",
    help="Whether those who operate the platform ask before they enter, and how long they may stay.",
    permission=MANAGE,
    company_only=True,
)
