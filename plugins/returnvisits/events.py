"""What return visits tell other modules. Payloads carry no personal data."""

VISIT_DUE = "returnvisits.visit_due.v1"
VISIT_DONE = "returnvisits.visit_done.v1"
VISIT_FAILED = "returnvisits.visit_failed.v1"
VISIT_OVERDUE = "returnvisits.visit_overdue.v1"
REPORT_READY = "returnvisits.report_ready.v1"

ALL = (VISIT_DUE, VISIT_DONE, VISIT_FAILED, VISIT_OVERDUE, REPORT_READY)
