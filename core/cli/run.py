"""Runs a command: reads the settings, tells errors a caller can act on in a line each (exit code 2)."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Coroutine
from typing import IO, Any, Concatenate, NoReturn, ParamSpec

import click

from core.settings import BadSetting, Settings, load_settings

P = ParamSpec("P")
Command = Callable[Concatenate[Settings, P], Coroutine[Any, Any, None]]


class Refused(click.ClickException):
    """A command that ends with one clear line on standard error."""

    def __init__(self, message: str, exit_code: int = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]

    def show(self, file: IO[Any] | None = None) -> None:
        for line in self.message.splitlines():
            click.echo(f"lodge: {line}", err=True, file=file)


def progress(line: str) -> None:
    """Tell on standard error what is going on; standard output is for results."""
    click.echo(line, err=True)


def run(command: Command[P], *args: P.args, **kwargs: P.kwargs) -> None:
    """Run an asynchronous command on the settings of the environment."""
    import structlog
    import uvloop

    # Standard output is for results; and a traceback that shows variables would show passwords and people.
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    # Its pool tells of every attempt with a traceback; whoever waits for a connection says what came of it.
    logging.getLogger("asyncpg").setLevel(logging.ERROR)
    try:
        uvloop.run(command(load_settings(), *args, **kwargs))
    except BadSetting as error:
        raise Refused(str(error)) from None
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        _refuse(error)


def _refuse(error: Exception) -> NoReturn:
    """Raises Refused for what the caller can mend, the error itself otherwise."""
    from core.db.connect import DatabaseUnavailable
    from core.db.programs import PostgresUnavailable
    from core.db.roles import TooStrong
    from core.db.uow import unavailable
    from core.errors import LodgeError
    from core.hooks.checks import PluginRefused
    from core.tenancy.packs.model import PackError

    if isinstance(error, click.ClickException):
        raise error
    if isinstance(error, LodgeError):
        raise Refused(in_words(error)) from None
    if isinstance(error, DatabaseUnavailable | PostgresUnavailable | TooStrong | PluginRefused | PackError):
        raise Refused(str(error)) from None
    if (away := unavailable(error)) is not None:
        raise Refused(in_words(away)) from None
    raise error


def in_words(error: Any) -> str:
    """A LodgeError in one line, wrong fields included."""
    fields = (
        f"{field.field}: {field.message.format(**field.params) if field.params else field.message}"
        for field in error.fields
    )
    return " ".join((str(error), *fields))
