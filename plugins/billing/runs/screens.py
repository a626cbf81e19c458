"""Runs as templates show them. Labels are message ids."""

from __future__ import annotations

from typing import Final

from core.sdk import msgid, views

STATES: Final = {
    "computing": views.Word("computing", msgid("Being computed"), "info"),
    "preview": views.Word("preview", msgid("To be looked at"), "warn"),
    "approved": views.Word("approved", msgid("Approved"), "info"),
    "issuing": views.Word("issuing", msgid("Being issued"), "info"),
    "issued": views.Word("issued", msgid("Issued"), "ok"),
    "discarded": views.Word("discarded", msgid("Discarded")),
}
# why something was not charged, and what to do about it
REASONS: Final = {
    "missing_price": (
        msgid("No price is in force yet"),
        msgid("Publish a version of the item that begins no later than these days."),
    ),
    "missing_quantity": (
        msgid("The area or the number of spaces is missing"),
        msgid("Enter it for the unit, from the first of these days on."),
    ),
    "missing_payer": (
        msgid("Nobody is known who pays"),
        msgid("Enter the owner of the unit for these days."),
    ),
    "two_payers": (
        msgid("Two tenants overlap"),
        msgid("Say in the roll until when the first one stayed."),
    ),
    "missing_handover": (
        msgid("The day of the handover is missing"),
        msgid("Enter when the unit was moved into: its year begins there."),
    ),
    "formula": (
        msgid("The formula comes to no amount"),
        msgid("Look at the formula with this unit's values."),
    ),
    "changed_formula": (
        msgid("The formula changes within these days"),
        msgid("Let the new version begin with a period."),
    ),
    "missing_reading": (
        msgid("A reading of the meter is missing"),
        msgid("Enter it for this period; where owners changed, also for the last day of the one before."),
    ),
    "implausible": (
        msgid("The readings do not go together"),
        msgid("Look at the readings of this meter, and enter what it really showed."),
    ),
}
# the steps of a charge, as `telling` words them
STEPS: Final = (
    msgid("{first} to {last}: {factors}"),
    msgid("amount: {yuan}"),
    msgid("formula, version {version}: {text}"),
    msgid("by contract from {day}: {price} a month"),
    msgid("used: {units}"),
    msgid("{units} × {price}"),
    msgid("{total} × {weight} of {weights}"),
    msgid("with a fen that was left over"),
    msgid("fixed sum off: {yuan}"),
    msgid("vacant, {first} to {last}: × {factor}"),
    msgid("discount, {first} to {last}: × {factor}"),
    msgid("free for paying ahead, {first} to {last}: × {factor}"),
)
SHOWN: Final = {
    "lines": msgid("Lines"),
    "differences": msgid("Units that stand out"),
    "skips": msgid("Not charged"),
}
