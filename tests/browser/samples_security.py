"""Sample contexts for signing in by two steps, sessions and their history."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from core.auth.account import AccountState
from core.auth.second_factor import Enrolment
from core.auth.second_step import WRONG_CODE
from core.identity.model import Administrator, Provider
from core.identity.providers import BEYOND
from core.identity.service import NOT_YOU, Door
from core.web.console.door import picture
from core.web.console.identity import filled, form_fields
from core.web.console.security import OUTCOMES
from core.web.views import Pager
from core.web.views.security import SessionRow, SignInRow
from tests.browser.samples import NOW

_ENROLMENT = Enrolment("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ", "otpauth://totp/a:b?secret=GEZDGNBVGY3TQOJQ")
_APP = {"enrolment": _ENROLMENT, "picture": picture(_ENROLMENT), "error": ""}
_HALFWAY = {"next": "/", "pending": "p", "company": "a"}
_CODES = ["7K2QF-M9XWB", "AC5QB-W9MQ2", "QBTHP-YCV9W", "T9REG-MMVS3"]
_LISTS = {
    "sessions": (
        SessionRow("s1", "Edge · Windows", "203.0.113.0/24", NOW, NOW, True),
        SessionRow("s2", "", "", NOW, NOW, False),
    ),
    "history": (
        SignInRow(NOW, OUTCOMES["signed_in"], "with a recovery code", "WeChat · Android", "2001:db8:1::/48"),
        SignInRow(NOW, OUTCOMES["code_locked"], "", "", ""),
    ),
    "pager_view": Pager(2, "", "/account/security?after=s2", None),
}
_NOTHING: dict[str, Any] = {"sessions": (), "history": (), "pager_view": Pager(0, "", None, None)}
_ON, _OFF = AccountState(NOW, 2, True, NOW), AccountState(None, 0, False)
_MEMBER = {"name": "陈晓", "path": "/admin/people/m1", "manageable": True, "done": "", "problem": ""}
_DOOR = {
    "login": "",
    "error": "",
    "params": {},
    "next": "/",
    "companies": (),
    "pending": "",
    "farewell": "",
}
_SET_UP = Provider(
    title="邻里账号",
    issuer="https://sso.example.com",
    client_id="lodge",
    has_secret=True,
    active=True,
    only_way=True,
    tried_at=NOW,
    version=3,
    linked=12,
    members=40,
)
_PROVIDER = {
    "provider": _SET_UP,
    "fields": form_fields(filled(_SET_UP), {}, _SET_UP, [Administrator(UUID(int=1), "李楠", "LL-001")]),
    "redirect_uri": "https://lodge.example.com/sign-in/linli/callback",
    "sign_in_page": "https://lodge.example.com/sign-in/linli",
    "editable": True,
    "beyond": BEYOND,
    "trial": "/sign-in/linli/start?trial=t",
    "stranded": True,
    "done": "Saved.",
    "problem": "",
}

SECURITY_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "sign-in-code": ("sign_in/code.html", "", {**_HALFWAY, "error": "", "params": {}}),
    "sign-in-code-refused": ("sign_in/code.html", "", {**_HALFWAY, "error": WRONG_CODE, "params": {}}),
    "sign-in-tried": ("sign_in/tried.html", "", {"error": NOT_YOU, "params": {"provider": "邻里账号"}}),
    "sign-in-company": ("login.html", "", {**_DOOR, "provider": Door("linli", "邻里账号", False)}),
    "sign-in-company-only": (
        "login.html",
        "",
        {**_DOOR, "provider": Door("linli", "邻里账号", True), "farewell": "/sign-in/linli/end"},
    ),
    "single-sign-on": ("admin/sign_in.html", "login-2", _PROVIDER),
    "single-sign-on-none": (
        "admin/sign_in.html",
        "login-2",
        {**_PROVIDER, "provider": Provider(), "editable": False, "trial": "", "problem": BEYOND},
    ),
    "sign-in-enrol": ("sign_in/enrol.html", "", {**_HALFWAY, **_APP, "company_name": "邻里物业"}),
    "sign-in-codes": ("sign_in/codes.html", "", {"codes": _CODES, "next": "/"}),
    "security": ("account/security.html", "", {"account": _ON, **_LISTS, "done": "", "problem": WRONG_CODE}),
    "security-off": (
        "account/security.html",
        "",
        {"account": _OFF, **_NOTHING, "done": "The second step is off.", "problem": ""},
    ),
    "security-app": ("account/app.html", "", {**_APP, "error": WRONG_CODE}),
    "security-codes": ("account/codes.html", "", {"codes": _CODES}),
    "member-security": ("account/member.html", "users", {"account": _ON, **_LISTS, **_MEMBER}),
    "member-security-none": (
        "account/member.html",
        "users",
        {"account": _OFF, **_NOTHING, **_MEMBER, "manageable": False},
    ),
}
