"""Sample contexts for the templates of billing: rent contracts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from core.web.views import Choice, Field, Filters, Pager
from plugins.billing.rents import screens, service
from plugins.billing.rents.model import PER, SHOWN, BilledRent, Rent, RentDetail, Rise
from plugins.billing.tariffs.model import FeeItem
from plugins.billing.tariffs.screens import choices
from plugins.billing.telling import yuan
from tests.browser.samples import NOW

_PATH = "/s/cuihu/billing/rents"
_TODAY = date(2026, 11, 21)
_ITEM = FeeItem(UUID(int=4), "rent", "商铺租金", "rent", "month", "owner", 5, "", None, 1)
SHOP = Rent(
    UUID(int=60), _ITEM.id, _ITEM.title, UUID(int=1), "商铺12", UUID(int=2), "李强", "HT-2025-018", date(2025, 3, 16),
    date(2030, 3, 15), None, date(2030, 3, 15), "built", "85",
    Rise(every_months=12, how="rate", by="0.05", rounding_unit="fen"), "押三付一", NOW, "林楠", 1,
)  # fmt: skip
ENDED = msgspec.structs.replace(
    SHOP, id=UUID(int=61), unit="商铺13", number="HT-2024-003", ended_on=date(2026, 10, 31), until=date(2026, 10, 31),
    rise=None, note="", per="month",
)  # fmt: skip
_SOON = msgspec.structs.replace(SHOP, id=UUID(int=62), unit="商铺14", until=date(2026, 12, 31), number="HT-2023-001")
_RUN = UUID(int=70)


def _line(number: int, month: int, fen: int, *, issued: bool = True, beyond: bool = False) -> BilledRent:
    first = date(2026, month, 1)
    return BilledRent(
        UUID(int=number), _RUN, first, first.replace(day=28), first + timedelta(5), fen, issued=issued, beyond=beyond
    )


_PRICE: dict[str, Any] = {"price": screens.short, "money": yuan, "words": PER}
_LIST: dict[str, Any] = {
    **_PRICE,
    "rows": [service.listed(each, _TODAY) for each in (SHOP, _SOON, ENDED)],
    "soon": _TODAY + timedelta(60),
    "today": _TODAY,
    "per": PER,
    "items": True,
    "enters": True,
    "searched": False,
    "filters": Filters(
        text="",
        selects=(
            Field("show", "Show", "select", "current", choices=choices(SHOWN)),
            Field("item", "Fee item", "select", "", choices=(Choice("", "All items"),)),
        ),
    ),
    "export": f"{_PATH}/export",
    "pager_view": Pager(3, "", f"{_PATH}?after=x"),
}
_NONE: dict[str, Any] = {**_LIST, "rows": [], "pager_view": Pager(0, ""), "enters": False}
_NEW: dict[str, Any] = {
    **_PRICE,
    "groups": screens.new_fields(
        [_ITEM], [(str(SHOP.party_id), "李强")],
        {"first_day": "2026-12-01", "unit": "商铺12", "how": "rate", "every_months": "12", "rounding_unit": "fen"}, (),
    ),
    "steps": service.steps(SHOP),
    "per": "built",
    "items": True,
}  # fmt: skip
_STORED = screens.as_form(SHOP)
_RENT: dict[str, Any] = {
    **_PRICE,
    "rent": SHOP,
    "detail": RentDetail(SHOP, "89.25", service.steps(SHOP), [_line(80, 11, 892_500, issued=False), _line(81, 10, 1)]),
    "today": _TODAY,
    "rise": screens.rise_in_words(SHOP.rise),
    "change": screens.change_fields(_STORED, ()),
    "end": screens.end_fields(_STORED, ()),
    "taken": "",
    "opens": True,
    "beyond": False,
    "corrections": "",
    "follows": "?unit=x",
}
_OVER: dict[str, Any] = {
    **_RENT,
    "rent": ENDED,
    "detail": RentDetail(ENDED, None, service.steps(ENDED), [_line(80, 11, 8_500, beyond=True)]),
    "rise": None,
    "beyond": True,
    "corrections": "?unit=x",
}
_BARE: dict[str, Any] = {
    **_RENT, "change": (), "end": (), "opens": False, "detail": RentDetail(SHOP, None, [], []),
}  # fmt: skip
RENTS_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "rents": ("billing/rents.html", _PATH, _LIST),
    "rents-none": ("billing/rents.html", _PATH, _NONE),
    "rents-no-items": ("billing/rents.html", _PATH, {**_NONE, "items": False}),
    "rents-nothing-fits": ("billing/rents.html", _PATH, {**_NONE, "searched": True}),
    "rent-new": ("billing/rent_new.html", _PATH, _NEW),
    "rent-new-no-items": ("billing/rent_new.html", _PATH, {**_NEW, "items": False, "steps": []}),
    "rent": ("billing/rent.html", _PATH, _RENT),
    "rent-over": ("billing/rent.html", _PATH, _OVER),
    "rent-bare": ("billing/rent.html", _PATH, _BARE),
}
# Those that a browser looks at.
RENTS_FULL = {name: RENTS_PAGES[name] for name in ("rents", "rent-new", "rent", "rent-over")}
