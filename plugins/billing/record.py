"""What the audit log calls the things that billing does, and what they change."""

from __future__ import annotations

from typing import Final

from core.sdk import msgid

# The ledger
LEDGER: Final = {
    "billing.ledger.issued": msgid("issued charges"),
    "billing.ledger.posted": msgid("posted an entry of the ledger"),
    "billing.period.closed": msgid("closed a month of the ledger"),
    "billing.charges": msgid("Charges"),
    "billing.month": msgid("Month"),
    "billing.debit_fen": msgid("Debit"),
    "billing.credit_fen": msgid("Credit"),
}
RECORD: Final = {**LEDGER}
