"""Whose payment a line of the bank's statement is (BIL-4). Pure functions; amounts in fen."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, Literal
from uuid import UUID

import msgspec

DAYS: Final = 3  # between the bank's day and the ledger's
_PROPOSED: Final = 5
_BETWEEN: Final = re.compile(r"号楼|单元|[幢栋座楼号#室房门\-_/—–－]")
_RUN: Final = re.compile(r"-+")
_PLACE: Final = re.compile(r"[0-9A-Z]+(?:-[0-9A-Z]+)+")
Why = Literal["unit_and_payer", "unit", "payer", "amount"]


class Booked(msgspec.Struct, frozen=True):
    """A line of the bank's that is nobody's yet; below nought where money went."""

    id: UUID
    booked_on: date
    amount_fen: int
    payer: str
    remark: str


class Transfer(msgspec.Struct, frozen=True):
    """An entry of the ledger by transfer that no line of the bank is yet: of a unit, by a party."""

    entry_id: UUID
    posted_on: date
    amount_fen: int
    unit_id: UUID | None
    unit: str
    party: str


class Household(msgspec.Struct, frozen=True):
    """A unit, who lives there or owns it (owners first), and how much is open."""

    unit_id: UUID
    label: str
    building: str
    entrance: str
    room: str
    parties: list[tuple[UUID, str]]
    open_fen: int


class Proposal(msgspec.Struct, frozen=True):
    """A household whose payment it may be, who would be said to have paid, and why it is proposed."""

    unit_id: UUID
    unit: str
    party_id: UUID
    party: str
    open_fen: int
    why: Why


def paired(lines: Iterable[Booked], transfers: Iterable[Transfer]) -> list[tuple[UUID, UUID]]:
    """Lines with the entries that they are: the same amount within three days, each once. Where several fit, the one
    whose payer or unit the line names goes first, then the nearest day."""
    entries = list(transfers)
    fits = sorted(
        (not _named(line, entry), abs((line.booked_on - entry.posted_on).days), line.booked_on, line.id, entry.entry_id)
        for line in lines
        for entry in entries
        if line.amount_fen == entry.amount_fen and abs((line.booked_on - entry.posted_on).days) <= DAYS
    )
    pairs: dict[UUID, UUID] = {}
    taken: set[UUID] = set()
    for *_, line_id, entry_id in fits:
        if line_id not in pairs and entry_id not in taken:
            pairs[line_id] = entry_id
            taken.add(entry_id)
    return list(pairs.items())


class Roll:
    """The households of a site, found by what a line says."""

    def __init__(self, households: Iterable[Household]) -> None:
        self._all = [each for each in households if each.parties]
        self._places: dict[str, list[Household]] = {}
        self._payers: dict[str, list[Household]] = {}
        self._open: dict[int, list[Household]] = {}
        for each in self._all:
            named = _place("-".join(filter(None, (each.building, each.entrance, each.room))))
            short = _place(f"{each.building}-{each.room}")
            for place in {named, short, _place(each.label)}:
                self._places.setdefault(place, []).append(each)
            for name in {_name(name) for _, name in each.parties}:
                self._payers.setdefault(name, []).append(each)
            if each.open_fen > 0:
                self._open.setdefault(each.open_fen, []).append(each)

    def proposals(self, line: Booked) -> list[Proposal]:
        """Whose payment it may be, the likeliest first: by the unit that is named, by the payer's name, by the amount
        that is open with one household alone. Nothing for money that went."""
        if line.amount_fen <= 0:
            return []
        units = self._of_places(f"{line.remark} {line.payer}")
        payers = self._payers.get(_name(line.payer), []) if line.payer else []
        both = [each for each in units if each in payers]
        amounts = self._open.get(line.amount_fen, [])
        found: dict[UUID, Proposal] = {}
        ways: Sequence[tuple[Why, Sequence[Household]]] = (
            ("unit_and_payer", both),
            ("unit", units),
            ("payer", payers),
            ("amount", amounts if len(amounts) == 1 else ()),
        )
        for why, households in ways:
            for each in households:
                found.setdefault(each.unit_id, _proposed(each, line, why))
        return list(found.values())[:_PROPOSED]

    def _of_places(self, text: str) -> list[Household]:
        """Those whose unit is named, and no other could be meant by it."""
        counts: Counter[UUID] = Counter()
        by_id: dict[UUID, Household] = {}
        for run in _PLACE.findall(_place(text)):
            parts = run.split("-")
            for n in (3, 2):  # what is named in full is not taken for another's short name
                places = ("-".join(parts[i : i + n]) for i in range(len(parts) - n + 1))
                meant = [self._places[place][0] for place in places if len(self._places.get(place, [])) == 1]
                for each in meant:
                    counts[each.unit_id] += n
                    by_id[each.unit_id] = each
                if meant:
                    break
        return [by_id[id] for id, _ in counts.most_common()]


def _proposed(each: Household, line: Booked, why: Why) -> Proposal:
    payer = _name(line.payer)
    party = next((party for party in each.parties if payer and _name(party[1]) == payer), each.parties[0])
    return Proposal(each.unit_id, each.label, *party, each.open_fen, why)


def _named(line: Booked, entry: Transfer) -> bool:
    by_unit = bool(entry.unit) and _place(entry.unit).strip("-") in _place(line.remark)
    return by_unit or (bool(line.payer) and _name(line.payer) == _name(entry.party))


def _place(text: str) -> str:
    """A text in which a unit is told by what stands between its numbers: `3-1-1802` for 3幢1单元1802室."""
    plain = "".join(unicodedata.normalize("NFKC", text).upper().split())
    return _RUN.sub("-", _BETWEEN.sub("-", plain)).strip("-")


def _name(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).upper().split())
