"""Statements about a person's rows in any table, put together from what the table declares (core.db.personal).

Every statement takes the company as $1 and $2 parties (uuid[]), $3 telephone numbers in digits (text[]),
$4 member (uuid), $5 names that only this person bears (text[]). Identifiers come from declarations alone.
"""

# ruff: noqa: S608 - values are parameters, identifiers are checked
from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from core.db.personal import Hold, Privacy

GIVEN = 5  # parameters that every statement takes
GONE = "***"  # what stands where somebody's words stood
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_WHO = """(
    SELECT $2::uuid[] AS who_parties, $3::text[] AS who_phones, $4::uuid AS who_member, $5::text[] AS who_names
) g"""


def condition(privacy: Privacy, parents: Iterable[str] = (), staff: Mapping[str, str] | None = None) -> str:
    """That a row `t` is about the person, '' where no row of the table can be. The ids of `parents`, columns that lead
    to rows known to be theirs, are the parameters from $6 on. `staff`: or names them as a colleague."""
    by: list[str] = []
    if privacy.party:
        by.append(f"t.{_id(privacy.party)} = ANY (g.who_parties)")
    if privacy.phone:
        # a number that a household shares says nothing of a row that names somebody of it
        mine = (
            f"(t.{_id(privacy.party)} IS NULL OR t.{privacy.party} = ANY (g.who_parties))" if privacy.party else "true"
        )
        by.append(f"{mine} AND regexp_replace(t.{_id(privacy.phone)}, '[^0-9]', '', 'g') = ANY (g.who_phones)")
    if privacy.member:
        by.append(f"t.{_id(privacy.member)} = g.who_member")
    by += [f"t.{_id(column)} = ANY (${place}::uuid[])" for place, column in enumerate(parents, GIVEN + 1)]
    by += [_named(name, id) for name, id in (staff or {}).items()]
    return " OR ".join(by)


def select_rows(table: str, whose: str) -> str:
    """Each of the rows as a JSON text."""
    return f"SELECT to_jsonb(t)::text FROM {_id(table)} t, {_WHO} WHERE t.company_id = $1 AND ({whose})"


def select_keys(table: str, key: str, whose: str) -> str:
    """The ids of the rows in that column."""
    return f"SELECT t.{_id(key)} FROM {_id(table)} t, {_WHO} WHERE t.company_id = $1 AND ({whose})"


def select_texts(table: str, column: str, whose: str) -> str:
    """What the column holds in the rows, each text once."""
    return (
        f"SELECT DISTINCT t.{_id(column)} FROM {_id(table)} t, {_WHO} "
        f"WHERE t.company_id = $1 AND ({whose}) AND t.{column} <> ''"
    )


def select_held(table: str, whose: str, where: str, since: str) -> str:
    """How many of the rows have to be kept, and since when the latest of them is on record (`since` or nothing)."""
    latest = f"max({_id(since)})::date" if since else "NULL::date"
    return (
        f"SELECT count(*), {latest} FROM (SELECT t.* FROM {_id(table)} t, {_WHO} "
        f"WHERE t.company_id = $1 AND ({whose})) kept WHERE {where}"
    )


def blank(table: str, columns: Mapping[str, str], whose: str) -> str:
    """Empty columns of the rows: `columns` says how (`gone`: another text, `empty`, `null`)."""
    ways = {
        "gone": "CASE WHEN t.{c} = '' THEN '' WHEN t.{c} IS NOT NULL THEN '" + GONE + "' END",
        "empty": "''",
        "null": "NULL",
    }
    sets = ", ".join(f"{_id(column)} = {ways[way].format(c=column)}" for column, way in columns.items())
    return f"UPDATE {_id(table)} t SET {sets} FROM {_WHO} WHERE t.company_id = $1 AND ({whose})"


def rename(table: str, staff: Mapping[str, str], kept: str = "") -> str:
    """Put $6 in the place of the colleague's name in the columns `staff`, but in rows that `kept` is true of."""
    named = {_id(name): _named(name, id) for name, id in staff.items()}
    sets = ", ".join(f"{name} = CASE WHEN {mine} THEN $6 ELSE t.{name} END" for name, mine in named.items())
    whose = " OR ".join(named.values())
    but = f" AND ({kept}) IS NOT TRUE" if kept else ""
    return f"UPDATE {_id(table)} t SET {sets} FROM {_WHO} WHERE t.company_id = $1 AND ({whose}){but}"


