"""Sample contexts for the templates of billing: prepayment offers, and a household that takes one."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from core.web.views import Choice, Field, Pager
from plugins.billing.counter import forms
from plugins.billing.counter.capitals import capitals
from plugins.billing.counter.forms import Entered
from plugins.billing.offers.model import Offer, Quote, QuoteLine
from plugins.billing.telling import yuan
from tests.browser.samples import NOW
from tests.browser.samples_billing_counter import HOUSE
from tests.browser.samples_billing_ledger import PARTY, UNIT

_PATH = "/s/cuihu/billing/offers"
_COUNTER = f"/s/cuihu/billing/counter/units/{UNIT}/offers"
OFFER = Offer(UUID(int=111), UUID(int=3), "物业费", "交11个月送1个月", 11, 1, date(2026, 11, 1), None, NOW, "李经理", 1)
OVER = msgspec.structs.replace(OFFER, id=UUID(int=112), title="交5送半月", until=date(2026, 11, 2), paid=5)
_UNTIL = (Field("until", "Last day", "date", "2026-12-31"),)
_OFFERS: dict[str, Any] = {
    "rows": [(OFFER, _UNTIL, False), (OVER, _UNTIL, False)],
    "today": date(2026, 11, 21),
    "fields": (Field("title", "Name of the offer", required=True), Field("paid", "Months paid", value="11")),
    "manages": True,
    "items": True,
    "show": False,
    "pager_view": Pager(2, "", f"{_PATH}?after=x"),
}
_LINES = [
    QuoteLine(date(2026, 12, 1), date(2026, 12, 31), 34_250),
    QuoteLine(date(2027, 1, 1), date(2027, 1, 31), 34_250),
]
QUOTE = Quote(
    OFFER, UNIT, "3幢1单元1802", date(2026, 12, 1), date(2027, 10, 31), date(2027, 11, 1), date(2027, 11, 30), 68_500,
    _LINES,
)  # fmt: skip
_TAKING: dict[str, Any] = {
    "house": HOUSE,
    "offers": [OFFER],
    "offer": Field(
        "offer", "Offer", "select", str(OFFER.id), choices=(Choice(str(OFFER.id), "物业费 · 交11个月送1个月"),)
    ),
    "first": Field("first", "First month", "month", "2026-12", required=True),
    "fields": forms.fields(HOUSE, Entered({"key": "k", "means": "cash", "party_id": str(PARTY)}), (), rounds=False),
    "quote": QUOTE,
    "unfit": "",
    "shown": [("shown_offer", str(OFFER.id)), ("shown_first", "2026-12")],
    "key": "k",
    "told": "",
    "capital": capitals(QUOTE.amount_fen),
    "amount": yuan,
}
_WRONG = Field("first", "First month", "month", "2020-01", required=True, error="Begin within two years.")
OFFERS_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "offers": ("billing/offers.html", _PATH, _OFFERS),
    "offers-seen": ("billing/offers.html", _PATH, {**_OFFERS, "fields": (), "manages": False}),
    "offers-none": ("billing/offers.html", _PATH, {**_OFFERS, "rows": [], "pager_view": Pager(0, "")}),
    "offers-nothing": ("billing/offers.html", _PATH, {**_OFFERS, "rows": [], "items": False}),
    "take-offer": ("billing/take_offer.html", _COUNTER, _TAKING),
    "take-offer-refused": (
        "billing/take_offer.html", _COUNTER, {**_TAKING, "quote": None, "unfit": "x", "told": "x", "first": _WRONG}
    ),
    "take-offer-nobody": (
        "billing/take_offer.html", _COUNTER, {**_TAKING, "house": msgspec.structs.replace(HOUSE, people=[])}
    ),
    "take-offer-none": ("billing/take_offer.html", _COUNTER, {**_TAKING, "offers": [], "quote": None}),
}  # fmt: skip
# Those that a browser looks at.
OFFERS_FULL = {name: OFFERS_PAGES[name] for name in ("offers", "take-offer", "take-offer-refused")}
