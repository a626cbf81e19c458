"""`core.privacy`: how long what concerns people's own data is kept."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from core.policies.spec import PolicySpec


class PrivacyRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is kept, and how long."""

    export_days: Annotated[
        int,
        msgspec.Meta(
            title="Days that an export of personal data can be fetched",
            description="After that the file is deleted. It lies sealed until then.",
            ge=1,
            le=30,
        ),
    ] = 7
    accounts_years: Annotated[
        int,
        msgspec.Meta(
            title="Years that accounts are kept",
            description="Who agreed to a charge or was compensated cannot be erased sooner.",
            ge=0,
            le=30,
        ),
    ] = 10
    closed_months: Annotated[
        int,
        msgspec.Meta(
            title="Months that closed tickets name whoever reported them",
            description="Then name, number and convenient time are emptied; 0: as long as the ticket is kept.",
            ge=0,
            le=240,
        ),
    ] = 0
    notice_days: Annotated[
        int,
        msgspec.Meta(
            title="Days that notifications and sent messages are kept",
            description="Those still on their way are left alone.",
            ge=7,
            le=365,
        ),
    ] = 90
    session_days: Annotated[
        int,
        msgspec.Meta(
            title="Days that ended sign-ins are kept",
            description="With the device they were made from.",
            ge=7,
            le=365,
        ),
    ] = 90


PRIVACY: Final = PolicySpec(
    name="core.privacy",
    struct=PrivacyRules,
    default=PrivacyRules(),
    title="Privacy",
    help="How long personal data is kept.",
    permission="policy.manage",
    company_only=True,
)
