"""What a site sets for damages. Whether there are any is a matter of its contract: where nothing is said, none are."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Annotated

import msgspec

from core.sdk import Key, PolicySpec, Unfit, msgid
from plugins.billing.permissions import DAMAGES_WAIVE


class DamagesRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which items, how much a day, from when on, and up to how much."""

    codes: Annotated[
        tuple[Key, ...],
        msgspec.Meta(
            title="Fee items that are late at a price",
            description="Their codes. Empty: no damages at this site. What is collected for others bears none of ours.",
            max_length=50,
        ),
    ] = ()
    charged_by: Annotated[
        str,
        msgspec.Meta(
            title="Charged by the fee item",
            description="The code of an item of its own for damages. Empty: they are shown and not charged.",
            pattern=r"^([a-z][a-z0-9_]{0,39})?\Z",
            extra={"mend": "Use small letters, digits and underscores."},
        ),
    ] = ""
    daily_rate: Annotated[
        str,
        msgspec.Meta(
            title="A day, of what is open",
            description="In ten-thousandths, such as 3 or 0.5.",
            pattern=r"^[0-9]{1,2}(\.[0-9]{1,4})?\Z",
            extra={"unit": "‱", "mend": "Give ten-thousandths such as 3 or 0.5."},
        ),
    ] = "3"
    grace_days: Annotated[
        int,
        msgspec.Meta(
            title="Days of grace",
            description="Whoever pays within these owes no damages.",
            ge=0,
            le=366,
            extra={"unit": "d"},
        ),
    ] = 0
    from_due: Annotated[
        bool,
        msgspec.Meta(
            title="From the day after it was due",
            description="Otherwise from the day after the days of grace.",
        ),
    ] = True
    cap_percent: Annotated[
        int,
        msgspec.Meta(
            title="At most, of what was late",
            description="0: without a limit.",
            ge=0,
            le=100,
            extra={"unit": "%"},
        ),
    ] = 30

    def __post_init__(self) -> None:
        if self.charged_by and self.charged_by in self.codes:
            raise Unfit.field("charged_by", msgid("Damages bear no damages: choose an item that is not in the list."))

    @property
    def rate(self) -> Fraction:
        """Of what is open, a day."""
        return Fraction(Decimal(self.daily_rate)) / 10_000

    @property
    def cap(self) -> Fraction | None:
        """As a part of the principal; None: no limit."""
        return Fraction(self.cap_percent, 100) if self.cap_percent else None


DAMAGES = PolicySpec(
    name="billing.damages",
    struct=DamagesRules,
    default=DamagesRules(),
    title="Damages for late payment",
    help="Which fee items bear damages, how much a day, from when on and up to how much.",
    permission=DAMAGES_WAIVE.id,
    plugin="billing",
)
