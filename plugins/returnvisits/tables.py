"""The tables as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import UUID, Array, Boolean, Bytea, Date, Integer, SmallInt, Text, Timestamptz

from core.sdk import Privacy, TenantTable


class ReturnvisitsArea(TenantTable, tablename="returnvisits_area"):
    """Buildings that a steward looks after (VIS-3)."""

    privacy = Privacy(
        plain="name buildings",
        staff="steward_name",
    )
    site_id = UUID(default=None)
    name = Text(default=None)
    buildings = Array(Text(), default=None)
    steward_id = UUID(default=None)
    steward_name = Text(default=None)
    version = Integer(default=None)


class ReturnvisitsDraw(TenantTable, tablename="returnvisits_draw"):
    """How a period's sample of a rule is drawn; never changed (VIS-5)."""

    privacy = Privacy(
        plain="rule title commitment seed",
    )
    site_id = UUID(default=None)
    rule = Text(default=None)
    title = Text(default=None)
    since = Date(default=None)
    until = Date(default=None)
    percent = SmallInt(default=None)
    commitment = Text(default=None)
    seed = Bytea(default=None)
    opened_at = Timestamptz(default=None)


class ReturnvisitsCandidate(TenantTable, tablename="returnvisits_candidate"):
    """What could be drawn, in its order, and whether it was; never changed (VIS-5)."""

    privacy = Privacy(
        purpose="drawing fairly",
        address="label",
    )
    site_id = UUID(default=None)
    draw_id = UUID(default=None)
    position = Integer(default=None)
    subject_id = UUID(default=None)
    label = Text(default=None)
    drawn = Boolean(default=None)
    at = Timestamptz(default=None)


class ReturnvisitsVisit(TenantTable, tablename="returnvisits_visit"):
    """A visit that is owed or was made (VIS-4). `status` follows from the instants."""

    privacy = Privacy(
        purpose="asking whether people are satisfied",
        plain="rule title status ticket_number severity area_name follow_up_number",
        name="contact",
        address="place",
        free_text="about void_reason shortcomings opinions measure",
        staff="visitor_name done_by_name measure_by_name",
        parent={"ticket_id": "ticket.id"},
    )
    site_id = UUID(default=None)
    source = Text(default=None)
    rule = Text(default=None)
    title = Text(default=None)
    status = Text(default=None)
    ticket_id = UUID(null=True, default=None)
    ticket_number = Text(default=None)
    severity = Text(default=None)
    handled_by = UUID(null=True, default=None)
    about = Text(default=None)
    unit_id = UUID(null=True, default=None)
    place = Text(default=None)
    contact = Text(default=None)
    area_id = UUID(null=True, default=None)
    area_name = Text(default=None)
    visitor_role = Text(default=None)
    visitor_id = UUID(null=True, default=None)
    visitor_name = Text(default=None)
    way = Text(default=None)
    not_before = Timestamptz(null=True, default=None)
    due_at = Timestamptz(default=None)
    created_at = Timestamptz(default=None)
    attempts = SmallInt(default=None)
    next_at = Timestamptz(null=True, default=None)
    overdue_at = Timestamptz(null=True, default=None)
    held_at = Timestamptz(null=True, default=None)
    void_at = Timestamptz(null=True, default=None)
    void_reason = Text(default=None)
    done_at = Timestamptz(null=True, default=None)
    done_by = UUID(null=True, default=None)
    done_by_name = Text(default=None)
    done_way = Text(default=None)
    quality = SmallInt(default=None)
    effect = Text(default=None)
    satisfaction = Text(default=None)
    shortcomings = Text(default=None)
    opinions = Text(default=None)
    signed = Text(default=None)
    signature_id = UUID(null=True, default=None)
    failed = Boolean(default=None)
    follow_up = Text(default=None)
    follow_up_id = UUID(null=True, default=None)
    follow_up_number = Text(default=None)
    measure = Text(default=None)
    measure_by = UUID(null=True, default=None)
    measure_by_name = Text(default=None)
    measure_due = Date(null=True, default=None)
    previous_id = UUID(null=True, default=None)
    period = Date(null=True, default=None)
    version = Integer(default=None)


class ReturnvisitsStep(TenantTable, tablename="returnvisits_step"):
    """What happened with a visit, in order; never changed."""

    privacy = Privacy(
        purpose="asking whether people are satisfied",
        plain="kind",
        free_text="text",
        staff="by_name",
        parent={"visit_id": "returnvisits_visit.id"},
    )
    site_id = UUID(default=None)
    visit_id = UUID(default=None)
    at = Timestamptz(default=None)
    kind = Text(default=None)
    text = Text(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)


class ReturnvisitsReport(TenantTable, tablename="returnvisits_report"):
    """That a month's report was sent (VIS-6)."""

    site_id = UUID(default=None)
    month = Date(default=None)
    sent_at = Timestamptz(default=None)


ALL = (
    ReturnvisitsArea,
    ReturnvisitsDraw,
    ReturnvisitsCandidate,
    ReturnvisitsVisit,
    ReturnvisitsStep,
    ReturnvisitsReport,
)
