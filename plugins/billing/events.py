"""What billing tells other modules. Payloads carry no personal data."""

RUN_ISSUED = "billing.run_issued.v1"

ALL = (RUN_ISSUED,)
