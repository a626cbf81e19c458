"""What complaints tell other modules. Payloads carry no personal data."""

KIND_FOUND = "complaints.kind_found.v1"
LEVEL_CHANGED = "complaints.level_changed.v1"
INJURY_REPORTED = "complaints.injury_reported.v1"
COMPENSATION_PROPOSED = "complaints.compensation_proposed.v1"
COMPENSATION_APPROVED = "complaints.compensation_approved.v1"
COMPENSATION_REFUSED = "complaints.compensation_refused.v1"
COMPENSATION_PAID = "complaints.compensation_paid.v1"
MONTH_SIGNED = "complaints.month_signed_off.v1"

ALL = (
    KIND_FOUND,
    LEVEL_CHANGED,
    INJURY_REPORTED,
    COMPENSATION_PROPOSED,
    COMPENSATION_APPROVED,
    COMPENSATION_REFUSED,
    COMPENSATION_PAID,
    MONTH_SIGNED,
)
