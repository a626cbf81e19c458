"""A policy's history and trial, and a goal's life, each with every branch at least once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from core.errors import FieldError
from core.web.views import Choice, Revision, Word
from core.web.views.admin import Difference, PastRevision, Trial, TrialRow, TrialTicket, TrialTickets
from core.web.views.explanation import Bar, Day, GoalLife, Picture, Source, Stretch, Tick

_AT = datetime(2026, 11, 20, 1, tzinfo=UTC)
_LATER = _AT + timedelta(hours=5)
_HREF = "/s/cuihu/policies/core.sla_targets/simulations/1"
_TICKET = "/s/cuihu/tickets/1"

LIFE = GoalLife(
    number="GD2611-0001",
    title="厨房漏水",
    back=_TICKET,
    goal="Resolution",
    state=Word("breached", "Breached", "breach"),
    amount=4,
    unit="hours",
    used=100_800,
    due=_LATER,
    breached=_LATER,
    kept=False,
    around_the_clock=False,
    as_of=_LATER + timedelta(days=40),
    picture=Picture(
        992,
        106,
        104,
        36,
        (
            Day(
                22,
                "2026-11-20",
                "Friday",
                (
                    Bar(428, 180, "running", _AT, _LATER, 14_400),
                    Bar(608, 100, "overrun", _LATER, _LATER, 9_000),
                    Bar(708, 100, "closed", _LATER, _LATER, 0),
                    Bar(808, 100, "paused", _LATER, _LATER, 0),
                    Bar(908, 70, "forgotten", _LATER, _LATER, 0),
                ),
                (Tick(428, "taken in", _AT), Tick(900, "deadline missed", _LATER, "breach", end=True)),
            ),
            Day(62, "2026-12-30", "Wednesday", (), (Tick(600, "deadline", _LATER, "risk"),), counted=1, skipped=39),
        ),
    ),
    stretches=(
        Stretch(_AT, _LATER, Word("running", "Counted", "info"), 14_400, 14_400),
        Stretch(_LATER, _LATER, Word("paused", "Paused", "paused"), 0, 100_800, ("2026-11-21",), 1, 1),
    ),
    terms=(
        Source(_AT, ("本项目第 3 版，陈晓：冬令时间",), amount=4, unit="hours", clock="in working time"),
        Source(_LATER, (), ("No goal",)),
    ),
    calendars=(
        Source(_AT, ("公司第 1 版，林安：统一作息",), ("星期一: 08:30–12:00", "2026-11-21: 休息")),
        Source(_LATER, (), ("星期一: 09:00–18:00",)),
    ),
)
_GOALS = (TrialRow("Response", 690, 91, 88, 63, 84), TrialRow("Progress told", 12, None, 50, 0, 6))
_TRIAL = Trial(
    href=_HREF,
    state="done",
    done=1200,
    total=1200,
    rows=(
        TrialRow("水电维修", 700, 91, 88, 63, 84, _GOALS),
        TrialRow("电梯", 200, 90, 95, 20, 10),
        TrialRow("其他", 3, None, None, 0, 0),
    ),
    sites=(TrialRow("翠湖花园", 900, 91, 90, 70, 80, (), 12, 22), TrialRow("星河大厦", 3, None, None, 0, 0)),
    turned=31,
    gained=12,
    lost=22,
    open_count=12,
    sooner=2,
    later=1,
)
_TURNS = (
    (Choice("turned", "All that come out differently"), 31),
    (Choice("lost", "Would be missed"), 22),
    (Choice("gained", "Would be kept"), 12),
    (Choice("moved", "Due at another time"), 0),
)
_TICKETS = TrialTickets(
    href=f"{_HREF}/tickets",
    export=f"{_HREF}/export",
    turn="turned",
    turns=_TURNS,
    rows=(
        TrialTicket(_TICKET, "GD2611-0001", "水电维修", "翠湖花园", ("Resolution",), ("Response",), True, _LATER, _AT),
        TrialTicket(_TICKET, "GD2611-0002", "电梯", "星河大厦", ("Response",), (), True, None, None),
        TrialTicket(_TICKET, "GD2611-0003", "电梯", "星河大厦", (), ("Response",), False, None, None),
    ),
    next="turn=turned&after=1",
    exportable=True,
    by_site=True,
)

POLICY_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "goal": ("tickets/explanation.html", "clipboard-list", {"life": LIFE}),
    "goal-kept": (
        "tickets/explanation.html",
        "clipboard-list",
        {"life": msgspec.structs.replace(LIFE, breached=None, kept=True)},
    ),
    "policy-history": (
        "policies/history.html",
        "adjustments",
        {
            "title": "Promised times",
            "back": "/s/cuihu/policies/core.sla_targets",
            "version": 3,
            "layer": "site",
            "revisions": (
                PastRevision(Revision(5, _AT, "陈晓", "写错了", _AT, "withdraws"), (), restorable=False, withdraws=4),
                PastRevision(Revision(4, _AT, "陈晓", "春节", _LATER, "withdrawn"), (), restorable=False),
                PastRevision(
                    Revision(3, _AT, "陈晓", "冬令时间", _LATER, "planned"),
                    (),
                    restorable=True,
                    withdrawable=True,
                    open_tickets=True,
                ),
                PastRevision(
                    Revision(2, _AT, "陈晓", "电梯合同", _AT, "in_force"),
                    (Difference("电梯 · 紧急 · 到场", "", "20 分钟"), Difference("紧急 · 响应", "8 分钟", "")),
                    restorable=True,
                ),
            ),
        },
    ),
    "policy-history-empty": (
        "policies/history.html",
        "adjustments",
        {"title": "Promised times", "back": "/admin/policies/x", "version": 0, "layer": "company", "revisions": ()},
    ),
}
POLICY_FRAGMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "trial": ("policies/_trial.html", {"trial": _TRIAL}),
    "trial-tickets": ("policies/_trial_tickets.html", {"tickets": _TICKETS}),
    "trial-tickets-none": (
        "policies/_trial_tickets.html",
        {"tickets": TrialTickets(f"{_HREF}/tickets", "", "moved", _TURNS, (), "", exportable=False, by_site=False)},
    ),
    "trial-running": ("policies/_trial.html", {"trial": Trial(_HREF, "running", 400, 1200)}),
    "trial-cancelled": ("policies/_trial.html", {"trial": Trial(_HREF, "cancelled", 400, 1200)}),
    "trial-refused": (
        "policies/_trial_refused.html",
        {"faults": (FieldError("urgent.response", "Give a whole number."),)},
    ),
}
