"""Value types that policies of every module share, and the error their `__post_init__` raises."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from core.errors import FieldError
from core.sla.model import ClockKind, Unit

WallTime = Annotated[str, msgspec.Meta(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)\Z")]
"""Local time `HH:MM`; `24:00` is the end of the day."""

Shifts = Annotated[tuple[tuple[WallTime, WallTime], ...], msgspec.Meta(max_length=12)]
"""Half-open `[start, end)` spans of one day; empty: closed."""

Key = Annotated[
    str,
    msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,39}\Z", extra={"mend": "Use small letters, digits and underscores."}),
]
"""A stable identifier that sites choose themselves, such as a category's."""


TIME_WORDS = {
    "minutes": "Minutes",
    "hours": "Hours",
    "working_days": "Working days",
    "days": "Days",
    "working": "Working time",
    "elapsed": "Around the clock",
}
"""Labels of the words of a duration."""


class Duration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An amount of time and what counts as time. Overridden as a whole: an amount means nothing without its unit."""

    amount: Annotated[int, msgspec.Meta(ge=1, le=100_000)]
    unit: Unit
    clock: ClockKind = "elapsed"


class Unfit(ValueError):
    """Raised in `__post_init__` by a policy struct whose fields do not fit together.

    Each problem names its field relative to the struct (dotted, `week.mon`) with a message id that says the mend.
    """

    def __init__(self, *problems: FieldError) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{problem.field}: {problem.message}" for problem in problems))

    @classmethod
    def field(cls, name: str, message: str, **params: Any) -> Unfit:
        """One problem."""
        return cls(FieldError(name, message, params))
