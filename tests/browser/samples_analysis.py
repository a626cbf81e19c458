"""Contexts of the pages of analysis: repeated matters, the agenda, a meeting's record, figures, the wall."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec

from core.analysis.figures import Figures
from core.analysis.policies import REPEATS
from core.errors import Conflict
from core.web.views import (
    AgendaRow,
    Cell,
    Choice,
    Clock,
    Field,
    FigureRow,
    FigureTable,
    MeetingLink,
    MeetingView,
    RepeatNote,
    RepeatRow,
    TicketLink,
    Tile,
    WallRow,
    Word,
)
from tests.browser.samples import NOW, TICKET

_CLOSED = Word("closed", "Closed")
_PEOPLE = (Choice("", "Nobody yet"), Choice("1", "李楠"))
_TICKETS = tuple(
    TicketLink(f"GD2611-000{n}", f"/s/cuihu/tickets/{n}", "楼上夜间拖动家具", NOW - timedelta(days=n), _CLOSED)
    for n in range(1, 5)
)
_FIELDS = (
    Field("cause", "Cause", "textarea", "楼板薄"),
    Field("responsible", "Responsible", "select", "1", choices=_PEOPLE, error="Say who sees to the countermeasure."),
    Field("due_on", "Due on", "date", "2026-11-30"),
)
_REPEATS = (
    RepeatRow(
        key="1",
        category="噪音投诉",
        kind="Complaint",
        place="3-1802",
        times=4,
        tickets=_TICKETS,
        cause="楼板薄",
        countermeasure="协调铺设地垫",
        responsible="李楠",
        due_on=date(2026, 11, 10),
        late=True,
        hidden=(("version", "1"),),
        fields=_FIELDS,
    ),
    RepeatRow(key="2", category="电梯", kind="Repair", place="5幢电梯", times=3, tickets=_TICKETS[:2], fields=_FIELDS),
)
_ROWS = (
    AgendaRow(
        id="1",
        title="5幢电梯困人",
        reason=Word("critical", "Critical", "breach"),
        since=NOW,
        meetings=3,
        version=2,
        href="/s/cuihu/tickets/1",
        number="GD2611-0007",
        state=Word("accepted", "Accepted", "info"),
        clock=Clock(NOW - timedelta(hours=30), 1),
        responsible="李楠",
        due_on=date(2026, 11, 20),
        late=True,
        minutes="维保单位周五前更换门机",
        fields=_FIELDS,
    ),
    AgendaRow(id="2", title="门岗排班", reason=Word("manual", "Raised", "info"), since=NOW, meetings=0, version=1,
              outcome="按新班次执行", fields=_FIELDS),
)  # fmt: skip
_PLANNING = (Field("held_on", "Held on", "date", "2026-11-27", required=True), Field("attendees", "Attendees"))
_NEXT = MeetingView(
    id="9", held_on=date(2026, 11, 21), attendees="全体主管", notes="带上月报", version=1, fields=_PLANNING,
    closing=(Field("next_on", "Next meeting on", "date"),),
)  # fmt: skip
_AGENDA: dict[str, Any] = {
    "meeting": _NEXT,
    "rows": _ROWS,
    "editable": True,
    "raising": (Field("title", "Matter", required=True), *_FIELDS[1:]),
    "raised_of": "",
    "raise_now": False,
    "refusal": None,
    "planning": _PLANNING,
    "held": (MeetingLink("/s/cuihu/meetings/8", date(2026, 11, 14), "李楠"),),
}
_MONTHS = {
    "month": date(2026, 10, 1),
    "choose": Field("month", "Month", "month", "2026-10"),
    "before": date(2026, 9, 1),
    "rules": REPEATS.default,
}

_TABLE = FigureTable(
    key="goal",
    title="Compliance by goal",
    columns=("Compliance (%)", "Met", "Missed", "Still running"),
    rows=(
        FigureRow("响应", (Cell("92.5"), Cell("37"), Cell("3", "/s/cuihu/tickets?breached=response"), Cell("2"))),
        FigureRow("到场", (Cell("—"), Cell("0"), Cell("0"), Cell("4"))),
    ),
    help="Open tickets now, by the time since they were taken in; whatever the period.",
    chart="bar",
    target=90,
)
_STACK = FigureTable(
    key="age",
    title="Age of what is open",
    columns=("Critical", "Urgent", "Routine", "of these overdue"),
    rows=(FigureRow("0–1 天", (Cell("1"), Cell("2"), Cell("9"), Cell("0"))),),
    help="Open tickets now, by the time since they were taken in; whatever the period.",
    chart="stack",
)
_TILES = (
    Tile(
        "Goals met",
        "92.5",
        "%",
        "of {of} decided goals, target {target} %",
        "In one month.",
        {"of": 40, "target": 90},
        "ok",
    ),
    Tile(
        "Repeated matters",
        "7",
        "",
        "at most {target}, last month of the period",
        "In one month.",
        {"target": 5},
        "breach",
    ),
)
_FIGURES: dict[str, Any] = {
    "figures": Figures(date(2026, 9, 1), date(2026, 11, 21), 60, 41, [], [], [], [], [], [], [], [], []),
    "period": Field("period", "Period", "select", "0", choices=(Choice("0", "This month"),)),
    "tiles": _TILES,
    "tables": (
        _TABLE,
        _STACK,
        FigureTable(key="none", title="Compliance by team", columns=(), rows=(), help="Targets"),
    ),
}
_WALL_ROW = WallRow(
    "GD2611-0007", "电梯", Word("critical", "Critical", "breach"), Word("new", "Waiting for response", "risk"), NOW,
    Clock(NOW + timedelta(minutes=9), 600),
)  # fmt: skip

ANALYSIS_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "repeats": ("analysis/repeats.html", "repeat", {**_MONTHS, "after": date(2026, 11, 1), "rows": _REPEATS}),
    "repeats-none": ("analysis/repeats.html", "repeat", {**_MONTHS, "after": None, "rows": ()}),
    "agenda": ("analysis/agenda.html", "calendar-event", _AGENDA),
    "agenda-refused": (
        "analysis/agenda.html",
        "calendar-event",
        {
            **_AGENDA,
            "meeting": None,
            "rows": (),
            "held": (),
            "refusal": Conflict("This does not fit the present state."),
        },
    ),
    "ticket-repeated": (
        "tickets/detail.html",
        "clipboard-list",
        {"ticket": msgspec.structs.replace(TICKET, repeat=RepeatNote(3, 2, 90, True, _TICKETS[:2])), "outlets": {}},
    ),
    "figures": ("analysis/figures.html", "chart-bar", _FIGURES),
    "wall": ("analysis/wall.html", "", {"now": _TILES, "today": _TILES[1:], "rows": (_WALL_ROW,)}),
    "meeting": (
        "analysis/meeting.html",
        "calendar-event",
        {
            "meeting": MeetingView(
                id="8",
                held_on=date(2026, 11, 14),
                attendees="全体主管",
                notes="",
                version=2,
                closed_at=NOW,
                closed_by="李楠",
            ),
            "rows": _ROWS,
            "editable": False,
        },
    ),
}
ANALYSIS_FRAGMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "repeat-hint": ("analysis/repeat_hint.html", {"repeat": RepeatNote(3, 2, 90, True, _TICKETS[:2])}),
    "repeat-hint-none": ("analysis/repeat_hint.html", {"repeat": RepeatNote(1, 2, 90, False, ())}),
}
