"""Exact numbers at the edges: decimals in, decimals or fractions out, never a float."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any, Final

import msgspec

# so wide that no tariff lacks room, and so narrow that no number takes long
_DECIMAL: Final = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
_RATIONAL: Final = re.compile(r"-?[0-9]{1,4000}/[1-9][0-9]{0,3999}")  # what was computed, from formulas and steps


def exact(text: str) -> Fraction:
    """The number that a decimal like `-2.35` writes. Raises ValueError for anything else, exponents too."""
    if _DECIMAL.fullmatch(text) is None:
        raise ValueError(f"{text[:40]!r} is not a decimal number such as 2.35")
    return Fraction(text)


def plain(value: Fraction) -> str:
    """It as a decimal without trailing zeros, or as a fraction in lowest terms where no decimal is exact."""
    places, denominator = 0, value.denominator
    for prime in (2, 5):
        power = 0
        while denominator % prime == 0:
            denominator, power = denominator // prime, power + 1
        places = max(places, power)
    if denominator != 1:
        return str(value)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    whole, decimals = digits[: len(digits) - places], digits[len(digits) - places :]
    return ("-" if value < 0 else "") + whole + ("." + decimals if decimals else "")


def read(data: object, type: Any) -> Any:
    """What JSON holds, as structs of `type` with exact numbers. Raises ValueError naming the place."""
    return msgspec.convert(data, type, dec_hook=_number)


def as_json(data: object) -> str:
    """A struct with exact numbers as JSON; `read` reads it back."""
    return msgspec.json.encode(data, enc_hook=_text).decode()


def _number(type: type, value: object) -> Fraction:
    if type is not Fraction:
        raise NotImplementedError(type)
    if not isinstance(value, str):
        raise ValueError('a decimal in quotes is expected, such as "2.35"')
    return Fraction(value) if _RATIONAL.fullmatch(value) else exact(value)


def _text(value: object) -> str:
    if not isinstance(value, Fraction):
        raise NotImplementedError(type(value))
    decimal = plain(value)
    return decimal if _DECIMAL.fullmatch(decimal) else f"{value.numerator}/{value.denominator}"
