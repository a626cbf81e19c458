"""Sample contexts for staff accounts."""

from __future__ import annotations

from typing import Any

from core.errors import Conflict, FieldError
from core.web.console.people import STATES
from core.web.views import Field, Filters, Pager
from core.web.views.people import OpenRow, PersonRow, PersonView
from tests.browser.samples import NOW, choices

ROWS = (
    PersonRow(
        "/admin/people/m1",
        "陈晓",
        "LL-002",
        "客服部",
        ("Front-desk clerk", "夜班前台"),
        ("翠湖花园一期",),
        ("客服班",),
        STATES[True],
        NOW,
    ),
    PersonRow("/admin/people/m2", "赵强", "LL-031", "", ("Security guard",), (), (), STATES[False], None),
)
FILTERS = Filters(
    "陈",
    selects=(
        Field("status", "State", "select", "active", choices=choices(active="Active", disabled="Switched off")),
        Field("role", "Role", "select", "", choices=choices(clerk="Front-desk clerk")),
    ),
)
PERSON = PersonView(
    "m1",
    "陈晓",
    "chenxiao",
    elsewhere=False,
    state=STATES[True],
    active=True,
    signed_in_at=NOW,
    teams=("客服班",),
    open=(OpenRow("翠湖花园一期", "/s/cuihu/tickets", 4, 2),),
    manageable=True,
    own=False,
)
OFF = PersonView(
    "m2",
    "赵强",
    "zhaoqiang",
    elsewhere=True,
    state=STATES[False],
    active=False,
    signed_in_at=None,
    teams=(),
    open=PERSON.open,
    manageable=True,
    own=False,
)
FIELDS = (
    Field("name", "Name", value="陈晓", required=True, maximum=40),
    Field("staff_no", "Staff number", value="LL-002", required=True, maximum=30),
    Field("email", "E-mail", value="chenxiao@example.com", help="They confirm it before anything is sent there."),
)
GROUPS = (
    ("roles", "Roles", choices(clerk="Front-desk clerk", supervisor="Supervisor"), None),
    (
        "site_ids",
        "Sites",
        choices(s1="翠湖花园一期", s2="滨江中心"),
        FieldError("site_ids", "Choose at least one site."),
    ),
)
_PERSON: dict[str, Any] = {
    "person": PERSON,
    "version": "3",
    "fields": FIELDS,
    "phone_shown": "139****1234",
    "groups": GROUPS,
    "chosen": {"clerk", "s1"},
    "all_sites": False,
    "refused": None,
    "done": "Saved.",
}
PEOPLE_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "people": ("people/list.html", "users", {"rows": ROWS, "filters": FILTERS, "pager_view": Pager(2, "")}),
    "people-empty": ("people/list.html", "users", {"rows": (), "filters": FILTERS, "pager_view": Pager(0, "")}),
    "person": ("people/member.html", "users", _PERSON),
    "person-off": (
        "people/member.html",
        "users",
        {**_PERSON, "person": OFF, "all_sites": True, "done": "", "refused": Conflict("It is so already.")},
    ),
}
