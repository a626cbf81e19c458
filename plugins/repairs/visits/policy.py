"""Which trades repair what, and when technicians come (REP-2)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from core.sdk import FieldError, Key, PolicySpec, Unfit
from plugins.repairs.permissions import MANAGE

Repaired = Literal[
    "pipes",
    "wiring",
    "waterproofing",
    "doors_windows",
    "walls",
    "heating_cooling",
    "structure",
    "lift",
    "access",
    "lighting",
    "fixtures",
    "other",
]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=30)]


class Trade(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A trade and what it repairs."""

    key: Annotated[
        Key, msgspec.Meta(title="Key", description="Technicians keep it: do not reuse one for another trade.")
    ]
    title_zh: Annotated[Name, msgspec.Meta(title="Name (Chinese)")]
    title_en: Annotated[Name, msgspec.Meta(title="Name (English)")]
    items: Annotated[tuple[Repaired, ...], msgspec.Meta(title="Repairs", description="One kind of item a line.")] = ()
    capacity: Annotated[
        int,
        msgspec.Meta(
            title="Visits at a time",
            description="At most so many at once; 0: as many as there are technicians.",
            ge=0,
            le=99,
        ),
    ] = 0

    def title(self, locale: str) -> str:
        """What the reader calls it."""
        return self.title_zh if locale.startswith("zh") else self.title_en


class VisitRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Trades, and how visits are offered."""

    trades: Annotated[
        tuple[Trade, ...],
        msgspec.Meta(title="Trades", description="A change replaces the whole list.", min_length=1, max_length=20),
    ] = (
        Trade("plumber", "水工", "Plumber", ("pipes", "fixtures")),
        Trade("electrician", "电工", "Electrician", ("wiring", "lighting")),
        Trade("mason", "泥瓦防水", "Mason", ("waterproofing", "walls", "structure")),
        Trade("carpenter", "木工门窗", "Carpenter", ("doors_windows",)),
        Trade("hvac", "暖通", "Heating and cooling", ("heating_cooling",)),
        Trade("lift", "电梯", "Lifts", ("lift",)),
        Trade("low_voltage", "弱电", "Low voltage", ("access",)),
    )
    slot_minutes: Annotated[
        int,
        msgspec.Meta(
            title="Length of a visit",
            description="The site's working time is offered in pieces of this length.",
            ge=15,
            le=480,
            extra={"unit": "min"},
        ),
    ] = 120
    notice_minutes: Annotated[
        int,
        msgspec.Meta(
            title="At the earliest in", description="No visit is offered sooner.", ge=0, le=2880, extra={"unit": "min"}
        ),
    ] = 30
    days_ahead: Annotated[int, msgspec.Meta(title="Offered ahead", ge=1, le=60, extra={"unit": "days"})] = 7
    grace_minutes: Annotated[
        int,
        msgspec.Meta(
            title="Arrival as agreed",
            description="Whoever arrives so much later than the visit begins is late.",
            ge=0,
            le=240,
            extra={"unit": "min"},
        ),
    ] = 15

    def __post_init__(self) -> None:
        keys = [trade.key for trade in self.trades]
        wrong = [
            FieldError(f"trades.{place}.key", "Use each key once: {key} is there already.", {"key": key})
            for place, key in enumerate(keys)
            if key in keys[:place]
        ]
        if wrong:
            raise Unfit(*wrong)

    def trade_for(self, item: str) -> Trade | None:
        """The first trade that repairs the item; None where the site has none."""
        return next((trade for trade in self.trades if item in trade.items), None)


VISITS = PolicySpec(
    name="repairs.visits",
    struct=VisitRules,
    default=VisitRules(),
    title="Trades and visits",
    help="Which trade repairs what, and which times are offered to residents.",
    permission=MANAGE.id,
    plugin="repairs",
)
