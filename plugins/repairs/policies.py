"""What a site sets for its work orders (REP-3)."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.sdk import PolicySpec
from plugins.repairs.permissions import MANAGE


class WorkRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a work order needs before it is done."""

    item_needed: Annotated[
        bool,
        msgspec.Meta(title="Item needed", description="An order is done only once it says what was out of order."),
    ] = False


WORK = PolicySpec(
    name="repairs.work",
    struct=WorkRules,
    default=WorkRules(),
    title="Work orders",
    help="What a work order needs before it is done.",
    permission=MANAGE.id,
    plugin="repairs",
)
ALL = (WORK,)
