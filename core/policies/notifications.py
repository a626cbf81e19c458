"""`core.notifications`: when a site's daily digest goes out, and what may disturb people in their quiet hours."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.policies.spec import PolicySpec

TimeOfDay = Annotated[
    str,
    msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d\Z", extra={"mend": "Write a time of day such as 08:30."}),
]
"""Local time `HH:MM`."""


class Notifications(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the site says; how each person wants to be told is their own affair."""

    digest_at: Annotated[
        TimeOfDay,
        msgspec.Meta(
            title="Daily digest at",
            description="Collects what people want once a day, and what their quiet hours held back.",
        ),
    ] = "08:30"
    urgent_passes: Annotated[
        bool,
        msgspec.Meta(
            title="Urgent matters disturb quiet hours", description="No: they wait until the quiet hours are over."
        ),
    ] = False
    critical_passes: Annotated[
        bool,
        msgspec.Meta(
            title="Critical matters disturb quiet hours", description="No: they wait until the quiet hours are over."
        ),
    ] = True


NOTIFICATIONS = PolicySpec(
    name="core.notifications",
    struct=Notifications,
    default=Notifications(),
    title="Notifications",
    help="When the daily digest goes out, and which matters are told even in somebody's quiet hours.",
    permission="policy.manage",
)
