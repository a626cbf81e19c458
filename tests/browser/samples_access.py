"""Sample contexts for roles, service accounts and second looks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from msgspec import structs

from core.auth.roles import Holder, Role
from core.auth.service_accounts import ServiceAccount
from core.errors import FieldError
from core.web.views import Field, Pager, Word
from core.web.views.admin import AccountRow
from core.web.views.approvals import ApprovalRow
from core.web.views.roles import RightGroup, RightRow, RoleRow
from tests.browser.samples import NOW
from tests.browser.samples_admin import TOKEN_FIELDS, TOKEN_GROUPS, TOKENS

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
ASKED = ApprovalRow(
    "/s/cuihu/approvals/a1",
    "Import of a household roll",
    "翠湖二期.xlsx：新增房屋412套，变更3套，新增业主655人。",
    Word("asked", "Waiting for a second look", "warn"),
    "周敏",
    NOW,
    NOW,
    reason="二期交付",
    look="/s/cuihu/estate",
    decidable=True,
)
DECIDED = structs.replace(
    ASKED,
    state=Word("refused", "Refused", "breach"),
    decided_by="李楠",
    decided_at=NOW,
    decision="缺少身份证复印件",
    decidable=False,
)
REMARK = Field("text", "Remark", "textarea", error="Say why it is refused.", maximum=500)
_ACCOUNT: dict[str, Any] = {"fields": (Field("name", "Name"),), "groups": TOKEN_GROUPS, "chosen": {"ticket.view"}}
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
    "service-accounts": (
        "admin/service_accounts.html",
        "key",
        {**_ACCOUNT, "rows": (AccountRow("a1", "电话交换机", "来电弹屏", ("翠湖花园一期",), True, 2, 1),)},
    ),
    "service-accounts-none": ("admin/service_accounts.html", "key", {**_ACCOUNT, "rows": ()}),
    "service-account": (
        "admin/service_account.html",
        "key",
        {
            **_ACCOUNT,
            "account": ServiceAccount(UUID(int=1), "电话交换机", "来电弹屏", ["ticket.view"], [], True, 1, 1),
            "token_fields": TOKEN_FIELDS,
            "tokens": TOKENS,
            "created": "lodge_sample",
            "problem": "",
            "done": True,
        },
    ),
    "approvals": ("approvals/list.html", "eye-check", {"rows": (ASKED, DECIDED), "pager_view": Pager(2, "")}),
    "approvals-none": ("approvals/list.html", "eye-check", {"rows": (), "pager_view": Pager(0, "")}),
    "approval": (
        "approvals/detail.html",
        "eye-check",
        {"row": ASKED, "text": REMARK, "problem": ("Somebody else decides on what you have asked.", {})},
    ),
    "approval-decided": ("approvals/detail.html", "eye-check", {"row": DECIDED, "text": REMARK, "problem": ("", {})}),
    "approval-own": (
        "approvals/detail.html",
        "eye-check",
        {"row": structs.replace(ASKED, decidable=False, own=True), "text": REMARK, "problem": ("", {})},
    ),
}
