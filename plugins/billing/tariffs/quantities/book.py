"""The quantities of a site as a workbook: what each unit has today, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable

from core.sdk import ReportTable, View, msgid
from plugins.billing.tariffs.model import MEASURED
from plugins.billing.tariffs.quantities.model import Missing, UnitRow


def tables(view: View, units: Iterable[UnitRow], missing: Iterable[Missing]) -> list[ReportTable]:
    """Two sheets in the reader's language; areas are m²."""
    held = ReportTable(
        view.say(msgid("Areas and spaces")),
        [view.say(word) for word in (msgid("Building"), msgid("Unit of the roll"), *MEASURED.values())],
        [
            (
                unit.building,
                unit.label,
                *(float(unit.quantities[basis]) if basis in unit.quantities else None for basis in MEASURED),
            )
            for unit in units
        ],
    )
    lacking = ReportTable(
        view.say(msgid("What is missing")),
        [view.say(word) for word in (msgid("Unit of the roll"), msgid("Missing"), msgid("Needed for"))],
        [(each.label, view.say(MEASURED[each.basis]), view.listed(each.items)) for each in missing],
    )
    return [held, lacking]
