"""Residents agree by message as well, and what is signed on paper may have its photo among the files (REP-3)."""

from core.sdk import sql_migration

ID = "2026-11-22T00:00:00:000020"
VERSION = "1.38.0"
DESCRIPTION = __doc__

TABLES = """
ALTER TABLE repairs_consent DROP CONSTRAINT repairs_consent_check;
ALTER TABLE repairs_consent
    ADD CHECK (how IN ('', 'signature', 'paper', 'telephone', 'message', 'in_person')),
    ADD CONSTRAINT repairs_consent_signed CHECK (
        CASE how WHEN 'signature' THEN attachment_id IS NOT NULL WHEN 'paper' THEN true ELSE attachment_id IS NULL END
    );
"""


async def forwards():
    return sql_migration(ID, "repairs", DESCRIPTION, TABLES)
