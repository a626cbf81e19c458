"""What return visits tell other modules and colleagues. Payloads carry no personal data."""

from core.sdk import NoticeSpec, msgid

VISIT_DUE = "returnvisits.visit_due.v1"
VISIT_DONE = "returnvisits.visit_done.v1"
VISIT_FAILED = "returnvisits.visit_failed.v1"
VISIT_ANSWERED = "returnvisits.visit_answered.v1"
VISIT_OVERDUE = "returnvisits.visit_overdue.v1"
REPORT_READY = "returnvisits.report_ready.v1"

ALL = (VISIT_DUE, VISIT_DONE, VISIT_FAILED, VISIT_ANSWERED, VISIT_OVERDUE, REPORT_READY)
_VISIT = "visits/{id}"
# `members` are ids with commas between: visitor, supervisors, managers.
NOTICES = (
    NoticeSpec(event=VISIT_DUE, to="members", text=msgid("A return visit is yours to make."), page=_VISIT),
    NoticeSpec(
        event=VISIT_OVERDUE, to="members", text=msgid("A return visit is overdue."), page=_VISIT, severity="urgent"
    ),
    NoticeSpec(
        event=VISIT_ANSWERED,
        to="members",
        text=msgid("A household is dissatisfied at the return visit: say what is done about it."),
        page=_VISIT,
        severity="urgent",
    ),
    NoticeSpec(
        event=REPORT_READY, to="members", text=msgid("The month's report of return visits is ready."), page="report"
    ),
)
