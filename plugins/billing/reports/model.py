"""A report of the ledger as it is told."""

from __future__ import annotations

from datetime import date

import msgspec


class Moved(msgspec.Struct, frozen=True):
    """How what is owed moved over the reported days, in fen: what was open before them, what came to it and what went
    from it. What was undone counts against what it undid."""

    opening_fen: int = 0
    charged_fen: int = 0
    adjusted_fen: int = 0
    waived_fen: int = 0
    received_fen: int = 0

    @property
    def closing_fen(self) -> int:
        """What is open at the end of the last day."""
        return self.opening_fen + self.charged_fen + self.adjusted_fen - self.waived_fen - self.received_fen

    def __add__(self, other: Moved) -> Moved:
        return Moved(*(getattr(self, name) + getattr(other, name) for name in self.__struct_fields__))


class Row(msgspec.Struct, frozen=True):
    """A line of a report: the title of an item, a building or a month (`2026-11`), and what moved there."""

    name: str
    opening_fen: int
    charged_fen: int
    adjusted_fen: int
    waived_fen: int
    received_fen: int
    closing_fen: int

    @classmethod
    def of(cls, name: str, moved: Moved) -> Row:
        """The line of what moved."""
        return cls(name, **msgspec.structs.asdict(moved), closing_fen=moved.closing_fen)


class Taken(msgspec.Struct, frozen=True):
    """What somebody took and gave back by one means, in fen; `by_name` is empty for the system."""

    by_name: str
    means: str
    in_fen: int
    out_fen: int


class Report(msgspec.Struct, frozen=True):
    """The days from `since` to `until`, both included; lines by item, building and month, each adding up to `total`."""

    since: date
    until: date
    items: list[Row]
    buildings: list[Row]
    months: list[Row]
    total: Row
    taken: list[Taken]


class SiteRow(msgspec.Struct, frozen=True):
    """A site's line of the company's report."""

    site: str
    row: Row


class CompanyReport(msgspec.Struct, frozen=True):
    """The days from `since` to `until`, both included, at the sites whose reports the reader may see; a line each, in
    the company's order, adding up to `total`."""

    since: date
    until: date
    sites: list[SiteRow]
    total: Row
