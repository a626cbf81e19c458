"""What becomes of a colleague's name in what they did: a mark takes its place, or it stays where it has to (PI-5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from core.db import rows
from core.db.personal import NOTHING
from core.i18n import msgid
from core.privacy.erasing import Kept, years_after
from core.privacy.finding import Finder
from core.privacy.register import Held

ONLY_ADDED: Final = msgid("records that nobody can change say who did what")


async def stays(finder: Finder, register: Iterable[Held], years: int, today: date) -> list[Kept]:
    """Where the name outlives an erasure: in what is only ever added to, and under accounts for their years."""
    found = []
    for held in register:
        fixed, free = await _parted(finder, held)
        hold = held.privacy.hold
        if fixed:
            [(count, _)] = await _count(finder, held, fixed, "true", "")
            found += [Kept(held.name, ONLY_ADDED, count, None)] if count else []
        if free and hold and hold.since:
            [(count, since)] = await _count(finder, held, free, hold.where, hold.since)
            until = years_after(since, years) if since else today
            found += [Kept(held.name, hold.reason, count, until)] if until > today else []
    return found


async def rename(finder: Finder, register: Iterable[Held], member_mark: str, years: int, today: date) -> dict[str, int]:
    """Put the mark in the place of the name wherever it does not stay; the rows that were changed, by table."""
    counts = {}
    for held in register:
        _, free = await _parted(finder, held)
        if not free:
            continue
        hold = held.privacy.hold
        kept = f"({hold.where}) AND {hold.since}::date > $7::date" if hold and hold.since else ""
        given = [member_mark, years_after(today, -years)] if kept else [member_mark]
        changed = await finder.uow.execute(rows.rename(held.name, free, kept), *finder.given, *given)
        if changed:
            counts[held.name] = changed
    return counts


async def _parted(finder: Finder, held: Held) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The columns with colleagues' names that nobody may change, and the others."""
    barred = await finder.barred() if held.staff else frozenset()
    fixed = {name: id for name, id in held.staff.items() if f"{held.name}.{name}" in barred}
    return fixed, {name: id for name, id in held.staff.items() if name not in fixed}


async def _count(
    finder: Finder, held: Held, staff: Mapping[str, str], where: str, since: str
) -> list[tuple[int, date | None]]:
    sql = rows.select_held(held.name, rows.condition(NOTHING, staff=staff), where, since)
    return await finder.uow.fetch(lambda *row: row, sql, *finder.given)
