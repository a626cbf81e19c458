"""The cashier's form: its fields, and what was filled in as the service takes it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import msgspec

from core.sdk import FieldError, Invalid, Malformed, msgid, read_form, views
from plugins.billing.counter.model import NewPart, NewPayment
from plugins.billing.counter.plan import Asked, Plan
from plugins.billing.counter.reading import Household
from plugins.billing.ledger.pages import MEANS_WORDS

_YUAN: Final = re.compile(r"(\d{1,11})(?:\.(\d{1,2}))?")
_PART: Final = re.compile(r"([0-9a-f-]{36}):([0-9a-f-]{36}):(\d{1,14})")
# where the form has another name for what the service refuses
_NAMES: Final = {"amount_fen": "amount", "given_fen": "given", "rounded_fen": "amount", "parts": "amount"}
ROLES: Final = {"owner": msgid("Owner"), "tenant": msgid("Tenant"), "agent": msgid("Agent")}
CODE: Final = "code"  # the means by which a payment provider is asked for a code
BY: Final = {"self": msgid("The payer in person"), "agent": msgid("An agent")}


class Entered(msgspec.Struct, frozen=True):
    """A form as it was posted: each field once, and the charges that are ticked."""

    values: Mapping[str, str]
    charges: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """Of all that the spreading of the money depends on: what was shown for it holds while this is the same."""
        names = ("party_id", "amount", "round_off", "given", "means")
        texts = (*(self.values.get(name, "") for name in names), *sorted(self.charges))
        return sha256("\n".join(texts).encode()).hexdigest()[:16]

    @property
    def shown(self) -> bool:
        """Whether the cashier has seen where this money goes."""
        return self.values.get("shown") == self.mark

    @property
    def by_code(self) -> bool:
        """Whether a code is to be shown, and the money comes by it."""
        return self.values.get("means") == CODE

    @property
    def ticked(self) -> set[UUID]:
        """Raises Malformed for what is no id."""
        try:
            return {UUID(text) for text in self.charges}
        except ValueError:
            raise Malformed from None

    def asked(self) -> Asked:
        """What the money is spread by. Raises Invalid naming the field."""
        cash = self.values.get("means", "cash") == "cash"
        return Asked(
            fen_of(self.values.get("amount", ""), "amount"),
            self.values.get("round_off") == "true",
            fen_of(self.values.get("given", ""), "given") if cash else None,
        )

    def payment(self, unit_id: UUID) -> NewPayment:
        """The payment that was shown. Raises Invalid naming the field, Malformed."""
        asked, values, agent = self.asked(), self.values, self.values.get("by") == "agent"
        parts = [_part(text) for text in self.parts]
        rounded = _number(values.get("rounded", ""))
        amount = asked.amount_fen
        if amount is None:
            amount = sum(part.amount_fen for part in parts) - rounded
        given = {
            "key": values.get("key", ""),
            "unit_id": unit_id,
            "party_id": values.get("party_id", ""),
            "means": "qr" if self.by_code else values.get("means", ""),
            "amount_fen": amount,
            "parts": tuple(msgspec.to_builtins(part) for part in parts),
            "rounded_fen": rounded,
            "given_fen": asked.given_fen,
            "reference": "" if values.get("means") in ("cash", CODE) else values.get("reference", ""),
            "agent_name": values.get("agent_name", "") if agent else "",
            "agent_relation": values.get("agent_relation", "") if agent else "",
            "identified": values.get("identified") == "true",
            "remark": values.get("remark", ""),
        }
        if agent and not given["agent_name"]:
            raise Invalid.field("agent_name", msgid("Enter the agent's name."))
        return read_form(given, NewPayment)


def entered(lists: Mapping[str, Sequence[str]]) -> Entered:
    """A posted form."""
    values = {name: texts[-1].strip() for name, texts in lists.items()}
    charges, parts = (tuple(dict.fromkeys(lists.get(name, ()))) for name in ("charge", "part"))
    return Entered(values, charges, parts)


def fen_of(text: str, field: str) -> int | None:
    """Fen of yuan as people type them, `1,234.5` or `￥12`; None for nothing. Raises Invalid naming the field."""
    plain = unicodedata.normalize("NFKC", text).strip().removeprefix("¥").replace(",", "").replace(" ", "")
    if not plain:
        return None
    found = _YUAN.fullmatch(plain)
    if found is None:
        raise Invalid.field(field, msgid("Enter yuan, with at most two decimals."))
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def hidden(plan: Plan) -> list[tuple[str, str]]:
    """What goes with the form, so that what was shown is posted."""
    parts = [("part", f"{part.unit_id}:{part.charge_id}:{part.amount_fen}") for part in plan.parts]
    return [("rounded", str(plan.rounded_fen)), *parts]


def fields(
    house: Household, form: Entered, errors: Iterable[FieldError], rounds: bool, codes: bool = False
) -> Mapping[str, views.Field]:
    """The form's fields by name, as they were filled in and with what is wrong; `codes`: a payment provider makes
    them."""
    means = {**MEANS_WORDS, "qr": msgid("QR code, by hand"), CODE: msgid("Show a QR code")} if codes else MEANS_WORDS
    wrong = {_NAMES.get(error.field, error.field): error for error in errors}

    def field(name: str, label: str, kind: Any = "text", **more: Any) -> views.Field:
        said = {"error": wrong[name].message, "params": wrong[name].params} if name in wrong else {}
        return views.Field(name, label, kind, form.values.get(name, more.pop("value", "")), **{**more, **said})

    people = tuple(views.Choice(str(each.party_id), each.name) for each in house.people)
    return {
        each.name: each
        for each in (
            field("party_id", msgid("Payer"), "select", choices=people, required=True),
            field("by", msgid("Who brings the money"), "select", choices=_choices(BY)),
            field("agent_name", msgid("Agent's name"), maximum=60),
            field("agent_relation", msgid("What they are to the payer"), maximum=60),
            field("identified", msgid("I have seen who pays, and have said what it is for"), "checkbox"),
            field("means", msgid("Means"), "select", value="cash", choices=_choices(means)),
            field("amount", msgid("Amount (yuan)"), help=msgid("Empty: all that is ticked.")),
            *([field("round_off", msgid("Round off to whole yuan"), "checkbox")] if rounds else []),
            field("given", msgid("Cash given (yuan)"), help=msgid("The change is told below.")),
            field("reference", msgid("Number of the slip or transfer"), maximum=60),
            field("remark", msgid("Remark on the receipt"), maximum=200),
        )
    }


def _choices(words: Mapping[str, str]) -> tuple[views.Choice, ...]:
    return tuple(views.Choice(code, label) for code, label in words.items())


def _part(text: str) -> NewPart:
    found = _PART.fullmatch(text)
    if found is None:
        raise Malformed
    return NewPart(UUID(found[1]), UUID(found[2]), int(found[3]))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
