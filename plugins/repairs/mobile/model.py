"""What a technician's phone gets and sends."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.sdk import NewSignature
from plugins.repairs.charges.model import Shown

Act = Literal["accept", "set_off", "arrive", "start_work", "resume", "resolve"]


class Picture(msgspec.Struct, frozen=True):
    """A picture of an order; `moment` is before or after the work, "" if nobody said."""

    id: UUID
    moment: str


class Happened(msgspec.Struct, frozen=True):
    """An entry of the timeline in words."""

    at: datetime
    who: str
    what: str
    text: str


class Used(msgspec.Struct, frozen=True):
    """Materials or labour; `quantity` in thousandths of the unit, the amount in fen."""

    name: str
    unit: str
    quantity: int
    amount_fen: int


class MobileOrder(msgspec.Struct, frozen=True):
    """An order of one's own. Telephone numbers are not among it: a full one is asked for by itself (ARC-4).

    What a resident signs for: `due_fen` of an order at that `revision`; `free` under a warranty. `agreed`: "charge" or
    "waiver" where what is due is settled, "estimate" where as much was agreed to before the work, else "".
    """

    id: UUID
    number: str
    version: int
    status: str
    stage: str
    state: str
    severity: str
    place: str
    spot: str
    matter: str
    reporter: str
    has_phone: bool
    convenient: str
    due_at: datetime | None
    visit_at: datetime | None
    priced: bool
    due_fen: int
    free: bool
    revision: int
    agreed: str
    pictures: tuple[Picture, ...]
    used: tuple[Used, ...]
    signed_by: str
    history: tuple[Happened, ...]


class Priced(msgspec.Struct, frozen=True):
    """Something on the price list; the price in fen."""

    code: str
    name: str
    unit: str
    price_fen: int


class Orders(msgspec.Struct, frozen=True):
    """Everything a phone keeps: whose, from when, the orders, and what their forms offer; what costs more than
    `estimate_above_fen` is signed for before the work. A token is nobody's."""

    person: UUID | None
    at: datetime
    orders: tuple[MobileOrder, ...]
    prices: tuple[Priced, ...]
    pauses: tuple[str, ...]
    estimate_above_fen: int


class Answer(msgspec.Struct, frozen=True):
    """The order after a change; null once it is not one's own any more."""

    order: MobileOrder | None


class Phone(msgspec.Struct, frozen=True):
    phone: str


class NewAct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An action on an order, from the version that was seen."""

    act: Act
    version: int
    text: Annotated[str, msgspec.Meta(max_length=4000)] = ""


class PhoneSigning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The resident signs. `shown` is the sum on the phone, that of what still waited to be sent included; only repairs
    from before there were work orders have none."""

    signature: NewSignature
    shown: Shown | None = None


class NewPause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The work waits for one of the site's reasons, from the version that was seen."""

    reason: Annotated[str, msgspec.Meta(max_length=40)]
    version: int
    note: Annotated[str, msgspec.Meta(max_length=400)] = ""
