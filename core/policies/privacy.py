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


PRIVACY: Final = PolicySpec(
    name="core.privacy",
    struct=PrivacyRules,
    default=PrivacyRules(),
    title="Privacy",
    help="How long personal data is kept.",
    permission="policy.manage",
    company_only=True,
)
