"""Sample contexts for requests about people's data."""

from __future__ import annotations

from datetime import timedelta

from core.privacy.retention import KeptKind
from core.web.console.privacy import KINDS, STATES, SUBJECTS
from core.web.views import Choice, Field
from core.web.views.privacy import RequestRow
from tests.browser.samples import NOW, choices

PRIVACY = {
    "search": Field("q", "Name, telephone number or staff number", value="陈静", required=True, maximum=60),
    "searched": True,
    "people": (Choice("resident:1", "陈静 · 翠湖花园 3幢1单元302 · 138****6207"), Choice("member:2", "陈静 · 1007")),
    "who": "resident:1",
    "fault": None,
    "fields": (
        Field("kind", "What is to be done", "select", "erasure", choices=choices(export="Hand out", erasure="Erase")),
        Field("reason", "Reason", value="本人书面提出", required=True, maximum=200),
        Field(
            "confirm",
            "To erase, type the name or number again",
            value="陈",
            error="Type {label} to confirm.",
            params={"label": "陈静"},
        ),
    ),
    "kinds": (
        KeptKind("notifications", "Notifications", NOW - timedelta(days=90), 12),
        KeptKind("files", "Files of closed tickets", NOW - timedelta(days=730), 3, ("翠湖花园", "云帆中心")),
        KeptKind("contacts", "Names and numbers of whoever reported closed tickets", None, 0),
    ),
    "rows": (
        RequestRow(
            kind=KINDS["export"],
            subject=SUBJECTS["resident"],
            whose="陈静",
            reason="本人到服务中心提出",
            state=STATES["done"],
            rows=32,
            files=1,
            kept=(),
            asked_by="林安",
            asked_at=NOW,
            expires_at=NOW + timedelta(days=7),
            file="/admin/privacy/requests/1/file",
        ),
        RequestRow(
            kind=KINDS["erasure"],
            subject=SUBJECTS["resident"],
            whose="陈静",
            reason="本人要求删除",
            state=STATES["refused"],
            rows=0,
            files=0,
            kept=(("a matter is still open", ""), ("a charge was agreed: accounts are kept", "2036-09-17")),
            asked_by="林安",
            asked_at=NOW,
            expires_at=None,
            file="",
        ),
    ),
}
