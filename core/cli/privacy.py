"""`lodge privacy`: the register of what the database holds about people."""

from __future__ import annotations

from collections.abc import Iterable

import click
import msgspec

from core.cli.listing import table
from core.hooks.manager import PluginHost
from core.privacy.register import Column, Held, register
from core.settings import Settings
from core.tables import CORE_TABLES


async def columns(settings: Settings, *, as_json: bool, every: bool) -> None:
    """Print every column that holds something personal or secret; `every`: those that hold nothing, too."""
    host = PluginHost.load(settings.plugins, strict=False)
    held = register([*CORE_TABLES, *(each for plugin in host.plugins for each in plugin.tables)])
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(_shown(held, every=every)), indent=1))
    else:
        table(listed(held, every=every))


def listed(held: Iterable[Held], *, every: bool = False) -> list[tuple[str, ...]]:
    """A line a column: which, what kind, whose, why."""
    return [(f"{c.table}.{c.name}", c.kind, c.subject or "", c.purpose) for c in _shown(held, every=every)]


def _shown(held: Iterable[Held], *, every: bool) -> list[Column]:
    return [column for each in held for column in each.columns if every or column.kind != "none"]
