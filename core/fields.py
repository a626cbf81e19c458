"""Amounts of money are for whoever has `amount.view`: known by a field's name, and left out of what others get."""

from __future__ import annotations

from collections.abc import Set
from typing import Any, Final

AMOUNT: Final = "amount.view"
HIDDEN: Final = "****"
_SUFFIX: Final = "_fen"
AMOUNT_KEY: Final = f'{_SUFFIX}"'.encode()  # how the name of an amount ends in JSON


def is_amount(field: str) -> bool:
    """Whether a field of that name is an amount, in fen."""
    return field.endswith(_SUFFIX)


def sees_amounts(held: Set[str]) -> bool:
    """Whether these permissions show amounts."""
    return AMOUNT in held


def amount_for(held: Set[str], text: str) -> str:
    """An amount in words, or what stands in its place for whoever may not see it."""
    return text if sees_amounts(held) else HIDDEN


def without_amounts(value: Any) -> Any:
    """What JSON can hold, with null for every amount in it."""
    if isinstance(value, dict):
        return {field: None if is_amount(field) else without_amounts(part) for field, part in value.items()}
    return [without_amounts(part) for part in value] if isinstance(value, list) else value
