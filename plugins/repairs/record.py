"""What the audit log calls the things that repairs do, and what they change."""

from __future__ import annotations

from typing import Final

from core.sdk import msgid

RECORD: Final = {
    "repairs.line.added": msgid("wrote down materials or labour"),
    "repairs.line.countered": msgid("struck a line out"),
    "repairs.estimate_agreed": msgid("had an estimate agreed to"),
    "repairs.charge_confirmed": msgid("had a charge confirmed"),
    "repairs.charge_waived": msgid("waived a charge"),
    "repairs.photo.marked": msgid("said when a photo was taken"),
    "repairs.prices.set": msgid("set prices"),
    "repairs.sheet.issue": msgid("issued a sheet to a contractor"),
    "repairs.sheet.promise": msgid("noted a contractor's promise"),
    "repairs.sheet.chase": msgid("chased a contractor"),
    "repairs.sheet.done": msgid("noted that a contractor is done"),
    "repairs.sheet.fail": msgid("found a contractor's work wanting"),
    "repairs.sheet.accept": msgid("accepted a contractor's work"),
    "repairs.sheet.withdraw": msgid("withdrew a sheet"),
    "repairs.sheet.printed": msgid("printed a sheet"),
    "repairs.sheet.exported": msgid("exported sheets"),
    "repairs.contractor.added": msgid("added a contractor"),
    "repairs.contractor.changed": msgid("changed a contractor"),
    "repairs.term.entered": msgid("entered warranty terms"),
    "repairs.term.removed": msgid("removed a warranty term"),
    "repairs.trade.set": msgid("set what somebody can do"),
    "repairs.visit.booked": msgid("booked a visit"),
    "repairs.visit.cancelled": msgid("cancelled a booked visit"),
    "repairs.warranty.decided": msgid("decided on the warranty"),
    "repairs.code": msgid("Price code"),
    "repairs.codes": msgid("Prices"),
    "repairs.terms": msgid("Terms"),
    "repairs.warranty": msgid("Warranty"),
    "repairs.print": msgid("Copy"),
}
