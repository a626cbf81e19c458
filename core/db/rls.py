"""The one place where row level security is written. Migrations call `tenant_table` for each table of a tenant."""

from __future__ import annotations

from collections.abc import Sequence

# A sub-select is evaluated once a statement. After a transaction-local setting ends it reads as '', not NULL.
# Nothing IMMUTABLE may stand here: a cached plan would keep another tenant's id.
TENANT = "company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid)"

# Whom a matter is about does not see it (CMP-6); NULL on either side, a reader that is the system, hides nothing.
_NOT_ABOUT_READER = "(concerns_id = (SELECT nullif(current_setting('app.member_id', true), '')::uuid)) IS NOT TRUE"


def hidden_from_concerned(table: str) -> str:
    """SQL that closes rows of a tenant's table to the member that `concerns_id` names, whatever their role (CMP-6).

    Every statement of every module then leaves them out, those that join the table too.
    """
    return f"""
    CREATE POLICY not_about_reader ON {table} AS RESTRICTIVE FOR SELECT TO lodge_app USING ({_NOT_ABOUT_READER});
    """


# The buildings by site that the reader is confined to; NULL for most, and for the system.
_AREAS = "(SELECT convert_from(decode(nullif(current_setting('app.areas', true), ''), 'hex'), 'UTF8')::jsonb)"
READER = "(SELECT nullif(current_setting('app.member_id', true), '')::uuid)"


def within_areas(table: str, also: str = "false") -> str:
    """SQL that leaves, to whoever is confined to some buildings of a site, the rows of these and those for which `also`
    holds."""
    return f"""
    CREATE POLICY within_areas ON {table} AS RESTRICTIVE FOR SELECT TO lodge_app
        USING (coalesce({_AREAS} -> site_id::text ? building, true) OR {also});
    """


def within_areas_by(table: str, function: str) -> str:
    """The same for a table without buildings, by a call of a function of the row, which is made for the confined alone:
    a sub-select instead would be made ready in every statement of everybody, which cost more than reading a household.
    """
    return f"""
    CREATE POLICY within_areas ON {table} AS RESTRICTIVE FOR SELECT TO lodge_app
        USING (coalesce(current_setting('app.areas', true), '') = '' OR {function});
    """


def operator_figures(table: str, columns: str) -> str:
    """SQL that lets `lodge_operator` read these columns of every company's rows: ids, names of companies, figures."""
    return f"""
    CREATE POLICY lodge_operator_rows ON {table} AS PERMISSIVE FOR SELECT TO lodge_operator USING (true);
    GRANT SELECT ({columns}) ON {table} TO lodge_operator;
    """


def tenant_table(
    table: str,
    *,
    writes: Sequence[str] = ("INSERT", "UPDATE", "DELETE"),
    dispatch: Sequence[str] = (),
    definer: Sequence[str] = (),
) -> str:
    """SQL that closes `table` to all but the tenant in force, for the owner too.

    `writes` are the verbs `lodge_app` may use besides SELECT (append-only tables: INSERT alone). `dispatch`
    are verbs of `lodge_dispatch`, which sees the rows of every company: for queues without content only.
    `definer` are verbs of the functions that look across companies before anybody is signed in.
    """
    verbs = ", ".join(("SELECT", *writes))
    sql = f"""
    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY tenant_rows ON {table} AS PERMISSIVE TO lodge_app, lodge_owner USING (true) WITH CHECK (true);
    CREATE POLICY tenant_only ON {table} AS RESTRICTIVE TO lodge_app, lodge_owner
        USING ({TENANT}) WITH CHECK ({TENANT});
    GRANT {verbs} ON {table} TO lodge_app;
    """
    for role, granted in (("lodge_dispatch", dispatch), ("lodge_definer", definer)):
        if granted:
            sql += f"""
    CREATE POLICY {role}_rows ON {table} AS PERMISSIVE TO {role} USING (true) WITH CHECK (true);
    GRANT {", ".join(granted)} ON {table} TO {role};
    """
    return sql
