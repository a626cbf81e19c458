"""Sample contexts for the templates of cash closing: shifts, days and weeks, the bank's statement."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from core.web.views import Choice, Field, Pager
from plugins.billing.closing import forms
from plugins.billing.closing.bank.matching import Proposal, Transfer
from plugins.billing.closing.bank.model import BankDetail, BankLine, Month, MonthDetail, Signed, Taken
from plugins.billing.closing.bank.pages import REOPENED, WHYS
from plugins.billing.closing.bank.pages import STATES as BANK_STATES
from plugins.billing.closing.bank.reading import Mistake
from plugins.billing.closing.counting import Count, Pieces
from plugins.billing.closing.days.figures import Figures, Found, MeansSum, OfItem
from plugins.billing.closing.days.model import Closing
from plugins.billing.closing.days.screens import KINDS, ODDITIES
from plugins.billing.closing.model import Handover, Shift, ShiftDetail, ShiftRow
from plugins.billing.closing.pages import STATES
from plugins.billing.ledger.pages import MEANS_WORDS
from plugins.billing.telling import yuan
from tests.browser.samples import NOW

_PATH = "/s/cuihu/billing/cash"
_DAY = date(2026, 11, 23)


def _amount(fen: int | None) -> str:
    return "—" if fen is None else yuan(fen)


_WORDS: dict[str, Any] = {"amount": _amount, "means_words": MEANS_WORDS, "banks": True, "reopened": REOPENED}
_OPENED = NOW - timedelta(hours=8)
OPEN = Shift(UUID(int=1), UUID(int=9), "孙丽", _DAY, 50_000, _OPENED, None, "open", 1)
CLOSED = Shift(UUID(int=2), UUID(int=9), "孙丽", _DAY, 50_000, _OPENED, NOW, "closed", 2)
COUNTS = [
    Count("cash", 12, 386_050, 436_050, 0, 436_000, -50),
    Count("card", 3, 102_750, 102_750, 3, 102_750, 0),
    Count("transfer", 0, 0, 0, 0, 0, 0),
    Count("qr", 21, 719_250, 719_250, 21, 719_250, 0),
]
_ROWS = [
    (ShiftRow(UUID(int=1), UUID(int=9), "孙丽", _DAY, 50_000, _OPENED, None, "open", 1, None, None, 0), STATES["open"]),
    (
        ShiftRow(UUID(int=2), UUID(int=9), "孙丽", _DAY, 0, _OPENED, NOW, "closed", 2, 1_208_050, -50, 1),
        STATES["closed"],
    ),
    (
        ShiftRow(UUID(int=3), UUID(int=8), "周会", _DAY, 0, _OPENED, NOW, "closed", 2, 86_000, 0, 0),
        STATES["closed"],
    ),
]
_SHIFTS: dict[str, Any] = {
    "own": None,
    "rows": _ROWS,
    "float_field": forms.field({"float_yuan": "500"}, (), "float_yuan", "In the drawer for change (yuan)"),
    "refused": "",
    "show": False,
    "keeps": True,
    "pager_view": Pager(3, "", f"{_PATH}/shifts?after=x"),
    **_WORDS,
}
_REASON = Field("reason", "Why does it differ?", "textarea", "", maximum=200)


def _shift(detail: ShiftDetail, lines: list[Count], **more: Any) -> dict[str, Any]:
    shift = detail.shift
    return {
        "detail": detail, "shift": shift, "state": STATES[shift.status], "lines": lines, "tried": False,
        "counts": shift.status == "open", "cash": forms.cash_fields({}, ()), "slips": forms.slip_fields({}, ()),
        "reason": _REASON, "handover": (), "show": False, "refused": "", "goes_to": forms.GOES_TO, **_WORDS, **more,
    }  # fmt: skip


_GOES_TO = Field("goes_to", "Goes to", "select", "bank", choices=(Choice("bank", "Bank"),))
_HANDED = [
    Handover(UUID(int=4), "bank", 300_000, "20261123-0007", NOW, "孙丽"),
    Handover(UUID(int=5), "finance", 86_000, "", NOW, "曹艳"),
]
_DETAIL = ShiftDetail(
    CLOSED, COUNTS, [Pieces(10_000, 40), Pieces(5_000, 7), Pieces(100, 10)], "找零少收五角", "孙丽", _HANDED, 50_000
)
_SO_FAR = ShiftDetail(OPEN, COUNTS, [], "", "", [], 0)
FIGURES = Figures(
    [
        MeansSum("cash", 12, 386_050, 376_050, -50),
        MeansSum("card", 3, 102_750, 102_750, 0),
        MeansSum("transfer", 2, 68_500, 0, 0),
        MeansSum("qr", 21, 719_250, 719_250, 0),
    ],
    [OfItem("receivable", UUID(int=3), "物业费", 1_208_050), OfItem("prepayment", None, "", 68_500)],
    [UUID(int=2)],
)
FOUND = [
    Found("difference", -50, shift_id=UUID(int=2)),
    Found("without_shift", 10_000, UUID(int=7), None, UUID(int=6), "3幢1单元1802"),
    Found("back_and_forth", 40_000, unit_id=UUID(int=6), unit="3幢1单元1802", times=3),
]
CLOSING = Closing(
    UUID(int=11), "day", _DAY, _DAY, 38, 1_276_550, -50, 3, "短款由收费员补足，已通知项目经理。", NOW, "曹艳"
)
WEEK = Closing(UUID(int=12), "week", date(2026, 11, 16), date(2026, 11, 22), 210, 6_276_550, 0, 0, "", NOW, "曹艳")
_CLOSINGS: dict[str, Any] = {
    "rows": [(CLOSING, KINDS["day"]), (WEEK, KINDS["week"])],
    "fields": (
        Field("kind", "Which", "select", "day", choices=tuple(Choice(k, label) for k, label in KINDS.items())),
        Field("day", "Day, or a day of the week", "date", "2026-11-23"),
    ),
    "pager_view": Pager(2, ""),
    **_WORDS,
}
_SUMS: dict[str, Any] = {
    "title": KINDS["day"],
    "first_day": _DAY,
    "last_day": _DAY,
    "figures": FIGURES,
    "items": [("物业费", FIGURES.items[0]), ("预收款", FIGURES.items[1])],
    "found": [(each, ODDITIES[each.kind]) for each in FOUND],
    "closing": None,
    "kind": "day",
    "missing": "",
    "first": "",
    "note": Field("note", "What is done about what is out of the ordinary?", "textarea", maximum=500, required=True),
    "refused": "",
    **_WORDS,
}
_DONE = {**_SUMS, "closing": CLOSING, "note": None, "paper": f"{_PATH}/closings/1/paper", "export": "/x"}
_WAITS = {
    **_SUMS, "figures": Figures(), "items": [], "found": [], "note": None, "missing": "请先完成 2026-11-22 的日结。",
    "first": f"{_PATH}/closings/preview?day=2026-11-22", "refused": "请先完成 2026-11-22 的日结。",
}  # fmt: skip
LINE = BankLine(
    UUID(int=21), "工行 1234", "20261120000017", date(2026, 11, 20), 34_250, "王芳", "3-1-1802物业费",
    None, "", None, "", "open", 1,
)  # fmt: skip
UNDONE = msgspec.structs.replace(LINE, id=UUID(int=99), booked_on=date(2026, 9, 30), reopened_at=NOW, reopened="undone")
FEE = BankLine(
    UUID(int=22), "工行 1234", "20261120000018", date(2026, 11, 20), -1_500, "工商银行", "手续费", None, "手续费", NOW,
    "曹艳", "set_aside", 2,
)  # fmt: skip
PROPOSAL = Proposal(UUID(int=6), "3幢1单元1802", UUID(int=31), "王芳", 34_250, "unit_and_payer")
TRANSFER = Transfer(UUID(int=41), date(2026, 11, 12), 34_250, UUID(int=6), "3幢1单元1802", "王芳")
_UPLOAD = (
    Field("file", "Statement", "file", accept=".xlsx,.csv,.txt", required=True),
    Field("account", "Bank account", required=True, maximum=40),
)
_BANK: dict[str, Any] = {
    "rows": [(LINE, BANK_STATES["open"]), (FEE, BANK_STATES["set_aside"])],
    "proposals": {LINE.id: PROPOSAL},
    "whys": WHYS,
    "which": Field("state", "Which", "select", "all", choices=(Choice("all", "All lines"),)),
    "upload": _UPLOAD,
    "refused": "",
    "show": False,
    "taken": None,
    "pager_view": Pager(2, ""),
    **_WORDS,
}
_TAKEN = Taken(18, 2, 11, [Mistake(7, "The amount cannot be read."), Mistake(9, "The serial number is missing.")])
_LINE: dict[str, Any] = {
    "found": BankDetail(LINE, [PROPOSAL], [TRANSFER]), "line": LINE, "state": BANK_STATES["open"], "whys": WHYS,
    "text": "", "note": Field("note", "What is it?", maximum=200), "refused": "", **_WORDS,
}  # fmt: skip
_MONTH = Month(date(2026, 10, 1), 212, 6_812_300, -4_500, 214, 6_846_550, -34_250, 1, 1)
_SIGNED = Signed(UUID(int=51), _MONTH.month, 6_812_300, 6_846_550, -34_250, 1, 1, "在途一笔，次月到账。", NOW, "曹艳")
_OPEN_MONTH: dict[str, Any] = {
    "found": MonthDetail(_MONTH, None, [LINE], [TRANSFER], [UNDONE]),
    "month": Field("month", "Month", "month", "2026-10"),
    "note": Field("note", "Why do bank and ledger differ, and what is done about what is open?", "textarea"),
    "over": True, "refused": "", "export": "/x", **_WORDS,
}  # fmt: skip
_SETTLED = Month(_MONTH.month, 212, 6_812_300, 0, 212, 6_812_300, 0, 0, 0)
CLOSING_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "shifts": ("billing/shifts.html", f"{_PATH}/shifts", _SHIFTS),
    "shifts-own": ("billing/shifts.html", f"{_PATH}/shifts", {**_SHIFTS, "own": OPEN, "banks": False}),
    "shifts-none": ("billing/shifts.html", f"{_PATH}/shifts", {**_SHIFTS, "rows": [], "refused": "请先清点交班。"}),
    "shift-open": (
        "billing/shift.html",
        f"{_PATH}/shifts",
        _shift(ShiftDetail(OPEN, COUNTS, [], "", "", [], 0), COUNTS),
    ),
    "shift-differs": (
        "billing/shift.html",
        f"{_PATH}/shifts",
        _shift(_SO_FAR, COUNTS, tried=True, refused="请刷新后再试。"),
    ),
    "shift-closed": ("billing/shift.html", f"{_PATH}/shifts", _shift(_DETAIL, COUNTS, handover=(_GOES_TO,))),
    "closings": ("billing/closings.html", f"{_PATH}/closings", _CLOSINGS),
    "closings-none": ("billing/closings.html", f"{_PATH}/closings", {**_CLOSINGS, "rows": []}),
    "closing-preview": ("billing/closing.html", f"{_PATH}/closings", _SUMS),
    "closing-waits": ("billing/closing.html", f"{_PATH}/closings", _WAITS),
    "closing-done": ("billing/closing.html", f"{_PATH}/closings", _DONE),
    "bank": ("billing/bank.html", f"{_PATH}/bank", _BANK),
    "bank-taken": ("billing/bank.html", f"{_PATH}/bank", {**_BANK, "taken": _TAKEN}),
    "bank-none": ("billing/bank.html", f"{_PATH}/bank", {**_BANK, "rows": [], "show": True, "refused": "文件过大。"}),
    "bank-line": ("billing/bank_line.html", f"{_PATH}/bank", _LINE),
    "bank-line-none": (
        "billing/bank_line.html",
        f"{_PATH}/bank",
        {**_LINE, "found": BankDetail(LINE, [], []), "text": "302", "refused": "请刷新后再试。"},
    ),
    "bank-line-settled": (
        "billing/bank_line.html",
        f"{_PATH}/bank",
        {**_LINE, "found": BankDetail(FEE, [], []), "line": FEE, "state": BANK_STATES["set_aside"]},
    ),
    "reconciliation": ("billing/reconciliation.html", f"{_PATH}/reconciliation", _OPEN_MONTH),
    "reconciliation-signed": (
        "billing/reconciliation.html",
        f"{_PATH}/reconciliation",
        {**_OPEN_MONTH, "found": MonthDetail(_SETTLED, _SIGNED, [], []), "note": None},
    ),
    "reconciliation-early": (
        "billing/reconciliation.html",
        f"{_PATH}/reconciliation",
        {**_OPEN_MONTH, "note": None, "over": False, "refused": "该月尚未结束。"},
    ),
}
# Those that a browser looks at.
CLOSING_FULL = {
    name: CLOSING_PAGES[name]
    for name in (
        "shifts", "shift-open", "shift-closed", "closings", "closing-preview", "closing-done", "bank-taken",
        "bank-line", "reconciliation",
    )
}  # fmt: skip
