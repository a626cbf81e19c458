"""The pages beside the readings, for whoever may open them."""

from __future__ import annotations

from typing import Final

from core.sdk import Work, msgid
from plugins.billing.permissions import LEDGER_VIEW, METER_VIEW, RUN_VIEW, TARIFF_VIEW

PLACES: Final = (
    ("readings", msgid("Meter readings"), METER_VIEW.id),
    ("shared-costs", msgid("Shared costs"), RUN_VIEW.id),
    ("singles", msgid("Single charges"), LEDGER_VIEW.id),
    ("discounts", msgid("Discounts"), TARIFF_VIEW.id),
)


def places(work: Work) -> list[tuple[str, str]]:
    """Their paths and labels."""
    return [(path, label) for path, label, permission in PLACES if permission in work.ctx.permissions]
