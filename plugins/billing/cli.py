"""`lodge billing …`: what billing adds to the command. Imports what a command does when it is called."""

from __future__ import annotations

from typing import BinaryIO

import click


class Wrong(click.ClickException):
    """What a caller can mend, in one line."""

    exit_code = 2


@click.group()
def billing() -> None:
    """Compute amounts."""


@billing.command()
@click.argument("case", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
def explain(case: BinaryIO, as_json: bool) -> None:
    """Say what a worked example comes to. CASE holds one case or a list of them as JSON; - is standard input."""
    import msgspec

    from plugins.billing.explain import explain_case, tell_case

    try:
        if as_json:
            click.echo(msgspec.json.format(msgspec.json.encode(explain_case(case.read())), indent=1))
        else:
            click.echo("\n".join(tell_case(case.read())))
    except ValueError as error:
        raise Wrong(str(error)) from None
