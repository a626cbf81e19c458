"""Sample contexts for the desk: visitors, one of them barred; messages, shifts, summaries, opinions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from core.sdk import FieldError, HouseholdCard, Occupant, Site
from core.web.views import Clock, Field, Filters, Pager
from plugins.reception.handover.model import Handover, Line, Sheet
from plugins.reception.messages.model import Message
from plugins.reception.messages.pages import MessageRow
from plugins.reception.summaries.answering import Answered, Answering
from plugins.reception.summaries.service import Contacts, Summary, Topic
from plugins.reception.visitors import inputs, screens
from plugins.reception.visitors.model import Barred, Day, Question, Step, Visit
from plugins.reception.visitors.policy import VisitorRules
from plugins.reception.waiting.model import Turn
from plugins.reception.waiting.pages import TurnRow
from tests.browser.samples import NOW

SITE = Site(UUID(int=9), "cuihu", "翠湖花园一期", "residential", "Asia/Shanghai", "")
RULES = VisitorRules()
WAITING = Visit(
    id=UUID(int=1),
    site_id=SITE.id,
    status="waiting",
    at=NOW,
    name="周航",
    phone="13800001111",
    people=2,
    purpose="走亲访友",
    unit_id=UUID(int=2),
    place="3幢2单元1802",
    host_name="王丽华",
    id_kind="id_card",
    id_number="****1234",
    badge="",
    badge_out=False,
    escort="",
    found=False,
    warning="多次进楼推销扰民",
    expected_at=None,
    arrived_at=NOW,
    host_answer="",
    host_answered_at=None,
    admitted_at=None,
    left_at=None,
    turned_away_at=None,
    cancelled_at=None,
    registered_by=None,
    registered_by_name="陈晓",
    created_at=NOW,
    follows_id=UUID(int=3),
    plate="浙A12345",
    answered_by="",
    answered_via="",
    badge_lost_at=None,
    erased_at=None,
)
INSIDE = msgspec.structs.replace(
    WAITING,
    id=UUID(int=4),
    status="inside",
    name="马国强",
    warning="",
    badge="07",
    badge_out=True,
    host_answer="accepted",
    host_answered_at=NOW,
    answered_by="王丽华",
    answered_via="link",
    admitted_at=NOW - timedelta(hours=5),
)
LOST = msgspec.structs.replace(INSIDE, id=UUID(int=14), status="left", left_at=NOW, badge_lost_at=NOW)
ERASED = msgspec.structs.replace(LOST, name="", phone="", id_number="", place="", host_name="", erased_at=NOW)
EXPECTED = msgspec.structs.replace(
    WAITING, id=UUID(int=5), status="expected", name="吴敏", warning="", expected_at=NOW + timedelta(hours=2)
)
DAY = Day(date(2026, 11, 21), 41, 36, 3, 1, 44)
STEPS = (
    Step(NOW, "arrive", "", "陈晓"),
    Step(NOW, "warn", "多次进楼推销扰民", ""),
    Step(NOW, "security", "王队，到北门", "陈晓"),
)
ENTRY = Barred(
    id=UUID(int=6),
    name="周航",
    phone="138****1111",
    id_number="****1234",
    reason="多次进楼推销扰民",
    until=None,
    barred_at=NOW,
    barred_by_name="李楠",
)


HOUSEHOLD = HouseholdCard(
    UUID(int=2),
    "3幢2单元1802",
    None,
    None,
    "",
    (Occupant(UUID(int=15), "王丽华", "person", "owner", "", ("138****6207",), caller=False),),
    (),
)
QUESTION = Question(UUID(int=1), SITE.id, "王丽华", NOW, "周航", 2, "走亲访友", "3幢2单元1802")
HOST: dict[str, Any] = {
    "site": "翠湖花园",
    "asked": QUESTION,
    "until": "10:30",
    "done": "",
    "another": Field("at", "Another time that suits you", "datetime-local"),
}


def row(visit: Visit) -> screens.VisitRow:
    return screens.row(SITE, visit, RULES, NOW)


def desk(*errors: FieldError, **more: Any) -> dict[str, Any]:
    """The desk's page, its form refused for `errors`."""
    return {
        "kpis": screens.kpis([WAITING, INSIDE], DAY, RULES, NOW),
        "form": inputs.form(RULES, "01", "02、03", {}, errors),
        "unit_id": "",
        "faults": (),
        "present": (row(WAITING), row(INSIDE)),
        "lost": (row(LOST),),
        "expected": (row(EXPECTED),),
        **more,
    }


