"""Core's pages and fragments by name, each with a context that shows every branch at least once."""

from __future__ import annotations

from typing import Any

from core.web.views import AuditChain, Choice, Field, Filters, Narrowed, Notice, Pager, PaletteHit, PolicyLink, UnitHit
from tests.browser.samples import ASKED_OF_ME, BINJIANG, CUIHU, NOW, OTHERS, REFUSED, TICKET, WAITING, choices, queue
from tests.browser.samples_access import ACCESS_PAGES
from tests.browser.samples_admin import (
    ASKED,
    AUDIT,
    CATEGORIES,
    DAYS,
    HOUSEHOLD,
    PLUGINS,
    PREVIEW,
    PROMISES,
    RUN,
    TOKEN_FIELDS,
    TOKEN_GROUPS,
    TOKENS,
    UNITS,
    UPLOAD,
    UPLOAD_REFUSED,
    WORKING_TIME,
)
from tests.browser.samples_analysis import ANALYSIS_FRAGMENTS, ANALYSIS_PAGES
from tests.browser.samples_notify import NOTIFY_FRAGMENTS, NOTIFY_PAGES
from tests.browser.samples_operator import OPERATOR_PAGES
from tests.browser.samples_people import PEOPLE_FRAGMENTS, PEOPLE_PAGES
from tests.browser.samples_policies import POLICY_FRAGMENTS, POLICY_PAGES
from tests.browser.samples_privacy import PRIVACY
from tests.browser.samples_security import SECURITY_PAGES
from tests.browser.samples_teams import TEAM_FRAGMENTS, TEAM_PAGES

_DOOR = {"next": "/", "provider": None, "farewell": ""}
CORE_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "login": ("login.html", "", {**_DOOR, "login": "", "error": "", "params": {}, "companies": (), "pending": ""}),
    "login-refused": (
        "login.html",
        "",
        {
            **_DOOR,
            "login": "chenxiao",
            "error": "Login name or password is wrong. After several wrong attempts an account is locked for a while.",
            "params": {},
            "companies": (),
            "pending": "",
        },
    ),
    "login-company": (
        "login.html",
        "",
        {
            **_DOOR,
            "login": "",
            "error": "",
            "params": {},
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
            "detail": "There is nothing here, nothing you may see, or its module is switched off at this site.",
            "params": {},
            "request_id": "01JD",
        },
    ),
    "empty": ("empty.html", "", {}),
    "tickets": ("tickets/list.html", "clipboard-list", {"queue": queue("tickets", selects=True)}),
    "ticket": ("tickets/detail.html", "clipboard-list", {"ticket": TICKET, "outlets": {}}),
    "callbacks": ("tickets/callbacks.html", "phone-outgoing", {"callbacks": (WAITING,)}),
    "callbacks-none": ("tickets/callbacks.html", "phone-outgoing", {"callbacks": ()}),
    "inbox": ("tickets/inbox.html", "inbox", {"offers": (WAITING, OTHERS), "questions": (ASKED_OF_ME,)}),
    "inbox-none": ("tickets/inbox.html", "inbox", {"offers": (), "questions": ()}),
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
            "pager_view": Pager(2, "", next_href="/s/cuihu/estate?after=x"),
            "here": "/s/cuihu/estate?",
            "can_import": True,
            "can_reveal": True,
            "sees_tickets": True,
        },
    ),
    "estate-empty": (
        "estate/list.html",
        "building-community",
        {
            "filters": Filters(),
            "rows": (),
            "pager_view": Pager(0, ""),
            "here": "/s/cuihu/estate?",
            "can_import": True,
            "can_reveal": False,
            "sees_tickets": False,
        },
    ),
    "household": ("estate/household.html", "building-community", {"household": HOUSEHOLD}),
    "import": (
        "estate/import.html",
        "building-community",
        {
            "upload": UPLOAD,
            "preview": None,
            "notice": Notice("ok", "{file} was imported.", {"file": "roll-cuihu.xlsx"}),
            "runs": (RUN,),
        },
    ),
    "import-refused": (
        "estate/import.html",
        "building-community",
        {
            "upload": UPLOAD_REFUSED,
            "preview": None,
            "notice": Notice("breach", "Not possible now"),
            "runs": (),
        },
    ),
    "import-preview": (
        "estate/import.html",
        "building-community",
        {"upload": UPLOAD, "preview": PREVIEW, "notice": None, "runs": ()},
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
            "groups": TOKEN_GROUPS,
            "chosen": set(),
            "created": "lodge_sample",
            "problem": "The token may do what you may not. Somebody who may has to renew it.",
        },
    ),
    "privacy": ("admin/privacy.html", "user-search", PRIVACY),
    "audit": (
        "admin/audit.html",
        "shield-check",
        {
            "filters": Filters(selects=DAYS),
            "chain": AuditChain(12_345, 2, NOW, 12_300, "An entry was altered.", 4_711),
            "narrowed": (Narrowed("陈晓", "user", "/admin/audit"),),
            "kept": (("actor", "m1"),),
            "rows": AUDIT,
            "pager_view": Pager(2, ""),
        },
    ),
}
"""Pages by name: template, icon of the current navigation entry, context without `page`."""

CORE_FRAGMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "palette": (
        "palette.html",
        {"hits": (PaletteHit("3幢2单元1802", "home", "/s/cuihu/estate?q=1802", "王丽华"),), "q": "1802"},
    ),
    "palette-none": ("palette.html", {"hits": (), "q": "x"}),
    "waiting": ("tickets/waiting.html", {"inbox": 2, "callbacks": 0}),
    "rows": ("tickets/rows.html", {"queue": queue("tickets", selects=True)}),
    "suggest": ("estate/suggest.html", {"hits": (UnitHit("u1", "3幢2单元1802", "王丽华 · 138****6207", "王丽华"),)}),
    "household-dialog": ("estate/_dialog.html", {"household": HOUSEHOLD}),
    "resident": ("estate/_resident.html", {"household": HOUSEHOLD, "resident": ASKED}),
}

CORE_PAGES |= ACCESS_PAGES | ANALYSIS_PAGES | NOTIFY_PAGES
CORE_FRAGMENTS |= PEOPLE_FRAGMENTS
CORE_FRAGMENTS |= NOTIFY_FRAGMENTS
CORE_FRAGMENTS |= ANALYSIS_FRAGMENTS
CORE_PAGES |= PEOPLE_PAGES
CORE_PAGES |= TEAM_PAGES | POLICY_PAGES
CORE_FRAGMENTS |= TEAM_FRAGMENTS | POLICY_FRAGMENTS
CORE_PAGES |= SECURITY_PAGES | OPERATOR_PAGES
