"""`core.answering`: what is usual where no answer can be given at once (TKT-4, TKT-8)."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.policies.spec import PolicySpec
from core.policies.values import TIME_WORDS, Duration


class Answering(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Times that are set where nobody says another."""

    callback_within: Annotated[
        Duration,
        msgspec.Meta(
            title="Callback promised within",
            description="Where the clerk gives no time.",
            extra={"labels": TIME_WORDS},
        ),
    ] = Duration(2, "hours", "working")
    question_within: Annotated[
        Duration,
        msgspec.Meta(
            title="Questions passed up are answered within",
            description="After this they show as overdue.",
            extra={"labels": TIME_WORDS},
        ),
    ] = Duration(4, "hours", "working")


ANSWERING = PolicySpec(
    name="core.answering",
    struct=Answering,
    default=Answering(),
    title="Callbacks and questions",
    help='Nobody says "I do not know": a callback is promised, or the question is passed up with a deadline.',
    permission="policy.manage",
)
