"""Sample contexts for staff accounts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from msgspec import structs

from core.errors import Conflict, FieldError, Forbidden
from core.people.companies import OtherCompany
from core.people.invitations import Invitation
from core.people.joining import GONE, Offer
from core.people.passwords import ResetLink
from core.people.service import BEYOND
from core.web.console.invitations import STATES as STATES_OF_INVITATIONS
from core.web.console.people import STATES
from core.web.views import Field, Filters, Pager
from core.web.views.people import InvitedRow, OpenRow, PersonRow, PersonView, PostView
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
POSTS = (
    PostView(
        "s1",
        "翠湖花园一期",
        choices(**{"s1:steward": "Area steward", "s1:guard": "Security guard"}),
        ("s1:steward",),
        "3 4 5",
    ),
    PostView("s2", "滨江中心", choices(**{"s2:steward": "Area steward"}), (), ""),
)
_PERSON: dict[str, Any] = {
    "person": PERSON,
    "version": "3",
    "fields": FIELDS,
    "phone_shown": "139****1234",
    "groups": GROUPS,
    "chosen": {"clerk", "s1"},
    "all_sites": False,
    "posts": POSTS,
    "posts_fault": FieldError("posts", "The roll of the site has no building {building}.", {"building": "9"}),
    "refused": None,
    "done": "Saved.",
    "link": ResetLink("lodge.example.com/password/reset/" + "A" * 64, NOW),
}
INVITED = (
    InvitedRow("/admin/invitations/i1", "周燕", "LL-040", ("Front-desk clerk",), ("翠湖花园一期",), "陈晓", NOW, False),
    InvitedRow("/admin/invitations/i2", "何静", "LL-041", ("夜班前台",), (), "陈晓", NOW, True),
)
INVITATION = Invitation(
    UUID(int=7),
    "周燕",
    "LL-040",
    "客服部",
    ["clerk"],
    False,
    [],
    "zhouyan@example.com",
    "陈晓",
    NOW,
    NOW,
    NOW,
    "open",
    1,
    [],
)
_INVITATION: dict[str, Any] = {
    "invitation": INVITATION,
    "word": STATES_OF_INVITATIONS["open"],
    "roles": ("Front-desk clerk", "夜班前台"),
    "sites": ("翠湖花园一期",),
    "link": "lodge.example.com/join/" + "A" * 64,
    "picture": "data:image/svg+xml;charset=utf-8,%3Csvg%20xmlns='x'/%3E",
    "done": "The link is on its way by mail. You can hand it over besides.",
    "refused": None,
}
OFFER = Offer("邻里云物业", "周燕", ["Front-desk clerk", "夜班前台"], ["翠湖花园一期"], NOW, 10)
NEW_FIELDS = (
    Field(
        "login",
        "Login name",
        value="周燕",
        error="This login name is taken. Choose another, or join with that account.",
    ),
    Field(
        "password",
        "Password",
        "password",
        help="At least {n} characters; a sentence is easy to keep in mind.",
        params={"n": 10},
    ),
)
OWN_FIELDS = (Field("login", "Login name"), Field("password", "Password", "password"))
_JOIN: dict[str, Any] = {
    "token": "t",
    "offer": OFFER,
    "own": False,
    "refused": None,
    "new_fields": NEW_FIELDS,
    "own_fields": OWN_FIELDS,
}
PEOPLE_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "people": (
        "people/list.html",
        "users",
        {"rows": ROWS, "invited": INVITED, "filters": FILTERS, "pager_view": Pager(2, "")},
    ),
    "people-empty": (
        "people/list.html",
        "users",
        {"rows": (), "invited": (), "filters": FILTERS, "pager_view": Pager(0, "")},
    ),
    "person": ("people/member.html", "users", _PERSON),
    "person-off": (
        "people/member.html",
        "users",
        {
            **_PERSON,
            "person": OFF,
            "all_sites": True,
            "done": "",
            "link": None,
            "refused": Conflict("It is so already."),
        },
    ),
    "invite": (
        "people/invite.html",
        "users",
        {
            "fields": FIELDS,
            "groups": GROUPS,
            "chosen": {"clerk"},
            "all_sites": False,
            "posts": POSTS,
            "posts_fault": None,
            "refused": Forbidden(BEYOND),
        },
    ),
    "invitation": ("people/invitation.html", "users", _INVITATION),
    "invitation-over": (
        "people/invitation.html",
        "users",
        {
            **_INVITATION,
            "invitation": structs.replace(INVITATION, email="", mailed_at=None, state="revoked"),
            "word": STATES_OF_INVITATIONS["revoked"],
            "sites": (),
            "link": "",
            "done": "",
            "refused": Conflict("This invitation has been followed or taken back already."),
        },
    ),
    "join": ("people/join.html", "", _JOIN),
    "join-own": (
        "people/join.html",
        "",
        {
            **_JOIN,
            "own": True,
            "offer": structs.replace(OFFER, sites=[]),
            "refused": Conflict("You work for this company already. Sign in, or ask its administrator."),
        },
    ),
    "link-gone": ("people/said.html", "", {"done": False, "message": GONE}),
    "link-done": ("people/said.html", "", {"done": True, "message": "You have joined. Sign in now."}),
    "forgotten": (
        "people/forgotten.html",
        "",
        {"error": "Too many attempts. Wait a while and try again.", "params": {}},
    ),
    "reset": ("people/reset.html", "", {"token": "t", "login": "周燕", "fields": NEW_FIELDS[1:]}),
    "own-password": (
        "people/password.html",
        "",
        {"fields": NEW_FIELDS[1:], "refused": Conflict("It is so already."), "done": "Saved."},
    ),
}
PEOPLE_FRAGMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "companies": (
        "people/_companies.html",
        {"companies": (OtherCompany(UUID(int=9), "滨江物业"),), "pending": "p"},
    ),
}
