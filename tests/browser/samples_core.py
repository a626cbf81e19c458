"""Core's pages and fragments by name, each with a context that shows every branch at least once."""

from __future__ import annotations

from typing import Any

from core.web.views import Choice, Field, Filters, Pager, PaletteHit, PolicyLink, UnitHit
from tests.browser.samples import BINJIANG, CUIHU, REFUSED, TICKET, choices, queue
from tests.browser.samples_admin import (
    AUDIT,
    CATEGORIES,
    DAYS,
    PLUGINS,
    PREVIEW,
    PROMISES,
    RUN,
    SCOPES,
    TOKEN_FIELDS,
    TOKENS,
    UNITS,
    UPLOAD,
    WORKING_TIME,
)

CORE_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "login": ("login.html", "", {"login": "", "error": "", "params": {}, "next": "/", "companies": (), "pending": ""}),
    "login-refused": (
        "login.html",
        "",
        {
            "login": "chenxiao",
            "error": "Login name or password is wrong.",
            "params": {},
            "next": "/",
            "companies": (),
            "pending": "",
        },
    ),
    "login-company": (
        "login.html",
        "",
        {
            "login": "",
            "error": "",
            "params": {},
            "next": "/",
            "companies": choices(a="邻里云物业", b="滨江物业"),
            "pending": "p",
        },
    ),
    "error": (
        "error.html",
        "",
        {
            "status": 404,
            "title": "Not found",
            "detail": "There is nothing here, or nothing you may see.",
            "params": {},
            "request_id": "01JD",
        },
    ),
    "empty": ("empty.html", "", {}),
    "tickets": ("tickets/list.html", "clipboard-list", {"queue": queue("tickets", selects=True)}),
    "ticket": ("tickets/detail.html", "clipboard-list", {"ticket": TICKET, "outlets": {}}),
    "ticket-refused": ("tickets/detail.html", "clipboard-list", {"ticket": REFUSED, "outlets": {}}),
    "estate": (
        "estate/list.html",
        "building-community",
        {
            "filters": Filters(
                selects=(
                    Field("building", "Building", "select", choices=(Choice("", "All buildings"), Choice("3", "3幢"))),
                )
            ),
            "rows": UNITS,
            "pager_view": Pager(2, "412", next_href="/s/cuihu/estate?after=x"),
            "can_import": True,
        },
    ),
    "estate-empty": (
        "estate/list.html",
        "building-community",
        {"filters": Filters(), "rows": (), "pager_view": Pager(0, "0"), "can_import": True},
    ),
    "import": (
        "estate/import.html",
        "building-community",
        {"upload": UPLOAD, "preview": None, "done": RUN, "runs": (RUN,)},
    ),
    "import-preview": (
        "estate/import.html",
        "building-community",
        {"upload": UPLOAD, "preview": PREVIEW, "done": None, "runs": ()},
    ),
    "policies": (
        "policies/index.html",
        "adjustments",
        {
            "policies": (
                PolicyLink(
                    "reception.greeting", "Greeting", "What clerks say.", "/s/cuihu/policies/reception.greeting", 2
                ),
            ),
            "layer": "site",
        },
    ),
    "policy-promises": ("policies/edit.html", "adjustments", {"policy": PROMISES, "saved": True}),
    "policy-categories": ("policies/edit.html", "adjustments", {"policy": CATEGORIES, "saved": False}),
    "policy-calendar": ("policies/edit.html", "adjustments", {"policy": WORKING_TIME, "saved": False}),
    "plugins": ("admin/plugins.html", "puzzle", {"sites": (CUIHU, BINJIANG), "plugins": PLUGINS}),
    "tokens": (
        "admin/tokens.html",
        "key",
        {
            "tokens": TOKENS,
            "fields": TOKEN_FIELDS,
            "scopes": SCOPES,
            "chosen": set(),
            "scopes_error": "Choose at least one.",
            "created": "lodge_sample",
        },
    ),
    "audit": (
        "admin/audit.html",
        "shield-check",
        {"filters": Filters(selects=DAYS), "rows": AUDIT, "pager_view": Pager(2, "2"), "intact": True},
    ),
}
"""Pages by name: template, icon of the current navigation entry, context without `page`."""

CORE_FRAGMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "palette": (
        "palette.html",
        {"hits": (PaletteHit("3幢2单元1802", "home", "/s/cuihu/estate?q=1802", "王丽华"),), "q": "1802"},
    ),
    "palette-none": ("palette.html", {"hits": (), "q": "x"}),
    "rows": ("tickets/rows.html", {"queue": queue("tickets", selects=True)}),
    "suggest": ("estate/suggest.html", {"hits": (UnitHit("u1", "3幢2单元1802", "王丽华", "王丽华", "13817626207"),)}),
}
