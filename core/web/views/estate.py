"""Units, who lives there, and rolls being imported."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from core.web.views.parts import Word


class UnitRow(msgspec.Struct, frozen=True):
    """A unit in the estate's list; `people` are pairs of name and full phone number, masked by the template."""

    id: str
    building: str
    label: str
    area: str
    people: tuple[tuple[str, str], ...]
    since: date | None = None
    open_tickets: int = 0


class UnitHit(msgspec.Struct, frozen=True):
    """A suggestion of the unit lookup; `contact` and `phone` fill the empty fields of the form it stands in."""

    id: str
    label: str
    hint: str = ""
    contact: str = ""
    phone: str = ""


class ImportIssue(msgspec.Struct, frozen=True):
    """Something wrong in an uploaded file. `row` as the spreadsheet counts, `column` as the file calls it; `params`
    fill `message`. An error leaves the row out, otherwise only the field is left out."""

    row: int
    column: str
    value: str
    message: str
    params: Mapping[str, object] = {}
    error: bool = False


class ImportPreview(msgspec.Struct, frozen=True):
    """What an import would do. `token` names the uploaded file until it is confirmed."""

    token: str
    file_name: str
    counts: tuple[tuple[str, int], ...]
    issues: tuple[ImportIssue, ...]
    importable: bool


class ImportRun(msgspec.Struct, frozen=True):
    id: str
    file_name: str
    at: datetime
    who: str
    counts: tuple[tuple[str, int], ...]
    state: Word
    can_undo: bool = False
