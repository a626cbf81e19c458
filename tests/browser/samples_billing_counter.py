"""Sample contexts for the templates of billing: the counter, receipts, refunds."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from core.estate.model import UnitHit
from core.web.views import Choice, Field, Pager
from plugins.billing.counter import forms
from plugins.billing.counter.capitals import capitals
from plugins.billing.counter.forms import Entered
from plugins.billing.counter.model import Invoice, MeansSum, Person, Receipt, ReceiptDetail, ReceiptLine, Refund
from plugins.billing.counter.plan import Asked, plan
from plugins.billing.counter.reading import Household
from plugins.billing.ledger.model import OpenCharge, UnitAccount
from plugins.billing.ledger.pages import MEANS_WORDS
from plugins.billing.telling import yuan
from tests.browser.samples import NOW
from tests.browser.samples_billing_ledger import ACCOUNT, PARTY, UNIT

_PATH = "/s/cuihu/billing/counter"
_WORDS: dict[str, Any] = {"amount": yuan, "means_words": MEANS_WORDS}
RECEIPT = Receipt(
    UUID(int=21), "SJ-2026-000123", "valid", PARTY, "王芳", "", "", "cash", "", 39_200, 50, 40_000, "前台收款", NOW,
    "陈静", 1, None, "", "", 1,
)  # fmt: skip
BROUGHT = msgspec.structs.replace(
    RECEIPT, id=UUID(int=22), number="SJ-2026-000122", agent_name="李雷", agent_relation="儿子", means="transfer",
    reference="20261123000917", given_fen=None, rounded_fen=0,
)  # fmt: skip
VOID = msgspec.structs.replace(
    BROUGHT, id=UUID(int=23), status="void", voided_at=NOW, voided_by_name="曹妍", voided_reason="收错户", version=2
)
_OCTOBER = UUID(int=3), "物业费", date(2026, 10, 1), date(2026, 10, 31)
LINES = [
    ReceiptLine(UUID(int=7), "charge", UNIT, "3幢1单元1802", *_OCTOBER, 34_200),
    ReceiptLine(UUID(int=7), "prepayment", UNIT, "3幢1单元1802", None, "", None, None, 5_000),
    ReceiptLine(UUID(int=8), "rounding", UNIT, "3幢1单元1802", *_OCTOBER, 50),
]  # fmt: skip
ASKED = Invoice(
    UUID(int=31), "上海某某有限公司", "91310000MA1K00000X", NOW - timedelta(hours=1), "陈静", "asked", "", None, "", 1
)
ISSUED = msgspec.structs.replace(ASKED, status="issued", number="26117000001", issued_at=NOW, issued_by_name="曹妍")
OTHER = UnitAccount(
    UUID(int=41), "地下车位B-017",
    [OpenCharge(UUID(int=42), UUID(int=43), "车位管理费", PARTY, "王芳", date(2026, 11, 1), date(2026, 11, 30),
                date(2026, 11, 10), 13, 8_000, 8_000)],
    [], [], 8_000, 8_000, 0, 0,
)  # fmt: skip
HOUSE = Household([Person(PARTY, "王芳", "owner"), Person(UUID(int=44), "租客赵六", "tenant")],
                  Person(PARTY, "王芳", "owner"), ACCOUNT, [OTHER])  # fmt: skip
_TICKED = tuple(str(charge.charge_id) for charge in ACCOUNT.charges)
_FORM = Entered({"key": "k", "means": "cash", "party_id": str(PARTY)}, _TICKED)


def _plan(asked: Asked) -> dict[str, Any]:
    spread = plan(HOUSE.ticked(_FORM.ticked), asked, 99)
    known = HOUSE.charges()
    return {
        "plan": spread,
        "rows": [(*known[part.charge_id], part.amount_fen) for part in spread.parts],
        "hidden": [("shown", _FORM.mark), *forms.hidden(spread)],
        "faults": (),
        "capital": capitals(spread.amount_fen),
        "amount": yuan,
    }


_PAY: dict[str, Any] = {
    "house": HOUSE,
    "fields": forms.fields(HOUSE, _FORM, (), True),
    "ticked": set(_TICKED),
    "key": "k",
    "told": "",
    "roles": forms.ROLES,
    **_plan(Asked(None, True, 40_000)),
}
_NOTHING = Household([Person(PARTY, "王芳", "owner")], Person(PARTY, "王芳", "owner"), UnitAccount(
    UNIT, "3幢1单元1802", [], [], [], 0, 0, 0, 0), [])  # fmt: skip
_COUNTER: dict[str, Any] = {
    "place": "", "hits": [], "receipts": [RECEIPT, BROUGHT], "sums": [MeansSum("cash", 1, 39_200)], **_WORDS,
}  # fmt: skip
_HIT = UnitHit(UNIT, "3幢1单元1802", "party", PARTY, "王芳", "138****1234")
_REGISTER: dict[str, Any] = {
    "receipts": [RECEIPT, BROUGHT, VOID],
    "sums": [MeansSum("cash", 1, 39_200), MeansSum("transfer", 1, 39_200)],
    "days": (Field("since", "From day", "date", "2026-11-23"), Field("until", "Until", "date", "2026-11-23")),
    "selects": (Field("means", "All means", "select", choices=(Choice("", "All means"), Choice("cash", "Cash"))),),
    "text": "",
    "pager_view": Pager(3, "", f"{_PATH}/receipts?cursor=x"),
    "export": f"{_PATH}/receipts/export",
    **_WORDS,
}


def _dialog(name: str, label: str, icon: str, *fields: Field) -> dict[str, Any]:
    return {"name": name, "label": label, "icon": icon, "hidden": [("version", 1)], "fields": fields, "show": False}


_VOIDING = _dialog(
    "void", "Void the receipt", "receipt-off", Field("reason", "Why is it void?", "textarea", required=True)
)
_INVOICING = _dialog(
    "invoice", "Ask for an invoice", "file-invoice", Field("title", "Made out to"), Field("tax_number", "Tax number")
)


def _receipt(receipt: Receipt, invoice: Invoice | None, *dialogs: dict[str, Any], told: str = "") -> dict[str, Any]:
    return {
        "detail": ReceiptDetail(receipt.id, receipt, LINES, invoice),
        "receipt": receipt,
        "capital": capitals(receipt.amount_fen),
        "dialogs": list(dialogs),
        "told": told,
        "may_take": True,
        **_WORDS,
    }


REFUND = Refund(
    UUID(int=51), UNIT, "3幢1单元1802", PARTY, "王芳", 1_750, "已搬走", "approved", NOW, "曹妍", None, "", ""
)
PAID = msgspec.structs.replace(REFUND, id=UUID(int=52), status="paid", paid_at=NOW, paid_by_name="陈静", means="cash")
_REFUNDS: dict[str, Any] = {
    "refunds": [REFUND, PAID], "told": "", "pays": True, "means": [Choice("cash", "Cash"), Choice("card", "Card")],
    "pager_view": Pager(2, ""), **_WORDS,
}  # fmt: skip
_ASKING: dict[str, Any] = {
    "account": ACCOUNT,
    "told": "",
    "fields": (
        Field("party_id", "Payer", "select", choices=(Choice(str(PARTY), "王芳"),), required=True),
        Field("amount", "Amount (yuan)", value="17.50", required=True),
        Field("reason", "Why is it paid back?", "textarea", required=True),
    ),
    "amount": yuan,
}
COUNTER_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "counter": ("billing/counter.html", _PATH, _COUNTER),
    "counter-found": ("billing/counter.html", _PATH, {**_COUNTER, "place": "王", "hits": [_HIT, _HIT]}),
    "counter-none": ("billing/counter.html", _PATH, {**_COUNTER, "place": "x", "receipts": [], "sums": []}),
    "pay": ("billing/pay.html", _PATH, _PAY),
    "pay-refused": (
        "billing/pay.html", _PATH,
        {**_PAY, "told": "x", "fields": forms.fields(HOUSE, _FORM, (), False), "plan": None, "rows": [], "hidden": []},
    ),
    "pay-nothing": (
        "billing/pay.html", _PATH,
        {**_PAY, "house": _NOTHING, "fields": forms.fields(_NOTHING, _FORM, (), True), "plan": None, "rows": [],
         "hidden": []},
    ),
    "pay-nobody": ("billing/pay.html", _PATH, {**_PAY, "house": msgspec.structs.replace(_NOTHING, people=[])}),
    "receipts": ("billing/receipts.html", _PATH, _REGISTER),
    "receipts-none": (
        "billing/receipts.html", _PATH, {**_REGISTER, "receipts": [], "sums": [], "pager_view": Pager(0, "")}
    ),
    "receipt": ("billing/receipt.html", _PATH, _receipt(RECEIPT, None, _INVOICING, _VOIDING)),
    "receipt-invoiced": ("billing/receipt.html", _PATH, _receipt(BROUGHT, ISSUED, told="An invoice is out.")),
    "receipt-asked": ("billing/receipt.html", _PATH, _receipt(BROUGHT, ASKED, _INVOICING)),
    "receipt-void": ("billing/receipt.html", _PATH, _receipt(VOID, None)),
    "refunds": ("billing/refunds.html", _PATH, _REFUNDS),
    "refunds-none": ("billing/refunds.html", _PATH, {**_REFUNDS, "refunds": [], "pager_view": Pager(0, "")}),
    "refund": ("billing/refund.html", _PATH, _ASKING),
    "refund-none": ("billing/refund.html", _PATH, {**_ASKING, "account": _NOTHING.account}),
}  # fmt: skip
# Those that a browser looks at.
COUNTER_FULL = {
    name: COUNTER_PAGES[name]
    for name in ("counter", "counter-found", "pay", "receipts", "receipt", "receipt-invoiced", "receipt-void",
                 "refunds", "refund")
}  # fmt: skip
