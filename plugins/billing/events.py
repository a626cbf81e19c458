"""What billing tells other modules. Payloads carry no personal data."""

from core.sdk import NoticeSpec, msgid

RUN_ISSUED = "billing.run_issued.v1"
SHIFT_DIFFERS = "billing.shift_differs.v1"
CLOSING_FOUND = "billing.closing_found.v1"

ALL = (RUN_ISSUED, SHIFT_DIFFERS, CLOSING_FOUND)
# `members` are the site's managers, ids with commas between (BIL-4).
NOTICES = (
    NoticeSpec(
        event=SHIFT_DIFFERS, to="members", text=msgid("The cash of a shift differs from the ledger."),
        page="cash/shifts/{id}", severity="urgent",
    ),
    NoticeSpec(
        event=CLOSING_FOUND, to="members", text=msgid("A cash closing has found something out of the ordinary."),
        page="cash/closings/{id}", severity="urgent",
    ),
)  # fmt: skip
