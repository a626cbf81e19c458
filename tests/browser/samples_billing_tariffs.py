"""Sample contexts for the templates of tariffs: items, an item, areas and spaces, a unit, the price list."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from core.web.views import Field, Notice, Pager
from plugins.billing.tariffs import forms, screens
from plugins.billing.tariffs.model import MEASURED, Assignment, FeeItem, ItemDetail, TariffVersion
from plugins.billing.tariffs.price_list import Entry, Offered, Published
from plugins.billing.tariffs.quantities.model import Missing, UnitQuantity, UnitRow
from tests.browser.samples import NOW

_ID = UUID(int=61)
_TODAY = date(2026, 11, 21)
ITEM = FeeItem(_ID, "property_fee", "物业费", "built", "month", "owner", 10, "", None, 3)
WATER = FeeItem(UUID(int=62), "water", "水费代收", "fixed", "month", "occupant", 10, "自来水公司", date(2026, 6, 30), 1)
PRICE = TariffVersion(
    UUID(int=63), _ID, 2, date(2026, 1, 1), "2.50", "", "calendar", "fen", "half_up", "含电梯运行费", NOW, "刘洋"
)
FORMULA = msgspec.structs.replace(
    PRICE, id=UUID(int=64), number=3, valid_from=date(2027, 1, 1), price=None,
    formula="min(built, 90[m2]) * 2[yuan/m2/month]",
)  # fmt: skip
VERSIONS = [FORMULA, PRICE, msgspec.structs.replace(PRICE, id=UUID(int=65), number=1, price="2.40")]
LINES = [
    Assignment(UUID(int=66), _ID, "site", "", None, "", date(2026, 1, 1), None, True, 1),
    Assignment(UUID(int=67), _ID, "building", "3幢", None, "", date(2026, 1, 1), date(2026, 6, 30), False, 1),
    Assignment(UUID(int=68), _ID, "unit", "", UUID(int=69), "3幢1单元302", date(2026, 1, 1), None, False, 1),
]
DETAIL = ItemDetail(ITEM, PRICE, VERSIONS, LINES, None)
UNIT = UnitRow(UUID(int=69), "3幢", "3幢1单元302", "118.90", {"built": "118.90", "spaces": "1.00"})
QUANTITY = UnitQuantity(UUID(int=70), UNIT.id, "built", date(2026, 1, 1), "118.90", "不动产权证", NOW, "蔡静", 1)
_WORDS: dict[str, Any] = {"words": screens.WORDS_OF, "rents": True}
_VALUE = (Field("value", "Value (m² or spaces)", value="118.90", error="Give a number such as 2.35."),)
_NEW = forms.item_fields({"due_days": "10"}, (), new=True)
_ITEM: dict[str, Any] = {
    **_WORDS,
    "item": ITEM,
    "ended": False,
    "building": screens.building,
    "current": PRICE,
    "price": screens.price(ITEM, PRICE),
    "example": "建筑面积 90 m²，整月：225.00 元",
    "versions": forms.history(DETAIL, _TODAY),
    "lines": [(line, forms.line_fields(forms.as_line(line), ()), False) for line in LINES],
    "dialogs": {
        "version": forms.Dialog("version", forms.version_fields(forms.as_version(PRICE, _TODAY), ())),
        "assign": forms.Dialog("assign", forms.assignment_fields(["3幢"], {"since": "2026-11-21"}, ())),
        "change": forms.Dialog("change", forms.item_fields(forms.as_item(ITEM), ())),
    },
    "taken": "",
}
_BARE: dict[str, Any] = {
    **_ITEM, "item": WATER, "ended": True, "current": None, "price": None, "example": None, "versions": [], "lines": [],
    "dialogs": {},
}  # fmt: skip
_UNITS: dict[str, Any] = {
    "units": [UNIT, msgspec.structs.replace(UNIT, id=UUID(int=71), label="3幢1单元303", area_m2=None, quantities={})],
    "bases": MEASURED,
    "missing": [Missing(UUID(int=71), "3幢1单元303", "built", ["物业费", "公共能耗费"])],
    "lacking": 120,
    "text": "",
    "pager_view": Pager(2, "2", "?after=x"),
    "told": Notice(
        "warn", "Areas taken over: {n}. Units for which the roll has no area: {without}.", {"n": 3, "without": 1}
    ),
    "take_over": (Field("valid_from", "From", "date", "2026-11-21", required=True),),
    "show": False,
    "roll": True,
    "rents": True,
}
_LIST = Published(
    "邻里云物业", "翠湖花园一期", "021-5555 0110", "2026-11-21",
    [
        Entry("物业费", "每平方米每月 2.50 元", _TODAY, "按月", "业主", "", "含电梯运行费", "自 2027 年起：3 元"),
        Entry("水费代收", "每户每月 12 元", _TODAY, "按月", "实际居住人", "自来水公司", "", ""),
    ],
    [Offered("年付优惠", "物业费", "预交 11 个月，送 1 个月", "2026-12-31")],
)  # fmt: skip
_PATH = "/s/cuihu/billing"
TARIFFS_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "fee-items": (
        "billing/items.html",
        _PATH,
        {
            **_WORDS,
            "rows": [
                forms.ItemRow(
                    ITEM,
                    screens.price(ITEM, PRICE),
                    PRICE.valid_from,
                    screens.price(ITEM, FORMULA),
                    FORMULA.valid_from,
                    False,
                ),
                forms.ItemRow(WATER, None, None, None, None, True),
            ],
            "fields": _NEW,
            "show": False,
        },
    ),
    "fee-items-none": ("billing/items.html", _PATH, {**_WORDS, "rows": [], "fields": (), "show": False}),
    "fee-item": ("billing/item.html", _PATH, _ITEM),
    "fee-item-bare": ("billing/item.html", _PATH, _BARE),
    "fee-item-rent": (
        "billing/item.html", _PATH, {**_BARE, "item": msgspec.structs.replace(ITEM, basis="rent"), "ended": False}
    ),
    "quantities": ("billing/quantities.html", _PATH, _UNITS),
    "quantities-none": (
        "billing/quantities.html",
        _PATH,
        {**_UNITS, "units": [], "missing": [], "lacking": 0, "told": None, "take_over": (), "text": ""},
    ),
    "unit-quantities": (
        "billing/unit.html",
        _PATH,
        {
            "unit": UNIT,
            "rows": [(QUANTITY, MEASURED["built"], _VALUE, True)],
            "add": _VALUE,
            "keeps": True,
            "show": False,
            "corrected": {"basis": "built", "since": "2026-03-01", "was": "120.00"},
            "corrects": True,
            "compares": True,
        },
    ),
    "unit-quantities-none": (
        "billing/unit.html",
        _PATH,
        {
            "unit": UNIT,
            "rows": [],
            "add": (),
            "keeps": False,
            "show": False,
            "corrected": None,
            "corrects": False,
            "compares": False,
        },
    ),
    "published-prices": ("billing/price_list.html", _PATH, {"published": _LIST, "link": _PATH, "rents": True}),
    "published-prices-none": (
        "billing/price_list.html",
        _PATH,
        {"published": msgspec.structs.replace(_LIST, entries=[]), "link": "", "rents": False},
    ),
}  # fmt: skip
# Those that a browser looks at; the others are the same pages with less on them.
TARIFFS_FULL = {name: TARIFFS_PAGES[name] for name in ("fee-items", "fee-item", "quantities", "published-prices")}
