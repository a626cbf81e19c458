"""Sample contexts for the templates of contact sheets to builders, and of the technician's page on a phone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from core.tenancy.directory import Site
from core.web.views import Choice, Field, Filters, Pager
from plugins.repairs.charges.model import SIGNED_FOR
from plugins.repairs.mobile.pages import ACTS
from plugins.repairs.sheets import screens
from plugins.repairs.sheets.model import Contractor, Sheet
from tests.browser.samples import NOW

_ID = UUID(int=7)
SITE = Site(UUID(int=1), "cuihu", "翠湖花园一期", "residential", "Asia/Shanghai", "")
OPEN = Sheet(
    id=_ID,
    number="LX2026-0007",
    ticket_id=UUID(int=2),
    ticket_number="GD2611-0032",
    contractor_id=UUID(int=3),
    contractor="中建八局",
    contact="李工",
    phone="13800001111",
    place="3幢2单元1802",
    matter="主卧飘窗渗水\n第二次",
    status="open",
    round=2,
    promised_on=date(2026, 11, 1),
    chase_on=date(2026, 11, 1),
    issued_at=NOW - timedelta(days=9),
    issued_by_name="陈晓",
    done_at=None,
    closed_at=None,
    accepted_by="",
    signature_id=None,
    overdue_at=NOW,
    prints=1,
)
DONE = msgspec.structs.replace(OPEN, id=UUID(int=8), status="done", done_at=NOW, promised_on=None, round=1, prints=0)
ACCEPTED = msgspec.structs.replace(
    OPEN,
    id=UUID(int=9),
    status="accepted",
    chase_on=None,
    closed_at=NOW,
    accepted_by="王丽华",
    signature_id=UUID(int=4),
)
HISTORY = (
    screens.HistoryRow(NOW, "Chased", "phone-outgoing", "李工 · 下周来", "陈晓"),
    screens.HistoryRow(NOW, "Issued", "file-export", "", ""),
)
BUILDER = Contractor(UUID(int=3), "中建八局", "1–6 号楼", "李工", "13800001111", True, 2)
_FIELDS = (Field("name", "Builder", value="中建八局", required=True), Field("active", "Gets new sheets", "checkbox"))
_REFUSED = (Field("contractor_id", "Builder", "select", choices=(Choice("", "Choose"),), error="Choose a builder."),)
_PATH = "/s/cuihu/repairs/sheets"
_LIST: dict[str, Any] = {
    "filters": Filters("", (Field("which", "State", "select", "due", choices=(Choice("due", "To be chased"),)),)),
    "rows": tuple(screens.row(SITE, sheet, NOW) for sheet in (OPEN, DONE, ACCEPTED)),
    "pager_view": Pager(3, "", None, None),
    "export": "/x",
    "manages": True,
}


def _sheet(sheet: Sheet, **more: Any) -> dict[str, Any]:
    return {"row": screens.row(SITE, sheet, NOW), "history": HISTORY, "steps": screens.steps(sheet), **more}


def _new(**more: Any) -> dict[str, Any]:
    return {"ticket": OPEN, "builders": True, "manages": True, "fields": _REFUSED, **more}


SHEETS_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "sheets": ("repairs/sheets.html", _PATH, _LIST),
    "sheets-none": ("repairs/sheets.html", _PATH, {**_LIST, "rows": (), "manages": False}),
    "sheet": ("repairs/sheet.html", _PATH, _sheet(OPEN)),
    "sheet-done": ("repairs/sheet.html", _PATH, _sheet(DONE)),
    "sheet-accepted": ("repairs/sheet.html", _PATH, _sheet(ACCEPTED, steps=())),
    "sheet-new": ("repairs/sheet_new.html", _PATH, _new()),
    "sheet-new-no-builder": ("repairs/sheet_new.html", _PATH, _new(builders=False)),
    "contractors": (
        "repairs/contractors.html", _PATH, {"rows": ((BUILDER, _FIELDS, False),), "fields": _FIELDS, "show": False}
    ),
    "contractors-none": ("repairs/contractors.html", _PATH, {"rows": (), "fields": _FIELDS, "show": True}),
    "repairs-mobile": (
        "repairs/mobile.html",
        "/s/cuihu/repairs/mobile",
        {"person": _ID, "site": SITE, "acts": ACTS, "signed_for": SIGNED_FOR},
    ),
}  # fmt: skip
SHEETS_FRAGMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "ticket-sheets": ("repairs/ticket_sheets.html", {"rows": _LIST["rows"], "issue": "/s/cuihu/repairs/sheets/new"}),
    "ticket-sheets-none": ("repairs/ticket_sheets.html", {"rows": (), "issue": ""}),
}
