"""`lodge operator`: the only place where operators of the platform are made. They sign in at /operator/."""

from __future__ import annotations

import click
import msgspec

from core.cli.boot import Running, running
from core.cli.listing import table
from core.cli.run import progress
from core.settings import Settings

_LOGIN, _NAME, _PASSWORD = "yunwei", "平台运维 周敏", "yunwei-demo-2026"


async def demo_operator(lodge: Running) -> str:
    """How to sign in as the demo's operator, in a line. The second step is asked for here as everywhere: the secret is
    this instance's own, made at random, and said to whoever sits at its terminal."""
    secret = await lodge.platform.operator.demo(_LOGIN, _NAME, _PASSWORD)
    return f"{_LOGIN}  {_PASSWORD}  authenticator secret {secret}"


async def add(settings: Settings, *, login: str, name: str) -> None:
    """Print the link by which they set their password."""
    async with running(settings, progress) as lodge:
        click.echo(await lodge.platform.operator.accounts.add(login, name))


async def link(settings: Settings, *, login: str, without_factor: bool) -> None:
    """Print a new link; the password before is good no more."""
    async with running(settings, progress) as lodge:
        click.echo(await lodge.platform.operator.accounts.link(login, without_factor=without_factor))


async def switch(settings: Settings, *, login: str, on: bool) -> None:
    """Let an account sign in, or not."""
    async with running(settings, progress) as lodge:
        await lodge.platform.operator.accounts.switch(login, on=on)


async def listed(settings: Settings, *, as_json: bool) -> None:
    """Print the operators, one a line."""
    async with running(settings, progress) as lodge:
        found = await lodge.platform.operator.accounts.all()
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=1))
    elif found:
        table([(each.login, each.name, _state(each.active, each.ready), _seen(each.seen_at)) for each in found])


def _state(active: bool, ready: bool) -> str:
    return "off" if not active else "on" if ready else "not set up yet"


def _seen(at: object) -> str:
    return "" if at is None else f"last seen {at:%Y-%m-%d %H:%M}"
