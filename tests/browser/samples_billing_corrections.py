"""Sample contexts for the templates of billing: corrections, and units that are similar to a mistaken one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from core.web.views import Choice, Field, Filters, Pager
from plugins.billing.corrections import screens
from plugins.billing.corrections.model import Correction, Credit, Explained, FreedDays, Line
from plugins.billing.corrections.similar import Similar, SimilarPage
from plugins.billing.runs.screens import REASONS
from plugins.billing.tariffs.model import MEASURED
from plugins.billing.telling import AMOUNT, SPAN, Step, yuan
from tests.browser.samples import NOW

MONEY: Callable[[int], str] = yuan
_PATH = "/s/cuihu/billing/corrections"
_ID, UNIT, PARTY, ITEM = (UUID(int=n) for n in (7, 4, 5, 1))
_FIRST, _LAST = date(2026, 3, 1), date(2026, 3, 31)
PREVIEW = Correction(
    _ID, "面积误录为 120，应为 100", _FIRST, None, "", UNIT, "3幢1802", "preview", 1, 1, 9, 9, 1, 45000, 0, 0, 0,
    NOW - timedelta(hours=1), UUID(int=9), "王会计", NOW - timedelta(hours=1), None, None, "", None, None, 2,
)  # fmt: skip
COMPUTING = msgspec.structs.replace(
    PREVIEW, id=UUID(int=8), unit_id=None, unit="", status="computing", done=300, units=1200, lines=0, credit_fen=0
)
POSTED = msgspec.structs.replace(
    PREVIEW, status="posted", settled=9, passed=1, approved_at=NOW, approved_by_name="李经理", posted_at=NOW
)
POSTING = msgspec.structs.replace(PREVIEW, status="approved", settled=4, approved_at=NOW, approved_by_name="李经理")
LINE = Line(
    UUID(int=11), _ID, UUID(int=3), ITEM, "物业费", UNIT, "3幢1802", PARTY, "赵敏", _FIRST, _LAST, 30000, 25000, -5000,
    "", False, "", None,
)  # fmt: skip
UNKNOWN = msgspec.structs.replace(LINE, id=UUID(int=12), right_fen=None, difference_fen=0, reason="missing_quantity")
DONE = msgspec.structs.replace(LINE, outcome="posted", freed=True, entry_id=UUID(int=13))
PASSED = msgspec.structs.replace(LINE, id=UUID(int=14), outcome="passed")
CREDIT = Credit(UNIT, "3幢1802", PARTY, "赵敏", 45000, 45000, 45000, "")
CREDITS = [
    CREDIT,
    msgspec.structs.replace(CREDIT, refund="asked", approval_id=UUID(int=15)),
    msgspec.structs.replace(CREDIT, refund="paid", left_fen=0, prepaid_fen=0),
    msgspec.structs.replace(CREDIT, left_fen=0, prepaid_fen=0),
]


def steps(area: str, fen: int) -> list[list[Step]]:
    factors = {"first": "2026-03-01", "last": "2026-03-31", "factors": f"2.5 × {area} × 1 × 1"}
    return [[Step(SPAN, factors), Step(AMOUNT, {"yuan": yuan(fen)})]]


def _page(correction: Correction, rows: list[Any], show: str = "lines", **more: object) -> dict[str, Any]:
    choices = tuple(Choice(code, label) for code, label in screens.SHOWN.items())
    return {
        "correction": correction,
        "state": screens.STATES[correction.status],
        "steps": [("request", "Ask for approval", "user-check", True), ("discard", "Discard", "trash", False)],
        "refused": "",
        "show": show,
        "rows": rows,
        "reasons": REASONS,
        "outcomes": screens.OUTCOMES,
        "refunds": screens.REFUNDS,
        "asks": True,
        "after": "",
        "filters": Filters(selects=(Field("show", "Show", "select", show, choices=choices),)),
        "pager": Pager(len(rows), "", "?after=x"),
        "export": f"{_PATH}/7/export",
        "money": MONEY,
        **more,
    }


_LIST: dict[str, Any] = {
    "rows": [(each, screens.STATES[each.status]) for each in (COMPUTING, PREVIEW, POSTED)],
    "form": (
        Field("reason", "What was wrong", required=True, maximum=200, error="Say what was wrong."),
        Field("since", "Wrong from", "date", "2026-03-01", required=True),
        Field("unit", "Unit", help="Empty: the whole site.", maximum=80),
        Field("item_id", "Fee item", "select", choices=(Choice("", "All items"), Choice(str(ITEM), "物业费"))),
    ),
    "show": False,
    "pager": Pager(3, "", "?after=x"),
    "money": MONEY,
}
_TOLD: dict[str, Any] = {
    "explained": Explained(DONE, ["x"], ["y"], True, [FreedDays(date(2026, 3, 20), _LAST)]),
    "line": DONE,
    "before": steps("120", 30000),
    "after": steps("100", 25000),
    "reason": None,
    "outcome": screens.OUTCOMES["posted"],
    "money": MONEY,
}
_SIMILAR: dict[str, Any] = {
    "found": SimilarPage(
        UNIT, "3幢1802", "100.00",
        [Similar(UUID(int=6), "3幢1702", "120.00", "100.00", ["same_position", "same_wrong"])], None,
    ),
    "basis": MEASURED["built"],
    "fields": (
        Field("basis", "Basis", "select", "built", choices=tuple(Choice(c, w) for c, w in MEASURED.items())),
        Field("wrong", "What was wrong", value="120", maximum=12),
    ),
    "why": screens.WHY,
    "pager_view": Pager(1, ""),
    "export": "/s/cuihu/billing/quantities/units/4/similar/export",
}  # fmt: skip
_NOTHING = msgspec.structs.replace(_SIMILAR["found"], items=[], value=None)
_REFUSED = "A correction is approved by somebody else than who had it computed."
CORRECTIONS_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "corrections": ("billing/corrections.html", _PATH, _LIST),
    "corrections-none": ("billing/corrections.html", _PATH, {**_LIST, "rows": [], "form": (), "show": False}),
    "correction": ("billing/correction.html", _PATH, _page(PREVIEW, [LINE, UNKNOWN], refused=_REFUSED)),
    "correction-computing": ("billing/correction.html", _PATH, _page(COMPUTING, [], steps=[])),
    "correction-posting": ("billing/correction.html", _PATH, _page(POSTING, [LINE], steps=[])),
    "correction-posted": ("billing/correction.html", _PATH, _page(POSTED, [DONE, PASSED], steps=[])),
    "correction-credits": ("billing/correction.html", _PATH, _page(POSTED, CREDITS, "credits", steps=[])),
    "correction-no-credits": ("billing/correction.html", _PATH, _page(POSTED, [], "credits", steps=[])),
    "correction-nothing": ("billing/correction.html", _PATH, _page(PREVIEW, [])),
    "correction-line": ("billing/correction_line.html", _PATH, _TOLD),
    "correction-line-unknown": (
        "billing/correction_line.html", _PATH,
        {**_TOLD, "line": UNKNOWN, "after": [], "reason": REASONS["missing_quantity"],
         "outcome": screens.OUTCOMES[""], "explained": Explained(UNKNOWN, ["x"], [], True, [])},
    ),
    "correction-line-drifted": (
        "billing/correction_line.html", _PATH,
        {**_TOLD, "before": [], "after": [], "explained": Explained(DONE, [], [], False, [])},
    ),
    "similar-units": ("billing/similar.html", "/s/cuihu/billing/quantities", _SIMILAR),
    "similar-units-none": ("billing/similar.html", "/s/cuihu/billing/quantities", {**_SIMILAR, "found": _NOTHING}),
}  # fmt: skip
# Those that a browser looks at; the others are the same pages with less on them, or ask for themselves again.
CORRECTIONS_FULL = {
    name: CORRECTIONS_PAGES[name]
    for name in ("corrections", "correction", "correction-credits", "correction-line", "similar-units")
}
