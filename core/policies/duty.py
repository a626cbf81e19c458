"""`core.duty_shifts`: the short names by which a site's duty rosters are written and read."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.errors import FieldError
from core.policies.spec import PolicySpec
from core.policies.values import Unfit

_Time = Annotated[
    str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d\Z", extra={"mend": "Give a time between 00:00 and 23:59."})
]


class ShiftKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shift that people know by name. One that does not end after it starts ends on the next day."""

    code: Annotated[
        str,
        msgspec.Meta(
            title="Short name",
            description="What stands in a cell of the roster.",
            min_length=1,
            max_length=4,
            pattern=r"^[^\d\s:,;，；、-]+\Z",
            extra={"mend": "Use one to four letters, without digits or spaces."},
        ),
    ]
    starts: Annotated[_Time, msgspec.Meta(title="Starts", description="Local time, such as 08:00.")]
    ends: Annotated[_Time, msgspec.Meta(title="Ends", description="Not after the start: on the next day.")]


class DutyShifts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The named shifts of a site."""

    shifts: Annotated[
        tuple[ShiftKind, ...],
        msgspec.Meta(
            title="Shifts",
            description="What is written into a cell of the roster instead of times. A change replaces the whole list "
            "and leaves written rosters as they are.",
            max_length=12,
        ),
    ]

    def __post_init__(self) -> None:
        codes = [shift.code for shift in self.shifts]
        problems = [
            FieldError(f"shifts.{index}.code", "Use each short name once: {code} is there already.", {"code": code})
            for index, code in enumerate(codes)
            if code in codes[:index]
        ]
        if problems:
            raise Unfit(*problems)


DUTY_SHIFTS = PolicySpec(
    name="core.duty_shifts",
    struct=DutyShifts,
    default=DutyShifts(
        (
            ShiftKind("早", "08:00", "16:00"),
            ShiftKind("中", "16:00", "00:00"),
            ShiftKind("夜", "00:00", "08:00"),
            ShiftKind("白", "08:00", "20:00"),
            ShiftKind("晚", "20:00", "08:00"),
        )
    ),
    title="Duty shifts",
    help="Short names for the shifts of duty rosters.",
    permission="policy.manage",
)
