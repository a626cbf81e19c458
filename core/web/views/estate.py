"""Units, who lives there, and rolls being imported. Telephone and ID numbers in here are masked already."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from core.web.views.parts import Field, Tone, Word


class UnitRow(msgspec.Struct, frozen=True):
    """A unit in the estate's list; `people` are pairs of name and phone."""

    id: str
    href: str
    building: str
    label: str
    area: str
    people: tuple[tuple[str, str], ...]
    since: date | None = None
    open_tickets: int = 0


class UnitHit(msgspec.Struct, frozen=True):
    """A suggestion of the unit lookup; `contact` fills the empty field of that name in the form around."""

    id: str
    label: str
    hint: str = ""
    contact: str = ""


class Resident(msgspec.Struct, frozen=True):
    """Somebody of a household. `reveal` asks what the full phone numbers are needed for; `revealed` are they, once
    asked. `reveal_id` asks the same for the ID number, which is full itself, once asked."""

    id: str
    name: str
    role: Word
    id_number: str
    phones: tuple[str, ...]
    reveal: Field | None = None
    revealed: tuple[str, ...] | None = None
    reveal_id: Field | None = None


class HouseholdTicket(msgspec.Struct, frozen=True):
    number: str
    href: str
    title: str
    state: Word


class Household(msgspec.Struct, frozen=True):
    """A unit with its people of today and what is open for it; `facts` are pairs of label and text."""

    id: str
    label: str
    facts: tuple[tuple[str, str], ...]
    residents: tuple[Resident, ...]
    tickets: tuple[HouseholdTicket, ...]


class ImportIssue(msgspec.Struct, frozen=True):
    """Something wrong in an uploaded file. `row` as the spreadsheet counts, `column` as the file calls it; `params`
    fill `message`. An error leaves the row out, otherwise only the field is left out."""

    row: int
    column: str
    value: str
    message: str
    params: Mapping[str, object] = {}
    error: bool = False


class Count(msgspec.Struct, frozen=True):
    """How many of something an import has to do with."""

    label: str
    number: int
    tone: Tone = ""


class ImportPreview(msgspec.Struct, frozen=True):
    """What an import would do. `token` names the uploaded file until it is confirmed; `unlisted` counts the issues that
    are not in `issues`; `other_sheets` look like rolls too, but were not read. `asks`: a
    colleague has to agree first; `asked`: that colleague looks at it."""

    token: str
    file_name: str
    sheet: str
    other_sheets: tuple[str, ...]
    counts: tuple[Count, ...]
    issues: tuple[ImportIssue, ...]
    unlisted: int
    importable: bool
    asks: bool = False
    asked: bool = False


class ImportRun(msgspec.Struct, frozen=True):
    id: str
    file_name: str
    at: datetime
    who: str
    counts: tuple[Count, ...]
    state: Word
    can_undo: bool = False
