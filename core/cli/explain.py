"""`lodge sla explain`: worked examples of promised times. Needs no database and imports next to nothing."""

from __future__ import annotations

import click
import msgspec

from core.cli.run import Refused
from core.sla.explain import explain_case


def explain(case: bytes, *, as_json: bool) -> None:
    """Print what each case comes to. Raises Refused naming what is wrong with which case."""
    try:
        explanations = explain_case(case)
    except ValueError as error:
        raise Refused(str(error)) from None
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(explanations), indent=1))
        return
    for explanation in explanations:
        click.echo(explanation["name"])
        for goal, result in explanation["result"].items():
            known = (f"{key} {value}" for key, value in result.items() if key != "state" and value is not None)
            click.echo(f"  {goal}: {result['state']}, {', '.join(known)}")
