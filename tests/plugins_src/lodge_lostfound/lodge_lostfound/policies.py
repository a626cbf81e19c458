"""What sites set for themselves: how long a found thing is kept."""

from typing import Annotated

import msgspec

from core.sdk import PolicySpec
from lodge_lostfound.permissions import CONFIGURE


class Keeping(msgspec.Struct, frozen=True):
    days: Annotated[int, msgspec.Meta(title="Days kept", description="After this a thing may be given away.", ge=1)] = (
        90
    )


KEEPING = PolicySpec(
    name="lostfound.keeping",
    struct=Keeping,
    default=Keeping(),
    title="Keeping found things",
    help="How long found things wait for their owners.",
    permission=CONFIGURE.id,
    plugin="lostfound",
)
