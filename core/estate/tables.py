"""The tables of the estate as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Bytea, Date, Integer, Numeric, Text, Timestamptz

from core.db.tables import TenantTable


class RollImport(TenantTable, tablename="roll_import"):
    """A household roll taken in: the file until it is applied, and what it came to."""

    site_id = UUID(default=None)
    file_name = Text(default=None)
    file_digest = Bytea(default=None)
    content = Bytea(null=True, default=None)
    status = Text(default=None)
    position = Integer(null=True, default=None)
    summary = JSONB(default=None)
    effect = JSONB(default=None)
    created_by = Text(default=None)
    created_at = Timestamptz(default=None)
    applied_at = Timestamptz(null=True, default=None)
    undone_at = Timestamptz(null=True, default=None)


class Unit(TenantTable, tablename="unit"):
    """A flat, office or shop."""

    site_id = UUID(default=None)
    building = Text(default=None)
    entrance = Text(default=None)
    room = Text(default=None)
    label = Text(default=None)
    sort_key = Text(default=None)  # generated
    area_m2 = Numeric(digits=(10, 2), null=True, default=None)
    moved_in_on = Date(null=True, default=None)
    remark = Text(default=None)
    import_id = UUID(null=True, default=None)


class Party(TenantTable, tablename="party"):
    """An owner, tenant or agent: a person or a company."""

    site_id = UUID(default=None)
    kind = Text(default=None)
    name = Text(default=None)
    id_number_sealed = Bytea(null=True, default=None)
    id_number_tail = Text(default=None)
    import_id = UUID(null=True, default=None)


class Contact(TenantTable, tablename="contact"):
    """A telephone number of a party."""

    site_id = UUID(default=None)
    party_id = UUID(default=None)
    phone = Text(default=None)
    phone_tail = Text(default=None)  # generated
    import_id = UUID(null=True, default=None)


class Occupancy(TenantTable, tablename="occupancy"):
    """Who owns, rents or acts for a unit, and when."""

    site_id = UUID(default=None)
    unit_id = UUID(default=None)
    party_id = UUID(default=None)
    role = Text(default=None)
    starts_on = Date(null=True, default=None)
    ends_on = Date(null=True, default=None)
    import_id = UUID(null=True, default=None)


class RollImportChange(TenantTable, tablename="roll_import_change"):
    """What an import overwrote, so that it can be undone."""

    import_id = UUID(default=None)
    unit_id = UUID(default=None)
    before = JSONB(default=None)
