"""Amounts are for whoever may see them: what companies have given so far keeps showing what it showed."""

from core.db.migrate import sql_migration

ID = "2026-11-22T00:00:00:000078"
VERSION = "1.38.0"
DESCRIPTION = __doc__

SHOWED = """'{ticket.view, audit.view, repairs.order.view, repairs.figures.view, complaints.case.view,
    complaints.case.handle, complaints.analysis.view}'::text[]"""
TABLES = ("role", "service_account", "api_token")
KEPT = [
    f"""
    ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
    UPDATE {table} SET permissions = permissions || 'amount.view'::text WHERE permissions && {SHOWED};
    ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
    """
    for table in TABLES
]


async def forwards():
    return sql_migration(ID, "core", DESCRIPTION, *KEPT)
