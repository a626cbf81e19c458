"""The tables of the estate as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Bytea, Date, Integer, Numeric, Text, Timestamptz

from core.db.personal import Hold, Privacy
from core.db.tables import TenantTable
from core.i18n import msgid


class RollImport(TenantTable, tablename="roll_import"):
    """A household roll taken in: the file until it is applied, and what it came to."""

    privacy = Privacy(
        purpose="knowing who lives here",
        plain="summary effect",
        free_text="file_name",
        secret="file_digest content",
        sealed={"content": "id"},
        staff="created_by",
    )
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

    privacy = Privacy(
        purpose="knowing who lives here",
        plain="building entrance room label sort_key",
        free_text="remark",
    )
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

    privacy = Privacy(
        purpose="knowing who lives here",
        name="name",
        identity="id_number_sealed",
        contact="id_number_tail",
        sealed={"id_number_sealed": "id"},
        party="id",
    )
    site_id = UUID(default=None)
    kind = Text(default=None)
    name = Text(default=None)
    id_number_sealed = Bytea(null=True, default=None)
    id_number_tail = Text(default=None)
    import_id = UUID(null=True, default=None)


class Contact(TenantTable, tablename="contact"):
    """A telephone number of a party."""

    privacy = Privacy(
        purpose="reaching those who live here",
        contact="phone phone_tail",
        party="party_id",
        whole=True,
    )
    site_id = UUID(default=None)
    party_id = UUID(default=None)
    phone = Text(default=None)
    phone_tail = Text(default=None)  # generated
    import_id = UUID(null=True, default=None)


class Occupancy(TenantTable, tablename="occupancy"):
    """Who owns, rents or acts for a unit, and when."""

    privacy = Privacy(
        purpose="knowing who lives here",
        party="party_id",
        hold=Hold(
            where="ends_on IS NULL OR ends_on >= CURRENT_DATE",
            reason=msgid("still owns, rents or acts for a unit here"),
        ),
    )
    site_id = UUID(default=None)
    unit_id = UUID(default=None)
    party_id = UUID(default=None)
    role = Text(default=None)
    starts_on = Date(null=True, default=None)
    ends_on = Date(null=True, default=None)
    import_id = UUID(null=True, default=None)


class RollImportChange(TenantTable, tablename="roll_import_change"):
    """What an import overwrote, so that it can be undone."""

    privacy = Privacy(
        purpose="undoing an import",
        free_text="before",
    )
    import_id = UUID(default=None)
    unit_id = UUID(default=None)
    before = JSONB(default=None)
