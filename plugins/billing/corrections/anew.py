"""A charge computed anew by the code that runs charge by: what it comes to now, and which of its days are another's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from plugins.billing.amounts.spans import Days
from plugins.billing.runs.engine import Engine
from plugins.billing.runs.facts import Owed, Reason, Skipped, UnitFacts
from plugins.billing.runs.scope import without

_KINDS: Final = ("charge", "formula_charge", "rent")


class _Asked(msgspec.Struct, frozen=True):
    kind: str
    period: Days | None = None
    charge: _Asked | None = None  # from which fixed sums came off


class _Kept(msgspec.Struct, frozen=True):
    facts: _Asked


_kept = msgspec.json.Decoder(_Kept)


class Billed(msgspec.Struct, frozen=True):
    """A charge that was issued: what it comes to by now, and how much of it was waived, in fen."""

    id: UUID
    unit_id: UUID
    item_id: UUID
    party_id: UUID
    first_day: date
    last_day: date
    facts: str
    charged_fen: int
    waived_fen: int

    @property
    def period(self) -> Days | None:
        """The period that it was charged for; None for what is not charged by the day, such as a meter's."""
        try:
            asked = _kept.decode(self.facts).facts
        except msgspec.DecodeError:
            return None
        asked = asked.charge or asked
        return asked.period if asked.kind in _KINDS else None


class Anew(msgspec.Struct, frozen=True):
    """A charge that comes to something else: to `right_fen`, or to nothing that is known, for a reason."""

    billed: Billed
    right_fen: int | None
    reason: Reason | None
    lines: tuple[Owed, ...]
    freed: tuple[Days, ...]

    @property
    def facts(self) -> str:
        """JSON of what each line was computed from."""
        return f"[{','.join(line.facts for line in self.lines)}]"

    @property
    def difference_fen(self) -> int:
        """Below 0 it is a credit."""
        return 0 if self.right_fen is None else self.right_fen - self.billed.charged_fen


def anew(engine: Engine, unit: UnitFacts, billed: Billed, period: Days, gone: Sequence[Days]) -> Anew | None:
    """What has changed about a charge; None: nothing. `gone` are days that it no longer has.

    What was waived stays waived. Days that a contract of rent no longer has are free for the next one. Days that nobody
    is known to owe, or that lack a price or an area, leave it unknown.
    """
    days = list(without([Days(billed.first_day, billed.last_day)], gone))
    found = list(engine.anew(billed.item_id, unit, period, days))
    skipped = next((each for each in found if isinstance(each, Skipped)), None)
    if skipped is not None:
        return Anew(billed, None, skipped.reason, (), ())
    owed = [each for each in found if isinstance(each, Owed)]
    own = tuple(each for each in owed if each.party_id == billed.party_id)
    if engine.by_contract(billed.item_id):
        freed = tuple(without(days, [Days(each.first_day, each.last_day) for each in own]))
    else:
        freed = tuple(Days(each.first_day, each.last_day) for each in owed if each.party_id != billed.party_id)
    right = max(0, sum(each.amount_fen for each in own) - billed.waived_fen)
    return None if right == billed.charged_fen and not freed else Anew(billed, right, None, own, freed)
