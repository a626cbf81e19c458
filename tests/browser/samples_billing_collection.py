"""Sample contexts for the templates of billing: collection at home."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import msgspec

from core.estate.model import UnitHit
from core.sdk import FieldError
from core.web.views import Field, Pager
from plugins.billing.collection import forms
from plugins.billing.collection.book_pages import BOOK_STATES, NUMBER_STATES
from plugins.billing.collection.forms import Line
from plugins.billing.collection.model import HomeVisit, NumberRun, ReceiptBook, ReceiptBookDetail
from plugins.billing.collection.pages import STATES
from plugins.billing.collection.repository import Dunned
from plugins.billing.counter.model import ReceiptDetail
from plugins.billing.telling import yuan
from tests.browser.samples import NOW
from tests.browser.samples_billing_counter import HOUSE, RECEIPT
from tests.browser.samples_billing_ledger import ACCOUNT, PARTY, UNIT

_PATH = "/s/cuihu/billing/collection"
_WORDS: dict[str, Any] = {
    "amount": yuan, "states": STATES, "takes": True, "issues": True, "reads": True, "dunns": True,
}  # fmt: skip
_WHO = UUID(int=71)
_PEOPLE = [(_WHO, "周强"), (UUID(int=72), "陈静")]
VISIT = HomeVisit(
    UUID(int=61), UNIT, "3幢1单元1802", PARTY, "王芳", "138****1234", date(2026, 11, 24), time(18), time(19, 30),
    _WHO, "周强", "行动不便", "门铃坏了，请敲门", UUID(int=62), "2026-0012", "agreed", "", None, "", None, 39_250,
    34_250, NOW - timedelta(days=1), "陈静", None, "", 1,
)  # fmt: skip
PAID = msgspec.structs.replace(
    VISIT, id=UUID(int=63), unit="3幢1单元1803", status="paid", receipt_id=RECEIPT.id, paper_number="A0001012",
    amount_fen=39_200, open_fen=0, overdue_fen=0, settled_at=NOW, settled_by_name="陈静", version=2, why="", note="",
)  # fmt: skip
UNPAID = msgspec.structs.replace(
    VISIT, id=UUID(int=64), unit="5幢2单元0301", party="", phone="", status="unpaid", reason="家中无人",
    dunning_id=None, dunning="", settled_at=NOW, settled_by_name="陈静", version=2,
)  # fmt: skip
_LIST: dict[str, Any] = {
    "visits": [VISIT, PAID, UNPAID],
    "day": Field("day", "Day", "date", "2026-11-24"),
    "selects": (Field("collector", "All collectors", "select"), Field("status", "All visits", "select")),
    "owed_fen": 39_250,
    "taken_fen": 39_200,
    "open": 1,
    "sheet": f"{_PATH}/sheet?day=2026-11-24",
    "entry": f"{_PATH}/entry?day=2026-11-24",
    "pager_view": Pager(3, "", f"{_PATH}?after=x"),
    **_WORDS,
}
_NEW: dict[str, Any] = {
    "place": "", "hits": [], "house": HOUSE, "visits": [UNPAID],
    "fields": forms.agreeing(
        {"day": "2026-11-24"}, [FieldError("ends", "The end comes behind the beginning.")], HOUSE.people, _PEOPLE,
        [Dunned(UUID(int=62), 12, date(2026, 11, 2))],
    ),
    **_WORDS,
}  # fmt: skip


def _dialog(name: str, label: str, icon: str, fields: forms.Fields) -> dict[str, Any]:
    hidden = [("kind", name), ("version", 1)]
    return {"name": name, "label": label, "icon": icon, "hidden": hidden, "fields": fields, "show": False}


_DIALOGS = [
    _dialog("change", "Another time", "calendar-event", forms.changing(VISIT, {}, (), _PEOPLE)),
    _dialog("call-off", "Call it off", "calendar-off", forms.reason("Why does nobody go?", {}, ())),
]
_VISIT: dict[str, Any] = {"visit": VISIT, "state": STATES["agreed"], "dialogs": _DIALOGS, "told": "", **_WORDS}
_EVERY = frozenset(str(charge.charge_id) for charge in ACCOUNT.charges)
_LINES = [
    Line(VISIT, ACCOUNT, {"means": "cash"}, _EVERY, {}),
    Line(
        msgspec.structs.replace(VISIT, id=UUID(int=65), unit="5幢2单元0302"), None,
        {"number": "A9", "amount": "十元", "means": "qr"}, frozenset(),
        {"number": FieldError("number", "No book of this site has this number."),
         "amount": FieldError("amount", "Enter yuan, with at most two decimals.")}, "此次上门已登记。",
    ),
]  # fmt: skip
_TAKEN = msgspec.structs.replace(RECEIPT, paper_number="A0001012", collected_on=date(2026, 11, 23))
_ENTRY: dict[str, Any] = {
    "lines": _LINES, "done": [ReceiptDetail(_TAKEN.id, _TAKEN, [])], "unpaid": 1, "lost": ["该预约已结束。"],
    "wrong": 1, "day": date(2026, 11, 24), "collector": "",
    "collected_on": Field("collected_on", "Collected on", "date", "2026-11-23"),
    "means": forms.means_choices(), "more": True, "back": _PATH, **_WORDS,
}  # fmt: skip
BOOK = ReceiptBook(
    UUID(int=81), "A0001001", "A0001050", 50, _WHO, "周强", NOW - timedelta(days=9), "曹妍", "out", 2, 1, 1, 46, 58_700,
    None, "", 1,
)  # fmt: skip
BACK = msgspec.structs.replace(
    BOOK, id=UUID(int=82), first="A0000951", last="A0001000", status="returned", lost=0, unused=47, returned_at=NOW,
    returned_by_name="曹妍", version=2,
)  # fmt: skip
_RUNS = [
    NumberRun("A0001001", "A0001002", 2, "unused", True, None, "", 0, "", None, ""),
    NumberRun("A0001003", "A0001003", 1, "used", False, RECEIPT.id, RECEIPT.number, 39_200, "", NOW, "陈静"),
    NumberRun("A0001004", "A0001004", 1, "spoiled", False, None, "", 0, "写错金额", NOW, "陈静"),
    NumberRun("A0001005", "A0001005", 1, "lost", False, None, "", 0, "遗失，已报告", NOW, "陈静"),
    NumberRun("A0001006", "A0001050", 45, "unused", False, None, "", 0, "", None, ""),
]
_BOOKS: dict[str, Any] = {
    "books": [BOOK, BACK], "chosen": "out", "fields": forms.handing({}, (), _PEOPLE), "show": False, "told": "",
    "book_states": BOOK_STATES, "pager_view": Pager(2, ""), **_WORDS,
}  # fmt: skip
_BOOK: dict[str, Any] = {
    "detail": ReceiptBookDetail(BOOK.id, BOOK, _RUNS, 58_700), "book": BOOK, "state": BOOK_STATES["out"],
    "number_states": NUMBER_STATES, "marks": forms.marking({}, ()), "back": forms.returning({}, ()), "show": "",
    "own": False, "told": "", **_WORDS,
}  # fmt: skip
_HIT = UnitHit(UNIT, "3幢1单元1802", "party", PARTY, "王芳", "138****1234")
COLLECTION_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "collection": ("billing/collection.html", _PATH, _LIST),
    "collection-none": (
        "billing/collection.html", _PATH, {**_LIST, "visits": [], "open": 0, "pager_view": Pager(0, "")}
    ),
    "collection-new": ("billing/visit_new.html", f"{_PATH}/new", _NEW),
    "collection-search": (
        "billing/visit_new.html", f"{_PATH}/new", {**_NEW, "house": None, "place": "王", "hits": [_HIT]}
    ),
    "collection-search-none": ("billing/visit_new.html", f"{_PATH}/new", {**_NEW, "house": None, "place": "x"}),
    "collection-new-nobody": (
        "billing/visit_new.html", f"{_PATH}/new", {**_NEW, "house": msgspec.structs.replace(HOUSE, people=[])}
    ),
    "collection-visit": ("billing/visit.html", f"{_PATH}/visits/1", _VISIT),
    "collection-visit-paid": (
        "billing/visit.html", f"{_PATH}/visits/1",
        {**_VISIT, "visit": PAID, "state": STATES["paid"], "dialogs": [], "told": "该预约已结束。"},
    ),
    "collection-visit-unpaid": (
        "billing/visit.html", f"{_PATH}/visits/1",
        {**_VISIT, "visit": UNPAID, "state": STATES["unpaid"], "dialogs": [], "dunns": False},
    ),
    "collection-entry": ("billing/collection_entry.html", f"{_PATH}/entry", _ENTRY),
    "collection-entry-none": (
        "billing/collection_entry.html", f"{_PATH}/entry",
        {**_ENTRY, "lines": [], "done": [], "unpaid": 0, "lost": [], "wrong": 0, "more": False},
    ),
    "collection-books": ("billing/books.html", f"{_PATH}/books", _BOOKS),
    "collection-books-none": (
        "billing/books.html", f"{_PATH}/books",
        {**_BOOKS, "books": [], "chosen": "", "issues": False, "told": "x", "pager_view": Pager(0, "")},
    ),
    "collection-book": ("billing/book.html", f"{_PATH}/books/1", _BOOK),
    "collection-book-back": (
        "billing/book.html", f"{_PATH}/books/1",
        {**_BOOK, "detail": ReceiptBookDetail(BACK.id, BACK, _RUNS[:1], 0), "book": BACK,
         "state": BOOK_STATES["returned"], "reads": False},
    ),
}  # fmt: skip
# Those that a browser looks at.
COLLECTION_FULL = {
    name: COLLECTION_PAGES[name]
    for name in ("collection", "collection-new", "collection-visit", "collection-entry", "collection-books",
                 "collection-book")
}  # fmt: skip
