"""What a site sets for codes that people pay by (BIL-3)."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from core.sdk import PolicySpec
from plugins.billing.permissions import PROVIDER_SET


class PaymentRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a code is good."""

    code_minutes: Annotated[
        int,
        msgspec.Meta(
            title="A code is good for",
            description="After that it is closed with the provider; what is paid all the same is not lost.",
            ge=2,
            le=120,
            extra={"unit": "minutes"},
        ),
    ] = 15


PAYMENTS: Final = PolicySpec(
    name="billing.payments",
    struct=PaymentRules,
    default=PaymentRules(),
    title="Payment by code",
    help="What holds for codes that are shown at the counter.",
    permission=PROVIDER_SET.id,
    plugin="billing",
)
ALL: Final = (PAYMENTS,)
