"""Arrears as templates show them. Labels are message ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from core.sdk import View, Work, amount_for, msgid, views
from plugins.billing.arrears.dunning.ladder import Step
from plugins.billing.arrears.dunning.model import Outcome, PromiseState
from plugins.billing.telling import yuan

STEP_WORDS: Final[dict[Step, str]] = {
    "message": msgid("Message"),
    "letter": msgid("Letter"),
    "visit": msgid("Visit"),
    "notice": msgid("Formal notice"),
    "legal": msgid("Handed over to the lawyer"),
}
STEP_ICONS: Final[dict[Step, str]] = {
    "message": "message-2",
    "letter": "mail",
    "visit": "walk",
    "notice": "file-description",
    "legal": "writing-sign",
}
OUTCOME_WORDS: Final[dict[Outcome, str]] = {
    "met": msgid("Met somebody"),
    "absent": msgid("Nobody was there"),
    "promised": msgid("They promised to pay"),
    "refused": msgid("They refused to pay"),
}
PROMISE_WORDS: Final[dict[PromiseState, views.Word]] = {
    "open": views.Word("open", msgid("Promised to pay"), "info"),
    "kept": views.Word("kept", msgid("Promise kept"), "ok"),
    "broken": views.Word("broken", msgid("Promise broken"), "breach"),
}
# what pages of dunning and of a household are given besides
WORDS: Final[dict[str, Any]] = {
    "step_words": STEP_WORDS,
    "step_icons": STEP_ICONS,
    "outcome_words": OUTCOME_WORDS,
    "promise_words": PROMISE_WORDS,
}
SORT_WORDS: Final = {
    "amount": msgid("Largest amount first"),
    "oldest": msgid("Longest overdue first"),
    "unit": msgid("By unit"),
}


def money(work: Work) -> Any:
    """Fen as text, for whoever sees amounts."""
    held = work.ctx.permissions

    def amount(fen: int) -> str:
        return amount_for(held, yuan(fen))

    return amount


def age_words(view: View, days: Sequence[int]) -> list[str]:
    """What the ages are called: not due yet, and the days that each of the others lasts."""
    first = (1, *(last + 1 for last in days))
    spans = [view.say(msgid("{first}–{last} days"), first=a, last=b) for a, b in zip(first, days, strict=False)]
    return [view.say(msgid("Not due yet")), *spans, view.say(msgid("over {n} days"), n=days[-1])]


def percent(permille: int | None) -> str:
    """`94.9 %`; a dash where nothing was charged."""
    return "—" if permille is None else f"{permille // 10}.{permille % 10} %"
