"""The table of scheduled jobs as the migrations leave it; the queue's own tables are its library's."""

from __future__ import annotations

from piccolo.columns import Text, Timestamptz
from piccolo.table import Table

from core.db.personal import Privacy


class JobSlot(Table, tablename="job_slot"):
    """The last slot of a scheduled job that was queued, for every company at once."""

    privacy = Privacy(
        plain="name",
    )
    name = Text(primary_key=True, default=None)
    slot = Timestamptz(default=None)
