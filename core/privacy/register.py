"""The register of what is held about people: every column of every table, as the tables declare it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import msgspec
from piccolo.columns import Array
from piccolo.table import Table

from core.db.personal import KINDS, Kind, Privacy, Subject, of_table

STAFF_PURPOSE: Final = "answering for what was done"


class Column(msgspec.Struct, frozen=True):
    """A column and what it holds; `kind` none holds nothing personal, and is nobody's.

    `said` is False where the kind follows from the column's type alone, or from the words that its CHECK lists.
    """

    table: str
    name: str
    type: str
    kind: Kind | Literal["none"]
    subject: Subject | None
    purpose: str
    said: bool


class Held(msgspec.Struct, frozen=True):
    """A table, what it declares and its columns."""

    name: str
    privacy: Privacy
    columns: tuple[Column, ...]

    def of(self, *kinds: Kind) -> list[Column]:
        """Its columns of these kinds that are about whom the row is about: names of colleagues are not."""
        return [c for c in self.columns if c.kind in kinds and c.name not in self.privacy.staff.split()]

    @property
    def staff(self) -> dict[str, str]:
        """Columns with colleagues' names, and the column with the id of each; '' where there is none."""
        known = {column.name for column in self.columns}
        return {name: _id_beside(name, known) for name in self.privacy.staff.split()}


def read(table: type[Table]) -> Held:
    """What the table declares. Raises ValueError where it names a column that it does not have, or one twice."""
    privacy = of_table(table)
    name = table._meta.tablename
    types = {column._meta.db_column_name: _type_of(column) for column in table._meta.columns}
    said: dict[str, Kind | Literal["none"]] = {}
    words: list[tuple[str, Kind | Literal["none"]]] = [(privacy.plain, "none"), (privacy.staff, "name")]
    for listed, kind in [*words, *((getattr(privacy, kind), kind) for kind in KINDS)]:
        for column in listed.split():
            if column in said or column not in types:
                raise ValueError(f"{name}.{column} is declared twice" if column in said else f"no {name}.{column}")
            said[column] = kind
    led = (privacy.party, privacy.phone, privacy.member, *privacy.parent, *privacy.sealed, *privacy.sealed.values())
    if unknown := set(filter(None, led)) - set(types):
        raise ValueError(f"{name} has no {', '.join(sorted(unknown))}")
    return Held(
        name,
        privacy,
        tuple(
            Column(
                name,
                column,
                kind_of,
                kind := said.get(column, "none"),
                _subject(privacy, column, kind),
                "" if kind == "none" else STAFF_PURPOSE if column in privacy.staff.split() else privacy.purpose,
                column in said,
            )
            for column, kind_of in types.items()
        ),
    )


def register(tables: Iterable[type[Table]]) -> tuple[Held, ...]:
    """What all these tables hold, by name."""
    return tuple(sorted(map(read, tables), key=lambda held: held.name))


def _subject(privacy: Privacy, column: str, kind: Kind | Literal["none"]) -> Subject | None:
    """A secret of a table that is about nobody is nobody's."""
    if kind == "none" or (kind == "secret" and not privacy.purpose):
        return None
    return "staff" if column in privacy.staff.split() else privacy.of


def _type_of(column: object) -> str:
    """Its type, in few words; Piccolo tells it only of a table that is bound to a database."""
    if isinstance(column, Array):
        return f"{_type_of(column.base_column)}[]"
    return type(column).__name__.lower()


def _id_beside(name: str, known: set[str]) -> str:
    """`by_id` for `by_name`, `done_by` for `done_by_name`, `uploaded_by_id` for `uploaded_by`."""
    stem = name.removesuffix("_name")
    return next((c for c in (f"{stem}_id", stem, f"{stem}_by") if c in known and c != name), "")
