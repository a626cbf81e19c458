"""What staff and the telephone exchange may do at the front desk."""

from core.sdk import Permission

_DESK = frozenset({"clerk", "supervisor", "manager", "duty_officer", "admin"})
_STAFF = _DESK | {
    "steward",
    "cashier",
    "archivist",
    "technician",
    "engineering",
    "guard",
    "quality",
    "finance",
}
_LEADS = frozenset({"supervisor", "manager", "admin"})

VIEW = Permission("reception.call.view", "See the log of calls and visits", _DESK | {"quality"})
TAKE = Permission("reception.call.take", "Take calls and see the caller's number", _DESK)
REPORT = Permission("reception.call.report", "Report calls, as a telephone exchange does", frozenset({"admin"}))
MANAGE = Permission(
    "reception.greeting.manage", "Change what is said on the phone", frozenset({"manager", "admin"}), own=True
)

VISIT_VIEW = Permission("reception.visit.view", "See the register of visitors", _DESK | {"guard", "quality"})
VISIT = Permission("reception.visit.register", "Register visitors and let them in", _DESK | {"guard"})
VISIT_EXPORT = Permission("reception.visit.export", "Export the register of visitors", _LEADS)
MESSAGE_VIEW = Permission("reception.message.view", "See messages left for oneself", _STAFF)
MESSAGE = Permission("reception.message.take", "Take messages for colleagues and see all of them", _DESK)
HANDOVER = Permission("reception.shift.hand_over", "Hand shifts over and accept them", _DESK)
OPINION = Permission("reception.opinion.file", "File opinions heard from owners", _STAFF)
QUEUE = Permission("reception.queue.manage", "Give out numbers and call who waits", _DESK | {"cashier"})
BAR = Permission("reception.barred.manage", "Keep the blacklist of visitors", _LEADS)

LETTER_VIEW = Permission(
    "reception.letter.view", "See the register of letters", _DESK | {"steward", "quality", "archivist"}
)
# a letter's scans are kept with its ticket
LETTER = Permission(
    "reception.letter.register",
    "Register letters and keep their scans",
    _DESK | {"archivist"},
    implies=frozenset({"ticket.view"}),
)
LETTER_ANSWER = Permission("reception.letter.answer", "Record answers to letters", _DESK)
BOX = Permission("reception.box.empty", "Empty complaint boxes and enter their slips", _DESK)
LOG_EXPORT = Permission("reception.log.export", "Export the work log and the register of letters", _LEADS)

ALL = (
    VIEW,
    TAKE,
    REPORT,
    MANAGE,
    VISIT_VIEW,
    VISIT,
    VISIT_EXPORT,
    BAR,
    MESSAGE_VIEW,
    MESSAGE,
    HANDOVER,
    OPINION,
    QUEUE,
    LETTER_VIEW,
    LETTER,
    LETTER_ANSWER,
    BOX,
    LOG_EXPORT,
)
