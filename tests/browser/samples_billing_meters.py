"""Sample contexts for the templates of meters: a month's readings, meters, a meter, an import."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from core.web.views import Choice, Count, Field, Notice, Pager
from plugins.billing.discounts.model import KINDS, Discount
from plugins.billing.meters import screens
from plugins.billing.meters.book import Row
from plugins.billing.meters.importing import Looked
from plugins.billing.meters.model import Fault, KeptReading, Meter, MeterReading, MonthReading
from plugins.billing.places import PLACES
from plugins.billing.sharing.model import METHODS, Cost, CostShare
from plugins.billing.singles.model import Single
from plugins.billing.tariffs.screens import building
from plugins.billing.telling import yuan
from tests.browser.samples import NOW

_PATH = "/s/cuihu/billing/readings"
_COSTS_PATH = "/s/cuihu/billing/shared-costs"
PLACES_SHOWN = [(path, label) for path, label, _ in PLACES]
METER = Meter(
    UUID(int=81), UUID(int=82), "水费", UUID(int=83), "3幢1单元1802", "W-100234", "水表井", 5, "1",
    date(2020, 1, 1), None, 2,
)  # fmt: skip
SHARED = Meter(
    UUID(int=84), UUID(int=85), "公摊电费", None, "", "", "水泵房总表", None, "40", date(2020, 1, 1),
    date(2026, 6, 30), 1,
)  # fmt: skip
READ = MonthReading(
    METER, date(2026, 10, 25), "1210.5", date(2026, 11, 21), "1224", date(2026, 11, 3), "13.5", None
)  # fmt: skip
OPEN = msgspec.structs.replace(
    READ, meter=msgspec.structs.replace(METER, id=UUID(int=86)), day=None, value=None, replaced_on=None, used=None
)
BROKEN = msgspec.structs.replace(
    READ, meter=msgspec.structs.replace(METER, id=UUID(int=87)), used=None, problem="implausible"
)
_FAULT = Fault(
    "value", "This is too far from {value} on {day}: one of the two was misread.",
    {"value": "1210.5", "day": "2026-10-25"},
)  # fmt: skip
_ITEMS = (Choice(str(METER.item_id), "水费"), Choice(str(SHARED.item_id), "公摊电费"))
_MONTH: dict[str, Any] = {
    "rows": [screens.row(READ, done=True), screens.row(OPEN, "90000", _FAULT), screens.row(BROKEN)],
    "month": Field("month", "Month", "month", "2026-11"),
    "item": Field("item", "Fee item", "select", choices=(Choice("", "All items"), *_ITEMS)),
    "missing": Field("missing", "Not read yet", "checkbox"),
    "text": "",
    "day": Field("day", "Read on", "date", "2026-11-21", required=True),
    "meters": 3,
    "read": 2,
    "items": _ITEMS,
    "pager_view": Pager(3, "", "?after=x"),
    "export": f"{_PATH}/export?month=2026-11",
    "enters": True,
    "manages": True,
    "places": PLACES_SHOWN,
}
_METERS: dict[str, Any] = {
    "meters": [METER, SHARED],
    "text": "",
    "pager_view": Pager(2, ""),
    "add": screens.meter_fields({"multiplier": "1"}, (), _ITEMS, new=True),
    "set_up": screens.set_up_fields({}, (), _ITEMS),
    "taken": "",
    "told": Notice("ok", "Meters set up: {n}.", {"n": 480}),
}
_KEPT = [
    KeptReading(UUID(int=88), date(2026, 11, 21), 2, "reading", "1224", None, NOW, "陈静", True),
    KeptReading(UUID(int=89), date(2026, 11, 21), 1, "reading", "1242", None, NOW, "陈静", False),
    KeptReading(UUID(int=90), date(2026, 11, 3), 1, "replacement", "0", "1220.5", NOW, "陈静", True),
    KeptReading(UUID(int=91), date(2026, 11, 2), 1, "withdrawn", None, None, NOW, "陈静", False),
]
_METER: dict[str, Any] = {
    "meter": METER,
    "readings": _KEPT,
    "kinds": screens.KINDS,
    "enter": [
        (kind, title, screens.reading_fields({"day": "2026-11-21"}, (), kind))
        for kind, title in (("reading", "Enter a reading"), ("replacement", "The meter was replaced"))
    ],
    "change": screens.meter_fields(screens.as_meter(METER), ()),
    "taken": "",
}
_ROW = Row(2, "3幢1单元1802", "水费", "W-100234", "1224", MeterReading(meter_id=METER.id, day=date(2026, 11, 21)))
_LOOKED = [
    Looked(msgspec.structs.replace(_ROW, reading=None), None, False, "There is no such meter here.", {}),
    Looked(_ROW, None, False, _FAULT.message, _FAULT.params),
    Looked(_ROW, "13.5", False, "", {}),
    Looked(_ROW, "13.5", True, "", {}),
]
_IMPORT: dict[str, Any] = {
    "upload": (Field("file", "Workbook", "file", accept=".xlsx", required=True), Field("day", "Read on", "date")),
    "told": Notice("ok", "Readings entered: {n}.", {"n": 2}),
    "name": "",
    "rows": [],
    "unlisted": 0,
    "counts": (),
    "readings": "",
}
_PREVIEW = {
    **_IMPORT, "upload": None, "told": None, "name": "抄表-2026-11.xlsx", "rows": _LOOKED, "unlisted": 3,
    "counts": (Count("Readings that fit", 1), Count("Rows left out", 2, "breach")), "readings": "[]",
}  # fmt: skip
COST = Cost(
    UUID(int=95), SHARED.item_id, "公摊电费", date(2026, 10, 1), "", "built", 1_234_567, "D-2026-10", None, None, None,
    480, "42150.5", NOW, "王会计", False,
)  # fmt: skip
COUNTED = msgspec.structs.replace(
    COST, id=UUID(int=96), building="3", meter_id=SHARED.id, used="2020", price="0.6125", bill="", billed=True
)
_COSTS: dict[str, Any] = {
    "costs": [COST, COUNTED],
    "building": building,
    "methods": METHODS,
    "fields": (Field("yuan", "Amount of the bill (yuan)", error="Give at most two places: fen."),),
    "items": True,
    "show": False,
    "places": PLACES_SHOWN,
    "money": yuan,
    "pager_view": Pager(2, "", "?after=x"),
}
_COST: dict[str, Any] = {
    "refused": "",
    "cost": COST,
    "shares": [CostShare(METER.unit_id or UUID(int=1), METER.unit, "89.5", 2622)],
    "where": "",
    "method": METHODS["built"],
    "manages": True,
    "money": yuan,
    "pager_view": Pager(1, "480", "?after=x"),
}
_SINGLES_PATH = "/s/cuihu/billing/singles"
SINGLE = Single(
    UUID(int=97), UUID(int=98), "装修垃圾清运", METER.unit_id or UUID(int=1), METER.unit, UUID(int=99), "赵敏",
    date(2026, 11, 20), date(2026, 11, 30), 30_000,
)  # fmt: skip
_SINGLES: dict[str, Any] = {
    "singles": [SINGLE],
    "done": SINGLE,
    "fields": (Field("yuan", "Amount each time (yuan)", help="Empty where the item has a price."),),
    "items": True,
    "text": "",
    "show": False,
    "places": PLACES_SHOWN,
    "money": yuan,
    "pager_view": Pager(1, "", "?after=x"),
}
_DISCOUNTS_PATH = "/s/cuihu/billing/discounts"
DISCOUNT = Discount(
    UUID(int=101), UUID(int=61), "物业费", METER.unit_id, METER.unit, "vacancy", date(2026, 6, 1), date(2027, 5, 31),
    "0.7", "空置证明已核实", "陈静", NOW, "李经理", 1,
)  # fmt: skip
OVER = msgspec.structs.replace(
    DISCOUNT, id=UUID(int=102), unit_id=None, unit="", kind="other", factor="0", until=date(2026, 6, 30)
)
FIXED = msgspec.structs.replace(DISCOUNT, id=UUID(int=103), kind="other", factor=None, off_fen=2_000)
TAKEN = msgspec.structs.replace(DISCOUNT, id=UUID(int=104), kind="prepaid", factor="0", receipt_id=UUID(int=21))
_UNTIL = (Field("until", "Last day", "date", "2027-05-31", required=True),)
_DISCOUNTS: dict[str, Any] = {
    "rows": [
        (DISCOUNT, "70", _UNTIL, False),
        (OVER, "0", _UNTIL, False),
        (FIXED, "", _UNTIL, False),
        (TAKEN, "0", _UNTIL, False),
    ],
    "kinds": KINDS,
    "today": date(2026, 11, 21),
    "receipts": True,
    "money": yuan,
    "fields": (Field("percent", "Charged (% of the price)", error="Give less than 100, with two places at most."),),
    "ends": True,
    "items": True,
    "text": "",
    "show": False,
    "places": PLACES_SHOWN,
    "pager_view": Pager(2, "", "?after=x"),
}
METERS_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "readings": ("billing/readings.html", _PATH, _MONTH),
    "readings-seen": ("billing/readings.html", _PATH, {**_MONTH, "enters": False, "manages": False}),
    "readings-done": ("billing/readings.html", _PATH, {**_MONTH, "rows": []}),
    "readings-none": ("billing/readings.html", _PATH, {**_MONTH, "rows": [], "meters": 0, "read": 0}),
    "readings-no-items": ("billing/readings.html", _PATH, {**_MONTH, "rows": [], "meters": 0, "items": ()}),
    "meters": ("billing/meters.html", _PATH, _METERS),
    "meters-none": (
        "billing/meters.html", _PATH, {**_METERS, "meters": [], "add": (), "set_up": (), "told": None}
    ),
    "meter": ("billing/meter.html", _PATH, _METER),
    "meter-none": (
        "billing/meter.html", _PATH, {**_METER, "meter": SHARED, "readings": [], "enter": [], "change": ()}
    ),
    "readings-import": ("billing/readings_import.html", _PATH, _IMPORT),
    "readings-import-preview": ("billing/readings_import.html", _PATH, _PREVIEW),
    "shared-costs": ("billing/costs.html", _COSTS_PATH, _COSTS),
    "shared-costs-none": ("billing/costs.html", _COSTS_PATH, {**_COSTS, "costs": [], "fields": ()}),
    "shared-costs-nothing": ("billing/costs.html", _COSTS_PATH, {**_COSTS, "costs": [], "items": False}),
    "single-charges": ("billing/singles.html", _SINGLES_PATH, _SINGLES),
    "single-charges-none": (
        "billing/singles.html", _SINGLES_PATH, {**_SINGLES, "singles": [], "done": None, "fields": ()}
    ),
    "single-charges-nothing": (
        "billing/singles.html", _SINGLES_PATH, {**_SINGLES, "singles": [], "done": None, "items": False}
    ),
    "discounts": ("billing/discounts.html", _DISCOUNTS_PATH, _DISCOUNTS),
    "discounts-none": (
        "billing/discounts.html", _DISCOUNTS_PATH, {**_DISCOUNTS, "rows": [], "fields": (), "ends": False}
    ),
    "discounts-no-items": ("billing/discounts.html", _DISCOUNTS_PATH, {**_DISCOUNTS, "rows": [], "items": False}),
    "shared-cost": ("billing/cost.html", _COSTS_PATH, _COST),
    "shared-cost-refused": (
        "billing/cost.html", _COSTS_PATH,
        {**_COST, "cost": COUNTED, "where": "3幢", "manages": False, "refused": "已有计费批次包含这笔公摊。"},
    ),
    "readings-import-nothing": ("billing/readings_import.html", _PATH, {**_PREVIEW, "readings": ""}),
}  # fmt: skip
# Those that a browser looks at.
METERS_FULL = {
    name: METERS_PAGES[name]
    for name in (
        "readings",
        "meters",
        "meter",
        "readings-import-preview",
        "shared-costs",
        "shared-cost",
        "single-charges",
        "discounts",
    )
}
