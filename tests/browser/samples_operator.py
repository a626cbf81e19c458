"""Sample contexts for the pages of the platform's operator, and for those where a company sees that one was inside."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from core.auth.second_step import WRONG_CODE
from core.operator.companies import Workers
from core.web.console.operator_access import STATES
from core.web.views import AuditChain, Choice, Field, Filters, Pager, Word
from core.web.views.operator import AccessRow, CompanyRow, Looked, PlanRow, RealmEntry
from tests.browser.samples import NOW
from tests.browser.samples_security import SECURITY_PAGES

_DAY = date(2026, 11, 20)
_LINLI = CompanyRow("c1", "linli", "邻里物业", "/x", NOW, None, 2, 4, 25, 20164, 3_200_000, _DAY, 0, 0, NOW, False)
_YUNFAN = CompanyRow("c2", "yunfan", "云帆物业服务", "/x", NOW, NOW, 1, 1, 6, 0, 0, None, 3, 2, None, True)
_OPEN = AccessRow(
    "a1", "/x/a1", "平台运维 周敏", "工单列表打不开", "CS-1", "仅查看", True, 2, STATES["open"], NOW, NOW,
    NOW + timedelta(hours=2), None, "",
)  # fmt: skip
_ASKED = AccessRow(
    "a2", "/x/a2", "平台运维 周敏", "核对账单", "CS-2", "主管", False, 4, STATES["asked"], NOW, None, None, None, ""
)
_PAST = AccessRow(
    "a3", "/x/a3", "运维 沈一", "升级后复查", "CS-3", "仅查看", False, 1, STATES["ended"], NOW, NOW, NOW, NOW, "by time"
)
_ROWS = (_OPEN, _ASKED, _PAST)
_ACCESSES = tuple((name, True, row) for name, row in zip(("邻里物业", "云帆物业服务", "邻里物业"), _ROWS, strict=True))
_FIELDS = (
    Field("why", "Reason", "textarea", maximum=500, required=True, error="Some of the values cannot be accepted."),
    Field("case_ref", "Case", maximum=60, required=True),
    Field("hours", "For", "number", "1", minimum=1, maximum=8, unit="hours", required=True),
    Field("role", "With the permissions of", "select", choices=(Choice("", "Reads only"),)),
    Field("reveal", "May reveal what is masked, with a reason", "checkbox"),
)
_REASON = Field("reason", "Reason", "textarea", maximum=500, required=True)
_PLAN = (
    PlanRow("翠湖花园一期", "前台接待", _DAY, None, Word("on", "On", "ok")),
    PlanRow("星河大厦", "维修", _DAY, _DAY, Word("off", "Off", "paused")),
)
_COMPANY = {"sites": ("翠湖花园一期", "星河大厦"), "fields": _FIELDS, "reason": _REASON, "problem": ""}
_CHAIN = AuditChain(1204, 0, NOW, 1204, "", None, None)
_APP = {name: SECURITY_PAGES["sign-in-enrol"][2][name] for name in ("enrolment", "picture", "error")}
_LISTS = {name: SECURITY_PAGES["security"][2][name] for name in ("sessions", "history", "pager_view")}
_DOOR = {"next": "/operator/companies", "login": "", "said": "", "error": "", "params": {}}

OPERATOR_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "operator-login": ("operator/login.html", "", _DOOR),
    "operator-login-refused": ("operator/login.html", "", {**_DOOR, "login": "zhou", "error": WRONG_CODE}),
    "operator-code": ("operator/code.html", "", {"next": "/", "pending": "p", "error": "", "params": {}}),
    "operator-enrol": ("operator/enrol.html", "", {"next": "/", "pending": "p", "company_name": "Lodge", **_APP}),
    "operator-password": (
        "operator/password.html",
        "",
        {"link": "l", "login": "zhou", "fields": (Field("password", "Password", "password"),)},
    ),
    "operator-companies": (
        "operator/companies.html",
        "building",
        {"filters": Filters(), "rows": (_LINLI, _YUNFAN), "more": True, "workers": Workers(NOW, late=True)},
    ),
    "operator-no-companies": (
        "operator/companies.html",
        "building",
        {"filters": Filters(), "rows": (), "more": False, "workers": Workers(None, late=False)},
    ),
    "operator-company": (
        "operator/company.html",
        "building",
        {**_COMPANY, "company": _LINLI, "plan": _PLAN, "accesses": _ACCESSES},
    ),
    "operator-company-suspended": (
        "operator/company.html",
        "building",
        {**_COMPANY, "company": _YUNFAN, "plan": (), "accesses": (), "problem": "The company is suspended already."},
    ),
    "operator-accesses": ("operator/accesses.html", "door-enter", {"accesses": _ACCESSES}),
    "operator-no-accesses": ("operator/accesses.html", "door-enter", {"accesses": ()}),
    "operator-audit": (
        "operator/audit.html",
        "history",
        {
            "chain": _CHAIN,
            "rows": (RealmEntry(NOW, "平台运维 周敏", "进入了公司", (("company", "c1"), ("hours", "2"))),),
            "pager_view": Pager(1, "", "/operator/audit?after=a", None),
        },
    ),
    "operator-account": ("operator/account.html", "shield-lock", _LISTS),
    "operator-access": (
        "admin/operator_access.html",
        "door-enter",
        {"rows": _ROWS, "problem": "This access has ended."},
    ),
    "operator-access-none": ("admin/operator_access.html", "door-enter", {"rows": (), "problem": ""}),
    "operator-access-one": (
        "admin/operator_access_one.html",
        "door-enter",
        {"row": _OPEN, "more": True, "looked": (Looked(NOW, "查看了页面", "/s/cuihu/tickets"),)},
    ),
    "operator-access-unused": (
        "admin/operator_access_one.html",
        "door-enter",
        {"row": _PAST, "more": False, "looked": ()},
    ),
}
