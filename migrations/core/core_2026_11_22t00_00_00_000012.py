"""Teams, their members and duty rosters; the team a ticket is with, and whom a complaint concerns."""

from core.db.migrate import sql_migration
from core.db.rls import tenant_table

ID = "2026-11-22T00:00:00:000012"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
CREATE TABLE team (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    site_id uuid NOT NULL,
    name text NOT NULL,
    categories text[] NOT NULL,
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, site_id, id),
    UNIQUE (company_id, site_id, name),
    FOREIGN KEY (company_id, site_id) REFERENCES site (company_id, id)
);
CREATE TABLE team_member (
    company_id uuid NOT NULL,
    team_id uuid NOT NULL,
    membership_id uuid NOT NULL,
    site_id uuid NOT NULL,
    role text NOT NULL CHECK (role IN ('lead', 'member')),
    PRIMARY KEY (company_id, team_id, membership_id),
    FOREIGN KEY (company_id, site_id, team_id) REFERENCES team (company_id, site_id, id) ON DELETE CASCADE,
    FOREIGN KEY (company_id, membership_id) REFERENCES membership (company_id, id)
);
CREATE INDEX team_member_of ON team_member (company_id, membership_id);
-- A weekly pattern that holds from `day` on, or the one day that replaces what the pattern says of it.
CREATE TABLE duty_plan (
    company_id uuid NOT NULL,
    team_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('weekly', 'dated')),
    day date NOT NULL,
    site_id uuid NOT NULL,
    note text NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, team_id, kind, day),
    FOREIGN KEY (company_id, site_id, team_id) REFERENCES team (company_id, site_id, id) ON DELETE CASCADE
);
-- Minutes after midnight in the site's time; an end that is not after the start is on the next day. `weekday` is
-- 0 for Monday.
CREATE TABLE duty_shift (
    company_id uuid NOT NULL,
    team_id uuid NOT NULL,
    kind text NOT NULL,
    day date NOT NULL,
    weekday smallint NOT NULL CHECK (weekday BETWEEN 0 AND 6),
    starts smallint NOT NULL CHECK (starts BETWEEN 0 AND 1439),
    membership_id uuid NOT NULL,
    ends smallint NOT NULL CHECK (ends BETWEEN 0 AND 1439),
    PRIMARY KEY (company_id, team_id, kind, day, weekday, starts, membership_id),
    FOREIGN KEY (company_id, team_id, kind, day) REFERENCES duty_plan (company_id, team_id, kind, day)
        ON DELETE CASCADE,
    FOREIGN KEY (company_id, membership_id) REFERENCES membership (company_id, id)
);
CREATE INDEX duty_shift_of ON duty_shift (company_id, membership_id);
{tenant_table("team", writes=["INSERT", "UPDATE"])}
{tenant_table("team_member")}
{tenant_table("duty_plan")}
{tenant_table("duty_shift")}

ALTER TABLE ticket
    ADD team_id uuid,
    ADD team_name text NOT NULL DEFAULT '',
    ADD assigned_at timestamptz,
    ADD concerns_id uuid,
    ADD concerns_name text NOT NULL DEFAULT '',
    ADD FOREIGN KEY (company_id, site_id, team_id) REFERENCES team (company_id, site_id, id),
    ADD FOREIGN KEY (company_id, concerns_id) REFERENCES membership (company_id, id);
UPDATE ticket SET assigned_at = created_at WHERE assignee_id IS NOT NULL;
CREATE INDEX ticket_team ON ticket (company_id, team_id, queue_at, id) WHERE status <> 'closed' AND team_id IS NOT NULL;
CREATE INDEX ticket_turn ON ticket (company_id, site_id, assignee_id, assigned_at) WHERE assignee_id IS NOT NULL;
CREATE INDEX ticket_concerns ON ticket (company_id, concerns_id) WHERE concerns_id IS NOT NULL;
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES)
