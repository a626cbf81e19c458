"""The tables of work orders as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import UUID, Date, Text, Timestamptz

from core.sdk import TenantTable


class RepairsOrder(TenantTable, tablename="repairs_order"):
    """What a work order has besides its ticket, whose id it has: the warranty as it was decided (REP-1)."""

    site_id = UUID(default=None)
    warranty = Text(default=None)
    warranty_until = Date(null=True, default=None)
    warranty_note = Text(default=None)
    decided_at = Timestamptz(default=None)
    decided_by = UUID(null=True, default=None)
    decided_by_name = Text(default=None)


class RepairsTerm(TenantTable, tablename="repairs_term"):
    """When a unit was handed over, or what differs there for one item (REP-1)."""

    site_id = UUID(default=None)
    unit_id = UUID(default=None)
    item = Text(default=None)
    starts_on = Date(default=None)
    ends_on = Date(null=True, default=None)
    liable = Text(default=None)
    note = Text(default=None)
    changed_at = Timestamptz(default=None)
    changed_by_name = Text(default=None)


ALL = (RepairsOrder, RepairsTerm)
