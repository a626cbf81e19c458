"""Sample contexts for the templates of billing runs: computed, looked at, refused, issued; lines and skips."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from core.web.views import Choice, Field, Filters, Pager
from plugins.billing.runs import screens
from plugins.billing.runs.model import Difference, Explained, ItemFigures, ItemTitle, Line, RunSkip, RunSummary
from plugins.billing.telling import AMOUNT, SPAN, Step, yuan
from tests.browser.samples import NOW

_ID = UUID(int=7)
_FIRST, _LAST = date(2026, 11, 1), date(2026, 11, 30)
MONEY: Callable[[int], str] = yuan
RUN = RunSummary(
    _ID,
    "2026-11 物业费、车位费",
    _FIRST,
    "preview",
    1200,
    1200,
    2380,
    31284155,
    0,
    NOW - timedelta(hours=3),
    "王会计",
    NOW - timedelta(hours=2),
    None,
    "",
    None,
    None,
    2,
    [
        ItemFigures(UUID(int=1), "物业费", 1180, 28884155, 1180, 28700000, 3, 20),
        ItemFigures(UUID(int=2), "车位费", 1200, 2400000, 0, 0, 0, 0),
    ],
)
BUSY = msgspec.structs.replace(RUN, id=UUID(int=8), status="computing", done=400)
ISSUING = msgspec.structs.replace(RUN, status="issuing", posted=1000, approved_at=NOW, approved_by_name="李经理")
GONE = msgspec.structs.replace(RUN, status="discarded", charges=0, total_fen=0)
LINE = Line(
    UUID(int=3), UUID(int=1), "物业费", UUID(int=4), "3幢1802", UUID(int=5), "赵敏", _FIRST, _LAST,
    date(2026, 11, 10), 21033,
)  # fmt: skip
STEPS = [
    Step(SPAN, {"first": "2026-11-01", "last": "2026-11-30", "factors": "2.35 × 89.5 × 1 × 1"}),
    Step(AMOUNT, {"yuan": "210.33"}),
]
TOLD = Explained(LINE, 3, True, [str(step) for step in STEPS])
SKIPS = [
    RunSkip(UUID(int=n), "物业费", UUID(int=4), f"3幢180{n}", reason, _FIRST, _LAST)  # type: ignore[arg-type]
    for n, reason in enumerate(screens.REASONS)
]
_SHOW = Field(
    "show", "Show", "select", "lines", choices=tuple(Choice(code, label) for code, label in screens.SHOWN.items())
)


def _run(run: RunSummary, show: str, rows: list[Any], **more: object) -> dict[str, Any]:
    return {
        "run": run,
        "state": screens.STATES[run.status],
        "steps": [("approval", "Approve", "checks", True), ("discard", "Discard", "trash", False)],
        "refused": "",
        "show": show,
        "rows": rows,
        "reasons": screens.REASONS,
        "filters": Filters(selects=(_SHOW,)),
        "pager": Pager(len(rows), "", "?after=x"),
        "export": "/s/cuihu/billing/runs/7/export",
        "money": MONEY,
        **more,
    }


_LIST = {
    "runs": [(run, screens.STATES[run.status]) for run in (BUSY, RUN, ISSUING)],
    "items": [(ItemTitle(UUID(int=1), "物业费", "month", None), True)],
    "month": Field("month", "Month", "month", "2026-11", required=True),
    "title": Field("title", "Name", help="Empty: the month and the items.", maximum=80),
    "chosen": Field("item_ids", "Fee items"),
    "computes": True,
    "show": False,
    "money": MONEY,
}
_WRONG = {
    **_LIST,
    "show": True,
    "chosen": Field(
        "item_ids", "Fee items", error="No period of {title} begins in this month.", params={"title": "年费"}
    ),
}
_DIFFERENCE = [Difference(UUID(int=9), "物业费", UUID(int=4), "3幢1802", 0, 21033)]
_REFUSED = "A run is approved by somebody else than who had it computed."
_PATH = "/s/cuihu/billing/runs"
# template, the page that is current, context
RUNS_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "billing-runs": ("billing/runs.html", _PATH, _LIST),
    "billing-runs-refused": ("billing/runs.html", _PATH, _WRONG),
    "billing-runs-none": ("billing/runs.html", _PATH, {**_LIST, "runs": []}),
    "billing-runs-no-items": ("billing/runs.html", _PATH, {**_LIST, "runs": [], "items": []}),
    "billing-run": ("billing/run.html", _PATH, _run(RUN, "lines", [LINE], refused=_REFUSED)),
    "billing-run-computing": ("billing/run.html", _PATH, _run(BUSY, "lines", [], steps=[])),
    "billing-run-issuing": ("billing/run.html", _PATH, _run(ISSUING, "differences", _DIFFERENCE, steps=[])),
    "billing-run-skips": ("billing/run.html", _PATH, _run(RUN, "skips", SKIPS)),
    "billing-run-discarded": ("billing/run.html", _PATH, _run(GONE, "lines", [], steps=[])),
    "billing-line": (
        "billing/line.html",
        _PATH,
        {"explained": TOLD, "steps": STEPS, "line": LINE, "run_id": _ID, "money": MONEY},
    ),
    "billing-line-drifted": (
        "billing/line.html",
        _PATH,
        {"explained": Explained(LINE, 3, False, []), "steps": [], "line": LINE, "run_id": _ID, "money": MONEY},
    ),
}
# Those that a browser looks at; the others are the same pages with less on them, or ask for themselves again.
RUNS_FULL = {
    name: RUNS_PAGES[name]
    for name in ("billing-runs", "billing-runs-refused", "billing-run", "billing-run-skips", "billing-line")
}
