"""Sample contexts for the templates of billing: arrears, dunning, collection rates."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from core.web.views import Choice, Field, Filters, Pager
from plugins.billing.arrears.damages.model import (
    Charged,
    DamagesPage,
    HouseholdDamages,
    LateCharge,
    OpenDamages,
    UnitDamages,
)
from plugins.billing.arrears.dunning.model import Debt, Dispute, Promise, Record, Row, Taken, Worklist
from plugins.billing.arrears.model import Ageing, Household, MonthRate, Rate, Rates, Sum
from plugins.billing.arrears.proofs.model import Proof
from plugins.billing.arrears.screens import STEP_WORDS, WORDS, percent
from plugins.billing.telling import yuan
from tests.browser.samples import NOW
from tests.browser.samples_billing_ledger import ACCOUNT, CHARGE, ITEM, PARTY, UNIT

_PATH = "/s/cuihu/billing/arrears"
_LABEL = "3幢1单元1802"
_WORDS: dict[str, Any] = {"amount": yuan, **WORDS}
_AGED = [5_000, 34_250, 0, 120_000, 0, 800_000]
_HOUSEHOLDS = [
    Household(UNIT, _LABEL, "3", "王芳、李雷", 7, 959_250, 954_250, date(2025, 10, 11), 408, _AGED),
    Household(UUID(int=21), "3幢1单元1803", "3", "", 1, 5_000, 0, date(2026, 12, 1), 0, [5_000, 0, 0, 0, 0, 0]),
]
_TOTAL = Sum(None, "", 2, 964_250, 954_250, [10_000, 34_250, 0, 120_000, 0, 800_000])
_AGEING = Ageing(
    [30, 90, 180, 365], _TOTAL,
    [Sum(ITEM, "物业费", 2, 959_250, 954_250, _AGED), Sum(UUID(int=22), "车位费", 1, 5_000, 0, [5_000, 0, 0, 0, 0, 0])],
    [Sum(None, "3", 2, 964_250, 954_250, _TOTAL.aged_fen)],
)  # fmt: skip
_NONE = Ageing([30, 90, 180, 365], Sum(None, "", 0, 0, 0, [0] * 6), [], [])
_LIST: dict[str, Any] = {
    "rows": _HOUSEHOLDS,
    "ageing": _AGEING,
    "ages": ["未到期", "1–30 天", "31–90 天", "91–180 天", "181–365 天", "365 天以上"],
    "filters": Filters(selects=(Field("item", "Fee item", "select", choices=(Choice("", "All items"),)),)),
    "filtered": False,
    "pager_view": Pager(2, "", f"{_PATH}?after=x"),
    "export": f"{_PATH}/export",
    "collects": True,
    "amount": yuan,
}
_MONTHS = [MonthRate(date(2026, 7, 1), 500_000, 480_000, 960), MonthRate(date(2026, 10, 1), 500_000, 300_000, 600)]
_RATES = Rates(
    2026,
    [
        Rate(ITEM, "物业费", "", 95, 1_000_000, 780_000, 780, False, _MONTHS),
        Rate(UUID(int=22), "公共能耗费", "市供电公司", 100, 20_000, 20_000, 1000, True, _MONTHS[:1]),
    ],
    1_020_000, 800_000, 784,
)  # fmt: skip
_YEAR = Field("year", "Year", "select", "2026", choices=(Choice("2026", "2026"), Choice("2025", "2025")))
_ROW = Row(UNIT, _LABEL, "王芳", "letter", 954_250, date(2025, 10, 11), 408, date(2026, 10, 3), True)
_DUE = Worklist(
    [_ROW, msgspec.structs.replace(_ROW, unit_id=UUID(int=21), unit="3幢1单元1803", asked_on=None, broken=False)],
    None, {"message": 4, "letter": 2, "visit": 0, "notice": 0, "legal": 1}, 3, 1,
)  # fmt: skip
_NOTE = Field("note", "Remark", maximum=500)
_DUNNING: dict[str, Any] = {
    "step": "letter", "worklist": _DUE, "text": "", "pager_view": Pager(2, ""), "target": "/s/cuihu/billing/dunning",
    "may": True, "fields": (_NOTE,), "refused": "", **_WORDS,
}  # fmt: skip
_LINE = Debt(CHARGE, "物业费", date(2025, 10, 1), date(2025, 12, 31), date(2025, 10, 11), 954_250)
_LETTER = Taken(
    UUID(int=31), UUID(int=32), 12, UNIT, _LABEL, PARTY, "王芳", "letter", date(2026, 11, 2), 954_250, [_LINE], "",
    "", "", NOW, "陈静",
)  # fmt: skip
_VISIT = msgspec.structs.replace(
    _LETTER, id=UUID(int=33), number=13, step="visit", who="周强", outcome="promised", note="月底前先缴一半"
)
_RECORD = Record(
    UNIT, _LABEL, "notice", date(2026, 11, 2), "broken", 0, [(PARTY, "王芳")], [_VISIT, _LETTER],
    [Promise(UUID(int=41), "王芳", 400_000, date(2026, 11, 15), "", NOW, "周强")],
    [
        Dispute(UUID(int=51), ITEM, "物业费", "王芳", "面积登记有误", "open", date(2026, 11, 3), "陈静", None, "",
                "", 1),
        Dispute(UUID(int=52), None, "", "王芳", "称已转账", "settled", date(2026, 9, 3), "陈静", date(2026, 9, 9),
                "赵敏", "查无此款", 2),
    ],
)  # fmt: skip
_REASON = Field("reason", "What is disputed, and why", "textarea", required=True, maximum=500)
_DAMAGES = UnitDamages(
    UNIT, date(2026, 11, 23), [LateCharge(CHARGE, "物业费", PARTY, date(2026, 10, 11), 34_250, 442, 300)], 442, 142,
    [OpenDamages(UUID(int=61), 300)], 300, True,
)  # fmt: skip
_HOUSEHOLD: dict[str, Any] = {
    "account": ACCOUNT, "record": _RECORD, "takes": True, "collects": True, "settles": True,
    "promise": (Field("amount", "Amount (yuan)", required=True, value="342.50"),
                Field("promised_on", "To be paid by", "date", required=True)),
    "dispute": (_REASON,), "settle": {UUID(int=51): (Field("outcome", "What came of it", "textarea", required=True),)},
    "damages": _DAMAGES, "charges": True, "refused": "", "waiver": (_REASON,), "show": "", **_WORDS,
}  # fmt: skip
_PROOFS: dict[str, Any] = {
    "taken": _LETTER,
    "proofs": [
        Proof(UUID(int=71), "门口照片.jpg", "jpeg", 212_000, True, True, NOW, "周强", None, "", ""),
        Proof(UUID(int=72), "快递回单.pdf", "pdf", 88_000, False, True, NOW, "周强", NOW, "陈静", "别户的回单"),
        Proof(UUID(int=73), "***", "pdf", 88_000, False, False, NOW, "周强", None, "", ""),
    ],
    "accept": "image/png", "strike": {UUID(int=71): (_REASON,)}, "show": None, "refused": "", **_WORDS,
}  # fmt: skip
_CHARGEABLE = [
    HouseholdDamages(UNIT, _LABEL, 3, date(2025, 10, 11), 954_250, 128_442, 128_300),
    HouseholdDamages(UUID(int=21), "3幢1单元1803", 1, date(2026, 10, 11), 34_250, 442, 442),
]
_DAMAGED: dict[str, Any] = {
    "found": DamagesPage(_CHARGEABLE, "x", 128_742, True, True), "rows": _CHARGEABLE, "charges": True, "charged": None,
    "refused": "", "pager_view": Pager(2, "", "?after=x"), "amount": yuan,
}  # fmt: skip
_EMPTY = Record(UNIT, _LABEL, None, None, None, 0, [], [], [], [])
ARREARS_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "arrears": ("billing/arrears.html", _PATH, _LIST),
    "arrears-none": (
        "billing/arrears.html", _PATH, {**_LIST, "rows": [], "ageing": _NONE, "pager_view": Pager(0, "")}
    ),
    "arrears-none-fits": ("billing/arrears.html", _PATH, {**_LIST, "rows": [], "filtered": True}),
    "arrears-rates": (
        "billing/rates.html", f"{_PATH}/rates", {"rates": _RATES, "year": _YEAR, "percent": percent, "amount": yuan}
    ),
    "arrears-rates-none": (
        "billing/rates.html", f"{_PATH}/rates",
        {"rates": Rates(2026, [], 0, 0, None), "year": _YEAR, "percent": percent, "amount": yuan},
    ),
    "arrears-household": ("billing/household_arrears.html", f"{_PATH}/units/1", _HOUSEHOLD),
    "arrears-household-none": (
        "billing/household_arrears.html", f"{_PATH}/units/1",
        {**_HOUSEHOLD, "record": _EMPTY, "settle": {}, "refused": "All damages until today have been charged.",
         "damages": UnitDamages(UNIT, date(2026, 11, 23), [], 0, 0, [], 0, False)},
    ),
    "dunning": ("billing/dunning.html", "/s/cuihu/billing/dunning", _DUNNING),
    "dunning-refused": (
        "billing/dunning.html", "/s/cuihu/billing/dunning", {**_DUNNING, "step": "visit", "refused": "请填写上门人员。"}
    ),
    "dunning-none": (
        "billing/dunning.html", "/s/cuihu/billing/dunning",
        {**_DUNNING, "worklist": Worklist([], None, dict.fromkeys(STEP_WORDS, 0), 0, 0), "may": False},
    ),
    "dunned": (
        "billing/dunned.html", "/s/cuihu/billing/dunning/1",
        {"taken": [_LETTER], "dunning_id": _LETTER.id, "left": 1, "unreached": 0, **_WORDS},
    ),
    "dunned-visit": (
        "billing/dunned.html", "/s/cuihu/billing/dunning/1",
        {"taken": [_VISIT], "dunning_id": _VISIT.id, "left": 0, "unreached": 2, **_WORDS},
    ),
    "damages": ("billing/damages.html", f"{_PATH}/damages", _DAMAGED),
    "damages-charged": (
        "billing/damages.html", f"{_PATH}/damages",
        {**_DAMAGED, "charged": Charged(2, 4, 128_742), "rows": [], "found": DamagesPage([], None, 0, True, True)},
    ),
    "damages-none": (
        "billing/damages.html", f"{_PATH}/damages",
        {**_DAMAGED, "refused": "请至少勾选一户。", "rows": [], "found": DamagesPage([], None, 0, False, False)},
    ),
    "damages-shown": (
        "billing/damages.html", f"{_PATH}/damages",
        {**_DAMAGED, "charges": False, "found": DamagesPage(_CHARGEABLE, None, 128_742, True, False)},
    ),
    "dunning-proofs": ("billing/proofs.html", "/s/cuihu/billing/dunning/1/proofs", _PROOFS),
    "dunning-proofs-none": (
        "billing/proofs.html", "/s/cuihu/billing/dunning/1/proofs",
        {**_PROOFS, "proofs": [], "accept": "", "strike": {}, "refused": "该文件已被划销。"},
    ),
}  # fmt: skip
ARREARS_FRAGMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "arrears-card": (
        "billing/arrears_card.html",
        {"unit_id": UNIT, "owed": "392.50", "overdue": "342.50", "since": date(2026, 10, 11), "days": 41, "link": True},
    ),
    "arrears-card-not-due": (
        "billing/arrears_card.html",
        {"unit_id": UNIT, "owed": "50.00", "overdue": "0.00", "since": date(2026, 12, 1), "days": 0, "link": False},
    ),
}
# Those that a browser looks at.
ARREARS_FULL = {
    name: ARREARS_PAGES[name]
    for name in (
        "arrears",
        "arrears-rates",
        "arrears-household",
        "dunning",
        "dunned-visit",
        "dunning-proofs",
        "damages",
    )
}
