"""What the module emits; ids and figures, no personal data."""

from typing import Final

WARRANTY_DECIDED: Final = "repairs.warranty_decided.v1"
VISIT_BOOKED: Final = "repairs.visit_booked.v1"
VISIT_CANCELLED: Final = "repairs.visit_cancelled.v1"
ESTIMATE_AGREED: Final = "repairs.estimate_agreed.v1"
CHARGE_CONFIRMED: Final = "repairs.charge_confirmed.v1"
CHARGE_WAIVED: Final = "repairs.charge_waived.v1"

ALL: Final = (
    WARRANTY_DECIDED,
    VISIT_BOOKED,
    VISIT_CANCELLED,
    ESTIMATE_AGREED,
    CHARGE_CONFIRMED,
    CHARGE_WAIVED,
)
