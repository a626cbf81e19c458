"""What the audit log calls the things that billing does, and what they change."""

from __future__ import annotations

from typing import Final

from core.sdk import msgid

# Tariffs (BIL-1).
_TARIFFS: Final = {
    "billing.item.added": msgid("added a fee item"),
    "billing.item.changed": msgid("changed a fee item"),
    "billing.version.added": msgid("set a price"),
    "billing.assignment.added": msgid("said where a fee item is charged"),
    "billing.assignment.changed": msgid("changed where a fee item is charged"),
    "billing.assignment.removed": msgid("took away where a fee item is charged"),
    "billing.quantity.added": msgid("entered an area or spaces of a unit"),
    "billing.quantity.changed": msgid("corrected an area or spaces of a unit"),
    "billing.quantity.removed": msgid("took away an area or spaces of a unit"),
    "billing.quantity.taken_over": msgid("took over areas from the household roll"),
    "billing.cycle": msgid("Billed"),
    "billing.payer": msgid("Paid by"),
    "billing.due_days": msgid("Days to pay"),
    "billing.collected_for": msgid("Collected for"),
    "billing.ended_on": msgid("Last day"),
    "billing.number": msgid("Version"),
    "billing.valid_from": msgid("From"),
    "billing.price": msgid("Price"),
    "billing.formula": msgid("Formula"),
    "billing.scope": msgid("Scope"),
    "billing.since": msgid("From"),
    "billing.until": msgid("Until"),
    "billing.charged": msgid("Charged"),
    "billing.building": msgid("Building"),
    "billing.unit": msgid("Unit of the roll"),
    "billing.basis": msgid("Basis"),
    "billing.value": msgid("Value"),
    "billing.taken": msgid("Taken over"),
}

_LEDGER: Final = {
    "billing.ledger.issued": msgid("issued charges"),
    "billing.ledger.posted": msgid("posted an entry of the ledger"),
    "billing.period.closed": msgid("closed a month of the ledger"),
    "billing.charges": msgid("Charges"),
    "billing.month": msgid("Month"),
    "billing.debit_fen": msgid("Debit"),
    "billing.credit_fen": msgid("Credit"),
}

_RUNS: Final = {
    "billing.run.created": msgid("had a billing run computed"),
    "billing.run.approved": msgid("approved a billing run"),
    "billing.run.issuing": msgid("had a billing run issued"),
    "billing.run.issued": msgid("a billing run was issued"),
    "billing.run.discarded": msgid("discarded a billing run"),
    "billing.items": msgid("Fee items"),
}

_ARREARS: Final = {
    "billing.dunning.taken": msgid("asked households for what they owe"),
    "billing.promise.made": msgid("took down a promise to pay"),
    "billing.dispute.opened": msgid("opened a dispute about charges"),
    "billing.dispute.settled": msgid("settled a dispute about charges"),
    "billing.damages.charged": msgid("charged damages for late payment"),
    "billing.step": msgid("Step"),
    "billing.step.message": msgid("Message"),
    "billing.step.letter": msgid("Letter"),
    "billing.step.visit": msgid("Visit"),
    "billing.step.notice": msgid("Formal notice"),
    "billing.step.legal": msgid("Handed over to the lawyer"),
    "billing.households": msgid("Households"),
    "billing.promised_on": msgid("Promised for"),
}

RECORD: Final = {**_TARIFFS, **_RUNS, **_LEDGER, **_ARREARS}
