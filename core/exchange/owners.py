"""Reads the owners of one unit from the cells of a roll: several names, phones and ID numbers share a cell each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import msgspec

from core.exchange.issues import (
    BAD_ID_NUMBER,
    BAD_PHONE,
    ID_NUMBER_WITHOUT_OWNER,
    PHONE_WITHOUT_OWNER,
    ROUNDED_ID_NUMBER,
    Flaw,
)
from core.exchange.normalise import (
    cell_text,
    mask,
    normalise_id_number,
    normalise_name,
    normalise_phone,
    valid_credit_code,
    valid_id_number,
)
from core.exchange.workbook import Cell

_NAMES_APART = re.compile(r"[、/;\n]")
_NUMBERS_APART = re.compile(r"[、/;,\n]")
_COMPANY = re.compile(
    r"公司|集团|有限|合伙|企业|银行|委员会|居委会|村委会|协会|基金会|事务所|合作社|酒店|宾馆|医院|学校|大学|幼儿园|政府"
    r"|\b(?:ltd|inc|llc|co|corp|gmbh)\b",
    re.IGNORECASE,
)
_COMPANY_ENDS = ("厂", "店", "行", "社", "局", "处", "院", "所", "中心", "部", "会")
_LONGEST_PERSON = 4  # a double surname and two given names; only beyond it is such an ending no given name
_EXACT_DIGITS = 15


Kind = Literal["person", "company"]


class Owner(msgspec.Struct, frozen=True):
    """A party owning a unit. `id_number` is a resident ID number, for a company also its credit code."""

    name: str
    kind: Kind
    phones: tuple[str, ...] = ()
    id_number: str | None = None


def read_owners(names: Cell, phones: Sequence[Cell], ids: Cell) -> tuple[tuple[Owner, ...], tuple[Flaw, ...]]:
    """The owners named in `names` with their phones and ID numbers, and what had to be left out.

    As many phones as owners: one each, in order. Any other number: all belong to the first owner, whom the roll means
    as the contact. ID numbers go to the owners in order. At most one flaw for phones and one for ID numbers; what is
    valid beside it is kept.
    """
    found = [name for part in _NAMES_APART.split(cell_text(names)) if (name := normalise_name(part))]
    kinds: list[Kind] = ["company" if _is_company(name) else "person" for name in found]
    phones_of, phone_flaw = _phones(phones, len(found))
    id_of, id_flaw = _ids(ids, kinds)
    owners = zip(found, kinds, phones_of, id_of, strict=True)
    return tuple(Owner(*owner) for owner in owners), tuple(flaw for flaw in (phone_flaw, id_flaw) if flaw)


def _is_company(name: str) -> bool:
    return bool(_COMPANY.search(name)) or (len(name) > _LONGEST_PERSON and name.endswith(_COMPANY_ENDS))


def _phones(cells: Sequence[Cell], owners: int) -> tuple[list[tuple[str, ...]], Flaw | None]:
    parts = [phone for cell in cells for part in _parts(cell) for phone in _phones_apart(part)]
    if len(parts) != owners:
        parts = [part for part in parts if part]
    numbers = [normalise_phone(part) for part in parts]
    bad = next((part for part, number in zip(parts, numbers, strict=True) if part and number is None), None)
    flaw = None if bad is None else Flaw("phone", "bad_phone", BAD_PHONE, mask(bad))
    if len(parts) == owners:
        return [(number,) if number else () for number in numbers], flaw
    good = tuple(dict.fromkeys(number for number in numbers if number))
    if not owners:
        return [], Flaw("phone", "bad_phone", PHONE_WITHOUT_OWNER, mask(parts[0])) if parts else None
    return [good, *[()] * (owners - 1)], flaw


def _phones_apart(text: str) -> list[str]:
    """Two phones with only a space between them; a space inside one phone does not divide it."""
    words = text.split()
    return words if len(words) > 1 and all(map(normalise_phone, words)) else [text]


def _ids(cell: Cell, kinds: Sequence[Kind]) -> tuple[list[str | None], Flaw | None]:
    found: list[str | None] = [None] * len(kinds)
    if isinstance(cell, float) and abs(cell) >= 10**_EXACT_DIGITS:
        # The last digits are lost; what is left can even pass the check digit.
        return found, Flaw("id_number", "bad_id_number", ROUNDED_ID_NUMBER, mask(cell_text(cell)))
    parts = _parts(cell)
    if len(parts) != len(kinds):
        parts = [part for part in parts if part]
    flaw = None
    for place, part in enumerate(parts):
        number = normalise_id_number(part)
        if place >= len(kinds):
            return found, flaw or Flaw("id_number", "bad_id_number", ID_NUMBER_WITHOUT_OWNER, mask(number))
        if valid_id_number(number) or (kinds[place] == "company" and valid_credit_code(number)):
            found[place] = number
        elif number and flaw is None:
            flaw = Flaw("id_number", "bad_id_number", BAD_ID_NUMBER, mask(number))
    return found, flaw


def _parts(cell: Cell) -> list[str]:
    """What stands between the separators, empty places too: they say which owner has none."""
    return [part.strip() for part in _NUMBERS_APART.split(cell_text(cell))]
