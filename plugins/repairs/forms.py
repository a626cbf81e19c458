"""Numbers of forms, with the field at fault."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from core.sdk import Invalid


def scaled(text: str, factor: int, field: str) -> int:
    """A number as people write it, in parts of `factor`: 1.5 hours are 1500 thousandths. Raises Invalid."""
    try:
        number = Decimal(text.strip()) * factor
        whole = int(number)
    except (InvalidOperation, ValueError, OverflowError):
        raise Invalid.field(field, "Give a number.") from None
    if whole != number:
        raise Invalid.field(field, "Give fewer digits behind the point.")
    return whole
