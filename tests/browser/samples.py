"""Sample contexts for templates: the page around them, and tickets. Synthetic people, one site."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from core.web.views import (
    Choice,
    Clock,
    Column,
    Field,
    Filters,
    Goal,
    NavItem,
    Notice,
    Page,
    Pager,
    Person,
    Queue,
    SiteLink,
    TicketAction,
    TicketRow,
    TicketView,
    TimelineEntry,
    WaitingRow,
    Word,
)

NOW = datetime(2026, 11, 21, 6, 33, tzinfo=UTC)
CUIHU = SiteLink("cuihu", "翠湖花园一期")
BINJIANG = SiteLink("binjiang", "滨江里")


def nav(current: str) -> tuple[NavItem, ...]:
    """The navigation as an admin sees it, the entry with that icon being the current page."""
    items = (
        NavItem("Workbench", "layout-dashboard", "/s/cuihu/reception", "g w"),
        NavItem("Tickets", "clipboard-list", "/s/cuihu/tickets", "g t", 19),
        NavItem("Calls and visits", "phone-call", "/s/cuihu/reception/calls", "g c"),
        NavItem("Estate", "building-community", "/s/cuihu/estate", "g u"),
        NavItem("Policies", "adjustments", "/s/cuihu/policies", "g r"),
        NavItem("Modules", "puzzle", "/admin/plugins", "", 1, "Administration"),
        NavItem("API tokens", "key", "/admin/tokens", "", 0, "Administration"),
        NavItem("Audit log", "shield-check", "/admin/audit", "", 0, "Administration"),
    )
    return tuple(msgspec.structs.replace(item, current=item.icon == current) for item in items)


def page(current: str = "", **changes: Any) -> Page:
    """The page around a signed-in clerk's template."""
    shown = Page(
        locale="zh-CN",
        csrf_token="csrf-sample",
        nonce="sample-nonce",
        now=NOW,
        path="/s/cuihu/reception",
        brand="邻里云物业",
        person=Person("陈晓", "chenxiao"),
        site=CUIHU,
        sites=(CUIHU, BINJIANG),
        nav=nav(current),
    )
    return msgspec.structs.replace(shown, **changes)


NORMAL, URGENT, CRITICAL = (
    Word("normal", "Normal"),
    Word("urgent", "Urgent", "risk"),
    Word("critical", "Critical", "breach"),
)
NEW = Word("new", "Waiting for response", "risk")
WORKING = Word("in_progress", "In progress", "info")
PAUSED = Word("paused", "Paused", "paused")
DONE = Word("resolved", "Resolved", "ok")


def clock(minutes: float, span_minutes: float, **flags: bool) -> Clock:
    """A deadline so many minutes from now (negative: past)."""
    return Clock(NOW + timedelta(minutes=minutes), int(span_minutes * 60), **flags)


def ticket(
    number: int, title: str, place: str, category: str, severity: Word, state: Word, due: Clock | None, who: str = ""
) -> TicketRow:
    return TicketRow(
        f"{number}",
        f"GD2611-{number:04d}",
        f"/s/cuihu/tickets/{number}",
        title,
        place,
        category,
        severity,
        state,
        who,
        due,
    )


TICKETS = (
    ticket(
        412,
        "2号客梯困人，轿厢停在 7–8 层之间，内有 2 人",
        "5幢1单元 电梯厅",
        "电梯",
        CRITICAL,
        WORKING,
        clock(-6.3, 30),
        "维保·李工",
    ),
    ticket(431, "厨房水槽下方漏水，已自行关总阀", "3幢2单元1802", "水电", URGENT, NEW, clock(1.8, 15), "张师傅"),
    ticket(429, "充电桩占位，燃油车长时间停放", "B1 车库 C区-117", "秩序", NORMAL, NEW, clock(4, 30), "巡逻·二班"),
    ticket(427, "楼上夜间拖动家具，第三次投诉", "9幢1单元0603", "噪音", NORMAL, NEW, clock(10.5, 30)),
    ticket(425, "道闸识别不到沪A·D58K2，业主在等", "南门岗亭", "门禁", URGENT, WORKING, clock(21, 30), "门岗·王队"),
    ticket(420, "单元门玻璃破裂，已围挡", "2幢大堂", "公共设施", NORMAL, WORKING, clock(86, 120), "刘师傅"),
    ticket(418, "滑梯护栏螺丝松动", "儿童乐园", "公共设施", NORMAL, WORKING, clock(151, 240), "张师傅"),
    ticket(
        411, "装修押金退还进度咨询", "6幢1单元0202", "费用", NORMAL, PAUSED, clock(0, 480, paused=True), "前台·小陈"
    ),
    ticket(405, "阳台推拉门滑轮更换", "1幢1单元0301", "门窗", NORMAL, DONE, clock(60, 480, met=True), "刘师傅"),
)


def choices(**labels: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, label) for value, label in labels.items())


