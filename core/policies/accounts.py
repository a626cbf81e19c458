"""`core.accounts`: how long the links last by which people come into a company."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.policies.spec import PolicySpec


class Accounts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same at all sites of a company."""

    invitation_days: Annotated[
        int,
        msgspec.Meta(
            title="Invitations are good for",
            description="After that a new link is made at the invitation's page.",
            ge=1,
            le=30,
            extra={"unit": "days"},
        ),
    ] = 7


ACCOUNTS = PolicySpec(
    name="core.accounts",
    struct=Accounts,
    default=Accounts(),
    title="Staff accounts",
    help="How long an invitation to work here stays open.",
    permission="policy.manage",
    company_only=True,
)
