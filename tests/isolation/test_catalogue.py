"""TI-1: the catalogue of a migrated database breaks no rule, and every rule can be broken."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from tests.isolation.exemptions import EXEMPT
from tests.isolation.rules import RULES, sweep
from tests.support.lodge import Databases

# For each rule one change that nobody may make unnoticed, and who is found out.
MUTATIONS = {
    "a table belongs to a tenant": ("CREATE TABLE gadget (id uuid PRIMARY KEY)", "gadget"),
    "tables are in the schema lodge": ("CREATE TABLE public.gadget (id uuid)", "public.gadget"),
    "row level security is on and forced": ("ALTER TABLE ticket NO FORCE ROW LEVEL SECURITY", "ticket"),
    "a tenant's table has the helper's policies": ("DROP POLICY tenant_only ON contact", "contact"),
    "what lies in a building is kept to who works there": ("DROP POLICY within_areas ON unit", "unit"),
    "only tenant and owner see rows": (
        "CREATE POLICY lodge_dispatch_rows ON ticket TO lodge_dispatch USING (true) WITH CHECK (true)",
        "ticket lodge_dispatch_rows",
    ),
    "another role's policy is the helper's": (
        "ALTER POLICY lodge_dispatch_rows ON outbox TO lodge_dispatch, lodge_app",
        "outbox lodge_dispatch_rows",
    ),
    "no policy calls an immutable function": (
        "CREATE FUNCTION me() RETURNS uuid IMMUTABLE LANGUAGE sql AS 'SELECT gen_random_uuid()';"
        "ALTER POLICY tenant_only ON ticket USING (company_id = me())",
        "tenant_only me()",
    ),
    "company_id is uuid, not null, never made up": (
        "ALTER TABLE ticket ALTER company_id SET DEFAULT gen_random_uuid()",
        "ticket",
    ),
    "a tenant's table has a primary key": ("CREATE TABLE gadget (company_id uuid NOT NULL)", "gadget"),
    "what is unique is unique in a company": ("CREATE UNIQUE INDEX plate ON unit (label)", "plate"),
    "an index leads with company_id": ("CREATE INDEX label ON unit (label, company_id)", "label"),
    "a foreign key between tenants' tables pairs company_id": (
        "ALTER TABLE unit ADD UNIQUE (id); ALTER TABLE ticket ADD CONSTRAINT plain FOREIGN KEY (unit_id)"
        " REFERENCES unit (id)",
        "ticket plain",
    ),
    "a foreign key stays among tenants' tables": (
        "ALTER TABLE contact ADD CONSTRAINT outside FOREIGN KEY (id) REFERENCES person",
        "contact outside",
    ),
    "a foreign key changes no column": (
        "ALTER TABLE unit ADD CONSTRAINT lost FOREIGN KEY (company_id, import_id)"
        " REFERENCES roll_import (company_id, id) ON DELETE SET NULL",
        "unit lost",
    ),
    "queues refer to nothing": (
        "ALTER TABLE outbox ADD CONSTRAINT heavy FOREIGN KEY (company_id) REFERENCES company",
        "outbox heavy",
    ),
    "ids are not counted up": (
        "ALTER TABLE ticket_timer ADD position bigint GENERATED ALWAYS AS IDENTITY",
        "ticket_timer.position",
    ),
    "a tenant's table has no trigger and no rule": (
        "CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        "CREATE TRIGGER watch AFTER INSERT ON ticket FOR EACH ROW EXECUTE FUNCTION look()",
        "ticket watch",
    ),
    "a view looks with its reader's eyes": ("CREATE VIEW every_ticket AS SELECT * FROM ticket", "every_ticket"),
    "a function has its caller's rights": (
        "CREATE FUNCTION peek() RETURNS bigint SECURITY DEFINER LANGUAGE sql AS 'SELECT count(*) FROM ticket'",
        "peek()",
    ),
    "a function with rights of its own is narrow": (
        "ALTER FUNCTION sign_in_candidates(text) RESET search_path",
        "sign_in_candidates(text)",
    ),
    "nothing is granted to everybody": ("GRANT SELECT ON ticket TO PUBLIC", "ticket SELECT"),
    "roles are as weak as written": ("ALTER ROLE lodge_app BYPASSRLS", "lodge_app"),
    "who serves is a member of nothing": ("GRANT lodge_owner TO lodge_app", "lodge_app in lodge_owner"),
    "who serves owns nothing": ("ALTER TABLE contact OWNER TO lodge_app", "contact"),
    "who serves makes nothing": ("GRANT CREATE ON SCHEMA lodge TO lodge_app", "lodge_app lodge"),
    "lodge_app reads and writes rows only": ("GRANT TRUNCATE ON ticket TO lodge_app", "ticket TRUNCATE"),
    "lodge_operator reads figures": ("GRANT SELECT (name) ON membership TO lodge_operator", "membership.name"),
    "lodge_app works on tenants' tables": ("GRANT SELECT ON person TO lodge_app", "person"),
    "records cannot be changed": ("GRANT DELETE ON audit_entry TO lodge_app", "audit_entry DELETE"),
}
# More than one way round the same rule.
VARIANTS = [
    ("row level security is on and forced", "ALTER TABLE party DISABLE ROW LEVEL SECURITY", "party"),
    ("row level security is on and forced", "CREATE TABLE gadget (company_id uuid PRIMARY KEY)", "gadget"),
    ("a tenant's table has the helper's policies", "DROP POLICY tenant_rows ON session", "session"),
    (
        "a tenant's table has the helper's policies",
        "DROP POLICY tenant_only ON unit; CREATE POLICY tenant_only ON unit AS RESTRICTIVE TO lodge_app, lodge_owner"
        " USING (company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid))",
        "unit",
    ),
    ("a tenant's table has the helper's policies", "ALTER POLICY tenant_only ON unit TO lodge_app", "unit"),
    ("a tenant's table has the helper's policies", "CREATE POLICY support ON unit USING (true)", "unit"),
    ("company_id is uuid, not null, never made up", "CREATE TABLE gadget (company_id uuid)", "gadget"),
    (
        "what is unique is unique in a company",
        "CREATE UNIQUE INDEX plate ON unit (label) INCLUDE (company_id)",
        "plate",
    ),
    ("a view looks with its reader's eyes", "CREATE MATERIALIZED VIEW stale AS SELECT * FROM ticket", "stale"),
    ("nothing is granted to everybody", "GRANT TEMPORARY ON DATABASE {database} TO PUBLIC", "database TEMPORARY"),
]


@pytest.fixture(scope="session")
async def admin(databases: Databases) -> AsyncIterator[Any]:
    """A superuser's connection to a database without rows, as a mutation may not fit some."""
    connection = await asyncpg.connect(databases.admin_dsn(await databases.migrated()))
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
async def found(admin: Any) -> dict[str, set[str]]:
    return await sweep(admin)


@pytest.mark.parametrize("rule", RULES)
def test_ti_1_nothing_breaks_the_rule(rule: str, found: dict[str, set[str]]) -> None:
    assert found[rule] - set(EXEMPT.get(rule, ())) == set()


@pytest.mark.parametrize("rule", EXEMPT)
def test_every_exemption_is_needed_still(rule: str, found: dict[str, set[str]]) -> None:
    assert set(EXEMPT[rule]) - found[rule] == set()


def test_every_rule_has_a_mutation() -> None:
    assert set(MUTATIONS) == set(RULES)


@pytest.mark.parametrize(
    ("rule", "mutation", "culprit"), [(rule, *change) for rule, change in MUTATIONS.items()] + VARIANTS
)
async def test_ti_1_a_mutation_is_found_out(
    rule: str, mutation: str, culprit: str, admin: Any, found: dict[str, set[str]]
) -> None:
    database = await admin.fetchval("SELECT quote_ident(current_database())")

    broken = await sweep(admin, mutation.replace("{database}", database))

    assert culprit in broken[rule] - found[rule]
