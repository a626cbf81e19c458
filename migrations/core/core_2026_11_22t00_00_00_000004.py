"""The estate: units, parties, contacts, occupancies, and the imports they came from."""

from core.db.migrate import sql_migration
from core.db.rls import tenant_table

ID = "2026-11-22T00:00:00:000004"
VERSION = "1.38.0"
DESCRIPTION = __doc__

SITE = "FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id)"
# Building, entrance and room with every number at six digits, so that 2 comes before 10.
SORT_KEY = r"""regexp_replace(regexp_replace(building || ' ' || entrance || ' ' || room, '\d+', '000000\&', 'g'),
        '\d*(\d{6})(?!\d)', '\1', 'g')"""

TABLES = f"""
CREATE TABLE roll_import (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    file_name text NOT NULL,
    file_digest bytea NOT NULL,
    -- the roll as read, sealed: it holds identity numbers; gone once applied
    content bytea,
    status text NOT NULL CHECK (status IN ('previewed', 'applied', 'undone')),
    -- the place among the site's applied imports: instants may tie or go back
    position integer,
    summary jsonb NOT NULL,
    effect jsonb NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    applied_at timestamptz,
    undone_at timestamptz,
    PRIMARY KEY (company_id, id), {SITE},
    UNIQUE (company_id, site_id, position),
    CHECK ((content IS NOT NULL) = (status = 'previewed')),
    CHECK ((position IS NULL) = (status = 'previewed'))
);
CREATE TABLE unit (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    building text NOT NULL,
    entrance text NOT NULL DEFAULT '',
    room text NOT NULL,
    label text NOT NULL,
    sort_key text COLLATE "C" NOT NULL GENERATED ALWAYS AS ({SORT_KEY}) STORED,
    area_m2 numeric(10, 2),
    moved_in_on date,
    remark text NOT NULL DEFAULT '',
    import_id uuid,
    PRIMARY KEY (company_id, id), {SITE},
    UNIQUE (company_id, site_id, id),
    UNIQUE (site_id, building, entrance, room, company_id),
    FOREIGN KEY (company_id, import_id) REFERENCES roll_import (company_id, id)
);
-- Here and below: an index for searching starts with the site, not the company. On a table without statistics
-- (company_id, site_id, …) looks as narrow as the key, foreign keys are checked by it, and a large roll takes minutes.
CREATE INDEX unit_label ON unit (site_id, label text_pattern_ops);
CREATE INDEX unit_room ON unit (site_id, room text_pattern_ops);
CREATE INDEX unit_sorted ON unit (site_id, sort_key, id);
CREATE INDEX unit_import ON unit (company_id, import_id);
CREATE TABLE party (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('person', 'company')),
    name text NOT NULL,
    id_number_sealed bytea,
    id_number_tail text NOT NULL DEFAULT '',
    import_id uuid,
    PRIMARY KEY (company_id, id), {SITE},
    UNIQUE (company_id, site_id, id),
    FOREIGN KEY (company_id, import_id) REFERENCES roll_import (company_id, id)
);
CREATE INDEX party_name ON party (site_id, name text_pattern_ops);
CREATE INDEX party_import ON party (company_id, import_id);
CREATE TABLE contact (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    party_id uuid NOT NULL,
    phone text NOT NULL,
    -- a column, for right() is not leakproof: under row level security an index on the expression goes unused
    phone_tail text NOT NULL GENERATED ALWAYS AS (right(phone, 4)) STORED,
    import_id uuid,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, party_id, phone),
    FOREIGN KEY (company_id, site_id, party_id) REFERENCES party (company_id, site_id, id),
    FOREIGN KEY (company_id, import_id) REFERENCES roll_import (company_id, id)
);
CREATE INDEX contact_phone ON contact (site_id, phone text_pattern_ops);
CREATE INDEX contact_phone_tail ON contact (site_id, phone_tail);
CREATE INDEX contact_import ON contact (company_id, import_id);
CREATE TABLE occupancy (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    party_id uuid NOT NULL,
    role text NOT NULL CHECK (role IN ('owner', 'tenant', 'agent')),
    starts_on date,
    ends_on date,
    import_id uuid,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, site_id, unit_id) REFERENCES unit (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, party_id) REFERENCES party (company_id, site_id, id),
    FOREIGN KEY (company_id, import_id) REFERENCES roll_import (company_id, id)
);
CREATE INDEX occupancy_unit ON occupancy (company_id, unit_id);
CREATE INDEX occupancy_party ON occupancy (company_id, party_id);
CREATE INDEX occupancy_import ON occupancy (company_id, import_id);
-- What an import overwrote, so that it can be undone.
CREATE TABLE roll_import_change (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    import_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    before jsonb NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, import_id, unit_id),
    FOREIGN KEY (company_id, import_id) REFERENCES roll_import (company_id, id) ON DELETE CASCADE
);
{"".join(tenant_table(t) for t in ("roll_import", "unit", "party", "contact", "occupancy", "roll_import_change"))}
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES)
