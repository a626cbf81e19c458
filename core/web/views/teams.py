"""Teams, their rosters and candidates for a ticket, as pages show them."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from core.web.views.parts import Choice


class DutyChip(msgspec.Struct, frozen=True):
    """Somebody on duty now, and until when."""

    name: str
    until: datetime


class TeamRow(msgspec.Struct, frozen=True):
    """A team in the list; `categories` empty: it takes any matter."""

    href: str
    name: str
    active: bool
    categories: tuple[str, ...]
    leads: tuple[str, ...]
    members: tuple[str, ...]
    on_duty: tuple[DutyChip, ...] = ()


class MemberRow(msgspec.Struct, frozen=True):
    """A colleague in a team's form; `role` is lead, member or ''."""

    id: str
    name: str
    role: str


class RosterDay(msgspec.Struct, frozen=True):
    """A column of a roster. In a pattern `day` is None; `error` is about the whole day."""

    label: str
    day: date | None = None
    note: str = ""
    dated: bool = False
    today: bool = False


class RosterCell(msgspec.Struct, frozen=True):
    """What somebody works on a day: as it is written, and in full."""

    name: str
    text: str
    times: str = ""
    wrong: bool = False


class RosterRow(msgspec.Struct, frozen=True):
    """Somebody's week. `former`: is not in the team any more."""

    name: str
    cells: tuple[RosterCell, ...]
    former: bool = False


class RosterWeek(msgspec.Struct, frozen=True):
    """A team's week or pattern, to be read or filled in. `codes` are pairs of a short name and its times."""

    team: str
    href: str
    version: int
    monday: date
    days: tuple[RosterDay, ...]
    rows: tuple[RosterRow, ...]
    codes: tuple[tuple[str, str], ...]
    previous: date
    following: date
    people: tuple[Choice, ...] = ()
    is_pattern: bool = False


class CandidateOption(msgspec.Struct, frozen=True):
    """A colleague a ticket can be given to; `duty`, `skill`, `fit` and numbers are why one is suggested."""

    id: str
    name: str
    duty: str = ""
    until: datetime | None = None
    fit: str = ""
    tickets: int = 0
    paused: int = 0
    skill: str = ""


class People(msgspec.Struct, frozen=True):
    """Whom a ticket can be given to: the best with their reasons, best first, and everybody else."""

    suggested: tuple[CandidateOption, ...]
    others: tuple[CandidateOption, ...]

    @property
    def best(self) -> str:
        """The id of who comes first, "" for nobody."""
        return self.suggested[0].id if self.suggested else ""
