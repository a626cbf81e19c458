"""The tables of policies as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Integer, Text, Timestamptz

from core.db.tables import TenantTable


class PolicyRevision(TenantTable, tablename="policy_revision"):
    """One state of a policy's layer; append-only. `site_id` null is the company's layer."""

    policy = Text(default=None)
    site_id = UUID(null=True, default=None)
    number = Integer(default=None)
    overrides = JSONB(default=None)
    author_id = UUID(null=True, default=None)
    author_name = Text(default=None)
    reason = Text(default=None)
    effective_at = Timestamptz(default=None)
    created_at = Timestamptz(default=None)


class CalendarValue(TenantTable, tablename="calendar_value"):
    """A resolved calendar under a digest of its value; append-only."""

    value = JSONB(default=None)
    created_at = Timestamptz(default=None)


class PolicySimulation(TenantTable, tablename="policy_simulation"):
    """A draft of a policy tried on a site's past tickets: how far that is, and what it came to; kept for a day."""

    site_id = UUID(default=None)
    policy = Text(default=None)
    draft = JSONB(default=None)
    author_id = UUID(null=True, default=None)
    state = Text(default=None)
    total = Integer(default=None)
    done = Integer(default=None)
    last_id = UUID(null=True, default=None)
    result = JSONB(default=None)
    created_at = Timestamptz(default=None)
