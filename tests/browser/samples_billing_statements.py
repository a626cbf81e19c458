"""Sample contexts for the templates of billing: links to a statement, the door behind one, and the statement."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from core.web.views import Choice, Field
from plugins.billing.ledger.pages import KIND_WORDS, MEANS_WORDS
from plugins.billing.statements.model import Household, OpenCharge, Paid, Reader, Statement, Told
from plugins.billing.telling import yuan
from tests.browser.samples import NOW

_PATH = "/s/cuihu/billing/ledger"
UNIT, PARTY = UUID(int=1), UUID(int=2)
SENT = Statement(
    UUID(int=7), UNIT, PARTY, "王丽华", NOW - timedelta(days=1), "陈静", NOW + timedelta(days=6), 2, 1, 1, NOW
)
LOCKED = msgspec.structs.replace(SENT, id=UUID(int=8), tries=5, looks=0, looked_at=None)
HOUSEHOLD = Household(UNIT, "3幢1802", True, [Reader(PARTY, "王丽华", "138****6207")], [SENT, LOCKED])
TOLD = Told(
    [OpenCharge("物业费", date(2026, 11, 1), date(2026, 11, 30), date(2026, 11, 11), 21033, 21033)],
    21033,
    1750,
    200_000,
    [
        Paid(date(2026, 10, 20), "payment", "qr", 36_000, False, "SJ-2026-000017"),
        Paid(date(2026, 9, 20), "payment", "cash", 36_000, True, ""),
    ],
)
_LIST: dict[str, Any] = {
    "found": HOUSEHOLD,
    "party": Field("party_id", "To whom", "select", choices=(Choice(str(PARTY), "王丽华 138****6207"),)),
    "tries": 5,
    "refused": "",
}
_DOOR: dict[str, Any] = {
    "site": "翠湖花园",
    "unit": "3幢1802",
    "name": "王**",
    "field": Field("code", "The code from the text message", "tel", required=True, maximum=6),
    "minutes": 10,
    "tries": 5,
    "refused": "",
}
_TOLD: dict[str, Any] = {
    "site": "翠湖花园",
    "unit": "3幢1802",
    "name": "王**",
    "day": date(2026, 11, 23),
    "told": TOLD,
    "kinds": KIND_WORDS,
    "means": MEANS_WORDS,
    "money": yuan,
}
_EMPTY = Told([], 0, 0, 0, [])
_WRONG = msgspec.structs.replace(_DOOR["field"], error="This is not the code, or it is over.")
STATEMENTS_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "statements": ("billing/statements.html", _PATH, _LIST),
    "statements-none": (
        "billing/statements.html",
        _PATH,
        {**_LIST, "found": msgspec.structs.replace(HOUSEHOLD, readers=[], sent=[]), "refused": "No."},
    ),
    "statements-no-service": (
        "billing/statements.html",
        _PATH,
        {**_LIST, "found": msgspec.structs.replace(HOUSEHOLD, reachable=False)},
    ),
    "statement-door": ("billing/statement_door.html", _PATH, {**_DOOR, "field": None}),
    "statement-code": ("billing/statement_door.html", _PATH, {**_DOOR, "field": _WRONG, "refused": "No."}),
    "statement": ("billing/statement.html", _PATH, _TOLD),
    "statement-empty": ("billing/statement.html", _PATH, {**_TOLD, "told": _EMPTY}),
}
# Those that a browser looks at.
STATEMENTS_FULL = {name: STATEMENTS_PAGES[name] for name in ("statements", "statement-code", "statement")}
