"""What sites may set about analysis: when a matter counts as repeated, what goes on the agenda, what to aim at."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.policies.spec import PolicySpec

Count = Annotated[int, msgspec.Meta(ge=2, le=20)]  # a ticket is told of 20 like it at most
Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]
LONGEST_WINDOW = 366  # days


class RepeatRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From how many matters of one category at one place within how many days on one is repeated (TKT-7)."""

    window_days: Annotated[
        int,
        msgspec.Meta(
            title="Window (days)",
            description="Matters of one category at one place within so many days are counted together.",
            ge=1,
            le=LONGEST_WINDOW,
        ),
    ]
    complaint: Annotated[
        Count, msgspec.Meta(title="Complaints from", description="So many within the window are a repeated matter.")
    ]
    repair: Annotated[
        Count, msgspec.Meta(title="Repairs from", description="So many within the window are a repeated matter.")
    ]
    other: Annotated[
        Count, msgspec.Meta(title="Other matters from", description="Enquiries, suggestions, requests, modules' own.")
    ]

    def threshold(self, ticket_type: str) -> int:
        """How many of that type make a repeated matter."""
        return {"complaint": self.complaint, "repair": self.repair}.get(ticket_type, self.other)


class AgendaRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is put on the agenda of the next meeting by itself (TKT-6)."""

    overdue_hours: Annotated[
        int,
        msgspec.Meta(
            title="Overdue for (hours)",
            description="Open tickets whose deadline has passed by so many hours; 0: at once.",
            ge=0,
            le=2000,
        ),
    ]
    critical: Annotated[
        bool, msgspec.Meta(title="Critical matters", description="Every critical ticket that is still open.")
    ]
    escalated_to: Annotated[
        int,
        msgspec.Meta(
            title="Gone up to level",
            description="Matters that went up so far: 2 supervisor, 3 manager, 4 quality department; 9: none.",
            ge=1,
            le=9,
        ),
    ]
    repeats: Annotated[
        bool, msgspec.Meta(title="Repeated matters", description="Those that have no countermeasure yet.")
    ]


class KpiTargets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the figures of a month are held against."""

    compliance: Annotated[
        Percent, msgspec.Meta(title="Goals met (%)", description="Share of all decided goals that were met.")
    ]
    complaint_hours: Annotated[
        int,
        msgspec.Meta(
            title="Complaints answered within (hours)", description="Of the day, holidays too.", ge=1, le=1000
        ),
    ]
    complaint_percent: Annotated[
        Percent, msgspec.Meta(title="Complaints answered in time (%)", description="Share of the month's complaints.")
    ]
    major_hours: Annotated[
        int,
        msgspec.Meta(
            title="Major complaints told the result within (hours)",
            description="Critical ones; 72 hours are three days.",
            ge=1,
            le=1000,
        ),
    ]
    major_percent: Annotated[
        Percent, msgspec.Meta(title="Major complaints told in time (%)", description="Share of the month's major ones.")
    ]
    arrival_percent: Annotated[
        Percent,
        msgspec.Meta(
            title="Arrived in time when urgent (%)", description="Share of urgent and critical matters with a visit."
        ),
    ]
    repeated_most: Annotated[
        int, msgspec.Meta(title="Repeated matters at most", description="In one month.", ge=0, le=10_000)
    ]


REPEATS = PolicySpec(
    name="core.repeats",
    struct=RepeatRules,
    default=RepeatRules(window_days=90, complaint=2, repair=3, other=3),  # TKT-7
    title="Repeated matters",
    help="When a matter counts as repeated and is analysed at the end of the month.",
    permission="policy.manage",
)
AGENDA = PolicySpec(
    name="core.agenda",
    struct=AgendaRules,
    default=AgendaRules(overdue_hours=24, critical=True, escalated_to=3, repeats=True),
    title="Meeting agenda",
    help="What goes on the agenda of the regular meeting by itself.",
    permission="policy.manage",
)
KPI = PolicySpec(
    name="core.kpi",
    struct=KpiTargets,
    # CMP-3: complaints are answered within 24 hours, major ones told the result within 3 days.
    default=KpiTargets(
        compliance=90,
        complaint_hours=24,
        complaint_percent=100,
        major_hours=72,
        major_percent=100,
        arrival_percent=95,
        repeated_most=5,
    ),
    title="Targets",
    help="What the month's figures are held against.",
    permission="policy.manage",
)
