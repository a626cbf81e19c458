"""What the front desk tells other modules. Payloads carry no personal data."""

from core.sdk import Event
from plugins.reception.schemas import Call

CALL_ANSWERED = "reception.call_answered.v1"
CALL_ENDED = "reception.call_ended.v1"
CALL_MISSED = "reception.call_missed.v1"

ALL = (CALL_ANSWERED, CALL_ENDED, CALL_MISSED)


def answered(call: Call) -> Event:
    """Somebody took the call, after `waited` seconds (REC-2)."""
    return Event(CALL_ANSWERED, call.site_id, call.id, {"channel": call.channel, "waited": call.waited})


def ended(call: Call) -> Event:
    """The call is over; one that nobody answered was missed, unless the caller gave up first."""
    missed = call.status == "missed"
    return Event(CALL_MISSED if missed else CALL_ENDED, call.site_id, call.id, {"status": call.status})
