"""The tables as the migrations leave them."""

from piccolo.columns import UUID, BigInt, Boolean, Date, Integer, Text, Timestamptz

from core.sdk import Hold, KeyedTable, Privacy, TenantTable, msgid


class ComplaintsCase(KeyedTable, tablename="complaints_case"):
    """What is known of a complaint besides its ticket (CMP-2)."""

    privacy = Privacy(
        purpose="settling the complaint",
        plain="department contractor",
        free_text="cause remedy major_reason",
        staff="major_by_name",
        parent={"ticket_id": "ticket.id"},
    )
    ticket_id = UUID(default=None)
    site_id = UUID(default=None)
    kind = Text(null=True, default=None)
    cause = Text(default=None)
    department = Text(default=None)
    contractor = Text(default=None)
    injury = Boolean(default=None)
    contacted_at = Timestamptz(null=True, default=None)
    cared_at = Timestamptz(null=True, default=None)
    remedy = Text(default=None)
    remedy_by = Date(null=True, default=None)
    major_at = Timestamptz(null=True, default=None)
    major_by_name = Text(default=None)
    major_reason = Text(default=None)
    version = Integer(default=None)


class ComplaintsStep(TenantTable, tablename="complaints_step"):
    """Something done for a complaint, as it was written down then; `heard` is who was heard."""

    privacy = Privacy(
        purpose="settling the complaint",
        plain="kind",
        name="heard",
        free_text="text",
        staff="by_name",
        parent={"ticket_id": "ticket.id"},
    )
    site_id = UUID(default=None)
    ticket_id = UUID(default=None)
    kind = Text(default=None)
    heard = Text(default=None)
    text = Text(default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)


class ComplaintsReferral(TenantTable, tablename="complaints_referral"):
    """An authority that was written to, and what it answered."""

    privacy = Privacy(
        purpose="settling the complaint",
        plain="authority",
        free_text="reference answer",
        staff="by_name",
        parent={"ticket_id": "ticket.id"},
    )
    site_id = UUID(default=None)
    ticket_id = UUID(default=None)
    authority = Text(default=None)
    reference = Text(default=None)
    forwarded_on = Date(default=None)
    chase_on = Date(default=None)
    chased = Integer(default=None)
    answered_on = Date(null=True, default=None)
    answer = Text(default=None)
    by_name = Text(default=None)


class ComplaintsCompensation(TenantTable, tablename="complaints_compensation"):
    """Compensation in fen, from proposal to payment."""

    privacy = Privacy(
        purpose="compensating",
        free_text="reason decision paid_note",
        staff="proposed_by_name decided_by_name paid_by_name",
        parent={"ticket_id": "ticket.id"},
        hold=Hold(
            where="paid_at IS NOT NULL", reason=msgid("compensation was paid: accounts are kept"), since="paid_at"
        ),
    )
    site_id = UUID(default=None)
    ticket_id = UUID(default=None)
    amount_fen = BigInt(default=None)
    reason = Text(default=None)
    state = Text(default=None)
    proposed_by = UUID(null=True, default=None)
    proposed_by_name = Text(default=None)
    proposed_at = Timestamptz(default=None)
    decided_by = UUID(null=True, default=None)
    decided_by_name = Text(default=None)
    decided_at = Timestamptz(null=True, default=None)
    decision = Text(default=None)
    paid_at = Timestamptz(null=True, default=None)
    paid_by_name = Text(default=None)
    paid_note = Text(default=None)
    version = Integer(default=None)


class ComplaintsMonth(KeyedTable, tablename="complaints_month"):
    """A month's analysis, signed off (CMP-7)."""

    privacy = Privacy(
        purpose="learning from complaints",
        free_text="remark",
        staff="signed_by_name",
    )
    site_id = UUID(default=None)
    month = Date(default=None)
    remark = Text(default=None)
    complaints = Integer(default=None)
    signed_at = Timestamptz(default=None)
    signed_by = UUID(null=True, default=None)
    signed_by_name = Text(default=None)


ALL = [ComplaintsCase, ComplaintsStep, ComplaintsReferral, ComplaintsCompensation, ComplaintsMonth]
