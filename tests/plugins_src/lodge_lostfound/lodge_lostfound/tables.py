"""The tables as the migrations leave them."""

from piccolo.columns import UUID, Text, Timestamptz

from core.sdk import TenantTable


class LostfoundItem(TenantTable, tablename="lostfound_item"):
    """A thing handed in."""

    site_id = UUID(null=False, default=None)
    description = Text(null=False, default=None)
    place = Text(null=False, default=None)
    status = Text(null=False, default=None)
    found_at = Timestamptz(null=False, default=None)
    keep_until = Timestamptz(null=False, default=None)


class LostfoundTicket(TenantTable, tablename="lostfound_ticket"):
    """A ticket this plugin was told of; `id` is the ticket's, so that hearing of it twice counts once."""

    site_id = UUID(null=False, default=None)
