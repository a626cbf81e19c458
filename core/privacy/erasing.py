"""Erasing what is held about somebody, in every table that can hold any, and whatever names them elsewhere (PI-5).

Rows about them keep what happened and when, and lose whom it happened to. Audit entries hold nothing personal in their
changes, and stay. What a colleague did keeps a mark in the place of their name, and the name itself where it has to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import msgspec

from core.db import rows
from core.db.personal import Kind
from core.db.uow import UnitOfWork
from core.privacy import people
from core.privacy.finding import Finder
from core.privacy.register import Column, Held

_PERSONAL: tuple[Kind, ...] = ("name", "contact", "identity", "address", "free_text")
_WAYS: Mapping[str, str] = {"name": "gone", "address": "gone", "free_text": "gone", "contact": "empty"}


class Kept(msgspec.Struct, frozen=True):
    """Why something cannot be erased, and until when (None: until it is no longer so)."""

    table: str
    reason: str
    rows: int
    until: date | None


async def holds(finder: Finder, register: Iterable[Held], years: int, today: date) -> list[Kept]:
    """What stands against an erasure. `years` is how long accounts are kept."""
    found = []
    for held in register:
        hold = held.privacy.hold
        parents = await finder.parents(held)
        whose = rows.condition(held.privacy, parents, held.staff if hold and hold.colleagues else None)
        if hold is None or not whose:
            continue
        sql = rows.select_held(held.name, whose, hold.where, hold.since)
        [(count, since)] = await finder.uow.fetch(lambda *row: row, sql, *finder.given, *parents.values())
        until = None if since is None else years_after(since, years)
        if count and (until is None or until > today):
            found.append(Kept(held.name, hold.reason, count, until))
    return found


async def erase(finder: Finder, register: Sequence[Held]) -> dict[str, int]:
    """Erase; the rows that were changed or deleted, by table. Files, search terms, and what colleagues did are others'
    matter."""
    words = await _words(finder, register)
    # all that leads from table to table is looked up before anything is emptied
    plans = [(held, await finder.parents(held)) for held in register]
    generated, barred = await finder.generated(), await finder.barred()
    counts: dict[str, int] = {}
    for held, parents in plans:
        personal = [c for c in held.of(*_PERSONAL) if f"{held.name}.{c.name}" not in generated]
        whose = rows.condition(held.privacy, parents)
        changed = 0
        theirs = _is_colleagues(finder, held)
        if whose and (held.name not in barred if theirs else personal or held.privacy.whole):
            changed += await _own_rows(finder, held, personal, whose, list(parents.values()))
        if words:
            changed += await _elsewhere(finder.uow, held, personal, words)
        if changed:
            counts[held.name] = changed
    return counts


async def _own_rows(finder: Finder, held: Held, personal: list[Column], whose: str, parents: Sequence[object]) -> int:
    if held.privacy.whole or _is_colleagues(finder, held):
        return await finder.uow.execute(rows.delete(held.name, whose), *finder.given, *parents)
    ways = {c.name: "null" if c.type == "bytea" else _WAYS[c.kind] for c in personal if c.type in ("text", "bytea")}
    if held.privacy.party:
        ways |= {c.name: "null" for c in held.of("image")}  # their content goes with the next sweep
    if not ways:
        return 0
    return await finder.uow.execute(rows.blank(held.name, ways, whose), *finder.given, *parents)


def _is_colleagues(finder: Finder, held: Held) -> bool:
    """Whether rows are a colleague's own, of use to nobody else: all but the membership, which others point to."""
    return finder.who.member is not None and held.privacy.of == "staff" and held.privacy.member not in ("", "id")


async def _elsewhere(uow: UnitOfWork, held: Held, personal: list[Column], words: list[str]) -> int:
    """Take the words out of texts that anybody may have written."""
    by_type = {
        kind: [c.name for c in personal if c.type == kind and c.kind != "identity"]
        for kind in ("text", "jsonb", "bytea")
    }
    if held.privacy.whole:
        searched = {name: kind for kind in ("text", "bytea") for name in by_type[kind]}
        if not searched:
            return 0  # it holds accounts or secrets alone
        return await uow.execute(rows.delete_words(held.name, searched, len(words)), uow.company_id, *words)
    changed = 0
    if by_type["text"]:
        sql = rows.replace_words(held.name, by_type["text"], len(words), json=False)
        changed += await uow.execute(sql, uow.company_id, *words)
    if by_type["jsonb"]:
        sql = rows.replace_words(held.name, by_type["jsonb"], len(words), json=True)
        changed += await uow.execute(sql, uow.company_id, *(msgspec.json.encode(w).decode()[1:-1] for w in words))
    return changed


async def _words(finder: Finder, register: Sequence[Held]) -> list[str]:
    """What the person is told by in texts: numbers, and names of theirs that nobody else bears; longest first."""
    who = finder.who
    theirs = tuple(await _names(finder, register))
    names = {*who.names, *await people.own(finder.uow, theirs, who.parties, who.member)}
    words = {*who.phones, *who.written, *names}
    return sorted({form for word in words for form in (word, word.lower())}, key=lambda word: (-len(word), word))


async def _names(finder: Finder, register: Sequence[Held]) -> list[str]:
    """What the person is called in their own rows."""
    found: list[str] = []
    for held in register:
        parents = await finder.parents(held)
        whose = rows.condition(held.privacy, parents)
        if not whose or (held.privacy.parent and not (held.privacy.party or held.privacy.phone)):
            continue  # who is named in a row that merely belongs with theirs may be somebody else
        for name in held.privacy.name.split()[:1]:  # the first is who the row is about
            sql = rows.select_texts(held.name, name, whose)
            found += await finder.uow.fetch(str, sql, *finder.given, *parents.values())
    return found


def years_after(day: date, years: int) -> date:
    """The same day so many years later, or earlier where they are fewer than none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year + years, day=28)
