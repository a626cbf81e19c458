"""The tables as the migrations leave them."""

from piccolo.columns import UUID, Array, Boolean, Text, Timestamptz

from core.sdk import Privacy, TenantTable


class ReceptionCall(TenantTable, tablename="reception_call"):
    """A call, a visitor or a letter at the front desk (REC-1). `status` follows from the instants."""

    privacy = Privacy(
        purpose="answering calls",
        of="caller",
        plain="external_id status ticket_number confirmed",
        name="caller_name",
        contact="phone",
        address="place",
        free_text="note matter answer",
        staff="answered_by_name confirmed_by_name called_back_by_name",
        party="party_id",
        phone="phone",
        parent={"ticket_id": "ticket.id"},
    )
    site_id = UUID(default=None)
    external_id = Text(null=True, default=None)
    channel = Text(default=None)
    source = Text(default=None)
    phone = Text(default=None)
    ringing_at = Timestamptz(default=None)
    answered_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
    hung_up = Boolean(default=None)
    status = Text(default=None)
    answered_by = UUID(null=True, default=None)
    answered_by_name = Text(default=None)
    unit_id = UUID(null=True, default=None)
    place = Text(default=None)
    party_id = UUID(null=True, default=None)
    caller_name = Text(default=None)
    ticket_id = UUID(null=True, default=None)
    ticket_number = Text(default=None)
    note = Text(default=None)
    confirmed = Array(Text(), default=None)
    confirmed_at = Timestamptz(null=True, default=None)
    confirmed_by_name = Text(default=None)
    matter = Text(default=None)
    answer = Text(default=None)
    called_back_at = Timestamptz(null=True, default=None)
    called_back_by_name = Text(default=None)
    erased_at = Timestamptz(null=True, default=None)


class ReceptionIntake(TenantTable, tablename="reception_intake"):
    """An intake form that was saved, and the ticket it became."""

    site_id = UUID(default=None)
    call_id = UUID(null=True, default=None)
    ticket_id = UUID(default=None)
    taken_at = Timestamptz(default=None)
