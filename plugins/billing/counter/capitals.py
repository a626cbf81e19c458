"""Amounts in the capital numerals that stand on receipts, so that nobody adds a stroke. Pure."""

from __future__ import annotations

from typing import Final

_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ("仟", "佰", "拾", "")
_GROUPS: Final = ("亿", "万", "")


def capitals(fen: int) -> str:
    """`壹佰零贰元叁角整` of 10230 fen: whole yuan and jiao end in 整, fen do not. Below 10^14 fen."""
    yuan, rest = divmod(abs(fen), 100)
    jiao, single = divmod(rest, 10)
    text = f"{_whole(yuan)}元" if yuan or not rest else ""
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif single and text:
        text += _DIGITS[0]
    text += f"{_DIGITS[single]}分" if single else "整"
    return f"负{text}" if fen < 0 else text


def _whole(number: int) -> str:
    """Groups of four digits; noughts in between are said once."""
    if not number:
        return _DIGITS[0]
    text, gap = "", False
    for group, name in zip((number // 10**8, number // 10**4 % 10**4, number % 10**4), _GROUPS, strict=True):
        if not group:
            gap = bool(text)
            continue
        for digit, place in zip(f"{group:04}", _PLACES, strict=True):
            if digit == "0":
                gap = bool(text)
                continue
            text += (_DIGITS[0] if gap else "") + _DIGITS[int(digit)] + place
            gap = False
        text += name
        gap = False
    return text
