"""The pages of teams and rosters, each with a context that shows every branch at least once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from core.db.ids import new_id
from core.errors import FieldError, PreconditionFailed
from core.teams.model import Team
from core.tickets.placing import CONCERNED
from core.web.views import Choice, Field
from core.web.views.teams import (
    CandidateOption,
    DutyChip,
    MemberRow,
    People,
    RosterCell,
    RosterDay,
    RosterRow,
    RosterWeek,
    TeamRow,
)

UNTIL = datetime(2026, 11, 21, 12, tzinfo=UTC)
MONDAY = date(2026, 11, 16)
PEOPLE = (Choice("m1", "王磊"), Choice("m2", "刘洋"))
TEAMS = (
    TeamRow("/s/cuihu/teams/t1", "水电班", True, ("水电", "电梯"), ("王磊",), ("刘洋",), (DutyChip("王磊", UNTIL),)),
    TeamRow("/s/cuihu/teams/t2", "夜间值班", False, (), (), ()),
)  # fmt: skip
TEAM = Team(new_id(), "水电班", ("lift",), True, 3, ())
WEEK = RosterWeek(
    team="水电班",
    href="/s/cuihu/teams/t1",
    version=3,
    monday=MONDAY,
    days=tuple(
        RosterDay(label, MONDAY + timedelta(days=n), "王磊 → 刘洋" if n == 2 else "", n == 2, n == 5)
        for n, label in enumerate(
            ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
        )
    ),
    rows=(
        RosterRow("王磊", tuple(RosterCell(f"c-m1-{n}", "早", "08:00-16:00", wrong=n == 1) for n in range(7))),
        RosterRow("刘洋", tuple(RosterCell(f"c-m2-{n}", "" if n else "09:00-12:00", "" if n else "09:00-12:00")
                              for n in range(7)), former=True),
    ),
    codes=(("早", "08:00-16:00"), ("夜", "00:00-08:00")),
    previous=MONDAY - timedelta(days=7),
    following=MONDAY + timedelta(days=7),
    people=PEOPLE,
)  # fmt: skip
_FORM = {
    "version": "3",
    "action": "/s/cuihu/teams",
    "name": Field("name", "Name", value="水电班", required=True, maximum=30),
    "active": True,
    "categories": (Choice("lift", "电梯"), Choice("noise", "噪音投诉")),
    "chosen": frozenset({"lift"}),
    "members": (MemberRow("m1", "王磊", "lead"), MemberRow("m2", "刘洋", ""), MemberRow("m3", "陈晓", "member")),
    "faults": (),
    "refused": None,
}
_NO_SWAP = {"day": "", "giver_id": "", "taker_id": "", "back_on": ""}
_READ = {"week": WEEK, "active": True, "can_manage": True, "swap": _NO_SWAP, "faults": (), "refused": None}

TEAM_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "teams": ("teams/list.html", "users-group", {"rows": TEAMS, "can_manage": True}),
    "teams-none": ("teams/list.html", "users-group", {"rows": (), "can_manage": False}),
    "team-new": ("teams/edit.html", "users-group", {**_FORM, "team": None}),
    "team-refused": (
        "teams/edit.html",
        "users-group",
        {**_FORM, "team": TEAM, "faults": (CONCERNED,), "refused": PreconditionFailed()},
    ),
    "roster": ("teams/roster.html", "users-group", _READ),
    "roster-empty": (
        "teams/roster.html",
        "users-group",
        {**_READ, "week": msgspec.structs.replace(WEEK, rows=()), "active": False},
    ),
    "roster-swap-refused": (
        "teams/roster.html",
        "users-group",
        {**_READ, "faults": (FieldError("day", "{name} has no shift on that day.", {"name": "刘洋"}),)},
    ),
    "roster-plan": ("teams/plan.html", "users-group", {"week": WEEK, "faults": (), "refused": None}),
    "roster-pattern-refused": (
        "teams/plan.html",
        "users-group",
        {
            "week": msgspec.structs.replace(
                WEEK, is_pattern=True, days=tuple(RosterDay(day.label) for day in WEEK.days)
            ),
            "faults": (
                ("星期二", FieldError("c-m1-1", "Write shifts like 8-16 or 08:30-12:00, or use a short name.")),
                ("", CONCERNED),
            ),
            "refused": PreconditionFailed(),
        },
    ),
}
_PEOPLE = People(
    (
        CandidateOption("m1", "王磊", "on", UNTIL, "category", 3, 1),
        CandidateOption("m2", "刘洋", "off", None, "none"),
    ),
    (CandidateOption("m3", "陈晓"),),
)
TEAM_FRAGMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "candidates": (
        "teams/candidates.html",
        {
            "teams": (Choice("t1", "水电班"),),
            "team": "t1",
            "people": _PEOPLE,
            "chosen": "m1",
            "concerned": "郑涛",
        },
    ),
    "candidates-nobody": (
        "teams/candidates.html",
        {"teams": (), "team": "", "people": People((), ()), "chosen": "", "concerned": ""},
    ),
    "draft-candidates": ("teams/draft_candidates.html", {"people": _PEOPLE, "chosen": ""}),
    "successors": ("teams/successors.html", {"people": _PEOPLE, "concerned": "郑涛"}),
    "owner": ("teams/owner.html", {"own": True, "name": "李楠"}),
}
