"""What a meter showed, and what it counted between two days: for runs, and for whoever enters readings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal

import msgspec

from plugins.billing.amounts.errors import AmountError
from plugins.billing.amounts.meter import Meter, Readings, Replaced, Tier
from plugins.billing.amounts.rounding import TO_THE_FEN, Rounding
from plugins.billing.amounts.spans import DAY, Days

Kind = Literal["reading", "replacement"]
# The readings of the meter `m` that hold, in order, as JSON: from the last ordinary one before a day to another day. Of
# those of one day the last that was entered counts; a withdrawn one is none.
HELD: Final = """(
    SELECT coalesce(jsonb_agg(jsonb_build_array(h.day, h.kind, trim_scale(h.value)::text, trim_scale(h.old_final)::text)
        ORDER BY h.day), '[]')::text
    FROM (
        SELECT DISTINCT ON (r.day) r.day, r.kind, r.value, r.old_final FROM billing_reading r
        WHERE r.company_id = $1 AND r.meter_id = m.id AND r.day <= {until} AND r.day >= coalesce((
            SELECT b.day FROM billing_reading b
            WHERE b.company_id = $1 AND b.meter_id = m.id AND b.day < {since} AND b.kind = 'reading' AND NOT EXISTS (
                SELECT FROM billing_reading n WHERE n.company_id = $1 AND n.meter_id = m.id AND n.day = b.day
                    AND n.number > b.number AND n.kind <> 'reading')
            ORDER BY b.day DESC LIMIT 1), '-infinity')
        ORDER BY r.day DESC, r.number DESC
    ) h WHERE h.kind <> 'withdrawn'
)"""
_ALL_ONE: Final = (Tier(None, Fraction(0)),)
_Row = tuple[date, Kind, str, str | None]
_rows = msgspec.json.Decoder(list[_Row]).decode


class Shown(msgspec.Struct, frozen=True):
    """What a meter showed on a day; a replacement's `value` is what the new one began with, after `old_final`."""

    day: date
    kind: Kind
    value: Fraction
    old_final: Fraction | None = None


class Dial(msgspec.Struct, frozen=True):
    """A meter with readings that hold, in order of their days."""

    digits: int | None
    multiplier: Fraction
    installed_on: date
    removed_on: date | None
    readings: tuple[Shown, ...]

    def there(self, period: Days) -> bool:
        """Whether the meter is there on some day of the period."""
        return self.installed_on <= period.last and (self.removed_on is None or period.first <= self.removed_on)

    def stretch(self, period: Days) -> Days | None:
        """The days that the period's readings count: behind the last one before it, up to the last one in it. Of a
        meter that is new, behind its first."""
        ordinary = [shown.day for shown in self.readings if shown.kind == "reading"]
        within = [day for day in ordinary if period.first <= day <= period.last]
        before = [day for day in ordinary if day < period.first] or within[:1]
        if not within or before[-1] == within[-1]:
            return None
        return Days(before[-1] + DAY, within[-1])

    def meter(self, service: Days, tiers: tuple[Tier, ...], rounding: Rounding) -> Meter:
        """What these days are computed from. Raises AmountError `missing_reading` unless there is a reading on the day
        before them and on the last of them, `implausible` where the meter was replaced more than once."""
        previous, current = self._at(service.first - DAY), self._at(service.last)
        replaced = [shown for shown in self._replacements() if previous.day < shown.day <= current.day]
        if len(replaced) > 1:
            raise AmountError("implausible", "the meter was replaced more than once between two readings")
        final = [Replaced(shown.old_final, shown.value) for shown in replaced if shown.old_final is not None]
        readings = Readings(previous.value, current.value)
        return Meter(readings, self.digits, self.multiplier, final[0] if final else None, tiers, rounding)

    def counted(self, previous: date, current: date) -> Meter:
        """From one reading's day to another's, without a price. Raises as `meter`."""
        return self.meter(Days(previous + DAY, current), _ALL_ONE, TO_THE_FEN)

    def _replacements(self) -> list[Shown]:
        return [shown for shown in self.readings if shown.kind == "replacement"]

    def _at(self, day: date) -> Shown:
        for shown in self.readings:
            if shown.day == day and shown.kind == "reading":
                return shown
        raise AmountError("missing_reading")


def read_dial(
    digits: int | None, multiplier: Decimal | str, installed_on: date, removed_on: date | None, readings: str
) -> Dial:
    """A meter as the database has it, with readings as HELD gives them."""
    return Dial(digits, Fraction(multiplier), installed_on, removed_on, held(readings))


def held(readings: str) -> tuple[Shown, ...]:
    """The readings that HELD gives."""
    return tuple(
        Shown(day, kind, Fraction(value), None if final is None else Fraction(final))
        for day, kind, value, final in _rows(readings)
    )
