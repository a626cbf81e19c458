"""Corrections as templates show them. Labels are message ids."""

from __future__ import annotations

from typing import Final

from core.sdk import msgid, views

STATES: Final = {
    "computing": views.Word("computing", msgid("Being computed"), "info"),
    "preview": views.Word("preview", msgid("To be looked at"), "warn"),
    "asked": views.Word("asked", msgid("Waiting for approval"), "warn"),
    "approved": views.Word("approved", msgid("Being posted"), "info"),
    "posted": views.Word("posted", msgid("Posted"), "ok"),
    "discarded": views.Word("discarded", msgid("Discarded")),
}
OUTCOMES: Final = {
    "": views.Word("", msgid("Not posted yet")),
    "posted": views.Word("posted", msgid("Posted"), "ok"),
    "passed": views.Word("passed", msgid("Passed over: the charge had changed"), "warn"),
}
SHOWN: Final = {"lines": msgid("Charges that change"), "credits": msgid("To be given back")}
WHY: Final = {
    "same_position": msgid("Another value than the unit above or below it"),
    "same_wrong": msgid("The value that was wrong"),
    "roll_differs": msgid("The roll says another area"),
}
EVERYTHING: Final = msgid("Whole site")
EVERY_ITEM: Final = msgid("All items")
HEADINGS: Final = (
    msgid("Unit"),
    msgid("Payer"),
    msgid("Fee item"),
    msgid("From"),
    msgid("To"),
    msgid("Billed (yuan)"),
    msgid("Right (yuan)"),
    msgid("Difference (yuan)"),
    msgid("State"),
    msgid("What to do"),
)
CREDITS: Final = (msgid("Unit"), msgid("Payer"), msgid("Too much (yuan)"), msgid("Prepaid by now (yuan)"))
REFUNDS: Final = {
    "asked": views.Word("asked", msgid("Refund asked for"), "warn"),
    "approved": views.Word("approved", msgid("Agreed to: pay it out"), "info"),
    "paid": views.Word("paid", msgid("Refunded"), "ok"),
}
SIMILAR: Final = (msgid("Unit"), msgid("Value"), msgid("Area in the roll (m²)"), msgid("Why"))