def visit(shown: Visit, asked_until: datetime | None = None, **more: Any) -> dict[str, Any]:
    return {
        "visit": shown,
        "state": screens.STATES[shown.status],
        "document": screens.ID_KINDS[shown.id_kind],
        "facts": screens.facts(shown),
        "asks": not shown.host_answer,
        "overdue": False,
        "steps": tuple(map(screens.happened, STEPS)),
        "asked_until": asked_until,
        "via": screens.VIAS[shown.answered_via],
        "actions": inputs.actions(shown, ["01"], HOUSEHOLD, **more),
    }


def log(**more: Any) -> dict[str, Any]:
    shown = {"filters": Filters(), "pager_view": Pager(1, ""), "days": (DAY,), "target": 95, "export": "/x"}
    shown["count"] = inputs.count_form(NOW.date())
    return {**shown, "rows": (row(INSIDE),), **more}


BARRED: dict[str, Any] = {"rows": (screens.BarredRow(ENTRY),), "keeps": True, "fields": (), "show": False}
MESSAGE = Message(
    UUID(int=7),
    SITE.id,
    UUID(int=8),
    "张师傅",
    "赵先生",
    "137****1111",
    "3幢2单元1802",
    "问水泵房哪天检修",
    NOW,
    "陈晓",
    NOW - timedelta(hours=1),
    NOW,
    None,
    "",
    "",
)
DONE = msgspec.structs.replace(MESSAGE, id=UUID(int=10), done_at=NOW, done_by_name="张师傅", outcome="下周三检修")
MESSAGES: dict[str, Any] = {
    "rows": (
        MessageRow(MESSAGE, Clock(NOW, 3600), (Field("outcome", "What came of it", "textarea"),)),
        MessageRow(DONE, None, ()),
    ),
    "fields": (Field("caller_name", "Caller", error="Write down who called."),),
    "which": "open",
    "mine": False,
}
DESK_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "visitors": ("reception/visitors.html", "", desk()),
    "visitors-refused": (
        "reception/visitors.html",
        "",
        desk(
            FieldError("name", "Write down the visitor's name."),
            FieldError("expected_at", "Say when the visitor comes."),
        ),
    ),
    "visitors-looked-at": ("reception/visitors.html", "", desk(form={}, present=(), lost=(), expected=())),
    "visit": ("reception/visit.html", "", visit(WAITING)),
    "visit-refused": (
        "reception/visit.html",
        "",
        visit(WAITING, taken="admit", values={"badge": "1"}, errors=[FieldError("text", "Say why.")]),
    ),
    "visit-asked": ("reception/visit.html", "", visit(WAITING, asked_until=NOW)),
    "visit-erased": ("reception/visit.html", "", visit(ERASED)),
    "visitors-inside": ("reception/visitors_inside.html", "", {"rows": (INSIDE,), "people": 2}),
    "visitors-inside-nobody": ("reception/visitors_inside.html", "", {"rows": (), "people": 0}),
    "host": ("reception/host.html", "", HOST),
    "host-answered": ("reception/host.html", "", {**HOST, "done": "accept"}),
    "visit-inside": ("reception/visit.html", "", visit(INSIDE)),
    "visitors-log": ("reception/visitors_log.html", "", log()),
    "visitors-log-empty": ("reception/visitors_log.html", "", log(rows=(row(ERASED),), days=(), export="", count=())),
    "visitors-barred": ("reception/visitors_barred.html", "", BARRED),
    "visitors-barred-empty": ("reception/visitors_barred.html", "", {**BARRED, "rows": (), "keeps": False}),
}
SHEET = Sheet(
    12,
    3,
    1,
    waiting=2,
    callbacks=(Line("GD2611-0431", "3幢2单元1802 · 王丽华", NOW, late=True, ticket_id=UUID(int=16)),),
    letters=(Line("2026-012", "业委会 · 公示栏维修", NOW),),
    messages=(Line("张师傅 ← 赵先生", "问水泵房哪天检修", NOW + timedelta(hours=1)),),
    visitors=(Line("马国强", "3幢2单元1802 · 07", NOW),),
    badges=(Line("09", "周航 · 3幢2单元1802", NOW, late=True),),
)
HANDED = Handover(UUID(int=11), SITE.id, NOW, None, "陈晓", "1–5 号钥匙", "北门道闸报修", SHEET, None, "", "")
KEYS = (Field("keys", "Keys and things handed over", "textarea"),)
HANDOVER: dict[str, Any] = {"sheet": SHEET, "past": (HANDED,), "fields": KEYS}
RECORD: dict[str, Any] = {"handed": HANDED, "sheet": SHEET, "accepts": True, "fields": KEYS}
ANSWERED = Answered("clerk", "陈晓", 46, 41, 3, 2, 0, 38, 4, 8.0, 26)
ANSWERING = Answering(15, ANSWERED, [ANSWERED], [ANSWERED], [ANSWERED])
SUMMARY: dict[str, Any] = {
    "summary": Summary(date(2026, 11, 1), date(2026, 12, 1), [], ANSWERING, [], 7, 5, 1, [DAY], 81.8, 95, 1),
    "span": "month",
    "contacts": (("Call", Contacts("call", 46, 41, 3, 2, 0, 8.0)),),
    "topics": (("水电维修", Topic("water", 18, 4, 6, 8)),),
    "before": "/before",
    "after": "",
    "export": "/export",
    "choose": Field("day", "Month", "month", "2026-11"),
}
WAITS = Turn(UUID(int=12), 8, "waiting", "缴费", "王女士", NOW, None, "", "")
SERVED = Turn(UUID(int=13), 7, "called", "装修办理", "", NOW, NOW, "陈晓", "2 号窗")
WAITING_LINE: dict[str, Any] = {
    "kpis": screens.kpis([], None, RULES, NOW),
    "limit": 15,
    "taken": WAITS,
    "rows": (TurnRow(SERVED, 300, False), TurnRow(WAITS, 1200, True)),
    "counter": Field("counter", "Counter"),
    "fields": (Field("name", "Name (if given)"),),
}
OPINIONS: dict[str, Any] = {
    "opinion": Field("opinion", "What the owner said", "textarea", error="Write down what was said."),
    "place": Field("place", "Unit or place"),
    "unit_id": "",
    "fields": (Field("owner_name", "Owner's name"),),
}
DESK_PAGES |= {
    "handover": ("reception/handover.html", "", HANDOVER),
    "handover-first": ("reception/handover.html", "", {**HANDOVER, "sheet": Sheet(), "past": ()}),
    "handover-record": ("reception/handover_record.html", "", RECORD),
    "summary": ("reception/summary.html", "", SUMMARY),
    "summary-empty": ("reception/summary.html", "", {**SUMMARY, "contacts": (), "topics": (), "span": "day"}),
    "waiting": ("reception/waiting.html", "", WAITING_LINE),
    "waiting-nobody": ("reception/waiting.html", "", {**WAITING_LINE, "rows": (), "taken": None}),
    "waiting-wall": ("reception/waiting_wall.html", "", {"called": (SERVED,), "waiting": (8, 9)}),
    "opinions": ("reception/opinions.html", "", OPINIONS),
    "messages": ("reception/messages.html", "", MESSAGES),
    "messages-none": ("reception/messages.html", "", {**MESSAGES, "rows": (), "fields": (), "which": "done"}),
}
DESK_FRAGMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "visitors-units": ("reception/visitors_units.html", {"hits": ()})
}
