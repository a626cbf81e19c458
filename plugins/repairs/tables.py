"""The tables of work orders as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import UUID, BigInt, Boolean, Date, Integer, SmallInt, Text, Timestamptz

from core.sdk import Hold, Privacy, TenantTable, msgid


class RepairsOrder(TenantTable, tablename="repairs_order"):
    """What a work order has besides its ticket, whose id it has: the warranty as it was decided (REP-1)."""

    privacy = Privacy(
        purpose="warranty of the work",
        free_text="warranty_note",
        staff="decided_by_name",
        parent={"id": "ticket.id"},
    )
    site_id = UUID(default=None)
    warranty = Text(default=None)
    warranty_until = Date(null=True, default=None)
    warranty_note = Text(default=None)
    decided_at = Timestamptz(default=None)
    decided_by = UUID(null=True, default=None)
    decided_by_name = Text(default=None)


class RepairsTerm(TenantTable, tablename="repairs_term"):
    """When a unit was handed over, or what differs there for one item (REP-1)."""

    privacy = Privacy(
        purpose="warranty of units",
        plain="item",
        free_text="note",
        staff="changed_by_name",
    )
    site_id = UUID(default=None)
    unit_id = UUID(default=None)
    item = Text(default=None)
    starts_on = Date(default=None)
    ends_on = Date(null=True, default=None)
    liable = Text(default=None)
    note = Text(default=None)
    changed_at = Timestamptz(default=None)
    changed_by_name = Text(default=None)


class RepairsTrade(TenantTable, tablename="repairs_trade"):
    """A trade that somebody has, and how well (REP-2)."""

    privacy = Privacy(
        of="staff",
        plain="trade",
        member="membership_id",
    )
    site_id = UUID(default=None)
    membership_id = UUID(default=None)
    trade = Text(default=None)
    level = SmallInt(default=None)


class RepairsVisit(TenantTable, tablename="repairs_visit"):
    """When a technician comes to an order, as agreed, and when they came (REP-2)."""

    privacy = Privacy(
        purpose="coming as agreed",
        plain="trade",
        free_text="reason",
        staff="technician_name booked_by_name cancelled_by_name",
        parent={"ticket_id": "ticket.id"},
    )
    site_id = UUID(default=None)
    ticket_id = UUID(default=None)
    technician_id = UUID(default=None)
    technician_name = Text(default=None)
    trade = Text(default=None)
    starts_at = Timestamptz(default=None)
    ends_at = Timestamptz(default=None)
    booked_at = Timestamptz(default=None)
    booked_by_name = Text(default=None)
    arrived_at = Timestamptz(null=True, default=None)
    cancelled_at = Timestamptz(null=True, default=None)
    cancelled_by_name = Text(default=None)
    reason = Text(default=None)
    moved_to = UUID(null=True, default=None)


class RepairsPrice(TenantTable, tablename="repairs_price"):
    """What a material or an hour costs from a day on; revisions are added, none is changed (REP-3)."""

    privacy = Privacy(
        plain="code name unit",
        staff="set_by_name",
    )
    site_id = UUID(default=None)
    code = Text(default=None)
    name = Text(default=None)
    kind = Text(default=None)
    unit = Text(default=None)
    price_fen = BigInt(default=None)
    warranty_days = Integer(default=None)
    valid_from = Date(default=None)
    retired = Boolean(default=None)
    set_at = Timestamptz(default=None)
    set_by_name = Text(default=None)


class RepairsLine(TenantTable, tablename="repairs_line"):
    """Materials or labour of an order, or a counter-entry that takes some back; append-only (REP-3)."""

    privacy = Privacy(
        purpose="charging for the work",
        plain="code name kind unit",
        free_text="note",
        staff="by_name",
        parent={"ticket_id": "ticket.id"},
    )
    site_id = UUID(default=None)
    ticket_id = UUID(default=None)
    price_id = UUID(default=None)
    code = Text(default=None)
    name = Text(default=None)
    kind = Text(default=None)
    unit = Text(default=None)
    price_fen = BigInt(default=None)
    warranty_days = Integer(default=None)
    quantity = BigInt(default=None)
    amount_fen = BigInt(default=None)
    counters_id = UUID(null=True, default=None)
    note = Text(default=None)
    at = Timestamptz(default=None)
    by_name = Text(default=None)


class RepairsConsent(TenantTable, tablename="repairs_consent"):
    """That a resident agrees to an amount, or that it is waived; append-only (REP-3)."""

    privacy = Privacy(
        purpose="charging for the work",
        plain="how",
        name="resident_name",
        free_text="reason",
        staff="by_name",
        parent={"ticket_id": "ticket.id"},
        hold=Hold(where="amount_fen > 0", reason=msgid("a charge was agreed: accounts are kept"), since="at"),
    )
    site_id = UUID(default=None)
    ticket_id = UUID(default=None)
    kind = Text(default=None)
    amount_fen = BigInt(default=None)
    how = Text(default=None)
    resident_name = Text(default=None)
    attachment_id = UUID(null=True, default=None)
    reason = Text(default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)


class RepairsPhoto(TenantTable, tablename="repairs_photo"):
    """A picture among an order's files that shows it before or after the work; its id is the file's."""

    ticket_id = UUID(default=None)
    moment = Text(default=None)


ALL = (
    RepairsOrder,
    RepairsTerm,
    RepairsTrade,
    RepairsVisit,
    RepairsPrice,
    RepairsLine,
    RepairsConsent,
    RepairsPhoto,
)
