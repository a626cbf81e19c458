"""Sample contexts for the templates of billing: reports."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.web.views import Field
from plugins.billing.ledger.pages import MEANS_WORDS
from plugins.billing.reports.model import Moved, Report, Row, Taken
from plugins.billing.reports.pages import COLUMNS
from plugins.billing.telling import yuan

_PATH = "/s/cuihu/billing/reports"
_FEE, _CARS = Moved(1_240_000, 34_250_00, -5_000, 120, 3_302_480), Moved(0, 450_000, 0, 0, 450_000)
_REPORT = Report(
    date(2026, 1, 1), date(2026, 11, 23),
    [Row.of("物业费", _FEE), Row.of("车位费", _CARS)],
    [Row.of("3", _FEE), Row.of("12", _CARS)],
    [Row.of("2026-10", _FEE), Row.of("2026-11", _CARS)],
    Row.of("", _FEE + _CARS),
    [Taken("陈静", "cash", 1_200_000, 5_000), Taken("陈静", "qr", 2_552_480, 0), Taken("", "transfer", 10_000, 0)],
)  # fmt: skip
_NONE = Report(date(2026, 1, 1), date(2026, 11, 23), [], [], [], Row.of("", Moved()), [])


def _context(report: Report) -> dict[str, Any]:
    return {
        "report": report,
        "parts": [("Fee item", report.items), ("Building", report.buildings), ("Month", report.months)],
        "columns": COLUMNS,
        "days": (Field("since", "From day", "date", "2026-01-01"), Field("until", "Until", "date", "2026-11-23")),
        "export": f"{_PATH}/export",
        "amount": yuan,
        "means_words": MEANS_WORDS,
    }


REPORT_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "billing-reports": ("billing/reports.html", _PATH, _context(_REPORT)),
    "billing-reports-none": ("billing/reports.html", _PATH, _context(_NONE)),
}
# Those that a browser looks at.
REPORT_FULL = {"billing-reports": REPORT_PAGES["billing-reports"]}
