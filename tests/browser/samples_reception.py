"""Sample contexts for the reception plugin's templates: a call in each state, the form filled in and refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from core.web.views import Choice, Field, Filters, Pager, Word
from plugins.reception.intake import Intake, OwnFields
from plugins.reception.schemas import LoggedCall
from plugins.reception.screens import Caller, CallRow, Card, Kpi, Promised, Told
from plugins.reception.screens import Choice as Person
from plugins.reception.scripts.service import Advice, Line
from tests.browser.samples import NOW, TICKETS, queue
from tests.browser.samples_admin import DAYS
from tests.browser.samples_desk import DESK_FRAGMENTS, DESK_PAGES
from tests.browser.samples_letters import LETTER_PAGES

KPIS = (
    Kpi("Calls today", "46", note="since midnight"),
    Kpi("Average answer", "8", "s", "goal: 15 s"),
    Kpi("Waiting for response", "7", tone="warn"),
    Kpi("Due soon", "3", tone="risk"),
    Kpi("Overdue", "1", tone="breach"),
)
SCRIPT = (
    Line("s1", "问候", "您好，翠湖花园物业服务中心，工号 0217 小陈为您服务，请问有什么可以帮您？"),
    Line("s2", "复述确认", "您反映的是厨房水槽漏水，总阀已经关了，对吗？家里现在有没有积水到客厅？"),
    Line("s3", "承诺时限", "水电报修我们 15 分钟内响应，张师傅出发前会先给您打电话。"),
    Line("s4", "结束语", "请您先不要开总阀，注意地面湿滑。感谢来电，再见。"),
)
SITUATIONS = (Line("hold", "Hold", "请您稍等，不要挂断。", "Please hold the line."),)
GUIDANCE = (
    Advice("fees", "缴费", "请到一楼收费窗口。", papers=("身份证", "上期票据"), where="一楼 2 号窗", phone="8008"),
)
CALLER = Caller(
    "王丽华",
    "Owner",
    "3幢2单元1802",
    "u1",
    "89.6",
    date(2017, 5, 1),
    (("王建军", "Owner"), ("周小雨", "Tenant")),
    (Word("care", "独居老人", "care"), Word("dog", "养犬登记")),
    TICKETS[1:2],
)
RINGING = Card(
    "ringing",
    "c1",
    "138 1762 6207",
    NOW - timedelta(seconds=9),
    "known",
    CALLER,
    script=SCRIPT,
    situations=SITUATIONS,
    guidance=GUIDANCE,
)
CARDS = {
    "none": Card("none"),
    "ringing": RINGING,
    "answered": msgspec.structs.replace(RINGING, state="answered", step=1),
    "ended": msgspec.structs.replace(RINGING, state="ended", script=(), situations=(), guidance=()),
    "unknown": Card("ringing", "c2", "0571-8765 4321", NOW, script=SCRIPT),
    "several": Card(
        "answered",
        "c3",
        "139 0000 1234",
        NOW,
        "several",
        candidates=(Person("p1", "李建国", "Owner", "5幢1单元0301"), Person("p2", "李想", "Tenant", "9幢2单元1102")),
        script=SCRIPT,
        step=1,
    ),
}
PROMISE = Told(
    "水电维修",
    "Urgent",
    (Promised("Response", 10, "minutes"), Promised("Arrival", 30, "minutes"), Promised("Resolution", 2, "hours")),
)


def _own(error: str = "", *, shown: bool) -> OwnFields:
    """What a module's kind of ticket asks for besides."""
    bounds = {"minimum": 2, "maximum": 60}
    what = Field("fields.lost.what", "Thing", value="伞", required=True, maximum=60, error=error, params=bounds)
    worth = Field("fields.lost.worth", "Severity", "select", choices=(Choice("small", "Routine"),))
    return OwnFields("Lost property", ("other",), (what, worth), shown)


