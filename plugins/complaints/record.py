"""What the audit log calls the things that complaints do, and what they change."""

from __future__ import annotations

from typing import Final

from core.sdk import msgid

RECORD: Final = {
    "complaints.step_recorded": msgid("recorded a step of a complaint"),
    "complaints.findings_recorded": msgid("recorded what was found out"),
    "complaints.referred": msgid("passed a complaint on to an authority"),
    "complaints.authority_answered": msgid("recorded an authority's answer"),
    "complaints.authority_chased": msgid("chased an authority"),
    "complaints.compensation_proposed": msgid("proposed compensation"),
    "complaints.compensation_approved": msgid("approved compensation"),
    "complaints.compensation_refused": msgid("refused compensation"),
    "complaints.compensation_paid": msgid("recorded that compensation was paid"),
    "complaints.month_signed_off": msgid("signed off a month of complaints"),
    "complaints.step": msgid("Step"),
    "complaints.complaints": msgid("Complaints"),
}
