"""The forms of dunning: what is asked for, as it was filled in, with what is wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any

from core.sdk import FieldError, Invalid, msgid, views
from plugins.billing.arrears.dunning.ladder import Step
from plugins.billing.arrears.dunning.model import Record
from plugins.billing.arrears.screens import OUTCOME_WORDS
from plugins.billing.ledger.model import UnitAccount
from plugins.billing.telling import typed

_YUAN = re.compile(r"([0-9]{1,11})(?:\.([0-9]{1,2}))?")
Fields = tuple[views.Field, ...]


def fen(text: str, field: str) -> int:
    """An amount in yuan as people type it, in fen. Raises Invalid naming the field."""
    found = _YUAN.fullmatch(unicodedata.normalize("NFKC", text).replace(",", "").strip())
    amount = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else 0
    if amount <= 0:
        raise Invalid.field(field, msgid("Enter an amount in yuan, such as 120.50."))
    return amount


def taking(step: Step, values: Mapping[str, str], errors: Collection[FieldError]) -> Fields:
    """What is said of a step when it is taken."""
    field = _maker(values, errors)
    note = field("note", msgid("Remark"), maximum=500)
    if step == "visit":
        choices = (views.Choice("", msgid("Choose…")), *(views.Choice(k, w) for k, w in OUTCOME_WORDS.items()))
        return (
            field("who", msgid("Who went"), maximum=60, required=True),
            field("outcome", msgid("What came of it"), "select", choices=choices, required=True),
            note,
        )
    if step == "legal":
        return (field("note", msgid("To whom it is handed over"), maximum=500, required=True),)
    return (note,)


def promise(record: Record, account: UnitAccount, values: Mapping[str, str], errors: Collection[FieldError]) -> Fields:
    """Who promises to pay how much by when; all that is overdue, where nothing else is said."""
    field = _maker(values or {"amount": typed(account.overdue_fen or account.open_fen)}, errors if values else ())
    return (
        _payer(field, record),
        field("amount", msgid("Amount (yuan)"), required=True, maximum=14),
        field("promised_on", msgid("To be paid by"), "date", required=True),
        field("note", msgid("Remark"), maximum=500),
    )


def dispute(record: Record, account: UnitAccount, values: Mapping[str, str], errors: Collection[FieldError]) -> Fields:
    """Who disputes what, and why."""
    field = _maker(values, errors if values else ())
    items = {str(charge.item_id): charge.item for charge in account.charges}
    choices = (views.Choice("", msgid("All that is owed")), *(views.Choice(id, title) for id, title in items.items()))
    return (
        _payer(field, record),
        field("item_id", msgid("Fee item"), "select", choices=choices),
        field("reason", msgid("What is disputed, and why"), "textarea", required=True, maximum=500),
    )


def settle(values: Mapping[str, str], errors: Collection[FieldError]) -> Fields:
    """What came of a dispute."""
    field = _maker(values, errors if values else ())
    return (field("outcome", msgid("What came of it"), "textarea", required=True, maximum=500),)


def waiver(values: Mapping[str, str], errors: Collection[FieldError]) -> Fields:
    """Why damages need not be paid."""
    field = _maker(values, errors if values else ())
    return (field("reason", msgid("Why need it not be paid?"), "textarea", required=True, maximum=200),)


def _payer(field: Any, record: Record) -> views.Field:
    choices = tuple(views.Choice(str(id), name) for id, name in record.payers)
    made: views.Field = field("party_id", msgid("Payer"), "select", choices=choices, required=True)
    return made


def _maker(values: Mapping[str, str], errors: Collection[FieldError]) -> Any:
    wrong = {error.field: error for error in errors}

    def field(name: str, label: str, kind: Any = "text", **more: Any) -> views.Field:
        said: dict[str, Any] = {"error": wrong[name].message, "params": wrong[name].params} if name in wrong else {}
        return views.Field(name, label, kind, values.get(name, ""), **more, **said)

    return field
