"""The tables of the audit log and of its chain as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, BigInt, Bytea, Date, SmallInt, Text, Timestamptz

from core.db.personal import Privacy
from core.db.tables import KeyedTable, TenantTable


class AuditEntry(TenantTable, tablename="audit_entry"):
    """Who changed what; append-only."""

    privacy = Privacy(
        plain="actor_kind action subject_type subject_id changes request_id",
        staff="actor_name",
    )
    at = Timestamptz(default=None)
    actor_kind = Text(default=None)
    actor_id = UUID(null=True, default=None)
    actor_name = Text(default=None)
    site_id = UUID(null=True, default=None)
    action = Text(default=None)
    subject_type = Text(default=None)
    subject_id = Text(default=None)
    changes = JSONB(default=None)
    request_id = Text(default=None)


class AuditLink(KeyedTable, tablename="audit_link"):
    """An entry's place in its company's chain, and the hash that holds it to all before it; append-only."""

    privacy = Privacy(plain="hash")
    privacy = Privacy(plain="hash")
    seq = BigInt(default=None)
    entry_id = UUID(default=None)
    hash = Bytea(default=None)


class AuditUnlinked(KeyedTable, tablename="audit_unlinked"):
    """An entry that has no link yet."""

    entry_id = UUID(default=None)


class AuditTally(KeyedTable, tablename="audit_tally"):
    """How many entries of a day (UTC) were written, in parts."""

    day = Date(default=None)
    slot = SmallInt(default=None)
    entries = BigInt(default=None)


class AuditCheck(TenantTable, tablename="audit_check"):
    """What came of computing the chain again: how far it reaches, and where it breaks first, if it does."""

    at = Timestamptz(default=None)
    linked = BigInt(default=None)
    fault = Text(null=True, default=None)
    seq = BigInt(null=True, default=None)
    day = Date(null=True, default=None)
