"""Commands that plugins add: `lodge <plugin id> …`.

Called: when the command is run, or listed by `--help`. An entry point in the group `lodge.commands`, named like the
plugin's id, is a click command or group; it imports what it needs when it is called. One of a name that Lodge has
itself is not asked. Failure: the others work; this one says why it does not.
"""

from __future__ import annotations

from importlib import metadata
from typing import Final, NoReturn

import click

from core.cli.run import Refused

GROUP: Final = "lodge.commands"


class Commands(click.Group):
    """Lodge's own commands, and those of the installed plugins."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *metadata.entry_points(group=GROUP).names})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        for entry_point in metadata.entry_points(group=GROUP, name=cmd_name):
            return _loaded(entry_point)
        return None


def _loaded(entry_point: metadata.EntryPoint) -> click.Command:
    try:
        command: object = entry_point.load()
    except Exception as error:
        return _broken(entry_point.name, f"{type(error).__name__}: {error}")
    return command if isinstance(command, click.Command) else _broken(entry_point.name, "it is no click command")


def _broken(name: str, why: str) -> click.Command:
    told = f"the commands of plugin {name!r} cannot be loaded: {why}"

    @click.command(name, short_help=told, context_settings={"ignore_unknown_options": True})
    @click.argument("rest", nargs=-1, type=click.UNPROCESSED)
    def refuse(rest: tuple[str, ...]) -> NoReturn:
        raise Refused(told)

    return refuse
