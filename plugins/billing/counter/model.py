"""What the counter takes and tells: payments, receipts with their lines, invoices, refunds."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from plugins.billing.ledger.entries import MOST, Means

Fen = Annotated[int, msgspec.Meta(ge=1, le=MOST)]
Name = Annotated[str, msgspec.Meta(max_length=60)]
Text = Annotated[str, msgspec.Meta(max_length=200)]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
Status = Literal["valid", "void"]
LineKind = Literal["charge", "prepayment", "rounding"]
InvoiceStatus = Literal["asked", "issued"]
RefundStatus = Literal["approved", "paid"]
ROWS: Final = 200  # of a page


class NewPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So much for that charge of that unit, what is rounded off included."""

    unit_id: UUID
    charge_id: UUID
    amount_fen: Fen


class NewPayment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Money at the counter. What is in no part is prepaid by the party for `unit_id`; with `rounded_fen` the parts come
    to the amount and that, which comes off the last of them. `identified`: the payer, or the agent who brings the
    money, has shown who they are (BIL-3). `key`: the same again is the same payment."""

    key: Key
    unit_id: UUID
    party_id: UUID
    means: Means
    amount_fen: Fen
    parts: Annotated[tuple[NewPart, ...], msgspec.Meta(max_length=500)] = ()
    rounded_fen: Annotated[int, msgspec.Meta(ge=0, le=99)] = 0
    given_fen: Fen | None = None
    reference: Name = ""
    agent_name: Name = ""
    agent_relation: Name = ""
    identified: bool = False
    remark: Text = ""


class OnPaper(msgspec.Struct, frozen=True):
    """The printed receipt that a household got at home: a number of a book, on a visit, on that day."""

    book_id: UUID
    number: int
    label: str
    visit_id: UUID
    collected_on: date


class Receipt(msgspec.Struct, frozen=True):
    """A receipt without its lines. `agent_name` is whoever brought the money, '' the payer; `given_fen` the cash that
    was handed over, null where it was not counted; `prints` how often it was printed. What was collected at home has
    the number of the printed receipt that the household got, and the day."""

    id: UUID
    number: str
    status: Status
    party_id: UUID
    payer_name: str
    agent_name: str
    agent_relation: str
    means: Means
    reference: str
    amount_fen: int
    rounded_fen: int
    given_fen: int | None
    remark: str
    at: datetime
    by_name: str
    prints: int
    voided_at: datetime | None
    voided_by_name: str
    voided_reason: str
    version: int
    paper_number: str = ""
    collected_on: date | None = None

    @property
    def change_fen(self) -> int | None:
        """What was given back."""
        return None if self.given_fen is None else self.given_fen - self.amount_fen


class ReceiptLine(msgspec.Struct, frozen=True):
    """What of the sum was for what. `rounding` was not paid, and is not in the sum."""

    entry_id: UUID
    kind: LineKind
    unit_id: UUID
    unit: str
    item_id: UUID | None
    item: str
    first_day: date | None
    last_day: date | None
    amount_fen: int


class Invoice(msgspec.Struct, frozen=True):
    """An invoice asked for with a receipt; `number` once it is issued."""

    id: UUID
    title: str
    tax_number: str
    asked_at: datetime
    asked_by_name: str
    status: InvoiceStatus
    number: str
    issued_at: datetime | None
    issued_by_name: str
    version: int


class ReceiptDetail(msgspec.Struct, frozen=True):
    """A receipt, what it was for, and its invoice."""

    id: UUID
    receipt: Receipt
    lines: list[ReceiptLine]
    invoice: Invoice | None = None


class Wanted(msgspec.Struct, frozen=True):
    """Which receipts: of these days (both included), of a cashier, by a means, valid or void, numbers or payers with
    the text in them, those that an invoice is asked for with."""

    since: date | None = None
    until: date | None = None
    by_id: UUID | None = None
    means: Means | None = None
    status: Status | None = None
    text: str = ""
    invoice: InvoiceStatus | None = None


class ReceiptPage(msgspec.Struct, frozen=True):
    """Receipts, the newest first; `cursor` asks for the next page, null: there is none."""

    items: list[Receipt]
    cursor: str | None


class MeansSum(msgspec.Struct, frozen=True):
    """How many valid receipts by a means, and what they come to."""

    means: Means
    receipts: int
    amount_fen: int


class Void(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a receipt does not count."""

    reason: Text


class NewInvoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """To whom an invoice is made out; a firm gives its tax number."""

    title: Annotated[str, msgspec.Meta(max_length=100)]
    tax_number: Annotated[str, msgspec.Meta(max_length=30)] = ""


class IssuedInvoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The number of an invoice that was issued elsewhere."""

    number: Annotated[str, msgspec.Meta(max_length=40)]


class NewRefund(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Prepaid money of a unit that a party wants back."""

    unit_id: UUID
    party_id: UUID
    amount_fen: Fen
    reason: Text


class AskedRefund(msgspec.Struct, frozen=True):
    """A second person has to agree: the approval that was asked for."""

    approval_id: UUID


class PaidRefund(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By what means the money goes back."""

    means: Means


class Refund(msgspec.Struct, frozen=True):
    """A refund that a second person has agreed to, and whether the money is back."""

    id: UUID
    unit_id: UUID
    unit: str
    party_id: UUID
    party: str
    amount_fen: int
    reason: str
    status: RefundStatus
    approved_at: datetime
    approved_by_name: str
    paid_at: datetime | None
    paid_by_name: str
    means: str


class RefundPage(msgspec.Struct, frozen=True):
    """Refunds, the newest first; `cursor` asks for the next page, null: there is none."""

    items: list[Refund]
    cursor: str | None


class Person(msgspec.Struct, frozen=True):
    """Somebody who may pay for a household: today's role there, '' for who only owes or has prepaid."""

    party_id: UUID
    name: str
    role: str


class OtherUnit(msgspec.Struct, frozen=True):
    """A unit that a person of the household owns or lives in besides."""

    party_id: UUID
    unit_id: UUID
    label: str
