"""Parts that many pages show: coded values, choices, form fields, filters, pagers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

Tone = Literal["", "ok", "info", "warn", "risk", "breach", "paused", "care"]


class Word(msgspec.Struct, frozen=True):
    """A coded value as shown: its code, its label and its tone."""

    code: str
    label: str
    tone: Tone = ""


class Notice(msgspec.Struct, frozen=True):
    """A line that says how something stands; `params` fill the names in `message`."""

    tone: Tone
    message: str
    params: Mapping[str, object] = {}


class Choice(msgspec.Struct, frozen=True):
    """One of several values to choose from."""

    value: str
    label: str
    icon: str = ""
    tone: Tone = ""
    count: int | None = None


FieldKind = Literal[
    "text", "tel", "number", "select", "textarea", "checkbox", "date", "month", "datetime-local", "time", "file",
    "password",
]  # fmt: skip


class Field(msgspec.Struct, frozen=True):
    """A form field. `value` is its text (`true` for a ticked checkbox); `error` is a message id, `params` fill it.

    `minimum` and `maximum` bound a number, `maximum` also the length of a text.
    """

    name: str
    label: str
    kind: FieldKind = "text"
    value: str = ""
    help: str = ""
    required: bool = False
    choices: tuple[Choice, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    unit: str = ""
    accept: str = ""
    autocomplete: str = "off"
    error: str = ""
    params: Mapping[str, object] = {}


class Filters(msgspec.Struct, frozen=True):
    """What a list is filtered and sorted by; each select lists its choices, `''` being all."""

    text: str = ""
    sort: str = ""
    selects: tuple[Field, ...] = ()


class Pager(msgspec.Struct, frozen=True):
    """Cursor paging. `total` is capped text such as `1,000+`, '' where nobody counts; no link: nothing more there."""

    shown: int
    total: str
    next_href: str | None = None
    first_href: str | None = None
