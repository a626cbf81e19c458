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

# Cash closing (BIL-4).
_CLOSING: Final = {
    "billing.shift.opened": msgid("opened a cash shift"),
    "billing.shift.closed": msgid("closed a cash shift"),
    "billing.shift.handed_over": msgid("handed cash over"),
    "billing.closing.closed": msgid("closed a day or week of cash"),
    "billing.bank.taken_in": msgid("took in a bank statement"),
    "billing.bank.matched": msgid("found lines of the bank in the ledger"),
    "billing.bank.settled": msgid("settled a line of the bank"),
    "billing.bank.taken_back": msgid("took back what a line of the bank was"),
    "billing.reconciliation.signed": msgid("signed for a month of the bank"),
    "billing.difference_fen": msgid("Difference"),
    "billing.entries": msgid("Entries"),
    "billing.goes_to": msgid("Goes to"),
    "billing.goes_to.finance": msgid("Finance"),
    "billing.goes_to.bank": msgid("Bank"),
    "billing.closed": msgid("Closing"),
    "billing.closed.day": msgid("Day closing"),
    "billing.closed.week": msgid("Week closing"),
    "billing.first_day": msgid("Day"),
    "billing.anomalies": msgid("Out of the ordinary"),
    "billing.lines": msgid("Lines of the bank"),
    "billing.status.open": msgid("To be settled"),
    "billing.status.reconciled": msgid("In the ledger"),
    "billing.status.set_aside": msgid("Set aside"),
    "billing.reconciled": msgid("In the ledger"),
    "billing.mistakes": msgid("Left out"),
}

_CORRECTIONS: Final = {
    "billing.correction.created": msgid("had charges computed anew"),
    "billing.correction.asked": msgid("asked for a correction to be approved"),
    "billing.correction.approved": msgid("approved a correction of charges"),
    "billing.correction.posted": msgid("a correction of charges was posted"),
    "billing.correction.discarded": msgid("discarded a correction of charges"),
    "billing.lines": msgid("Lines"),
    "billing.passed": msgid("Passed over"),
}

_STATEMENTS: Final = {
    "billing.statement.sent": msgid("sent a household its statement"),
    "billing.statement.read": msgid("a household read its statement"),
}

_METERS: Final = {
    "billing.meter.added": msgid("added a meter"),
    "billing.meter.changed": msgid("changed a meter"),
    "billing.meter.set_up": msgid("set up meters"),
    "billing.reading.entered": msgid("entered a meter reading"),
    "billing.reading.imported": msgid("entered many meter readings"),
    "billing.tiers": msgid("Tiers"),
    "billing.multiplier": msgid("Each worth"),
    "billing.installed_on": msgid("Installed on"),
    "billing.removed_on": msgid("Removed on"),
    "billing.digits": msgid("Digits"),
    "billing.label": msgid("Where it is"),
    "billing.day": msgid("Day"),
    "billing.old_final": msgid("Old meter at last"),
    "billing.meters": msgid("Meters"),
    "billing.readings": msgid("Readings"),
}

_SHARING: Final = {
    "billing.cost.added": msgid("entered a cost that households share"),
    "billing.cost.removed": msgid("took away a cost that households share"),
    "billing.total_fen": msgid("Cost"),
    "billing.method": msgid("Shared by"),
    "billing.units": msgid("Units"),
    "billing.single.charged": msgid("charged something single"),
    "billing.discount.granted": msgid("granted a discount"),
    "billing.discount.ended": msgid("ended a discount"),
    "billing.factor": msgid("Part of the price"),
    "billing.bill": msgid("Number of the bill"),
}

