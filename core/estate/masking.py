"""What a phone or ID number looks like to those who have not asked for it in full (PI-2). Pure, and idempotent."""

from __future__ import annotations

_HIDDEN = "****"
_ID_NUMBER = 18  # characters of an ID number (GB 11643) and of a credit code (GB 32100)


def mask_phone(phone: str) -> str:
    """`138****6207`, `021-****7071`; an extension goes. At least four digits are hidden; shorter numbers show fewer."""
    area, dash, number = phone.partition("-")
    if not dash:
        area, number = "", phone
    number = number.partition("-")[0]
    head = number[:3] if len(number) >= 11 else ""
    tail = number[max(len(number) - 4, 4) :]
    return f"{area}{dash}{head}{_HIDDEN}{tail}"


def mask_id_number(tail: str) -> str:
    """An ID number by its last characters, the others hidden; '' for none."""
    return tail.rjust(_ID_NUMBER, "*") if tail else ""
