"""`lodge` of the next version: it brings one more migration, to tables that are in use, and is otherwise the same."""

from __future__ import annotations

from pathlib import Path

from core.cli import boot
from core.cli.main import main
from core.db.migrate import MigrationApp
from core.hooks.manager import PluginHost

_present = boot.migration_apps


def _next(host: PluginHost) -> tuple[MigrationApp, ...]:
    return (*_present(host), MigrationApp("newer", Path(__file__).with_name("migrations")))


if __name__ == "__main__":
    boot.migration_apps = _next
    main(prog_name="lodge")
