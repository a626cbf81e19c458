"""What a site sets for what it publishes to everybody (BIL-1, BIL-8)."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from core.sdk import PolicySpec
from plugins.billing.permissions import DISCLOSURE_PUBLISH


class PublicRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the public page shows, and what was there before Lodge."""

    prices: Annotated[
        bool,
        msgspec.Meta(
            title="Price list", description="The public page shows what is charged, from when on, and what comes."
        ),
    ] = True
    disclosures: Annotated[
        bool,
        msgspec.Meta(
            title="Income and expenses", description="The public page shows the disclosures that were published."
        ),
    ] = True
    balance_fen: Annotated[
        int,
        msgspec.Meta(
            title="Left over before Lodge",
            description="With what the first period begins; below 0 where more was spent than had come in.",
            ge=-(10**12),
            le=10**12,
            extra={"unit": "fen"},
        ),
    ] = 0


PUBLIC: Final = PolicySpec(
    name="billing.public",
    struct=PublicRules,
    default=PublicRules(),
    title="Public page of fees",
    help="What anybody with the site's link can read without an account: prices, income and expenses.",
    permission=DISCLOSURE_PUBLISH.id,
    plugin="billing",
)
ALL: Final = (PUBLIC,)
