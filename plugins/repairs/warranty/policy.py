"""How long each item is under warranty (REP-1)."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.sdk import PolicySpec
from plugins.repairs.permissions import MANAGE

_MONTHS = {"unit": "months"}
Months = Annotated[int, msgspec.Meta(ge=0, le=1200, extra=_MONTHS)]


class WarrantyRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Months from the unit's handover in which the builder mends an item; 0: none."""

    pipes: Annotated[Months, msgspec.Meta(title="Water and drains")] = 24
    wiring: Annotated[Months, msgspec.Meta(title="Wiring")] = 24
    waterproofing: Annotated[
        Months, msgspec.Meta(title="Waterproofing", description="Roofs, bathrooms, outer walls.")
    ] = 60
    doors_windows: Annotated[Months, msgspec.Meta(title="Doors and windows")] = 24
    walls: Annotated[Months, msgspec.Meta(title="Walls and floors")] = 24
    heating_cooling: Annotated[
        Months, msgspec.Meta(title="Heating and cooling", description="Two heating and cooling periods take two years.")
    ] = 24
    structure: Annotated[
        Months, msgspec.Meta(title="Structure", description="As long as the building is designed to stand.")
    ] = 600
    lift: Annotated[Months, msgspec.Meta(title="Lift")] = 24
    access: Annotated[Months, msgspec.Meta(title="Entry system")] = 24
    lighting: Annotated[Months, msgspec.Meta(title="Lighting")] = 24
    fixtures: Annotated[Months, msgspec.Meta(title="Fittings and appliances")] = 24
    other: Annotated[Months, msgspec.Meta(title="Other")] = 0
    own_days: Annotated[
        int,
        msgspec.Meta(
            title="Our own work",
            description="So long we mend what we have repaired for nothing; a price list's longer warranty goes first.",
            ge=0,
            le=3650,
            extra={"unit": "days"},
        ),
    ] = 90


WARRANTY = PolicySpec(
    name="repairs.warranty",
    struct=WarrantyRules,
    default=WarrantyRules(),
    title="Warranty",
    help="How long after its handover a unit's items are the builder's to mend, and how long our own work is ours.",
    permission=MANAGE.id,
    plugin="repairs",
)
