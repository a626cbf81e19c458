"""What the pages of the disclosure have in common. Labels are message ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.sdk import Work, msgid
from plugins.billing.disclosure import paper
from plugins.billing.disclosure.model import HEADINGS, KINDS, Line, Sums, period
from plugins.billing.permissions import REPORT_VIEW

_TABS: Final = (
    ("disclosures", msgid("Income and expenses")),
    ("disclosures/expenses", msgid("Expenses")),
    ("disclosures/headings", msgid("Headings")),
)
WORDS: Final[Mapping[str, Any]] = {"heading_words": HEADINGS, "kind_words": KINDS, "period": period}


def tabs(work: Work) -> list[tuple[str, str]]:
    """The pages beside each other: their paths and labels."""
    return list(_TABS) if REPORT_VIEW.id in work.ctx.permissions else []


def told(sums: Sums, lines: Sequence[Line]) -> dict[str, Any]:
    """What the tables of a disclosure are made from."""
    return {
        "groups": paper.groups(lines),
        "spent": [(paper.category(line), line.spent_fen) for line in paper.spent(lines)],
        "balance": [(label, getattr(sums, name)) for name, label in paper.SUMS],
        "sums": sums,
        **WORDS,
    }