_COUNTER: Final = {
    "billing.receipt.issued": msgid("took money and gave a receipt"),
    "billing.receipt.voided": msgid("voided a receipt"),
    "billing.receipt.printed": msgid("printed a receipt"),
    "billing.invoice.asked": msgid("asked for an invoice"),
    "billing.invoice.issued": msgid("recorded an invoice"),
    "billing.refund.asked": msgid("asked for a refund"),
    "billing.refund.approved": msgid("agreed to a refund"),
    "billing.refund.paid": msgid("paid a refund"),
    "billing.means": msgid("Means"),
    "billing.prints": msgid("Prints"),
    "billing.means.cash": msgid("Cash"),
    "billing.means.card": msgid("Card"),
    "billing.means.transfer": msgid("Transfer"),
    "billing.means.qr": msgid("QR code"),
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

_RENTS: Final = {
    "billing.rent.added": msgid("entered a rent contract"),
    "billing.rent.changed": msgid("changed a rent contract"),
    "billing.rent.ended": msgid("ended a rent contract"),
    "billing.contract": msgid("Contract number"),
}

# Prepayment offers (BIL-1).
_OFFERS: Final = {
    "billing.offer.published": msgid("published a prepayment offer"),
    "billing.offer.ended": msgid("changed the last day of a prepayment offer"),
    "billing.offer.taken": msgid("took money for months ahead, with months free"),
    "billing.discount.taken_back": msgid("took back months that were free with a receipt"),
    "billing.paid": msgid("Months paid"),
    "billing.free": msgid("Months free"),
}

_DISCLOSURE: Final = {
    "billing.expense.entered": msgid("entered an expense"),
    "billing.expense.reversed": msgid("took back an expense"),
    "billing.expense_category.added": msgid("added a category of expenses"),
    "billing.heading.set": msgid("said how a fee item is disclosed"),
    "billing.disclosure.published": msgid("published income and expenses"),
    "billing.heading": msgid("Heading"),
    "billing.heading.service": msgid("Property service fees"),
    "billing.heading.public": msgid("Income from common parts"),
    "billing.heading.other": msgid("Other income"),
    "billing.heading.collected": msgid("Collected for others"),
    "billing.edition": msgid("Edition"),
}

_COLLECTION: Final = {
    "billing.book.handed_out": msgid("handed out a receipt book"),
    "billing.book.marked": msgid("reported slips of a receipt book"),
    "billing.book.returned": msgid("took a receipt book back"),
    "billing.visit.agreed": msgid("agreed on a visit to collect money"),
    "billing.visit.changed": msgid("changed a visit"),
    "billing.visit.paid": msgid("entered what was collected at home"),
    "billing.visit.unpaid": msgid("noted a visit without payment"),
    "billing.visit.called_off": msgid("called off a visit"),
    "billing.paper_number": msgid("Paper receipt"),
    "billing.first": msgid("First number"),
    "billing.last": msgid("Last number"),
    "billing.used": msgid("used slip"),
    "billing.spoiled": msgid("spoiled slip"),
    "billing.lost": msgid("lost slip"),
    "billing.unused": msgid("unused slip"),
    "billing.state": msgid("State"),
    "billing.state.spoiled": msgid("spoiled slip"),
    "billing.state.lost": msgid("lost slip"),
}

_PAYMENTS: Final = {
    "billing.prepaid.used": msgid("used prepaid money for what is owed"),
    "billing.provider.set": msgid("set up a payment provider"),
    "billing.order.made": msgid("had a code made to be paid by"),
    "billing.order.coded": msgid("got a code from the payment provider"),
    "billing.order.failed": msgid("got no code from the payment provider"),
    "billing.order.paid": msgid("was paid by code"),
    "billing.order.closed": msgid("closed a code that was not paid"),
    "billing.order.problem": msgid("was paid by code otherwise than asked for"),
    "billing.order.settled": msgid("decided on a payment by code"),
    "billing.notice.refused": msgid("was told of a payment by somebody who could not prove it"),
    "billing.notice.unknown": msgid("was told of a payment of an order that there is none of"),
    "billing.provider": msgid("Payment provider"),
    "billing.moved": msgid("All of it prepaid"),
    "billing.problem": msgid("What was otherwise"),
    "billing.problem.amount": msgid("Another amount"),
    "billing.problem.refused": msgid("Could not be posted"),
    "billing.problem.twice": msgid("Paid a second time"),
    "billing.closed_why": msgid("Why it was closed"),
    "billing.closed_why.expired": msgid("Expired"),
    "billing.closed_why.cancelled": msgid("Cancelled"),
    "billing.settled_how": msgid("Decision"),
    "billing.settled_how.prepaid": msgid("Booked as prepaid"),
    "billing.settled_how.elsewhere": msgid("Settled elsewhere"),
}

_PROOFS: Final = {
    "billing.dunning.proved": msgid("added proof of a step of dunning"),
    "billing.dunning.struck": msgid("struck out proof of a step of dunning"),
}

RECORD: Final = {
    **_TARIFFS,
    **_RUNS,
    **_LEDGER,
    **_CLOSING,
    **_CORRECTIONS,
    **_STATEMENTS,
    **_METERS,
    **_SHARING,
    **_COUNTER,
    **_ARREARS,
    **_RENTS,
    **_OFFERS,
    **_DISCLOSURE,
    **_COLLECTION,
    **_PAYMENTS,
    **_PROOFS,
}
