"""Whether a reading goes together with those around it. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import pairwise

import msgspec

from core.sdk import Invalid, msgid
from plugins.billing.amounts.errors import AmountError
from plugins.billing.amounts.meter import units_used
from plugins.billing.amounts.number import plain
from plugins.billing.meters.dial import Dial, Shown
from plugins.billing.meters.model import Fault, Judged, MeterReading

_WRONG = {
    "reading_went_back": msgid("This does not go together with {value} on {day}: a meter does not run backwards."),
    "implausible": msgid("This is too far from {value} on {day}: one of the two was misread."),
}


def judged(dial: Dial, new: MeterReading, today: date, *, again: bool = False) -> Judged:
    """What would come of a reading; `again`: the same readings have one of that day already."""
    if again:
        return _not(new, Fault("day", msgid("There are two readings of this day."), {}))
    fault = next(_faults(dial, new, today), None)
    if fault is not None:
        return _not(new, fault)
    after = taken(dial, new)
    same = after.readings == dial.readings
    ordinary = [shown.day for shown in after.readings if shown.kind == "reading"]
    before = [day for day in ordinary if day < new.day]
    if new.kind != "reading" or not before:
        return Judged(new.meter_id, new.day, None, same, None)
    return Judged(new.meter_id, new.day, plain(units_used(after.counted(before[-1], new.day))), same, None)


def checked(dial: Dial, new: MeterReading, today: date) -> Judged:
    """The same. Raises Invalid naming the field."""
    found = judged(dial, new, today)
    if found.fault is not None:
        raise Invalid.field(found.fault.field, found.fault.message, **found.fault.params)
    return found


def taken(dial: Dial, new: MeterReading) -> Dial:
    """The meter with the reading, in the place of one of that day."""
    others = [shown for shown in dial.readings if shown.day != new.day]
    if new.kind != "withdrawn" and new.value is not None:
        final = None if new.old_final is None else Fraction(new.old_final)
        others.append(Shown(new.day, new.kind, Fraction(new.value), final))
    return msgspec.structs.replace(dial, readings=tuple(sorted(others, key=lambda shown: shown.day)))


def _faults(dial: Dial, new: MeterReading, today: date) -> Iterator[Fault]:
    there = next((shown for shown in dial.readings if shown.day == new.day), None)
    if new.kind == "withdrawn":
        if there is None:
            yield Fault("day", msgid("There is no reading of this day."), {})
        if new.value is not None or new.old_final is not None:
            yield Fault("value", msgid("What is withdrawn has no value."), {})
    else:
        yield from _unfit(dial, new, today)
        if there is not None and there.kind != new.kind:
            yield Fault("day", msgid("There is another kind of reading on this day: choose another day."), {})
        if new.value is not None:
            yield from _apart(taken(dial, new), new)


def _unfit(dial: Dial, new: MeterReading, today: date) -> Iterator[Fault]:
    """What is wrong with it by itself."""
    if new.day > today:
        yield Fault("day", msgid("This day is still to come."), {})
    if new.day < dial.installed_on:
        yield Fault("day", msgid("The meter was installed on {day}."), {"day": str(dial.installed_on)})
    if dial.removed_on is not None and new.day > dial.removed_on:
        yield Fault("day", msgid("The meter was removed on {day}."), {"day": str(dial.removed_on)})
    if new.value is None:
        yield Fault("value", msgid("Give what the meter shows."), {})
    if (new.old_final is None) == (new.kind == "replacement"):
        yield Fault("old_final", msgid("Of a replacement, give what the old meter showed at last."), {})
    for field, value in (("value", new.value), ("old_final", new.old_final)):
        if value is not None and dial.digits is not None and Fraction(value) >= 10**dial.digits:
            yield Fault(field, msgid("A meter of {digits} digits does not show this."), {"digits": str(dial.digits)})


def _apart(after: Dial, new: MeterReading) -> Iterator[Fault]:
    """Readings beside each other, of which it is one or between which it is, that come to no use."""
    ordinary = [shown for shown in after.readings if shown.kind == "reading"]
    if new.kind == "replacement" and new.old_final is not None:
        before = [shown for shown in ordinary if shown.day < new.day][-1:]
        if before and Fraction(new.old_final) < before[0].value:
            yield _told("old_final", "reading_went_back", before[0])
    for one, other in pairwise(ordinary):
        if one.day <= new.day <= other.day and (why := _why(after, one, other)):
            yield _told("value", why, one if other.day == new.day else other)


def _told(field: str, why: str, shown: Shown) -> Fault:
    return Fault(field, _WRONG[why], {"value": plain(shown.value), "day": str(shown.day)})


def _why(dial: Dial, one: Shown, other: Shown) -> str:
    try:
        units_used(dial.counted(one.day, other.day))
    except AmountError as error:
        return error.code
    return ""


def _not(new: MeterReading, fault: Fault) -> Judged:
    return Judged(new.meter_id, new.day, None, False, fault)
