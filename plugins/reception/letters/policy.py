"""What a site sets for its letters: by when they are answered (REC-10), and where its complaint boxes hang."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.sdk import TIME_WORDS, Duration, PolicySpec
from plugins.reception.permissions import MANAGE

Box = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class LetterRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How letters are dealt with."""

    answer_within: Annotated[
        Duration,
        msgspec.Meta(
            title="Letters are answered within",
            description="From the registration on; a letter that names a day of its own is answered by that day.",
            extra={"labels": TIME_WORDS},
        ),
    ] = Duration(5, "working_days", "working")
    boxes: Annotated[
        tuple[Box, ...],
        msgspec.Meta(title="Complaint boxes", description="Where they hang.", min_length=1, max_length=30),
    ] = ("服务中心意见箱",)
    empty_days: Annotated[
        int,
        msgspec.Meta(
            title="Boxes are emptied every",
            description="A box that was not emptied for longer shows as overdue.",
            ge=1,
            le=60,
            extra={"unit": "days"},
        ),
    ] = 7


LETTERS = PolicySpec(
    name="reception.letters",
    struct=LetterRules,
    default=LetterRules(),
    title="Letters and complaint boxes",
    help="By when letters are answered, where complaint boxes hang and how often they are emptied.",
    permission=MANAGE.id,
    plugin="reception",
)
