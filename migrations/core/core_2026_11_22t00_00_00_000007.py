"""What a ticket carries: attachments, tags, watchers, relations to other tickets of its site."""

from core.db.migrate import sql_migration
from core.db.rls import tenant_table

ID = "2026-11-22T00:00:00:000007"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
-- `digest` and `thumbnail` name contents in the file store (SHA-256, in hexadecimal).
CREATE TABLE ticket_attachment (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('jpeg', 'png', 'webp', 'pdf', 'xlsx', 'docx', 'text', 'mp3', 'm4a', 'amr')),
    size integer NOT NULL,
    digest text NOT NULL,
    thumbnail text,
    uploaded_by_id uuid,
    uploaded_by text NOT NULL,
    uploaded_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, site_id, ticket_id) REFERENCES ticket (company_id, site_id, id)
);
CREATE INDEX ticket_attachment_ticket ON ticket_attachment (company_id, ticket_id, id);
CREATE INDEX ticket_attachment_digest ON ticket_attachment (company_id, digest);
CREATE INDEX ticket_attachment_thumbnail ON ticket_attachment (company_id, thumbnail) WHERE thumbnail IS NOT NULL;

-- Directed: `from_id` is a duplicate of, was caused by, … `to_id`. `merged_from` is the state that the duplicate was in
-- when it was merged; null where it was not.
CREATE TABLE ticket_relation (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    from_id uuid NOT NULL,
    to_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('duplicate_of', 'caused_by', 'follow_up_of', 'rework_of', 'split_from')),
    merged_from text,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, from_id, to_id, kind),
    CHECK (from_id <> to_id),
    FOREIGN KEY (company_id, site_id, from_id) REFERENCES ticket (company_id, site_id, id),
    FOREIGN KEY (company_id, site_id, to_id) REFERENCES ticket (company_id, site_id, id)
);
CREATE UNIQUE INDEX ticket_relation_duplicate ON ticket_relation (company_id, from_id) WHERE kind = 'duplicate_of';
CREATE INDEX ticket_relation_to ON ticket_relation (company_id, to_id);

CREATE TABLE ticket_tag (
    company_id uuid NOT NULL,
    site_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (company_id, ticket_id, name),
    FOREIGN KEY (company_id, site_id, ticket_id) REFERENCES ticket (company_id, site_id, id)
);
CREATE INDEX ticket_tag_name ON ticket_tag (company_id, site_id, name, ticket_id);

-- `via_id` is the duplicate whose watchers came along when it was merged.
CREATE TABLE ticket_watcher (
    company_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    member_id uuid NOT NULL,
    via_id uuid,
    since timestamptz NOT NULL,
    PRIMARY KEY (company_id, ticket_id, member_id),
    FOREIGN KEY (company_id, ticket_id) REFERENCES ticket (company_id, id),
    FOREIGN KEY (company_id, via_id) REFERENCES ticket (company_id, id),
    FOREIGN KEY (company_id, member_id) REFERENCES membership (company_id, id)
);
CREATE INDEX ticket_watcher_member ON ticket_watcher (company_id, member_id);
{tenant_table("ticket_attachment", writes=["INSERT", "DELETE"])}
{tenant_table("ticket_relation")}
{tenant_table("ticket_tag", writes=["INSERT", "DELETE"])}
{tenant_table("ticket_watcher")}
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES)
