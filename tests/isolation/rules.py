"""What the catalogue must show (TI-1), one query a rule; each names the objects that break it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from core.db.rls import hidden_from_concerned, operator_figures, tenant_table

# A table made by the one helper: what its policies are, others' must be.
MODEL: Final = "isolation_model"
_MAKE_MODEL = f"""
CREATE TABLE {MODEL} (company_id uuid NOT NULL, concerns_id uuid);
{tenant_table(MODEL, dispatch=["SELECT"], definer=["SELECT"])}
{hidden_from_concerned(MODEL)}
{operator_figures(MODEL, "company_id")}
"""

_COMMON = f"""
WITH ours AS (
    SELECT c.oid, c.relname::text AS name, c.relkind, c.relowner::regrole::text AS owner, c.relacl, c.reloptions,
           c.relrowsecurity AND c.relforcerowsecurity AS closed
    FROM pg_class c WHERE c.relnamespace = 'lodge'::regnamespace AND c.relname <> '{MODEL}'
), tenant AS (
    SELECT o.*, a.attnum AS key FROM ours o
    JOIN pg_attribute a ON a.attrelid = o.oid AND a.attname = 'company_id' AND NOT a.attisdropped
    WHERE o.relkind IN ('r', 'p')
), policy AS (
    SELECT p.polrelid, p.polname::text AS name, p.polname::text LIKE 'lodge_%' AS other_role,
           (p.polpermissive, p.polcmd, ARRAY(SELECT r::regrole::text FROM unnest(p.polroles) r ORDER BY 1),
            pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))::text AS meaning
    FROM pg_policy p
), reference AS (
    SELECT k.conname::text AS name, k.confdeltype, k.confupdtype, k.conkey, k.confkey, t.name AS source, t.key,
           k.confrelid, target.name AS target, target.key AS target_key, k.conrelid
    FROM pg_constraint k LEFT JOIN tenant t ON t.oid = k.conrelid LEFT JOIN tenant target ON target.oid = k.confrelid
    WHERE k.contype = 'f' AND k.connamespace = 'lodge'::regnamespace
), routine AS (
    SELECT p.oid, p.oid::regprocedure::text AS name, p.prosecdef, p.proconfig, p.proowner, p.proacl FROM pg_proc p
    WHERE p.pronamespace = 'lodge'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass
                    AND d.deptype = 'e')
), granted AS (
    SELECT o.name, o.key, a.grantee, a.grantee::regrole::text AS role, a.privilege_type AS verb
    FROM (SELECT o.*, t.key FROM ours o LEFT JOIN tenant t USING (oid)) o,
         aclexplode(coalesce(o.relacl, acldefault('r', o.owner::regrole::oid))) a WHERE o.relkind NOT IN ('i', 'S', 'I')
)
"""

RULES: Final[Mapping[str, str]] = {
    "a table belongs to a tenant": "SELECT name FROM ours WHERE relkind IN ('r', 'p') EXCEPT SELECT name FROM tenant",
    "tables are in the schema lodge": """
        SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('lodge', 'pg_catalog', 'information_schema')
        AND n.nspname NOT LIKE 'pg\\_%'""",
    "row level security is on and forced": "SELECT name FROM tenant WHERE NOT closed",
    "a tenant's table has the helper's policies": """
        SELECT t.name FROM tenant t WHERE
        (SELECT array_agg((name, meaning)::text ORDER BY name) FROM policy
         WHERE polrelid = t.oid AND NOT other_role AND name <> 'within_areas')
        IS DISTINCT FROM
        (SELECT array_agg((name, meaning)::text ORDER BY name) FROM policy
         WHERE polrelid = 'lodge.isolation_model'::regclass AND NOT other_role AND (name <> 'not_about_reader'
         OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'concerns_id')))""",
    "what lies in a building is kept to who works there": """
        SELECT unnest(ARRAY['contact', 'occupancy', 'party', 'ticket', 'unit'])
        EXCEPT SELECT t.name FROM tenant t JOIN policy p ON p.polrelid = t.oid
        WHERE p.name = 'within_areas' AND p.meaning LIKE '(f,r,{lodge_app},%app.areas%'""",
    "only tenant and owner see rows": """
        SELECT t.name || ' ' || p.name FROM tenant t JOIN policy p ON p.polrelid = t.oid AND p.other_role""",
    "another role's policy is the helper's": """
        SELECT t.name || ' ' || p.name FROM tenant t JOIN policy p ON p.polrelid = t.oid AND p.other_role
        WHERE (p.name, p.meaning) NOT IN
        (SELECT name, meaning FROM policy WHERE polrelid = 'lodge.isolation_model'::regclass)""",
    "no policy calls an immutable function": """
        SELECT p.name || ' ' || f.oid::regprocedure FROM policy p
        JOIN pg_policy q ON q.polrelid = p.polrelid AND q.polname = p.name
        JOIN pg_depend d ON d.classid = 'pg_policy'::regclass AND d.objid = q.oid AND d.refclassid = 'pg_proc'::regclass
        JOIN pg_proc f ON f.oid = d.refobjid AND f.provolatile = 'i'""",
    "company_id is uuid, not null, never made up": """
        SELECT t.name FROM tenant t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = t.key
        WHERE a.atttypid <> 'uuid'::regtype OR NOT a.attnotnull OR a.atthasdef""",
    "a tenant's table has a primary key": """
        SELECT name FROM tenant t WHERE NOT EXISTS
        (SELECT FROM pg_constraint WHERE conrelid = t.oid AND contype = 'p')""",
    "what is unique is unique in a company": """
        SELECT i.indexrelid::regclass::text FROM tenant t JOIN pg_index i ON i.indrelid = t.oid
        WHERE (i.indisunique OR i.indisexclusion) AND NOT t.key = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])""",
    "an index leads with company_id": """
        SELECT i.indexrelid::regclass::text FROM tenant t JOIN pg_index i ON i.indrelid = t.oid
        WHERE i.indkey[0] <> t.key""",
    "a foreign key between tenants' tables pairs company_id": """
        SELECT source || ' ' || name FROM reference WHERE source IS NOT NULL AND target IS NOT NULL
        AND NOT EXISTS (SELECT FROM unnest(conkey, confkey) AS pair (f, t) WHERE f = key AND t = target_key)""",
    "a foreign key stays among tenants' tables": """
        SELECT coalesce(source, conrelid::regclass::text) || ' ' || name FROM reference
        WHERE (source IS NULL) <> (target IS NULL)""",
    "a foreign key changes no column": """
        SELECT source || ' ' || name FROM reference
        WHERE source IS NOT NULL AND (confdeltype IN ('n', 'd') OR confupdtype NOT IN ('a', 'r'))""",
    "queues refer to nothing": """
        SELECT source || ' ' || name FROM reference
        WHERE source IN ('outbox', 'event_receipt', 'ticket_timer', 'audit_unlinked')
        OR conrelid::regclass::text LIKE 'pgqueuer%'""",
    "ids are not counted up": """
        SELECT t.name || '.' || a.attname FROM tenant t JOIN pg_attribute a ON a.attrelid = t.oid
        LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
        WHERE a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE '%nextval(%'""",
    "a tenant's table has no trigger and no rule": """
        SELECT t.name || ' ' || g.tgname FROM tenant t JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal
        UNION ALL SELECT t.name || ' ' || r.rulename FROM tenant t JOIN pg_rewrite r ON r.ev_class = t.oid""",
    "a view looks with its reader's eyes": """
        SELECT name FROM ours
        WHERE relkind = 'm' OR relkind = 'v' AND NOT 'security_invoker=true' = ANY (coalesce(reloptions, '{}'))""",
    "a function has its caller's rights": "SELECT name FROM routine WHERE prosecdef",
    "a function with rights of its own is narrow": """
        SELECT name FROM routine WHERE prosecdef AND (NOT 'search_path=lodge' = ANY (coalesce(proconfig, '{}'))
        OR proowner <> 'lodge_definer'::regrole)""",
    "nothing is granted to everybody": """
        SELECT name || ' ' || verb FROM granted WHERE grantee = 0
        UNION ALL SELECT r.name FROM routine r, aclexplode(coalesce(r.proacl, acldefault('f', r.proowner))) a
            WHERE a.grantee = 0
        UNION ALL SELECT 'database ' || a.privilege_type FROM pg_database d, aclexplode(coalesce(d.datacl,
            acldefault('d', d.datdba))) a WHERE d.datname = current_database() AND a.grantee = 0
        UNION ALL SELECT n.nspname || ' ' || a.privilege_type FROM pg_namespace n, aclexplode(n.nspacl) a
            WHERE n.nspname = 'lodge' AND a.grantee = 0
        UNION ALL SELECT 'public CREATE' FROM pg_namespace n, aclexplode(n.nspacl) a
            WHERE n.nspname = 'public' AND a.grantee = 0 AND a.privilege_type = 'CREATE'""",
    "roles are as weak as written": """
        SELECT r.rolname FROM pg_roles r
        WHERE r.rolname LIKE 'lodge%' AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb
            OR r.rolreplication OR r.rolcanlogin = (r.rolname = 'lodge_definer')
            OR r.rolinherit = (r.rolname IN ('lodge_app', 'lodge_dispatch', 'lodge_operator')))""",
    "who serves is a member of nothing": """
        SELECT m.member::regrole || ' in ' || m.roleid::regrole FROM pg_auth_members m
        WHERE m.member IN ('lodge_app'::regrole, 'lodge_dispatch'::regrole, 'lodge_operator'::regrole,
                           'lodge_definer'::regrole)""",
    "who serves owns nothing": """
        SELECT name FROM ours WHERE owner <> 'lodge_owner'
        UNION ALL SELECT r.name FROM routine r
            WHERE r.proowner IN ('lodge_app'::regrole, 'lodge_dispatch'::regrole, 'lodge_operator'::regrole)
        UNION ALL SELECT nspname FROM pg_namespace WHERE nspname = 'lodge' AND nspowner <> 'lodge_owner'::regrole""",
    "who serves makes nothing": """
        SELECT role || ' ' || place FROM unnest(ARRAY['lodge_app', 'lodge_dispatch', 'lodge_operator']) role,
            unnest(ARRAY['lodge', 'public']) place WHERE has_schema_privilege(role, place, 'CREATE')
        UNION ALL SELECT role || ' ' || verb FROM unnest(ARRAY['lodge_app', 'lodge_dispatch', 'lodge_operator']) role,
            unnest(ARRAY['CREATE', 'TEMPORARY']) verb WHERE has_database_privilege(role, current_database(), verb)""",
    "lodge_app reads and writes rows only": """
        SELECT name || ' ' || verb FROM granted
        WHERE role = 'lodge_app' AND verb NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')""",
    "lodge_operator reads figures": """
        SELECT name || ' ' || verb FROM granted WHERE role = 'lodge_operator'
        UNION ALL SELECT c.table_name || '.' || c.column_name FROM information_schema.column_privileges c
        WHERE c.grantee = 'lodge_operator' AND c.table_schema = 'lodge'
          AND (c.privilege_type <> 'SELECT' OR c.column_name <> ALL (ARRAY[
              'company_id', 'id', 'site_id', 'created_at', 'at', 'day', 'slot', 'available_at', 'dead_at', 'starts_on',
              'ends_on', 'slug', 'plugin', 'enabled', 'active', 'suspended_at', 'state', 'tickets', 'size', 'linked',
              'fault'])
              AND (c.table_name, c.column_name) NOT IN (('company', 'name'), ('site', 'name'), ('job_slot', 'name'))
              AND (c.table_name <> 'operator_access'
                   OR c.column_name IN ('token_hash', 'session_id', 'decided_by', 'decided_by_name')))""",
    "lodge_app works on tenants' tables": """
        SELECT DISTINCT name FROM granted WHERE role = 'lodge_app' AND key IS NULL""",
    "records cannot be changed": """
        SELECT name || ' ' || verb FROM granted WHERE role = 'lodge_app' AND verb NOT IN ('SELECT', 'INSERT')
        AND name IN ('audit_entry', 'audit_link', 'audit_check', 'policy_revision', 'calendar_value',
                     'ticket_event', 'operator_sign_in')""",
}


async def sweep(admin: Any, mutation: str = "") -> dict[str, set[str]]:
    """Who breaks which rule after `mutation`; all of it is rolled back. `admin` is a superuser's connection."""
    transaction = admin.transaction()
    await transaction.start()
    try:
        await admin.execute(f"SET LOCAL ROLE lodge_owner; SET LOCAL search_path = lodge; {_MAKE_MODEL} RESET ROLE;")
        await admin.execute(f"SET LOCAL search_path = lodge; {mutation}")
        return {rule: {row[0] for row in await admin.fetch(_COMMON + query)} for rule, query in RULES.items()}
    finally:
        await transaction.rollback()
