"""Sample contexts for the templates of complaints: the list, the panel on a ticket, and a month's analysis."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from core.hooks.types import Fragment
from core.tenancy.directory import Site
from core.web.views import Choice, Field, Filters, Pager
from plugins.complaints import permissions, screens
from plugins.complaints.analysis.model import Analysis, Count, Figures, Repeated, Share, Signed
from plugins.complaints.model import KINDS, STEPS, Case, CaseRow, CaseStep, Compensation, Referral
from plugins.complaints.policies import HANDLING, LIMITS
from tests.browser.samples import NOW
from tests.browser.samples_core import CORE_PAGES

_PATH, _ANALYSIS = "/s/cuihu/complaints", "/s/cuihu/complaints/analysis"
_DAY, _TODAY = timedelta(days=1), date(2026, 11, 21)
SITE = Site(UUID(int=1), "cuihu", "翠湖花园一期", "residential", "Asia/Shanghai", "")
READER = screens.Reader(frozenset(each.id for each in permissions.ALL), UUID(int=9), _TODAY)

NEW = CaseRow(
    id=UUID(int=41),
    number="GD2611-0041",
    status="new",
    severity="critical",
    place="地下车库 B1",
    title="地下车库积水湿滑，老人摔倒，膝盖擦伤",
    kind=None,
    cause="",
    department="",
    created_at=NOW - _DAY,
    due_at=NOW + 2 * _DAY,
    late=False,
    contacted=False,
    assignee_name="",
    compensation=None,
)
LATE = msgspec.structs.replace(
    NEW,
    id=UUID(int=42),
    number="GD2611-0042",
    status="accepted",
    severity="routine",
    kind="neighbour",
    cause="噪音扰民",
    department="秩序维护",
    due_at=NOW - timedelta(hours=3),
    late=True,
    contacted=True,
    assignee_name="郑涛",
    compensation="proposed",
)
ANSWERED = msgspec.structs.replace(LATE, id=UUID(int=43), status="closed", due_at=None, late=False, compensation="paid")

FRESH = Case(
    ticket_id=UUID(int=41),
    number="GD2611-0041",
    status="new",
    severity="routine",
    description="楼上夜间拖动家具",
    answered_at=None,
    concerns_id=None,
    concerns_name="",
    anonymous=False,
)


def _step(number: int, kind: Any, text: str, heard: str = "") -> CaseStep:
    return CaseStep(UUID(int=number), kind, heard, text, NOW - timedelta(hours=9 - number), "郑涛")


def _paid(number: int, state: Any, **more: Any) -> Compensation:
    asked = Compensation(
        id=UUID(int=60 + number),
        amount_fen=80_000,
        reason="物业巡查不到位，减免两个月物业费",
        state=state,
        proposed_by=UUID(int=8),
        proposed_by_name="孙莉",
        proposed_at=NOW - _DAY,
        decided_by_name="",
        decided_at=None,
        decision="",
        paid_at=None,
        paid_by_name="",
        paid_note="",
        version=1,
    )
    return msgspec.structs.replace(asked, **more)


_DECIDED = {"decided_by_name": "周建", "decided_at": NOW, "decision": "同意"}
_ASKED = Referral(
    UUID(int=51), "区路灯管理所", "12345-88017", _TODAY - 9 * _DAY, _TODAY - 2 * _DAY, 1, None, "", "陈晓"
)
FULL = msgspec.structs.replace(
    FRESH,
    severity="critical",
    status="accepted",
    kind="neighbour",
    cause="漏水影响",
    department="工程维修",
    contractor="宏图装饰",
    injury=True,
    contacted_at=NOW - _DAY,
    cared_at=NOW - _DAY,
    remedy="装修单位修复地板与吊顶",
    remedy_by=_TODAY + 9 * _DAY,
    major_at=NOW - _DAY,
    major_by_name="孙莉",
    major_reason="财产损失较大，涉及装修单位",
    version=4,
    steps=(
        _step(1, "contact", "已到场查看并拍照"),
        _step(2, "hear_complainant", "吊顶开裂，木地板起鼓约六平方米\n要求三天内答复"),
        _step(3, "hear_other", "承认闭水试验未做", "装修单位"),
    ),
    referrals=(
        _ASKED,
        msgspec.structs.replace(_ASKED, id=UUID(int=52), answered_on=_TODAY, answer="已派单，两日内更换光源"),
    ),
    compensations=(
        _paid(1, "refused", **_DECIDED),
        _paid(2, "paid", **_DECIDED, paid_at=NOW, paid_by_name="冯静", paid_note="收据号 2026-0917"),
        _paid(3, "approved", **_DECIDED),
        _paid(4, "proposed"),
    ),
)
CASES = {
    "fresh": FRESH,
    "full": FULL,
    "anonymous": msgspec.structs.replace(FRESH, anonymous=True, kind="municipal"),
    "hurt": msgspec.structs.replace(FRESH, injury=True, severity="critical"),
    "closed": msgspec.structs.replace(FULL, status="closed", answered_at=NOW),
}


def _panel(case: Case) -> dict[str, Any]:
    return {"panel": screens.panel(case, HANDLING.default, LIMITS.default, READER), "labels": STEPS}


_TICKET, _TICKET_PATH, _TICKET_CONTEXT = CORE_PAGES["ticket"]
_ON_PAGE = [Fragment(template="complaints/ticket_case.html", context=_panel(FULL))]
_LIST: dict[str, Any] = {
    "filters": Filters(
        selects=(Field("kind", "Kind of complaint", "select", choices=(Choice("", "All kinds of complaint"),)),)
    ),
    "rows": tuple(screens.row(SITE, each) for each in (NEW, LATE, ANSWERED)),
    "pager_view": Pager(3, "", "?before=x"),
}
SIGNED = Signed("下月重点：前台接听与夜间噪音", 14, NOW, "周建")
MONTH = Analysis(
    date(2026, 10, 1),
    date(2026, 10, 31),
    True,
    Figures(
        complaints=14,
        open=2,
        general=Share(10, 1),
        major=Share(0, 0),
        kinds=[Count("neighbour", 9), Count("", 5)],
        causes=[Count("噪音扰民", 8), Count("", 6)],
        departments=[Count("秩序维护", 8), Count("", 6)],
        compensated=2,
        compensation_fen=123_450,
        signed=None,
    ),
    [
        Repeated("5幢1单元402", "complaint", 3, "楼板隔音差", "加装地毯并约谈", "郑涛", date(2026, 11, 30), []),
        Repeated("3幢", "noise", 2, "", "", "", None, []),
    ],
)
_NONE = msgspec.structs.replace(
    MONTH,
    over=False,
    figures=Figures(0, 0, Share(0, 0), Share(0, 0), [], [], [], 0, 0, None),
    repeated=[],
)


def _analysis(analysis: Analysis, **more: Any) -> dict[str, Any]:
    return {
        "analysis": analysis,
        "month": f"{analysis.first:%Y-%m}",
        "choose": Field("month", "Month", "month", f"{analysis.first:%Y-%m}"),
        "kinds": [(KINDS.get(each.name, "Not known yet"), each.complaints) for each in analysis.figures.kinds],
        "compensation": screens.yuan(analysis.figures.compensation_fen),
        "before": "/b",
        "after": "/a",
        "export": "/x",
        "remark": None,
        **more,
    }


# Those that a browser looks at; the others are the same pages with less on them.
COMPLAINTS_FULL: dict[str, tuple[str, str, dict[str, Any]]] = {
    "complaints": ("complaints/cases.html", _PATH, _LIST),
    "complaints-none": ("complaints/cases.html", _PATH, {**_LIST, "rows": ()}),
    "complaint": (_TICKET, _TICKET_PATH, {**_TICKET_CONTEXT, "outlets": {"ticket.main": _ON_PAGE}}),
    "complaints-analysis": (
        "complaints/analysis.html", _ANALYSIS, _analysis(MONTH, remark=Field("remark", "Remark", "textarea"))
    ),
}  # fmt: skip
COMPLAINTS_PAGES = COMPLAINTS_FULL | {
    "complaints-analysis-none": ("complaints/analysis.html", _ANALYSIS, _analysis(_NONE, after="")),
    "complaints-analysis-signed": (
        "complaints/analysis.html",
        _ANALYSIS,
        _analysis(msgspec.structs.replace(MONTH, figures=msgspec.structs.replace(MONTH.figures, signed=SIGNED))),
    ),
}
COMPLAINTS_FRAGMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    f"complaint-panel-{name}": ("complaints/ticket_case.html", _panel(case)) for name, case in CASES.items()
}
