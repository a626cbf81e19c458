"""What goes in and out of the API."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class NewItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A thing as handed in; it may be given away after `keep_until`, which the site's policy sets if nobody does."""

    description: Text
    place: Text
    keep_until: Instant | None = None


class Item(msgspec.Struct, frozen=True):
    """A found thing; `status` is kept or released. Fields are in the column order of the repository's selects."""

    id: UUID
    description: str
    place: str
    status: str
    found_at: datetime
    keep_until: datetime
