"""Sample contexts for roles."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from core.auth.roles import Holder, Role
from core.errors import FieldError
from core.web.views import Field
from core.web.views.roles import RightGroup, RightRow, RoleRow

OWN = Role("night", "夜班前台", ["ticket.view", "gone.door.open"], 2, 1, ["gone.door.open"])
CLERK = Role("clerk", "Front-desk clerk", ["ticket.view"], holders=2)
RIGHTS = (
    RightGroup(
        "Tickets",
        (
            RightRow("ticket.view", "See tickets", "前台客服、主管", closed=False),
            RightRow("ticket.export", "Export tickets", "主管", closed=True),
        ),
    ),
    RightGroup(
        "Of modules that no longer run here; they grant nothing",
        (RightRow("gone.door.open", "gone.door.open", "", closed=False),),
    ),
)
TITLE = Field("title", "Name", value="夜班前台", required=True, maximum=40)
KEY = Field("key", "Short name", value="clerk_2", help="For the API and company files; it cannot be changed later.")
_ROLE: dict[str, Any] = {
    "role": OWN,
    "copying": False,
    "changeable": True,
    "may_copy": True,
    "fields": (TITLE,),
    "groups": RIGHTS,
    "chosen": frozenset(OWN.permissions),
    "fault": None,
    "problem": "",
    "done": True,
    "holders": (Holder(UUID(int=1), "周敏", "LL-004", True), Holder(UUID(int=2), "何静", "LL-009", False)),
}
ACCESS_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "roles": (
        "admin/roles.html",
        "shield-lock",
        {
            "rows": (RoleRow("clerk", CLERK.title, True, 24, 2), RoleRow("night", OWN.title, False, 2, 1)),
            "changes": True,
        },
    ),
    "role": ("admin/role.html", "shield-lock", _ROLE),
    "role-built-in": (
        "admin/role.html",
        "shield-lock",
        {**_ROLE, "role": CLERK, "changeable": False, "fields": (), "done": False, "holders": ()},
    ),
    "role-copy": (
        "admin/role.html",
        "shield-lock",
        {
            **_ROLE,
            "role": CLERK,
            "copying": True,
            "fields": (TITLE, KEY),
            "fault": FieldError("permissions", "Choose at least one permission."),
            "problem": "Somebody still holds the role. Take it from them first.",
            "done": False,
        },
    ),
}
