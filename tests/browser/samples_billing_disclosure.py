"""Sample contexts for the templates of billing: dashboard, disclosure, public page, reports of all sites."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from core.sdk import Site
from core.web.views import Choice, Count, Field, Notice, Pager
from plugins.billing.arrears.model import Sum
from plugins.billing.arrears.screens import percent
from plugins.billing.dashboard.model import Dashboard, DayReceived, ItemRate, MeansToday, Waiting
from plugins.billing.dashboard.pages import WAITS
from plugins.billing.disclosure.book import Row as BookRow
from plugins.billing.disclosure.model import (
    CATEGORIES,
    HEADINGS,
    KINDS,
    Draft,
    Edition,
    Expense,
    ItemHeading,
    Line,
    NewExpense,
    Sums,
)
from plugins.billing.disclosure.screens import _TABS, WORDS, told
from plugins.billing.ledger.pages import MEANS_WORDS
from plugins.billing.reports.model import CompanyReport, Moved, Row, SiteRow
from plugins.billing.reports.pages import COLUMNS
from plugins.billing.tariffs.price_list import Entry, Published
from plugins.billing.telling import yuan
from tests.browser.samples import NOW

_PATH = "/s/cuihu/billing/disclosures"
_PUBLIC = "/s/cuihu/billing/public/x"
_SITE = Site(UUID(int=1), "cuihu", "翠湖花园", "residential", "Asia/Shanghai", "0571-88880000")
_SUMS = Sums(1_250_000, 36_000_00, 33_024_80, 28_100_00, 1_250_000 + 33_024_80 - 28_100_00)
_LINES = [
    Line("income", "service", "物业费", 3_425_000, 3_127_480, 0),
    Line("income", "public", "公共场地停车费", 175_000, 175_000, 0),
    Line("income", "collected", "水费", 90_000, 81_000, 0),
    Line("expense", "staff", "", 0, 0, 1_900_000),
    Line("expense", "own", "电梯维保", 0, 0, 600_000),
    Line("expense", "other", "", 0, 0, 310_000),
]
_FIRST = Edition(UUID(int=7), "month", date(2026, 10, 1), date(2026, 10, 31), 1, None, None, "", "", _SUMS, NOW, "赵敏")
_SECOND = msgspec.structs.replace(
    _FIRST, id=UUID(int=8), edition=2, replaces=UUID(int=7), reason="补记电梯维保费", note="电梯年检已完成。"
)
_REPLACED = msgspec.structs.replace(_FIRST, replaced_by=UUID(int=8))
_DRAFT = Draft("month", date(2026, 10, 1), date(2026, 10, 31), True, False, 2, _SUMS, _LINES, "0" * 64)
_RUNNING = msgspec.structs.replace(_DRAFT, over=False, edition=1)
_NOTHING = Sums(0, 0, 0, 0, 0)
_SPENT = Expense(
    UUID(int=3), date(2026, 10, 1), "repairs", None, "", 600_000, "通力电梯", "FP-118", "年检", None, None, NOW,
    "陈静",
)  # fmt: skip
_BACK = msgspec.structs.replace(_SPENT, id=UUID(int=4), amount_fen=-600_000, reverses=UUID(int=3))
_TAKEN = msgspec.structs.replace(_SPENT, id=UUID(int=5), reversed_by=UUID(int=4))
_KINDS = Field("kind", "Period", "select", "month", choices=tuple(Choice(k, v) for k, v in KINDS.items()))
_MONTH = Field("month", "Month", "month", "2026-10")
_LIST: dict[str, Any] = {
    "editions": [_SECOND, _REPLACED],
    "fields": (_KINDS, _MONTH),
    "tabs": list(_TABS),
    "money": yuan,
    "shown": True,
    "link": f"https://lodge.example.com{_PUBLIC}",
    "pager_view": Pager(2, ""),
    **WORDS,
}
_LOOKED: dict[str, Any] = {
    "draft": _DRAFT,
    "fields": (Field("reason", "Why does it replace the edition before?", "textarea", required=True),),
    "hidden": [("kind", "month")],
    "show": False,
    "refused": "",
    "money": yuan,
    **told(_SUMS, _LINES),
}
_EXPENSES: dict[str, Any] = {
    "rows": [(each, CATEGORIES[each.category]) for each in (_SPENT, _BACK, _TAKEN)],
    "month": _MONTH,
    "fields": (_MONTH, Field("yuan", "Amount (yuan)", required=True)),
    "named": (Field("title", "Name", required=True),),
    "show": "",
    "tabs": list(_TABS),
    "export": "/s/cuihu/billing/disclosures/expenses/export",
    "money": yuan,
    "pager_view": Pager(3, ""),
}
_UPLOAD: dict[str, Any] = {
    "upload": Field("file", "Workbook", "file", accept=".xlsx", required=True),
    "told": None, "name": "", "rows": [], "counts": (), "total": "", "expenses": "",
}  # fmt: skip
_TEXTS = {
    "month": "2026-10",
    "category": "清洁卫生费用",
    "yuan": "1200",
    "document": "FP-9",
    "supplier": "",
    "remark": "",
}
_PREVIEW: dict[str, Any] = {
    **_UPLOAD,
    "upload": None,
    "name": "支出.xlsx",
    "rows": [
        BookRow(3, {**_TEXTS, "category": "清洁"}, None, "Column {column}: there is no such category. Add it first.",
                {"column": "支出科目"}),
        BookRow(2, _TEXTS, NewExpense(month=date(2026, 10, 1), category="cleaning", amount_fen=120_000)),
    ],
    "counts": (Count("Expenses that fit", 1), Count("Rows left out", 1, "breach")),
    "total": "1200.00",
    "expenses": "[]",
}  # fmt: skip
_EXPENSE: dict[str, Any] = {
    "expense": _SPENT,
    "called": CATEGORIES["repairs"],
    "reason": Field("reason", "Why is it taken back?", required=True, maximum=200),
    "refused": "",
    "money": yuan,
}
_HEADING = Field("heading", "Heading", "select", "public", choices=tuple(Choice(k, v) for k, v in HEADINGS.items()))
_HEADINGS: dict[str, Any] = {
    "rows": [(ItemHeading(UUID(int=2), "车位费", "", "public", 1), _HEADING)],
    "manages": True,
    "tabs": list(_TABS),
    "refused": "",
    **WORDS,
}
_TODAY = date(2026, 11, 23)
_BOARD = Dashboard(
    _TODAY, 3_425_000, 3_127_480, Sum(None, "", 31, 1_240_000, 830_000, [410_000, 320_000, 210_000, 300_000, 0, 0]),
    [30, 60, 90, 365],
    [DayReceived(_TODAY - timedelta(days=6 - n), n * 31_250) for n in range(7)],
    [MeansToday("cash", 120_000, 5_000), MeansToday("qr", 255_248, 0)],
    [ItemRate("物业费", 95, 3_425_000, 3_127_480, 913, False), ItemRate("水费", 100, 90_000, 90_000, 1000, True)],
    [Waiting("runs_approve", 1), Waiting("bank", 4), Waiting("days", 0)],
)  # fmt: skip
_QUIET = Dashboard(_TODAY, 0, 0, Sum(None, "", 0, 0, 0, [0] * 6), [30, 60, 90, 365], _BOARD.days[:1], [], [], [])
_SHOWN: dict[str, Any] = {
    "board": _BOARD,
    "ages": ["未到期", "1–30 天", "31–60 天", "61–90 天", "91–365 天", "超过 365 天"],
    "waits": WAITS,
    "opens": {"reports", "ledger", "arrears", "cash"},
    "cash": 370_248,
    "means_words": MEANS_WORDS,
    "percent": percent,
    "money": yuan,
    "sees": True,
}
_DOOR: dict[str, Any] = {
    "company": "临里物业", "site": _SITE, "here": _PUBLIC, "prices": True, "editions": [_SECOND], **WORDS,
}  # fmt: skip
_ENTRY = Entry(
    "物业费", "每平方米每月 2.35 元", date(2026, 1, 1), "按月", "业主", "", "前期物业合同",
    "2027-01-01 起：每平方米每月 2.60 元",
)  # fmt: skip
_PRICES = Published("临里物业", "翠湖花园", "0571-88880000", "2026-11-23", [_ENTRY])
_EDITION: dict[str, Any] = {
    "company": "临里物业", "site": _SITE, "edition": _SECOND, "here": f"{_PUBLIC}/8", "above": _PUBLIC, "money": yuan,
    **told(_SUMS, _LINES),
}  # fmt: skip
_MOVED = Moved(1_240_000, 3_425_000, -5_000, 120, 3_302_480)
_SITES: dict[str, Any] = {
    "report": CompanyReport(
        date(2026, 1, 1), _TODAY,
        [SiteRow("cuihu", Row.of("翠湖花园", _MOVED)), SiteRow("bin", Row.of("滨江府", Moved()))], Row.of("", _MOVED),
    ),
    "columns": COLUMNS,
    "days": (Field("since", "From day", "date", "2026-01-01"), Field("until", "Until", "date", "2026-11-23")),
    "query": "since=2026-01-01&until=2026-11-23",
    "export": "/s/cuihu/billing/reports/sites/export",
    "amount": yuan,
}  # fmt: skip
DISCLOSURE_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "disclosures": ("billing/disclosures.html", _PATH, _LIST),
    "disclosures-none": ("billing/disclosures.html", _PATH, {**_LIST, "editions": [], "link": ""}),
    "disclosure-draft": ("billing/disclosure_draft.html", _PATH, _LOOKED),
    "disclosure-draft-none": (
        "billing/disclosure_draft.html",
        _PATH,
        {**_LOOKED, "draft": _RUNNING, "fields": (), "refused": "No.", **told(_NOTHING, [])},
    ),
    "disclosure": ("billing/disclosure.html", _PATH, {"edition": _SECOND, "money": yuan, **told(_SUMS, _LINES)}),
    "disclosure-replaced": (
        "billing/disclosure.html",
        _PATH,
        {"edition": _REPLACED, "money": yuan, **told(_SUMS, _LINES)},
    ),
    "headings": ("billing/headings.html", _PATH, _HEADINGS),
    "headings-none": ("billing/headings.html", _PATH, {**_HEADINGS, "rows": [], "refused": "No."}),
    "headings-seen": ("billing/headings.html", _PATH, {**_HEADINGS, "manages": False}),
    "expenses": ("billing/expenses.html", _PATH, _EXPENSES),
    "expenses-none": ("billing/expenses.html", _PATH, {**_EXPENSES, "rows": [], "fields": (), "named": ()}),
    "expenses-import": ("billing/expenses_import.html", _PATH, _UPLOAD),
    "expenses-imported": (
        "billing/expenses_import.html",
        _PATH,
        {**_UPLOAD, "told": Notice("ok", "Expenses entered: {n}.", {"n": 3})},
    ),
    "expenses-preview": ("billing/expenses_import.html", _PATH, _PREVIEW),
    "expenses-preview-none": ("billing/expenses_import.html", _PATH, {**_PREVIEW, "expenses": ""}),
    "expense": ("billing/expense.html", _PATH, _EXPENSE),
    "expense-back": ("billing/expense.html", _PATH, {**_EXPENSE, "expense": _BACK, "reason": None, "refused": "No."}),
    "expense-taken": ("billing/expense.html", _PATH, {**_EXPENSE, "expense": _TAKEN, "reason": None}),
    "public-fees": ("billing/public.html", _PUBLIC, _DOOR),
    "public-fees-none": ("billing/public.html", _PUBLIC, {**_DOOR, "editions": []}),
    "public-fees-prices": ("billing/public.html", _PUBLIC, {**_DOOR, "editions": None}),
    "public-prices": ("billing/public_prices.html", _PUBLIC, {"published": _PRICES, "here": f"{_PUBLIC}/prices"}),
    "public-prices-none": (
        "billing/public_prices.html",
        _PUBLIC,
        {"published": msgspec.structs.replace(_PRICES, entries=[]), "here": f"{_PUBLIC}/prices"},
    ),
    "public-disclosure": ("billing/public_disclosure.html", _PUBLIC, _EDITION),
    "public-disclosure-replaced": ("billing/public_disclosure.html", _PUBLIC, {**_EDITION, "edition": _REPLACED}),
    "fee-dashboard": ("billing/dashboard.html", "/s/cuihu/billing/dashboard", _SHOWN),
    "fee-dashboard-quiet": (
        "billing/dashboard.html",
        "/s/cuihu/billing/dashboard",
        {**_SHOWN, "board": _QUIET, "opens": set(), "cash": 0, "sees": False},
    ),
    "billing-reports-sites": ("billing/reports_sites.html", "/s/cuihu/billing/reports", _SITES),
}
# Those that a browser looks at.
DISCLOSURE_FULL = {
    name: DISCLOSURE_PAGES[name]
    for name in (
        "disclosures", "disclosure-draft", "disclosure", "disclosure-replaced", "headings", "expenses",
        "expenses-preview", "expense", "public-fees", "public-prices", "public-disclosure", "fee-dashboard",
        "billing-reports-sites",
    )
}  # fmt: skip