INTAKE = Intake(
    call_id="c1",
    idempotency_key="k1",
    unit_id="u1",
    caller="u1.p1",
    channel="call",
    category=Field(
        "category",
        "Category",
        "select",
        "water",
        choices=(
            Choice("water", "水电维修", "droplet"),
            Choice("lift", "电梯", "elevator"),
            Choice("gate", "门禁车道", "barrier-block"),
            Choice("clean", "保洁绿化", "plant-2"),
            Choice("noise", "噪音投诉", "volume"),
            Choice("fee", "费用咨询", "receipt"),
            Choice("other", "其他", "dots"),
        ),
    ),
    unit=Field("place", "Unit or place", value="3幢2单元1802"),
    contact=Field("contact", "Contact", value="王丽华"),
    phone=Field("phone", "Phone", "tel", "138 1762 6207"),
    description=Field("description", "Description"),
    severity=Field(
        "severity",
        "Severity",
        "select",
        "urgent",
        choices=(
            Choice("routine", "Routine"),
            Choice("urgent", "Urgent", tone="risk"),
            Choice("critical", "Critical", tone="breach"),
        ),
    ),
    visit=Field(
        "visit",
        "Convenient time",
        "select",
        choices=(Choice("", "As soon as possible"), Choice("pm", "今天 14:00–17:00")),
    ),
    assignee=Field("assignee", "Assign to", "select", choices=(Choice("", "Nobody yet"), Choice("7", "张师傅"))),
    promise=PROMISE,
    phrases=("厨房漏水", "总阀已关", "跳闸停电", "马桶堵塞", "需带梯子", "家中有老人"),
    own=(_own(shown=False),),
    concerns=Field("concerns", "Colleague concerned", "select", choices=(Choice("", "Nobody of us"),)),
    complaints=("noise",),
    suggests=True,
)
REFUSED = msgspec.structs.replace(
    INTAKE,
    category=msgspec.structs.replace(INTAKE.category, value="other"),
    own=(_own("Give {minimum} to {maximum} characters.", shown=True),),
    description=Field(
        "description", "Description", value="漏", error="Write at least {n} characters.", params={"n": 4}
    ),
    unit=Field("place", "Unit or place", error="Choose a unit or name the place."),
)
ROWS = (
    CallRow(
        "c1",
        NOW,
        Word("call", "Call"),
        "13817626207",
        "王丽华",
        "3幢2单元1802",
        8,
        95,
        Word("ticket", "Ticket", "ok"),
        "陈晓",
        "GD2611-0431",
        "/s/cuihu/tickets/431",
        "厨房水槽漏水",
        "15 分钟内上门",
        ("Name", "Address"),
        "陈晓",
        lost=False,
        called_back_at=None,
        called_back_by="",
    ),
    CallRow(
        "c2",
        NOW,
        Word("call", "Call"),
        "057187654321",
        "",
        "",
        None,
        None,
        Word("abandoned", "Caller hung up", "paused"),
        "",
        "",
        "",
        "",
        "",
        (),
        "",
        lost=True,
        called_back_at=NOW,
        called_back_by="陈晓",
    ),
)


CALL = LoggedCall(
    id=UUID(int=1),
    channel="call",
    source="exchange",
    status="ended",
    phone="138****6207",
    caller_name="王丽华",
    place="3幢2单元1802",
    unit_id=UUID(int=2),
    ringing_at=NOW,
    answered_at=NOW,
    ended_at=NOW,
    waited=8,
    talked=95,
    answered_by_name="陈晓",
    ticket_id=UUID(int=3),
    ticket_number="GD2611-0431",
)


def workbench(card: Card, intake: Intake = INTAKE) -> dict[str, Any]:
    return {"kpis": KPIS, "card": card, "intake": intake, "queue": queue("reception", selects=False), "letters": True}


RECEPTION_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    **DESK_PAGES,
    **LETTER_PAGES,
    **{
        f"workbench-{name}": ("reception/workbench.html", "layout-dashboard", workbench(card))
        for name, card in CARDS.items()
    },
    "workbench-refused": ("reception/workbench.html", "layout-dashboard", workbench(CARDS["answered"], REFUSED)),
    "calls": (
        "reception/calls.html",
        "phone-call",
        {
            "filters": Filters(selects=DAYS),
            "rows": ROWS,
            "pager_view": Pager(2, "46"),
            "takes": True,
            "export": "/export",
        },
    ),
    "calls-empty": (
        "reception/calls.html",
        "phone-call",
        {"filters": Filters(), "rows": (), "pager_view": Pager(0, "0"), "takes": False, "export": ""},
    ),
}
RECEPTION_FRAGMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    **DESK_FRAGMENTS,
    "card": ("reception/_card.html", {"card": CARDS["ringing"]}),
    "intake": ("reception/_intake.html", {"intake": INTAKE}),
    "kpis": ("reception/_kpis.html", {"kpis": KPIS}),
    "promise": ("reception/_promise.html", {"promise": PROMISE}),
    "taken": ("reception/_taken.html", {"call_id": "c1"}),
    "ticket_side": ("reception/ticket_side.html", {"call": CALL}),
}
