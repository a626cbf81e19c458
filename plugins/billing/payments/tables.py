"""The tables of payment providers and of orders as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import UUID, BigInt, Boolean, Bytea, Integer, Text, Timestamptz

from core.sdk import Hold, Privacy, TenantTable, msgid


class BillingProvider(TenantTable, tablename="billing_provider"):
    """By whom a site has codes made that people pay by."""

    privacy = Privacy(
        plain="provider settings",
        secret="secrets_sealed",
        sealed={"secrets_sealed": "id"},
        staff="changed_by_name",
    )
    site_id = UUID(default=None)
    provider = Text(default=None)
    settings = Text(default=None)
    secrets_sealed = Bytea(null=True, default=None)
    active = Boolean(default=None)
    changed_at = Timestamptz(default=None)
    changed_by = UUID(null=True, default=None)
    changed_by_name = Text(default=None)
    version = Integer(default=None)


class BillingOrder(TenantTable, tablename="billing_order"):
    """A payment as it was shown, for which a code was made, and what came of it."""

    privacy = Privacy(
        purpose="telling who paid what",
        plain="number key parts code failure reference problem_reference",
        name="agent_name",
        free_text="agent_relation remark settled_note",
        staff="by_name settled_by_name",
        party="party_id",
        hold=Hold(where="paid_at IS NOT NULL", reason=msgid("a receipt was given: accounts are kept"), since="at"),
    )
    site_id = UUID(default=None)
    provider_id = UUID(default=None)
    number = Text(default=None)
    key = Text(default=None)
    unit_id = UUID(default=None)
    party_id = UUID(default=None)
    amount_fen = BigInt(default=None)
    rounded_fen = BigInt(default=None)
    parts = Text(default=None)
    agent_name = Text(default=None)
    agent_relation = Text(default=None)
    remark = Text(default=None)
    at = Timestamptz(default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)
    expires_at = Timestamptz(default=None)
    code = Text(default=None)
    asked_at = Timestamptz(null=True, default=None)
    closed_at = Timestamptz(null=True, default=None)
    closed_why = Text(default=None)
    failure = Text(default=None)
    paid_at = Timestamptz(null=True, default=None)
    reference = Text(default=None)
    receipt_id = UUID(null=True, default=None)
    moved = Boolean(default=None)
    problem = Text(default=None)
    problem_fen = BigInt(null=True, default=None)
    problem_reference = Text(default=None)
    settled_at = Timestamptz(null=True, default=None)
    settled_by = UUID(null=True, default=None)
    settled_by_name = Text(default=None)
    settled_how = Text(default=None)
    settled_note = Text(default=None)
    status = Text(default=None)  # generated
    version = Integer(default=None)


ALL = (BillingProvider, BillingOrder)
