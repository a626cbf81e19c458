"""The tables of the visitor register as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import UUID, Boolean, Date, Integer, SmallInt, Text, Timestamptz

from core.sdk import Hold, Privacy, TenantTable, msgid


class ReceptionVisit(TenantTable, tablename="reception_visit"):
    """A visit, expected or made (REC-7, REC-8). `status` and `at` follow from the instants."""

    privacy = Privacy(
        purpose="knowing who was let in",
        of="visitor",
        plain="status badge",
        name="name host_name answered_by",
        contact="phone id_number plate",
        address="place",
        free_text="purpose escort warning",
        staff="registered_by_name",
        phone="phone",
    )
    site_id = UUID(default=None)
    status = Text(default=None)
    at = Timestamptz(default=None)
    name = Text(default=None)
    phone = Text(default=None)
    people = SmallInt(default=None)
    purpose = Text(default=None)
    unit_id = UUID(null=True, default=None)
    place = Text(default=None)
    host_name = Text(default=None)
    id_kind = Text(default=None)
    id_number = Text(default=None)
    badge = Text(default=None)
    badge_out = Boolean(default=None)
    escort = Text(default=None)
    found = Boolean(default=None)
    warning = Text(default=None)
    expected_at = Timestamptz(null=True, default=None)
    arrived_at = Timestamptz(null=True, default=None)
    host_answer = Text(default=None)
    host_answered_at = Timestamptz(null=True, default=None)
    admitted_at = Timestamptz(null=True, default=None)
    left_at = Timestamptz(null=True, default=None)
    turned_away_at = Timestamptz(null=True, default=None)
    cancelled_at = Timestamptz(null=True, default=None)
    registered_by = UUID(null=True, default=None)
    registered_by_name = Text(default=None)
    created_at = Timestamptz(default=None)
    follows_id = UUID(null=True, default=None)
    plate = Text(default=None)
    answered_by = Text(default=None)
    answered_via = Text(default=None)
    badge_lost_at = Timestamptz(null=True, default=None)
    erased_at = Timestamptz(null=True, default=None)


class ReceptionVisitStep(TenantTable, tablename="reception_visit_step"):
    """Something that happened in a visit, in order; never changed (REC-9), but its text forgotten with the visit's."""

    privacy = Privacy(
        purpose="knowing who was let in",
        of="visitor",
        plain="kind",
        free_text="text",
        staff="by_name",
        parent={"visit_id": "reception_visit.id"},
    )
    site_id = UUID(default=None)
    visit_id = UUID(default=None)
    at = Timestamptz(default=None)
    kind = Text(default=None)
    text = Text(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)


class ReceptionBarred(TenantTable, tablename="reception_barred"):
    """Somebody who is not to be let in, and why; lifted, not deleted."""

    privacy = Privacy(
        purpose="keeping out who is barred",
        of="visitor",
        name="name",
        contact="phone id_number",
        free_text="reason lifted_reason",
        staff="barred_by_name lifted_by_name",
        phone="phone",
        hold=Hold(
            where="lifted_at IS NULL AND (until IS NULL OR until >= CURRENT_DATE)",
            reason=msgid("is barred from the site"),
        ),
    )
    site_id = UUID(default=None)
    name = Text(default=None)
    phone = Text(default=None)
    id_number = Text(default=None)
    reason = Text(default=None)
    until = Date(null=True, default=None)
    barred_at = Timestamptz(default=None)
    barred_by = UUID(null=True, default=None)
    barred_by_name = Text(default=None)
    lifted_at = Timestamptz(null=True, default=None)
    lifted_by_name = Text(default=None)
    lifted_reason = Text(default=None)
    erased_at = Timestamptz(null=True, default=None)


class ReceptionVisitAsk(TenantTable, tablename="reception_visit_ask"):
    """A household asked by text message whether it lets a visitor in (REC-7)."""

    privacy = Privacy(
        purpose="asking the household",
        of="visitor",
        name="asked_name",
        parent={"visit_id": "reception_visit.id"},
    )
    site_id = UUID(default=None)
    visit_id = UUID(default=None)
    asked_name = Text(default=None)
    asked_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)
    answered_at = Timestamptz(null=True, default=None)


class ReceptionGateCount(TenantTable, tablename="reception_gate_count"):
    """How many outsiders the guard counted on a day: what the register is held against (REC-7)."""

    privacy = Privacy(
        staff="counted_by_name",
    )
    site_id = UUID(default=None)
    day = Date(default=None)
    people = Integer(default=None)
    counted_at = Timestamptz(default=None)
    counted_by = UUID(null=True, default=None)
    counted_by_name = Text(default=None)


ALL = (ReceptionVisit, ReceptionVisitStep, ReceptionBarred, ReceptionVisitAsk, ReceptionGateCount)
