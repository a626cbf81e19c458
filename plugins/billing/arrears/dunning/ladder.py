"""Which step of the ladder a household is due for (BIL-5). Pure functions.

A debt is asked for by each step once, and never by one below. What is collected for others is asked for by messages
and letters alone: nobody stands at the door, and nobody sues, for money that is not ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final, Literal, get_args

import msgspec

from plugins.billing.arrears.policies import DunningRules, Rung

Step = Literal["message", "letter", "visit", "notice", "legal"]
STEPS: Final[tuple[Step, ...]] = get_args(Step)
STERN: Final = frozenset({"visit", "notice", "legal"})
"""Steps by which nobody is asked for what is collected for others."""


class Share(msgspec.Struct, frozen=True):
    """Overdue charges of one sort: their sum, the day on which the oldest was due, how far up the ladder they are (0:
    nobody has asked for them)."""

    fen: int = 0
    oldest_on: date | None = None
    reached: int = 0


class Standing(msgspec.Struct, frozen=True):
    """What a household owes that is overdue and not disputed: `own` of the company's items, `others` of what it
    collects for others; when it was last asked, and until when it has promised to pay."""

    own: Share
    others: Share
    asked_on: date | None = None
    promised_on: date | None = None


def rank(step: Step) -> int:
    """1 for the first step."""
    return STEPS.index(step) + 1


def due(rules: DunningRules, standing: Standing, today: date) -> Step | None:
    """The step that a household is due for today; None while it is left alone."""
    if standing.promised_on is not None and standing.promised_on >= today:
        return None
    if standing.asked_on is not None and standing.asked_on + timedelta(rules.rest_days) > today:
        return None
    candidates = [
        step
        for share, allowed in ((standing.own, STEPS), (standing.others, STEPS[:2]))
        if (step := _next(rules, standing, share, allowed, today)) is not None
    ]
    return max(candidates, key=rank, default=None)


def covers(step: Step, reached: int, *, own: bool) -> bool:
    """Whether a step asks for a debt that has come so far: only for one that is below it."""
    return reached < rank(step) and (own or step not in STERN)


def rungs(rules: DunningRules) -> Iterator[tuple[Step, Rung]]:
    """The steps that are taken at the site, in their order."""
    for step in STEPS:
        rung: Rung = getattr(rules, step)
        if rung.on:
            yield step, rung


def _next(rules: DunningRules, standing: Standing, share: Share, allowed: Sequence[Step], today: date) -> Step | None:
    """The step above the one that these debts have come to, if it is due."""
    if share.oldest_on is None or share.fen <= 0:
        return None
    above = next(((step, rung) for step, rung in rungs(rules) if rank(step) > share.reached), None)
    if above is None or above[0] not in allowed:
        return None
    step, rung = above
    # a message or a letter speaks of all that is owed: together it may be worth one
    worth = share.fen if step in STERN else standing.own.fen + standing.others.fen
    late = (today - share.oldest_on).days >= rung.after_days
    return step if late and worth >= rung.least_yuan * 100 else None