COLUMNS = (
    ("due", "Due", "due"),
    ("place", "Place", ""),
    ("matter", "Matter", ""),
    ("category", "Category", ""),
    ("assignee", "Handled by", ""),
    ("state", "State", ""),
    ("number", "No.", "newest"),
)


def queue(view: str, *, selects: bool) -> Queue:
    fields = (
        Field("state", "State", "select", choices=(Choice("", "All states"), Choice("new", "Waiting for response"))),
        Field("category", "Category", "select", choices=(Choice("", "All categories"), Choice("water", "水电维修"))),
        Field("assignee", "Handled by", "select", choices=(Choice("", "Everybody"), Choice("7", "张师傅"))),
    )
    return Queue(
        title="Open matters" if view == "reception" else "Tickets",
        view=view,
        action="/s/cuihu/reception" if view == "reception" else "/s/cuihu/tickets",
        rows=TICKETS,
        tabs=(
            Choice("all", "All", count=9),
            Choice("due", "Due soon", count=3),
            Choice("mine", "Taken in by me", count=5),
        ),
        tab="all",
        filters=Filters(sort="due", selects=fields if selects else ()),
        columns=tuple(Column(key, label, sort) for key, label, sort in COLUMNS),
        pager=Pager(9, "19", next_href="/s/cuihu/tickets?after=x") if selects else None,
    )


ACTIONS = (
    TicketAction("accept", "Accept", "hand-grab", "primary"),
    TicketAction("arrive", "Arrived", "map-pin-check"),
    TicketAction("pause", "Pause", "player-pause", fields=(Field("reason", "Reason", "textarea", required=True),)),
    TicketAction("resolve", "Resolve", "checks", "go", (Field("note", "What was done", "textarea", required=True),)),
    TicketAction(
        "answer",
        "Answer the reporter",
        "message-reply",
        fields=(
            Field("channel", "Channel", "select", "call", choices=choices(call="Call", visit="Visit", letter="Letter")),
            Field("text", "Answer", "textarea", required=True),
        ),
    ),
    TicketAction(
        "assign",
        "Assign",
        "user-share",
        fields=(Field("assignee", "Handled by", "select", choices=choices(a="张师傅")),),
    ),
    TicketAction("comment", "Comment", "message", fields=(Field("text", "Comment", "textarea", required=True),)),
)

PROMISED = {"at": NOW, "by": "陈晓", "note": "先问楼下"}
TICKET = TicketView(
    id="431",
    number="GD2611-0431",
    title="厨房水槽下方漏水，已自行关总阀",
    description="厨房水槽下方漏水，总阀已关。\n客厅未进水，家中有老人。",
    state=WORKING,
    severity=URGENT,
    version=4,
    facts=(("Place", "3幢2单元1802"), ("Category", "水电维修"), ("Reported by", "王丽华"), ("Handled by", "张师傅")),
    phone="13817626207",
    clock=clock(80, 120),
    goals=(
        Goal("Response", 10, "minutes", 240, Word("met", "Met", "ok"), clock(2, 10, met=True)),
        Goal("Arrival", 30, "minutes", 1900, Word("breached", "Breached", "breach"), clock(-2, 30)),
        Goal("Resolution", 2, "hours", 2400, Word("running", "Running", "info"), clock(80, 120)),
        Goal("Return visit", 3, "working_days", 0, Word("paused", "Paused", "paused"), Clock(None, 1, paused=True)),
    ),
    actions=ACTIONS,
    owed=(
        Notice(
            "breach",
            "A callback was promised for {at} by {by}, and not made. {note}",
            {"at": NOW, "by": "陈晓", "note": ""},
        ),
        Notice(
            "info", "A callback is promised for {at} by {by}. {note}", {"at": NOW, "by": "陈晓", "note": "先问楼下"}
        ),
    ),
    timeline=(
        TimelineEntry(NOW, "陈晓", "took the ticket in", "clipboard-plus", "厨房水槽下方漏水"),
        TimelineEntry(NOW + timedelta(minutes=4), "张师傅", "accepted the ticket", "hand-grab"),
    ),
)

WAITING = WaitingRow(
    ticket_id="431",
    number="GD2611-0431",
    href="/s/cuihu/tickets/431",
    title="厨房水槽下方漏水",
    place="3幢2单元1802",
    severity=URGENT,
    version=4,
    clock=clock(25, 120),
    who="王丽华",
    said="问清楚楼下是否也漏",
    phone="13817626207",
    by="陈晓",
    actions=(
        TicketAction(
            "keep_callback",
            "Record the callback",
            "phone-check",
            "primary",
            (Field("text", "What was said", "textarea"),),
        ),
    ),
)
ASKED_OF_ME = msgspec.structs.replace(WAITING, ticket_id="433")
OTHERS = msgspec.structs.replace(WAITING, ticket_id="432", mine=False, phone="", by="", actions=())

REFUSED = msgspec.structs.replace(
    TICKET,
    actions=(
        TicketAction(
            "pause",
            "Pause",
            "player-pause",
            show=True,
            fields=(Field("reason", "Reason", "textarea", required=True, error="Say why."),),
        ),
    ),
)
