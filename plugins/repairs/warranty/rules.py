"""Who is liable for an item on a day (REP-1): pure."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date, timedelta

from plugins.repairs.warranty.model import Assessment, Previous, Term
from plugins.repairs.warranty.policy import WarrantyRules


def assess(
    item: str, rules: WarrantyRules, terms: Iterable[Term], previous: Previous | None, done_on: date | None, day: date
) -> Assessment:
    """By the unit's dates, the rules and our last repair of the same (`previous`, done on the local date `done_on`).

    What the builder owes comes first, for then nobody else pays, but not for what we have done badly ourselves; a
    unit's own dates for the item replace its handover.
    """
    ours = None
    if previous is not None and done_on is not None:
        until = done_on + timedelta(days=max(rules.own_days, previous.days))
        if day <= until:
            ours = Assessment("own", until, "rework" if previous.rework else "own_work", previous.number)
    if ours is not None and ours.basis == "rework":
        return ours
    if not item:
        return Assessment("unknown", None, "no_item")
    known: dict[str, Term] = {term.item: term for term in terms}
    own, general = known.get(item), known.get("")
    months: int = getattr(rules, item)
    found: Assessment | None = None
    if own is not None:
        until = own.ends_on or add_months(own.starts_on, months)
        found = Assessment(own.liable, until, "exception", own.note)
    elif general is not None:
        found = Assessment("builder", general.ends_on or add_months(general.starts_on, months), "handover")
    if found is not None and found.until is not None and day <= found.until:
        return found
    if ours is not None:
        return ours
    if found is None:
        return Assessment("unknown", None, "no_date")
    return Assessment("none", found.until, "expired")


def add_months(start: date, months: int) -> date:
    """The last day of a term of so many months: the corresponding day, or the month's last where it has none."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))
