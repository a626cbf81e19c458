"""Sample contexts for the templates of billing: the ledger."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from core.web.views import Choice, Field, Pager
from plugins.billing.ledger.model import Entry, Line, OpenCharge, Period, Standing, UnitAccount
from plugins.billing.ledger.pages import ACCOUNT_WORDS, KIND_WORDS, MEANS_WORDS
from plugins.billing.telling import yuan
from tests.browser.samples import NOW

_PATH = "/s/cuihu/billing/ledger"
_WORDS: dict[str, Any] = {
    "amount": yuan, "kind_words": KIND_WORDS, "account_words": ACCOUNT_WORDS, "means_words": MEANS_WORDS,
}  # fmt: skip
UNIT, PARTY, ITEM, CHARGE = (UUID(int=n) for n in range(1, 5))
_LABEL = "3幢1单元1802"
PAID = Entry(
    UUID(int=7), date(2026, 11, 20), "payment", None, None, "前台收款", NOW, "陈静",
    [
        Line("clearing", 36_000, None, "", UNIT, _LABEL, PARTY, None, "qr"),
        Line("receivable", -34_250, ITEM, "物业费", UNIT, _LABEL, PARTY, CHARGE, ""),
        Line("prepayment", -1_750, None, "", UNIT, _LABEL, PARTY, None, ""),
    ],
)  # fmt: skip
UNDONE = msgspec.structs.replace(PAID, id=UUID(int=8), reversed_by=UUID(int=9))
ACCOUNT = UnitAccount(
    UNIT, _LABEL,
    [
        OpenCharge(CHARGE, ITEM, "物业费", PARTY, "王芳", date(2026, 10, 1), date(2026, 10, 31), date(2026, 10, 11), 41,
                   34_250, 34_250),
        OpenCharge(UUID(int=5), ITEM, "车位费", PARTY, "王芳", None, None, date(2026, 12, 1), 0, 15_000, 5_000),
    ],
    [Standing(PARTY, "王芳", None, "", 1_750)], [Standing(PARTY, "王芳", ITEM, "装修押金", 200_000)],
    39_250, 34_250, 1_750, 200_000,
)  # fmt: skip
_JOURNAL: dict[str, Any] = {
    "entries": [PAID, UNDONE],
    "kinds": Field("kind", "Kind", "select", choices=(Choice("", "All kinds"), Choice("payment", "Payment"))),
    "days": (Field("since", "From", "date"), Field("until", "Until", "date")),
    "text": "",
    "pager_view": Pager(2, "", f"{_PATH}?cursor=x"),
    "export": f"{_PATH}/export",
    **_WORDS,
}
_PERIODS = [
    {
        "period": Period(date(2026, 11, 1), 12, 480_000, 480_000, None, "", "not_over"),
        "missing": "2026-12-01 起可以关账。",
    },
    {"period": Period(date(2026, 10, 1), 40, 900_000, 900_000, None, ""), "missing": ""},
    {"period": Period(date(2026, 9, 1), 38, 880_000, 880_000, NOW - timedelta(days=50), "赵敏"), "missing": ""},
]
_REASON = Field("reason", "Why is it undone?", "textarea", required=True, maximum=200)
LEDGER_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "ledger": ("billing/journal.html", _PATH, _JOURNAL),
    "ledger-none": ("billing/journal.html", _PATH, {**_JOURNAL, "entries": [], "pager_view": Pager(0, "")}),
    "ledger-entry": (
        "billing/entry.html", _PATH,
        {"entry": PAID, "receipt": (UUID(int=77), "SJ-2026-000017"), "reason": _REASON, "show": False, **_WORDS},
    ),
    "ledger-entry-undone": (
        "billing/entry.html", _PATH, {"entry": UNDONE, "receipt": None, "reason": None, "show": False, **_WORDS}
    ),
    "ledger-account": (
        "billing/account.html", _PATH,
        {"account": ACCOUNT, "entries": [PAID], "pager_view": Pager(1, ""), "sends": True, "dunned": True, **_WORDS},
    ),
    "ledger-account-none": (
        "billing/account.html", _PATH,
        {"account": UnitAccount(UNIT, _LABEL, [], [], [], 0, 0, 0, 0), "entries": [], "pager_view": Pager(0, ""),
         "sends": False, "dunned": False, **_WORDS},
    ),
    "ledger-periods": ("billing/periods.html", _PATH, {"rows": _PERIODS, "closes": True, **_WORDS}),
    "ledger-periods-none": ("billing/periods.html", _PATH, {"rows": [], "closes": False, **_WORDS}),
}  # fmt: skip
# Those that a browser looks at.
LEDGER_FULL = {name: LEDGER_PAGES[name] for name in ("ledger", "ledger-entry", "ledger-account", "ledger-periods")}
