"""Meters and readings: what rules, API and console share (BIL-1)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from plugins.billing.meters.dial import Dial

MOST: Final = 200  # meters of a page
MANY: Final = 5000  # readings taken in at once
Value = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,11}(\.[0-9]{1,3})?\Z")]
Multiplier = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,6}(\.[0-9]{1,3})?\Z")]
Digits = Annotated[int, msgspec.Meta(ge=1, le=11)]
MeterNumber = Annotated[str, msgspec.Meta(max_length=40)]
Label = Annotated[str, msgspec.Meta(max_length=60)]


class MeterChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What may change of a meter. `label` says where it is; a meter of `digits` before the point turns over, without
    it never does; each unit that it shows is worth `multiplier` units; nothing is read after `removed_on`."""

    number: MeterNumber = ""
    label: Label = ""
    digits: Digits | None = None
    multiplier: Multiplier = "1"
    removed_on: date | None = None


class NewMeter(MeterChange, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A meter of a unit for an item that meters are read for, or without a unit one of what households share. `initial`
    is what it showed when it was installed; without it the first reading is where it begins."""

    item_id: UUID
    unit_id: UUID | None = None
    installed_on: date
    initial: Value | None = None


class SetUp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A meter for each unit where the item is charged on that day and that has none yet."""

    item_id: UUID
    installed_on: date
    digits: Digits | None = None


class WereSetUp(msgspec.Struct, frozen=True):
    """How many meters there are now that were not there before."""

    added: int


class Meter(msgspec.Struct, frozen=True):
    """A meter as stored. `unit` is the unit's label, '' for a meter of what households share."""

    id: UUID
    item_id: UUID
    item: str
    unit_id: UUID | None
    unit: str
    number: str
    label: str
    digits: int | None
    multiplier: str
    installed_on: date
    removed_on: date | None
    version: int


class MeterPage(msgspec.Struct, frozen=True):
    """Meters in the roll's order, those that households share first; `cursor` asks for those after them."""

    items: list[Meter]
    cursor: UUID | None


class NewReading(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a meter showed on a day. Of a replacement: what the old meter showed at last and the new one at first. A
    reading of a day that has one takes its place; `withdrawn`: there is none on that day after all."""

    day: date
    kind: Literal["reading", "replacement", "withdrawn"] = "reading"
    value: Value | None = None
    old_final: Value | None = None


class MeterReading(NewReading, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A reading among many."""

    meter_id: UUID


class Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Readings of many meters. `dry_run` says what would come of them and enters nothing."""

    readings: Annotated[list[MeterReading], msgspec.Meta(min_length=1, max_length=MANY)]
    dry_run: bool = False


class Fault(msgspec.Struct, frozen=True):
    """Why a reading was not taken: at which field, and a message with what fills it."""

    field: str
    message: str
    params: dict[str, str]


class Judged(msgspec.Struct, frozen=True):
    """What came of a reading: `used` since the one before it, null for a first one; `fault`: it was not taken. `same`:
    it was there already."""

    meter_id: UUID
    day: date
    used: str | None
    same: bool
    fault: Fault | None


class KeptReading(msgspec.Struct, frozen=True):
    """A reading as entered. `holds`: nothing has taken its place."""

    id: UUID
    day: date
    number: int
    kind: Literal["reading", "replacement", "withdrawn"]
    value: str | None
    old_final: str | None
    at: datetime
    by_name: str
    holds: bool


class MeterDetail(msgspec.Struct, frozen=True):
    """A meter with what was read of it, the latest day first; the 200 latest."""

    meter: Meter
    readings: list[KeptReading]


class State(msgspec.Struct, frozen=True):
    """A meter with the readings that hold around the days asked for."""

    meter: Meter
    dial: Dial


class MonthReading(msgspec.Struct, frozen=True):
    """A meter in a month: the reading before, that of the month, and what was used between them; null where there is
    none. `problem` says why there is no use: `reading_went_back` or `implausible`."""

    meter: Meter
    previous_day: date | None
    previous: str | None
    day: date | None
    value: str | None
    replaced_on: date | None
    used: str | None
    problem: str | None


class MonthPage(msgspec.Struct, frozen=True):
    """Meters of a month in the roll's order; `cursor` asks for those after them. `meters` are there in all, `read` of
    them have a reading in the month."""

    items: list[MonthReading]
    cursor: UUID | None
    meters: int
    read: int
