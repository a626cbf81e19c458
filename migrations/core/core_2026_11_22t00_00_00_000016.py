"""Policies that reach open tickets in order, revisions that are withdrawn, and trials of a whole company's drafts."""

from core.db.migrate import sql_migration
from core.db.rls import tenant_table

ID = "2026-11-22T00:00:00:000016"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = f"""
-- open_tickets: those taken in before are held to it as well. withdraws: takes back a revision that was still to come;
-- neither of the two is ever in force.
ALTER TABLE policy_revision ADD open_tickets boolean NOT NULL DEFAULT false, ADD withdraws uuid,
    ADD UNIQUE (company_id, withdraws),
    ADD FOREIGN KEY (company_id, withdraws) REFERENCES policy_revision (company_id, id);

-- The revision up to which an open ticket has been brought, by the instant it took effect; null: those of its creation.
ALTER TABLE ticket ADD renewed_at timestamptz;

-- null: a draft of the company's layer, tried at all of its sites
ALTER TABLE policy_simulation ALTER site_id DROP NOT NULL;

-- What comes out differently under a draft, goals by name, and open tickets whose next deadline would move.
CREATE TABLE policy_simulation_ticket (
    company_id uuid NOT NULL,
    simulation_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    site_id uuid NOT NULL,
    missed text[] NOT NULL,
    kept text[] NOT NULL,
    moves boolean NOT NULL,
    due_before timestamptz,
    due_after timestamptz,
    PRIMARY KEY (company_id, simulation_id, ticket_id),
    FOREIGN KEY (company_id, simulation_id) REFERENCES policy_simulation (company_id, id) ON DELETE CASCADE,
    FOREIGN KEY (company_id, site_id, ticket_id) REFERENCES ticket (company_id, site_id, id) ON DELETE CASCADE
);
CREATE INDEX policy_simulation_ticket_of ON policy_simulation_ticket (company_id, site_id, ticket_id);
{tenant_table("policy_simulation_ticket")}
"""


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, TABLES)
