"""What has to come first when a complaint is handled. Pure: message ids of what is missing, None where nothing is."""

from __future__ import annotations

from core.sdk import msgid
from plugins.complaints.model import Case, StepKind
from plugins.complaints.policies import Handling

CONTACT_FIRST = msgid("Contact the complainant first, and write down what was said.")
CARE_FIRST = msgid("Somebody was hurt: see to that first, and write down what was done.")
NO_KIND = msgid("Say of which kind the complaint is first: each kind has its own steps.")
STEPS_MISSING = msgid("The steps of this kind are not all on record yet: see the list beside the complaint.")
BOTH_SIDES = msgid("Hear both sides separately first, and write down what each said.")
UNDECIDED = msgid("A compensation waits for its decision.")

_ALWAYS = frozenset({"contact", "note"})
HANDLED = frozenset({"arrive", "pause", "resolve"})
"""Actions of the ticket that are steps of handling: they wait for the contact (CMP-4)."""


def before_step(case: Case, rules: Handling, kind: StepKind | None = None) -> str | None:
    """What comes before any step of handling, or before a step of that kind (CMP-4)."""
    if kind in _ALWAYS:
        return None
    if rules.care_first and case.injury and case.cared_at is None:
        return None if kind == "care" else CARE_FIRST
    known = case.contacted_at is not None or case.anonymous or kind == "care"
    return CONTACT_FIRST if rules.contact_first and not known else None


def missing(case: Case, rules: Handling) -> tuple[StepKind, ...]:
    """The steps of the complaint's kind that are not on record; of an anonymous one nobody can be heard."""
    if case.kind is None:
        return ()
    steps = rules.steps_of(case.kind)
    nobody = {"hear_complainant", "apologise", "courtesy"} if case.anonymous else set()
    return tuple(step for step in steps if step not in case.done and step not in nobody)


def before_done(case: Case, rules: Handling) -> str | None:
    """What keeps a complaint from being resolved (CMP-2, CMP-4)."""
    first = before_step(case, rules)
    if first is not None:
        return first
    if case.kind is None:
        return NO_KIND
    left = missing(case, rules)
    if {"hear_complainant", "hear_other"} & set(left):
        return BOTH_SIDES
    if left:
        return STEPS_MISSING
    return UNDECIDED if any(each.state == "proposed" for each in case.compensations) else None
