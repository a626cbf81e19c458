"""Sample contexts for notifications, webhooks, message providers and the delivery log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core.errors import FieldError
from core.web.views import Choice, DeliveryRow, Field, Filters, NoticeRow, Pager, ProviderRow, WebhookRow, Word
from tests.browser.samples import CUIHU, NOW

_NEWS = NoticeRow(
    "n1",
    "工单 GD2611-0007 已超时：上门。",
    CUIHU.name,
    "A goal of mine is missed",
    Word("urgent", "Urgent", "risk"),
    NOW,
    unread=True,
)
_READ = NoticeRow(
    "n2", "工单 GD2611-0003 已派给你。", CUIHU.name, "Assigned to me", Word("routine", "Routine"), NOW, unread=False
)
_WEBHOOK = WebhookRow(
    "w1",
    "https://erp.example.com/lodge",
    "财务系统",
    ("ticket.closed.v1", "ticket.created.v1", "ticket.escalated.v1"),
    (CUIHU.name,),
    True,
    1,
)
_OFF = WebhookRow("w2", "https://bi.example.com/in", "", ("ticket.created.v1",), (CUIHU.name,), False, 3)
_PROVIDER = ProviderRow("p1", "翠湖值班群", "WeCom group robot", ("Gone up to me",), (CUIHU.name,), True, 1)
_SITES = ("sites", "Sites", (Choice("s1", CUIHU.name),), None)
_LINES = (
    DeliveryRow(
        "d1", NOW, "Webhook", "https://erp.example.com", "ticket.created.v1", Word("sent", "Sent", "ok"), 1, "", 204,
        None, again=True,
    ),
    DeliveryRow(
        "d2", NOW, "E-mail", "王磊", "Assigned to me", Word("waiting", "Waiting", "info"), 2,
        "the mail server answered with an error", 451, NOW + timedelta(minutes=5), again=False,
    ),
    DeliveryRow(
        "d3", NOW, "Chat group", "翠湖值班群", "Gone up to me", Word("parked", "Given up", "breach"), 8,
        "no answer in time", None, None, again=True,
    ),
)  # fmt: skip
_WHEN = (Choice("now", "At once"), Choice("digest", "Daily digest"), Choice("off", "Not"))
_PREFERENCES: dict[str, Any] = {
    "done": "",
    "problem": "",
    "unconfirmed": (),
    "digests": "08:30",
    "version": 2,
    "phone_shown": "138****6207",
    "fields": (
        Field("email", "E-mail", value="wanglei@example.com", maximum=254),
        Field("phone", "Mobile number for text messages", "tel", "138****6207", maximum=30),
        Field("locale", "Language of messages", "select", "zh-CN", choices=(Choice("zh-CN", "中文"),)),
    ),
    "quiet": (
        Field("quiet_from", "Quiet from", "time", "22:00", help="Empty: never quiet."),
        Field(
            "quiet_until",
            "Quiet until",
            "time",
            "",
            error="Give both ends of your quiet hours, or neither.",
        ),
    ),
    "kinds": tuple(
        (
            label,
            Field(f"email_{kind}", "E-mail", "select", "now", choices=_WHEN),
            Field(f"sms_{kind}", "Text message", "select", "off", choices=_WHEN[::2]),
        )
        for kind, label in (("assigned", "Assigned to me"), ("escalated", "Gone up to me"))
    ),
}
NOTIFY_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "notifications": (
        "notify/list.html",
        "",
        {
            "rows": (_NEWS, _READ),
            "unread": 1,
            "only_unread": False,
            "pager_view": Pager(2, "", "/notifications?after=n2"),
        },
    ),
    "notifications-none": (
        "notify/list.html", "", {"rows": (), "unread": 0, "only_unread": True, "pager_view": Pager(0, "")}
    ),
    "preferences": ("notify/preferences.html", "", _PREFERENCES),
    "preferences-saved": ("notify/preferences.html", "", {**_PREFERENCES, "done": "Saved."}),
    "preferences-unconfirmed": (
        "notify/preferences.html",
        "",
        {
            **_PREFERENCES,
            "problem": "This is not the code, or it is not good any more. Look again or have a new one sent.",
            "unconfirmed": (("email", "wanglei@example.com", False), ("sms", "138****6207", True)),
        },
    ),
    "confirm": ("notify/confirm.html", "", {"code": "c0de", "address": "wanglei@example.com"}),
    "confirm-nothing": ("notify/confirm.html", "", {"code": "", "address": ""}),
    "webhook": (
        "notify/endpoint.html",
        "webhooks",
        {
            "path": "/admin/webhooks/w1",
            "back": ("/admin/webhooks", "Webhooks", "webhook"),
            "name": "财务系统",
            "version": 1,
            "fields": (
                Field("url", "Address", value="https://erp.example.com/lodge", maximum=500),
                Field("active", "On", "checkbox", "true"),
            ),
            "groups": (_SITES,),
            "chosen": {"s1"},
            "secret": ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", NOW),
            "done": "Saved.",
            "problem": "",
            "rows": _LINES[:1],
            "waiting": True,
        },
    ),
    "provider": (
        "notify/endpoint.html",
        "providers",
        {
            "path": "/admin/providers/p1",
            "back": ("/admin/providers", "Message providers", "messages"),
            "name": "翠湖值班群",
            "version": 3,
            "fields": (Field("key", "Key (WeCom)", "password", help="Empty: it stays.", maximum=200),),
            "groups": (_SITES,),
            "chosen": set(),
            "secret": None,
            "done": "",
            "problem": "A test is on its way already. Look at the delivery log.",
            "rows": (),
            "waiting": False,
        },
    ),
    "webhooks": (
        "notify/webhooks.html",
        "webhooks",
        {
            "created": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "webhooks": (_WEBHOOK, _OFF),
            "fields": (
                Field("url", "Address", help="Public, beginning with https://.", maximum=500),
                Field("description", "What it is for", maximum=80),
            ),
            "groups": (
                (
                    "events",
                    "Events",
                    (Choice("ticket.created.v1", "ticket.created.v1"), Choice("ticket.closed.v1", "ticket.closed.v1")),
                    FieldError("event_types", "Choose at least one of the events there are."),
                ),
                _SITES,
            ),
            "chosen": {"s1"},
        },
    ),
    "webhooks-none": (
        "notify/webhooks.html",
        "webhooks",
        {"created": "", "webhooks": (), "fields": (), "groups": (_SITES,), "chosen": set()},
    ),
    "providers": (
        "notify/providers.html",
        "providers",
        {
            "providers": (_PROVIDER,),
            "needed": (("WeCom group robot", ("Key (WeCom)",)), ("Feishu group robot", ("Signing secret (DingTalk)",))),
            "fields": (
                Field("scheme", "Provider", "select", choices=(Choice("wecom", "WeCom group robot"),)),
                Field("name", "Name", required=True, maximum=80),
                Field("key", "Key (WeCom)", "password", maximum=200),
            ),
            "groups": (("kinds", "What the group hears", (Choice("escalated", "Gone up to me"),), None), _SITES),
            "chosen": {"escalated"},
        },
    ),
    "providers-none": (
        "notify/providers.html",
        "providers",
        {"providers": (), "needed": (), "fields": (), "groups": (_SITES,), "chosen": set()},
    ),
    "deliveries": (
        "notify/deliveries.html",
        "deliveries",
        {
            "filters": Filters(
                selects=(
                    Field("status", "State", "select", choices=(Choice("", "All states"), Choice("sent", "Sent"))),
                )
            ),
            "rows": _LINES,
            "pager_view": Pager(3, "", None, "/admin/deliveries"),
        },
    ),
    "deliveries-none": (
        "notify/deliveries.html", "deliveries", {"filters": Filters(), "rows": (), "pager_view": Pager(0, "")}
    ),
}  # fmt: skip
NOTIFY_FRAGMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "bell": ("notify/bell.html", {"unread": 3}),
    "bell-silent": ("notify/bell.html", {"unread": 0}),
}
