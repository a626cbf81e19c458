"""All tables of core, for binding them to the database and for comparing them with the catalogue."""

from piccolo.table import Table

CORE_TABLES: tuple[type[Table], ...] = ()
