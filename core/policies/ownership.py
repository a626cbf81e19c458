"""`core.ownership`: how long an offer of a ticket waits for its answer, and whose matters are that nobody took in."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.policies.spec import PolicySpec
from core.policies.values import TIME_WORDS, Duration


class Ownership(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """First-asked responsibility (TKT-2), as a site arranges it."""

    offer_lapses: Annotated[
        Duration,
        msgspec.Meta(
            title="An unanswered offer comes back after",
            description="Until then, and after, the matter stays with its owner.",
            extra={"labels": TIME_WORDS},
        ),
    ] = Duration(30, "minutes", "working")
    default_owner: Annotated[
        str,
        msgspec.Meta(
            title="Owner of matters that programs report",
            description="A staff number. Empty: the site's manager, else its duty officer, else a supervisor.",
            max_length=40,
        ),
    ] = ""


OWNERSHIP = PolicySpec(
    name="core.ownership",
    struct=Ownership,
    default=Ownership(),
    title="Ownership of matters",
    help="Whoever is asked first owns a matter until a colleague accepts it.",
    permission="policy.manage",
)