def delete(table: str, whose: str) -> str:
    """Delete the rows."""
    return f"DELETE FROM {_id(table)} t USING {_WHO} WHERE t.company_id = $1 AND ({whose})"


def replace_words(table: str, columns: Iterable[str], words: int, *, json: bool) -> str:
    """Put GONE in the place of each of `words` words ($2 on) wherever it stands in the columns, which are text, or all
    `json`: then the words come in JSON's form."""
    sets, found = [], []
    for column in columns:
        new = text = f"t.{_id(column)}::text"
        for place in range(2, 2 + words):
            new = f"replace({new}, ${place}::text, '{GONE}')"
            found.append(f"position(${place}::text IN {text}) > 0")
        sets.append(f"{column} = {new}" + ("::jsonb" if json else ""))
    return f"UPDATE {_id(table)} t SET {', '.join(sets)} WHERE t.company_id = $1 AND ({' OR '.join(found)})"


def delete_words(table: str, columns: Mapping[str, str], words: int) -> str:
    """Delete the rows with one of the words ($2 on) in one of the columns, each with its type: text or bytea."""
    found = [
        f"position(convert_to(${place}::text, 'UTF8') IN t.{_id(column)}) > 0"
        if kind == "bytea"
        else f"position(${place}::text IN t.{_id(column)}) > 0"
        for column, kind in columns.items()
        for place in range(2, 2 + words)
    ]
    return f"DELETE FROM {_id(table)} t WHERE t.company_id = $1 AND ({' OR '.join(found)})"


def count_kept(kinds: Mapping[str, str]) -> str:
    """How much of each kind goes at which site: `kinds` are counts by name, of the company $1, that see a row `keep` of
    kinds $2, sites $3 and instants $4. The kind, the site, the count."""
    cases = " ".join(f"WHEN '{_kind(kind)}' THEN ({count})" for kind, count in kinds.items())
    return (
        f"SELECT keep.kind, keep.site_id, CASE keep.kind {cases} END "
        "FROM unnest($2::text[], $3::uuid[], $4::timestamptz[]) AS keep (kind, site_id, before) "
        "WHERE $1::uuid IS NOT NULL"
    )


def under_accounts(tables: Iterable[tuple[str, Hold]]) -> str:
    """That a ticket `t` of the company $1 is under accounts: a row of one of the tables that names it is held."""
    found = (
        f"EXISTS (SELECT FROM {_id(name)} x WHERE x.company_id = $1 AND x.ticket_id = t.id AND ({hold.where}))"
        for name, hold in tables
    )
    return f"({' OR '.join(found) or 'false'})"


def select_sealed(table: str, column: str, bound: str) -> str:
    """Up to $4 of the company's ($1) rows from the id $3 on whose column was sealed with another key than $2: the id
    that it is sealed for, and what is sealed. They are locked."""
    return (
        f"SELECT {_id(bound)}, {_id(column)} FROM {_id(table)} WHERE company_id = $1 "
        f"AND {column} IS NOT NULL AND substring({column} FROM 1 FOR length($2::bytea)) <> $2::bytea "
        f"AND {bound} > $3 ORDER BY {bound} LIMIT $4 FOR UPDATE"
    )


def update_sealed(table: str, column: str, bound: str) -> str:
    """Put what is sealed anew ($4) in the place of what was ($3), by the ids that it is sealed for ($2)."""
    return (
        f"UPDATE {_id(table)} t SET {_id(column)} = n.anew FROM unnest($2::uuid[], $3::bytea[], $4::bytea[]) "
        f"AS n (id, before, anew) WHERE t.company_id = $1 AND t.{_id(bound)} = n.id AND t.{column} = n.before"
    )


def _named(name: str, id: str) -> str:
    """That a column names the colleague, told by the id beside it, or by a name that nobody else bears."""
    if id:
        return f"t.{_id(id)} = g.who_member"
    return f"(g.who_member IS NOT NULL AND t.{_id(name)} = ANY (g.who_names))"


def _kind(name: str) -> str:
    """The name of a kind as declared. Raises ValueError for anything else."""
    for part in name.split("."):
        _id(part)
    return name


def _id(name: str) -> str:
    """An identifier as declared. Raises ValueError for anything else."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a table or column")
    return name
