"""What the audit log calls the things that billing does, and what they change."""

from __future__ import annotations

from typing import Final

from core.sdk import msgid

_RUNS: Final = {
    "billing.run.created": msgid("had a billing run computed"),
    "billing.run.approved": msgid("approved a billing run"),
    "billing.run.issuing": msgid("had a billing run issued"),
    "billing.run.issued": msgid("a billing run was issued"),
    "billing.run.discarded": msgid("discarded a billing run"),
    "billing.month": msgid("Month"),
    "billing.items": msgid("Fee items"),
    "billing.charges": msgid("Lines"),
}

RECORD: Final = {**_RUNS}
