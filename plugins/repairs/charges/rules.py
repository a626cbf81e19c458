"""What materials and labour come to, and what is still missing before the work is done (REP-3): pure."""

from __future__ import annotations

from collections.abc import Sequence

from plugins.repairs.orders.state import Consent, State
from plugins.repairs.policies import WorkRules
from plugins.repairs.warranty.model import Warranty

FREE: frozenset[Warranty] = frozenset({"builder", "own"})


def amount_of(price_fen: int, quantity: int) -> int:
    """Fen for so many thousandths of a unit at that price: multiplied first, divided once, half a fen rounded up."""
    whole, rest = divmod(abs(quantity) * price_fen, 1000)
    amount = whole + (rest >= 500)
    return amount if quantity >= 0 else -amount


def due_of(found: State, warranty: Warranty) -> int:
    """What the resident pays, in fen: nothing under a warranty."""
    return 0 if warranty in FREE else found.total_fen


def agreed(consents: Sequence[Consent], due_fen: int) -> Consent | None:
    """The latest agreement to exactly what is due, or its waiver; what changed afterwards is not agreed to."""
    fitting = (c for c in reversed(consents) if c.kind in ("charge", "waiver") and c.amount_fen == due_fen)
    return next(fitting, None)


def estimated(consents: Sequence[Consent]) -> int:
    """The highest amount that the resident has agreed to before the work, in fen."""
    return max((c.amount_fen for c in consents if c.kind == "estimate"), default=0)


def before_work(found: State, warranty: Warranty, rules: WorkRules) -> str | None:
    """What keeps the work from being started (a message id)."""
    due = due_of(found, warranty)
    if due > rules.estimate_above_yuan * 100 and estimated(found.consents) < due:
        return "The resident agrees to the estimate first: record it below."
    return None


def before_done(item: str, found: State, warranty: Warranty, rules: WorkRules) -> str | None:
    """What keeps the order from being done (a message id)."""
    moments = [photo.moment for photo in found.photos]
    if rules.item_needed and not item:
        return "Say first what was out of order: change it among the facts."
    if moments.count("before") < rules.photos_before:
        return "Photos from before the work are missing: add them to the files and mark them."
    if moments.count("after") < rules.photos_after:
        return "Photos from after the work are missing: add them to the files and mark them."
    due = due_of(found, warranty)
    if due and agreed(found.consents, due) is None:
        return "The charge is not confirmed yet: have the resident agree to it, or have it waived."
    return None
