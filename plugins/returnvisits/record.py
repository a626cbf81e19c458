"""What the audit log calls the things that return visits do, and what they change."""

from __future__ import annotations

from typing import Final

from core.sdk import msgid

RECORD: Final = {
    "returnvisits.visit.owed": msgid("a return visit fell due"),
    "returnvisits.visit.assigned": msgid("assigned a return visit"),
    "returnvisits.visit.attempted": msgid("tried to reach a household"),
    "returnvisits.visit.made": msgid("made a return visit"),
    "returnvisits.visit.answered": msgid("wrote down what becomes of a return visit"),
    "returnvisits.visit.signed": msgid("had a return visit signed"),
    "returnvisits.visit.cancelled": msgid("cancelled a return visit"),
    "returnvisits.draw.opened": msgid("opened a draw"),
    "returnvisits.area.added": msgid("added an area"),
    "returnvisits.area.changed": msgid("changed an area"),
    "returnvisits.area.removed": msgid("removed an area"),
    "returnvisits.rule": msgid("Rule"),
    "returnvisits.source": msgid("Source"),
    "returnvisits.percent": msgid("Percent"),
    "returnvisits.steward": msgid("Steward"),
    "returnvisits.buildings": msgid("Buildings"),
}
