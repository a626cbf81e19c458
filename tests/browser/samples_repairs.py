"""Sample contexts for the templates of work orders: lists, the panel on a ticket, plan, prices, dates, figures."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from core.errors import FieldError
from core.hooks.types import Fragment
from core.tenancy.directory import Site
from core.web.views import Choice, Clock, Field, Filters, Pager
from plugins.repairs import screens
from plugins.repairs.charges.model import SIGNED_FOR
from plugins.repairs.figures.service import Figure
from plugins.repairs.figures.web import FigureRow
from plugins.repairs.kinds import ITEMS
from plugins.repairs.orders.dialogs import Dialog
from plugins.repairs.orders.model import OrderRow
from plugins.repairs.orders.order import Order
from plugins.repairs.orders.pages import UrgentRow
from plugins.repairs.orders.panel import ConsentRow, LineRow, Panel, VisitRow
from plugins.repairs.orders.state import Consent, Earlier, Photo, Rework, Visit
from plugins.repairs.prices.model import Price
from plugins.repairs.prices.pages import PriceRow
from plugins.repairs.visits.model import Free, PlannedVisit, Slot, Technician, TradeEntry
from plugins.repairs.visits.pages import PersonPlan, TechnicianRow
from plugins.repairs.warranty.model import Assessment, Term, TermRow
from tests.browser.samples import NOW, TICKET
from tests.browser.samples_core import CORE_PAGES

SITE = Site(UUID(int=1), "cuihu", "翠湖花园一期", "residential", "Asia/Shanghai", "")
_HOUR = timedelta(hours=1)
_PATH = "/s/cuihu/repairs"


def _order(number: int, status: str = "accepted", severity: str = "urgent", warranty: str = "builder") -> OrderRow:
    return OrderRow(
        id=UUID(int=number),
        number=f"GD2611-{number:04}",
        status=status,
        stage={"accepted": "on_way", "new": "reported"}.get(status, ""),
        severity=severity,
        category="plumbing_electric",
        place="3幢2单元1802",
        description="厨房水槽下方漏水\n总阀已关",
        item="pipes" if warranty else "",
        spot="水槽下方左阀",
        assignee_name="王磊" if warranty else "",
        team_name="",
        due_at=None if status == "paused" else NOW + _HOUR,
        due_seconds=7200,
        created_at=NOW - _HOUR,
        warranty=warranty,
        warranty_until=date(2027, 6, 1) if warranty == "builder" else None,
    )


_ORDERS = (_order(31), _order(32, "paused", "routine", "own"), _order(33, "new", "critical", ""))
_ROWS = tuple(screens.row(SITE, each) for each in _ORDERS)
_LIST: dict[str, Any] = {
    "filters": Filters("", selects=(Field("which", "State", "select", "open", choices=(Choice("open", "Open"),)),)),
    "rows": _ROWS,
    "pager_view": Pager(3, "", "?before=x", None),
    "export": "/x",
}
_URGENT = tuple(
    UrgentRow(_ROWS[0], NOW - _HOUR, clock)
    for clock in (Clock(NOW - timedelta(minutes=2), 1800), Clock(NOW, 1800, met=True), None)
)
_AGREED = Visit(
    id=UUID(int=11),
    ticket_id=UUID(int=31),
    technician_id=UUID(int=5),
    technician_name="王磊",
    trade="plumber",
    starts_at=NOW + _HOUR,
    ends_at=NOW + 2 * _HOUR,
    booked_at=NOW,
    booked_by_name="陈晓",
    arrived_at=None,
    cancelled_at=None,
    cancelled_by_name="",
    reason="",
    moved_to=None,
)


def _planned(number: int, arrived: timedelta | None) -> PlannedVisit:
    return PlannedVisit(
        id=UUID(int=number),
        ticket_id=UUID(int=31),
        number="GD2611-0031",
        technician_id=UUID(int=5),
        technician_name="王磊",
        trade="plumber",
        starts_at=NOW,
        ends_at=NOW + 2 * _HOUR,
        arrived_at=None if arrived is None else NOW + arrived,
        status="accepted",
        severity="urgent",
        place="3幢2单元1802",
        spot="水槽下方",
        description="厨房水槽下方漏水",
    )


_DAY: dict[str, Any] = {
    "day": NOW.date(),
    "people": (PersonPlan("王磊", (_planned(11, _HOUR), _planned(12, timedelta()), _planned(13, None))),),
    "trades": {"plumber": "水工"},
    "grace": timedelta(minutes=15),
    "choose": Field("day", "Day", "date", str(NOW.date())),
    "before": "/b",
    "after": "/a",
    "mine": False,
    "linked": True,
}
_LEVELS = (Field("trade.plumber", "水工", "select", "3", choices=(Choice("0", "—"), Choice("3", "Master"))),)
_TECHNICIANS = (
    TechnicianRow(Technician(UUID(int=5), "王磊", (TradeEntry("plumber", 3),)), ("Master", "—"), _LEVELS),
    TechnicianRow(Technician(UUID(int=6), "马军", ()), ("—", "—"), ()),
)


def _price(number: int, code: str, name: str, fen: int, *, retired: bool = False) -> PriceRow:
    price = Price(
        UUID(int=number), code, name, "material", "个", fen, 365, date(2026, 11, 1), retired, NOW, set_by_name="陈晓"
    )
    return PriceRow(price, "Material", f"{fen // 100}.00")


_FILE = Field("file", "Workbook", "file", accept=".xlsx")
_PRICES: dict[str, Any] = {
    "rows": (_price(1, "FM01", "角阀", 3500), _price(2, "RG01", "水工工时", 8000)),
    "coming": (_price(3, "FM01", "角阀", 4000, retired=True),),
    "fields": (Field("code", "Code", required=True), Field("retired", "Not charged any more", "checkbox")),
    "file": _FILE,
    "today": str(NOW.date()),
}
_TERM = Term(UUID(int=1), UUID(int=2), "", date(2025, 6, 1), None, "builder", "")
_EXCEPTION = Term(UUID(int=3), UUID(int=2), "pipes", date(2025, 6, 1), date(2028, 5, 31), "own", "改造后另计")
_TERMS: dict[str, Any] = {
    "rows": tuple(TermRow(term, "3幢2单元1802", NOW, "陈晓") for term in (_TERM, _EXCEPTION)),
    "items": ITEMS,
    "liable": {"builder": "Builder", "own": "We ourselves"},
    "filters": Filters(""),
    "fields": (Field("unit", "Unit of the estate", required=True, error="There is no unit of this name."),),
    "file": _FILE,
}
_FIGURE = Figure("pipes", 12, 10, 11, 1, 5.25, 24_000, 9, 8)
_NOTHING = Figure("", 1, 0, 1, 0, None, 0, 0, 0)
_FIGURES: dict[str, Any] = {
    "month": date(2026, 11, 1),
    "rows": (
        FigureRow("Water and drains", "水工", _FIGURE, 91.7, 8.3, 88.9, "240.00"),
        FigureRow("Not yet known", "", _NOTHING, 100.0, 0.0, None, "0.00"),
    ),
    "sums": (FigureRow("Subtotal", "水工", _FIGURE, 91.7, 8.3, 88.9, "240.00"),),
    "choose": Field("month", "Month", "month", "2026-11"),
    "before": "/b",
    "after": "/a",
    "export": "/x",
}
_ORDER = Order(
    ticket_id=UUID(int=31),
    number="GD2611-0031",
    status="arrived",
    item="pipes",
    spot="水槽下方",
    warranty=Assessment("none", None, "decided", "人为损坏", "周敏"),
    visits=(_AGREED,),
    lines=(),
    consents=(),
    photos=(),
    signatures=(),
    total_fen=7000,
    due_fen=7000,
    estimated_fen=0,
    revision=2,
    settled=None,
    earlier=(Earlier(UUID(int=21), "GD2609-0007", NOW - 900 * _HOUR), Earlier(UUID(int=22), "GD2608-0011", NOW)),
    repeats=3,
    too_often=True,
    rework_of=Rework(UUID(int=23), "GD2608-0012", "closed"),
    reworks=(Rework(UUID(int=24), "GD2611-0040", "closed"),),
    missing="The charge is not confirmed yet: have the resident agree to it, or have it waived.",
)


def _dialog(what: str, title: str, *, slots: bool = False, show: bool = False) -> Dialog:
    reason = Field("reason", "Reason", maximum=200, required=True, error="Say why the visit is moved." if show else "")
    return Dialog(what, title, "calendar-event", (reason,), slots=slots, show=show)


def _signing(*, show: bool) -> Dialog:
    kinds = tuple(Choice(key, label) for key, label in SIGNED_FOR.items())
    return Dialog(
        "signature",
        "The resident signs",
        "writing-sign",
        (Field("kind", "What is signed for", "select", "charge", choices=kinds),),
        tone="primary",
        shown=("70.00", 7000, 2),
        signer="王女士",
        unsigned=FieldError("signature", "Nothing is signed yet: sign in the box.") if show else None,
    )


def _line(number: int, amount: str, *, taken_back: bool) -> LineRow:
    counter = None if taken_back else _dialog(f"lines/{number}/counter", "Take back")
    return LineRow(str(number), "角阀", "FM01", "2", "个", "35.00", amount, "", "王磊", taken_back, counter)


def _panel(*, show: bool = False) -> Panel:
    said = Consent(UUID(int=1), "charge", 7000, "telephone", "王女士", None, "", NOW, "王磊")
    waived = Consent(UUID(int=2), "waiver", 3500, "", "", None, "客户补偿", NOW, "周敏")
    dialogs = (
        _dialog("warranty", "Decide on the warranty"),
        _dialog("visits", "Move the visit", slots=True, show=show),
        _dialog("lines", "Materials and labour"),
        _dialog("pause", "Pause the work"),
        _dialog("estimate", "The estimate is agreed to"),
        _dialog("charge", "The charge is confirmed"),
        _dialog("waiver", "Waive the charge"),
        _signing(show=show),
    )
    return Panel(
        order=_ORDER,
        until=date(2027, 6, 1),
        warranty=screens.WARRANTY_WORDS["none"],
        basis="The time is over.",
        visits=(
            VisitRow(_AGREED, "水工", None, _dialog("visits/11/cancel", "Call the visit off")),
            VisitRow(_AGREED, "水工", 1500, None),
        ),
        lines=(_line(1, "70.00", taken_back=False), _line(2, "-70.00", taken_back=True)),
        consents=(
            ConsentRow(said, "Charge confirmed", "By telephone", "70.00"),
            ConsentRow(waived, "Charge waived", "", "35.00"),
        ),
        photos=(Photo(UUID(int=41), "a.jpg", "before"), Photo(UUID(int=42), "b.jpg", "")),
        total="70.00",
        due="70.00",
        dialogs={dialog.what: dialog for dialog in dialogs},
        marks=True,
        reworks=True,
    )


_BARE = Panel(
    order=Order(
        UUID(int=33), "GD2611-0033", "new", "", "", Assessment("unknown", None, "no_item"), (), (), (), (), (),
        0, 0, 0, 0, None, (), 1, False, None, (), None,
    ),
    until=None,
    warranty=screens.WARRANTY_WORDS["unknown"],
    basis="Say what is out of order.",
    visits=(),
    lines=(),
    consents=(),
    photos=(),
    total="0.00",
    due="0.00",
    dialogs={},
    marks=False,
    reworks=False,
)  # fmt: skip
_SLOTS = (
    Slot(NOW + _HOUR, NOW + 3 * _HOUR, (Free(UUID(int=5), "王磊", 3), Free(UUID(int=6), "马军", 0))),
    Slot(NOW + 4 * _HOUR, NOW + 6 * _HOUR, (Free(UUID(int=5), "王磊", 3),)),
)
_TICKET, _TICKET_PATH, _TICKET_CONTEXT = CORE_PAGES["ticket"]
_ON_PAGE = [Fragment(template="repairs/order_panel.html", context={"panel": _panel()})]

# Those that a browser looks at; the others are the same pages with less on them.
REPAIRS_FULL: dict[str, tuple[str, str, dict[str, Any]]] = {
    "orders": ("repairs/orders.html", _PATH, _LIST),
    "orders-urgent": ("repairs/urgent.html", _PATH, {"rows": _URGENT, "duty": (("王磊", "工程班", NOW + _HOUR),)}),
    "orders-plan": ("repairs/plan.html", _PATH, _DAY),
    "orders-technicians": (
        "repairs/technicians.html", _PATH, {"trades": ("水工", "电工"), "rows": _TECHNICIANS}
    ),
    "orders-prices": ("repairs/prices.html", _PATH, _PRICES),
    "orders-terms": ("repairs/terms.html", _PATH, _TERMS),
    "orders-figures": ("repairs/figures.html", _PATH, _FIGURES),
    "order": (_TICKET, _TICKET_PATH, {**_TICKET_CONTEXT, "outlets": {"ticket.main": _ON_PAGE}}),
}  # fmt: skip
REPAIRS_PAGES = REPAIRS_FULL | {
    "orders-none": ("repairs/orders.html", _PATH, {**_LIST, "rows": ()}),
    "orders-urgent-none": ("repairs/urgent.html", _PATH, {"rows": (), "duty": ()}),
    "orders-plan-none": ("repairs/plan.html", _PATH, {**_DAY, "people": (), "mine": True}),
    "orders-technicians-none": ("repairs/technicians.html", _PATH, {"trades": (), "rows": ()}),
    "orders-prices-none": (
        "repairs/prices.html", _PATH, {**_PRICES, "rows": (), "coming": (), "fields": (), "file": None}
    ),
    "orders-terms-none": ("repairs/terms.html", _PATH, {**_TERMS, "rows": (), "fields": (), "file": None}),
    "orders-figures-none": ("repairs/figures.html", _PATH, {**_FIGURES, "rows": (), "after": ""}),
}  # fmt: skip
REPAIRS_FRAGMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "order-panel": ("repairs/order_panel.html", {"panel": _panel()}),
    "order": ("repairs/order.html", {"ticket": TICKET, "path": "/s/cuihu/repairs/orders/431/panel"}),
    "order-sheets": ("repairs/order_sheets.html", {"ticket": TICKET, "path": "/s/cuihu/repairs/sheets/of/431"}),
    "order-panel-refused": ("repairs/order_panel.html", {"panel": _panel(show=True)}),
    "order-panel-bare": ("repairs/order_panel.html", {"panel": _BARE}),
    "order-slots": ("repairs/_slots.html", {"slots": _SLOTS, "people": {UUID(int=5): "王磊", UUID(int=6): "马军"}}),
    "order-slots-none": ("repairs/_slots.html", {"slots": (), "people": {}}),
}
