"""What the front desk tells other modules. Payloads carry no personal data."""

from core.sdk import Event, NoticeSpec
from plugins.reception.schemas import Call

CALL_ANSWERED = "reception.call_answered.v1"
CALL_ENDED = "reception.call_ended.v1"
CALL_MISSED = "reception.call_missed.v1"

# by the step that leads to it
VISIT_EVENTS = {
    "registered": "reception.visit_registered.v1",
    "admit": "reception.visitor_admitted.v1",
    "leave": "reception.visitor_left.v1",
    "refuse": "reception.visitor_turned_away.v1",
    "turn_away": "reception.visitor_turned_away.v1",
    "security": "reception.security_informed.v1",
    "police": "reception.police_reported.v1",
}

MESSAGE_TAKEN = "reception.message_taken.v1"
MESSAGE_MISSED = "reception.message_missed.v1"
SHIFT_HANDED = "reception.shift_handed_over.v1"
SHIFT_ACCEPTED = "reception.shift_accepted.v1"

NOTICES = (
    NoticeSpec(
        event=MESSAGE_TAKEN, to="for_id", text="A message was left for you: look whom to call back.",
        page="messages?mine=true",
    ),
    NoticeSpec(
        event=MESSAGE_MISSED, to="for_id", text="A callback that a caller was promised of you is overdue.",
        page="messages?mine=true", severity="urgent",
    ),
)  # fmt: skip

ALL = (
    CALL_ANSWERED,
    CALL_ENDED,
    CALL_MISSED,
    *dict.fromkeys(VISIT_EVENTS.values()),
    MESSAGE_TAKEN,
    MESSAGE_MISSED,
    SHIFT_HANDED,
    SHIFT_ACCEPTED,
)


def answered(call: Call) -> Event:
    """Somebody took the call, after `waited` seconds (REC-2)."""
    return Event(CALL_ANSWERED, call.site_id, call.id, {"channel": call.channel, "waited": call.waited or 0})


def ended(call: Call) -> Event:
    """The call is over; one that nobody answered was missed, unless the caller gave up first."""
    missed = call.status == "missed"
    return Event(CALL_MISSED if missed else CALL_ENDED, call.site_id, call.id, {"status": call.status})
