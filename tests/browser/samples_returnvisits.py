"""Sample contexts for the templates of return visits: owed, made and failed, areas, draws and the month's report."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from core.web.views import Choice, Field, Filters, Pager
from plugins.returnvisits.areas.model import Area
from plugins.returnvisits.month.service import Drawn, MonthReport, Repeated, Sums
from plugins.returnvisits.regular.coverage import Area as Covered
from plugins.returnvisits.regular.coverage import Coverage, Group, Owed, Quarter
from plugins.returnvisits.sampling.model import Candidate, Draw, DrawDetail
from plugins.returnvisits.visits import screens
from plugins.returnvisits.visits.model import Step, Visit
from tests.browser.samples import NOW

_ID = UUID(int=7)
OWED = Visit(
    id=_ID,
    site_id=UUID(int=1),
    source="drawn",
    rule="repair",
    title="一般维修",
    ticket_id=UUID(int=2),
    ticket_number="GD2611-0032",
    about="厨房水槽下方漏水",
    place="3幢1802",
    contact="王女士",
    area_name="东区",
    way="visit",
    attempts=3,
    next_at=NOW + timedelta(hours=20),
    due_at=NOW + timedelta(days=1),
    created_at=NOW - timedelta(days=1),
)
FAILED = msgspec.structs.replace(
    OWED,
    id=UUID(int=8),
    status="done",
    done_at=NOW - timedelta(hours=2),
    done_by_name="郑涛",
    done_way="visit",
    quality=2,
    effect="unsolved",
    satisfaction="dissatisfied",
    shortcomings="第二天又漏了",
    failed=True,
    follow_up="reopened",
    follow_up_id=UUID(int=2),
    follow_up_number="GD2611-0032",
)
ANSWERED = msgspec.structs.replace(
    FAILED,
    id=UUID(int=9),
    signed="paper",
    measure="更换整段软管",
    measure_by_name="刘洋",
    measure_due=date(2026, 12, 1),
)
HELD = msgspec.structs.replace(OWED, id=UUID(int=10), status="held", held_at=NOW, way="any")
SITE: Any = msgspec.defstruct("Site", [("slug", str), ("timezone", str)])("cuihu", "Asia/Shanghai")
ADD = (Field("ticket_number", "Ticket number", required=True, error="There is no such ticket at this site."),)
LIST: dict[str, Any] = {
    "rows": tuple(screens.row(SITE, visit) for visit in (OWED, HELD)),
    "which": "open",
    "mine": False,
    "filters": Filters(selects=(Field("rule", "Rule", "select", choices=(Choice("", "All rules"),)),)),
    "hidden": {"mine": "true"},
    "pager_view": Pager(2, "", "?after=x"),
    "now_shown": "/s/cuihu/returnvisits?mine=true",
    "forms": "/s/cuihu/returnvisits/paper?mine=true",
    "add": ADD,
    "show": False,
    "sees_draws": True,
    "sees_report": True,
}


def _visit(visit: Visit, *possible: str, **more: object) -> dict[str, Any]:
    return {
        "visit": visit,
        "state": screens.STATES[visit.status],
        "clock_view": screens.clock(visit),
        "source": screens.SOURCES[visit.source],
        "way": screens.WAYS[visit.way],
        "who": "郑涛",
        "own_work": False,
        "steps": tuple(
            screens.happened(Step(NOW, kind, text, "郑涛"))
            for kind, text in (("drawn", ""), ("no_answer", "phone: 占线"), ("to_visit", "3"), ("done", "visit"))
        ),
        "said": screens.said(visit),
        "form": screens.outcome(visit, {}) if "outcome" in possible else (),
        "signs": "signature" in possible,
        "unsigned": "",
        "actions": screens.actions(visit, possible, [("1", "刘洋")], "2026-11-22T10:00"),
        **more,
    }


AREA = Area(UUID(int=3), "东区", ["1幢", "2幢"], UUID(int=4), "郑涛", 1)
AREA_FORM = (Field("name", "Area", value="东区"), Field("buildings", "Buildings", "textarea", "1幢\n2幢"))
DRAW = Draw(
    UUID(int=5), "repair", "一般维修", date(2026, 11, 1), date(2026, 12, 1), 30, "66687aadf862bd77" * 4, NOW, 2, 1
)
DRAWN = [
    Candidate(1, UUID(int=2), "GD2611-0031", True, NOW, True),
    Candidate(2, UUID(int=6), "", False, NOW, False),
]
SUMS = Sums("repair", "一般维修", 12, 10, 9, 3, 1, 7, 2, 1, 1)
_LATE = Owed(UUID(int=11), "2", NOW - timedelta(days=40), "刘洋", True)
_NEXT = Owed(UUID(int=12), "3-2-402", NOW + timedelta(days=40), "郑涛", False)
REGULAR = Coverage(
    date(2026, 11, 30),
    2,
    [Group("1", "东区", 2, 1, NOW, "刘洋", []), Group("2", "", 2, 0, None, "", [_LATE, _NEXT])],
    [Covered("东区", 1, 2, 1, 0), Covered("", 1, 2, 0, 1)],
    [Quarter("物管员走访 东区", date(2026, 10, 1), date(2026, 12, 31), 30, 120, 36, 35, [_NEXT])],
)
REPORT = MonthReport(
    date(2026, 11, 1),
    90,
    88.9,
    75.0,
    SUMS,
    [SUMS],
    [msgspec.structs.replace(SUMS, title="")],
    [Drawn("repair", "一般维修", 30, 40, 12, 10)],
    [FAILED, ANSWERED],
    [
        Repeated("水电维修", "3幢1802", 3, "", "", None),
        Repeated("噪音", "5幢", 2, "夜班巡查", "唐军", date(2026, 12, 1)),
    ],
    REGULAR,
)
_MONTH = {
    "choose": Field("month", "Month", "month", "2026-11"),
    "before": "/b",
    "after": "",
    "export": "/x",
    "paper": "/p",
}
_NO_ROUNDS = Coverage(date(2026, 11, 30), 0, [], [], [])
_EMPTY = msgspec.structs.replace(REPORT, rules=[], areas=[], coverage=[], failed=[], repeated=[], regular=_NO_ROUNDS)
_DAY = {"choose": Field("day", "As of", "date", "2026-11-30"), "export": "/x"}
_PATH = "/s/cuihu/returnvisits"
RETURNVISITS_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "return-visits": ("returnvisits/visits.html", _PATH, LIST),
    "return-visits-made": (
        "returnvisits/visits.html", _PATH, {**LIST, "rows": (screens.row(SITE, FAILED),), "which": "done", "add": ()}
    ),
    "return-visits-none": ("returnvisits/visits.html", _PATH, {**LIST, "rows": ()}),
    "return-visit": ("returnvisits/visit.html", _PATH, _visit(OWED, "outcome", "attempt", "assign", "cancel")),
    "return-visit-failed": ("returnvisits/visit.html", _PATH, _visit(FAILED, "signature", "measure", unsigned="Sign.")),
    "return-visit-answered": ("returnvisits/visit.html", _PATH, _visit(ANSWERED)),
    "return-visit-held": ("returnvisits/visit.html", _PATH, _visit(HELD, own_work=True)),
    "areas": (
        "returnvisits/areas.html",
        _PATH,
        {"rows": [(AREA, AREA_FORM, False)], "left": ["3幢"], "keeps": True, "fields": AREA_FORM, "show": False},
    ),
    "areas-none": (
        "returnvisits/areas.html", _PATH, {"rows": [], "left": [], "keeps": False, "fields": (), "show": False}
    ),
    "draws": ("returnvisits/draws.html", _PATH, {"draws": [DRAW]}),
    "draws-none": ("returnvisits/draws.html", _PATH, {"draws": []}),
    "draw": ("returnvisits/draw.html", _PATH, {"draw": DRAW, "detail": DrawDetail(DRAW, None, None, DRAWN)}),
    "draw-over": ("returnvisits/draw.html", _PATH, {"draw": DRAW, "detail": DrawDetail(DRAW, "ab" * 32, True, DRAWN)}),
    "regular-visits": ("returnvisits/regular.html", _PATH, {"coverage": REGULAR, **_DAY}),
    "regular-visits-none": ("returnvisits/regular.html", _PATH, {"coverage": _NO_ROUNDS, **_DAY}),
    "return-visits-report": ("returnvisits/report.html", _PATH, {"report": REPORT, **_MONTH}),
    "return-visits-report-none": ("returnvisits/report.html", _PATH, {"report": _EMPTY, **_MONTH}),
}  # fmt: skip
# Those that a browser looks at; the others are the same pages with less on them.
RETURNVISITS_FULL = {
    name: RETURNVISITS_PAGES[name]
    for name in (
        "return-visits", "return-visit", "return-visit-failed", "areas", "draw-over", "regular-visits",
        "return-visits-report",
    )
}  # fmt: skip
RETURNVISITS_FRAGMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "ticket-return-visits": (
        "returnvisits/ticket_side.html",
        {
            "rows": (
                (OWED, screens.STATES["open"], None),
                (FAILED, screens.STATES["done"], screens.SATISFACTION["dissatisfied"]),
            )
        },
    ),
    "household-return-visit": ("returnvisits/household.html", {"visit": FAILED}),
}
