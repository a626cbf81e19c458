"""Sample contexts for the templates of billing: prepaid money used, payments by code, their providers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import segno

from core.web.views import Choice, Field, Pager
from plugins.billing.counter.prepaid import Slip, SlipLine, Use, UsedPart
from plugins.billing.payments.model import Order, Provider
from plugins.billing.payments.pages import HOW_WORDS, PROBLEM_WORDS, STATUS_WORDS, TONES
from plugins.billing.telling import yuan
from tests.browser.samples import NOW
from tests.browser.samples_billing_counter import LINES
from tests.browser.samples_billing_ledger import ACCOUNT, PARTY, UNIT

_PATH = "/s/cuihu/billing/payments"
_WORDS: dict[str, Any] = {"amount": yuan, "status_words": STATUS_WORDS, "tones": TONES}
_CHARGE = ACCOUNT.charges[0]
_USE: dict[str, Any] = {
    "account": ACCOUNT,
    "fields": {
        "party_id": Field("party_id", "Whose prepayment", "select", choices=(Choice(str(PARTY), "王芳 17.50"),)),
        "amount": Field("amount", "Amount (yuan)", help="Empty: as much as is prepaid and ticked."),
    },
    "ticked": {str(_CHARGE.charge_id)},
    "key": "k",
    "told": "",
    "plan": Use(1_750, (UsedPart(_CHARGE.charge_id, 1_750),), 0, _CHARGE.open_fen - 1_750),
    "rows": [(_CHARGE, 1_750)],
    "hidden": [("shown", "x")],
    "faults": (),
    "amount": yuan,
}
_NOTHING = msgspec.structs.replace(ACCOUNT, prepaid=[])
SLIP = Slip(
    UUID(int=61), NOW, "陈静", "王芳", UNIT, "3幢1单元1802", 1_750, False,
    [SlipLine("物业费", LINES[0].first_day, LINES[0].last_day, 1_750)],
)  # fmt: skip
WAITING = Order(
    UUID(int=71), "20261123a1b2c3d4e5f60718", "waiting", "scanpay.code", UNIT, "3幢1单元1802", PARTY, "王芳", 34_250,
    NOW,
    "陈静", NOW + timedelta(minutes=15),
    "scan://pay", "", None, None, "", None, False, "", None, "", None, "", "", "", 2,
)  # fmt: skip
PAID = msgspec.structs.replace(
    WAITING, id=UUID(int=72), status="paid", paid_at=NOW, reference="4200001", receipt_id=UUID(int=21), moved=True
)
WRONG = msgspec.structs.replace(
    WAITING, id=UUID(int=73), status="problem", paid_at=NOW, problem="amount", problem_fen=34_000,
    problem_reference="4200002",
)  # fmt: skip
FAILED = msgspec.structs.replace(
    WAITING, id=UUID(int=74), status="failed", code="", failure="HTTP 503", closed_at=NOW, payer_name=""
)
SETTLED = msgspec.structs.replace(
    WRONG, id=UUID(int=75), status="settled", settled_at=NOW, settled_by_name="曹妍", settled_how="elsewhere",
    settled_note="已在支付渠道退款",
)  # fmt: skip


def _order(order: Order, **more: Any) -> dict[str, Any]:
    picture = segno.make_qr(order.code, error="m").svg_data_uri(border=2, scale=6, light="#fff") if order.code else ""
    return {
        "order": order,
        "picture": picture if order.status == "waiting" else "",
        "over": False,
        "told": "",
        "may_take": True,
        "settles": order.status == "problem",
        "fields": (
            Field("how", "Decision", "select", "prepaid", choices=tuple(Choice(*each) for each in HOW_WORDS.items())),
            Field("note", "What was done about it", "textarea", required=True),
        ),
        "show": False,
        "problem_words": PROBLEM_WORDS,
        **_WORDS,
        **more,
    }


_ORDERS: dict[str, Any] = {
    "orders": [WAITING, PAID, WRONG, FAILED, SETTLED],
    "days": (Field("since", "From day", "date"), Field("until", "Until", "date")),
    "state": Field("status", "All states", "select", choices=(Choice("", "All states"),)),
    "text": "",
    "pager_view": Pager(5, "", f"{_PATH}?cursor=x"),
    "export": f"{_PATH}/export",
    "sets": True,
    **_WORDS,
}
_KNOWN = Provider(UUID(int=81), "scanpay.code", {"merchant": "M-1"}, ["key"], True, True, NOW, "孙丽", 1)
_FORM = {
    "id": "scanpay.code",
    "title": "扫码付",
    "known": _KNOWN,
    "fields": (
        Field("settings.merchant", "商户号", value="M-1", required=True, help="以签约合同为准。"),
        Field("settings.key", "密钥", "password", help="One is kept. Leave this empty to keep it."),
        Field("active", "The counter shows its codes", "checkbox", "true"),
    ),
    "told": "",
}
PAYMENTS_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "use": ("billing/use.html", _PATH, _USE),
    "use-refused": (
        "billing/use.html", _PATH, {**_USE, "told": "x", "plan": None, "rows": [], "hidden": [("shown", "x")]}
    ),
    "use-nothing": ("billing/use.html", _PATH, {**_USE, "account": _NOTHING}),
    "use-none-open": ("billing/use.html", _PATH, {**_USE, "account": msgspec.structs.replace(ACCOUNT, charges=[])}),
    "slip": ("billing/slip.html", _PATH, {"slip": SLIP, "may_take": True, "amount": yuan}),
    "slip-undone": (
        "billing/slip.html", _PATH,
        {"slip": msgspec.structs.replace(SLIP, undone=True), "may_take": False, "amount": yuan},
    ),
    "payment-orders": ("billing/orders.html", _PATH, _ORDERS),
    "payment-orders-none": (
        "billing/orders.html", _PATH, {**_ORDERS, "orders": [], "pager_view": Pager(0, ""), "sets": False}
    ),
    "payment-order": ("billing/order.html", _PATH, _order(WAITING)),
    "payment-order-asked": (
        "billing/order.html", _PATH, _order(msgspec.structs.replace(WAITING, code=""), over=True, told="x")
    ),
    "payment-order-paid": ("billing/order.html", _PATH, _order(PAID)),
    "payment-order-wrong": ("billing/order.html", _PATH, _order(WRONG)),
    "payment-order-failed": ("billing/order.html", _PATH, _order(FAILED)),
    "payment-order-settled": ("billing/order.html", _PATH, _order(SETTLED, may_take=False)),
    "payment-providers": ("billing/providers.html", _PATH, {"forms": [_FORM], "gone": []}),
    "payment-providers-new": (
        "billing/providers.html", _PATH, {"forms": [{**_FORM, "known": None, "told": "x"}], "gone": [_KNOWN]}
    ),
    "payment-providers-none": ("billing/providers.html", _PATH, {"forms": [], "gone": []}),
}  # fmt: skip
# Those that a browser looks at.
PAYMENTS_FULL = {
    name: PAYMENTS_PAGES[name]
    for name in (
        "use", "slip", "payment-orders", "payment-order", "payment-order-wrong", "payment-order-failed",
        "payment-providers",
    )
}  # fmt: skip
