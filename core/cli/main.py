"""The `lodge` command: what there is to call. Each command imports what it does when it is called: `--help`, and what
needs no database, must answer at once."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import click

from core.cli.modules import Commands
from core.cli.run import run

_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
_company = click.option("--company", metavar="SLUG", help="The company, where a site's slug is not enough.")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Lodge (门房): the service platform for property companies.

    Settings come from the environment (LODGE_HOME, LODGE_DATABASE_URL, LODGE_PORT ...).
    """


@main.command()
@click.option("--demo", is_flag=True, help="Set up the demo companies of tenants/*.toml first.")
@click.option("--no-past", is_flag=True, help="Leave out what the demo companies have lived through.")
@click.option("--no-worker", is_flag=True, help="Leave the background work to `lodge worker`.")
def serve(demo: bool, no_past: bool, no_worker: bool) -> None:
    """Serve the console and the API."""
    from core.cli.serve import serve

    run(serve, demo=demo, with_past=not no_past, with_worker=not no_worker)


@main.command()
def worker() -> None:
    """Do the background work: timers, events, jobs."""
    from core.cli.serve import work

    run(work)


@main.command()
def migrate() -> None:
    """Bring the database up to date."""
    from core.cli.listing import migrate

    run(migrate)


@main.command()
@_json
@_company
def sites(as_json: bool, company: str | None) -> None:
    """List companies and their sites."""
    from core.cli.listing import sites

    run(sites, as_json=as_json, company=company)


@main.group()
def plugins() -> None:
    """Look at plugins."""


@plugins.command("list")
@_json
def plugins_list(as_json: bool) -> None:
    """List the installed plugins, and why one does not run."""
    from core.cli.listing import plugins

    run(plugins, as_json=as_json)


@main.group()
def sla() -> None:
    """Compute promised times."""


@sla.command()
@click.argument("case", type=click.File("rb"))
@_json
def explain(case: BinaryIO, as_json: bool) -> None:
    """Say what a worked example comes to. CASE holds one case or a list of them as JSON; - is standard input."""
    from core.cli.explain import explain

    explain(case.read(), as_json=as_json)


@main.group()
def audit() -> None:
    """Prove the audit log."""


@audit.command()
@_company
@click.option(
    "--anchors",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Anchors kept elsewhere (a folder).",
)
@_json
def verify(company: str | None, anchors: Path | None, as_json: bool) -> None:
    """Compute the chains again, against the anchors; exit 1 and say where one is broken."""
    from core.cli.audit import verify_all

    run(verify_all, company=company, anchors=anchors, as_json=as_json)


@main.group()
def operator() -> None:
    """Who operates the platform: people of their own, members of no company."""


@operator.command("add")
@click.argument("login")
@click.option("--name", required=True, help="What companies are shown when the operator enters.")
def operator_add(login: str, name: str) -> None:
    """Add LOGIN; prints the link that sets the password, good once for a day. The second step follows."""
    from core.cli.operator import add

    run(add, login=login, name=name)


@operator.command("link")
@click.argument("login")
@click.option("--without-factor", is_flag=True, help="Have the authenticator app set up anew as well.")
def operator_link(login: str, without_factor: bool) -> None:
    """Print a new link for LOGIN. The password before is good no more, and all sessions end."""
    from core.cli.operator import link

    run(link, login=login, without_factor=without_factor)


@operator.command("off")
@click.argument("login")
def operator_off(login: str) -> None:
    """Shut LOGIN out at once."""
    from core.cli.operator import switch

    run(switch, login=login, on=False)


@operator.command("on")
@click.argument("login")
def operator_on(login: str) -> None:
    """Let LOGIN in again."""
    from core.cli.operator import switch

    run(switch, login=login, on=True)


@operator.command("list")
@_json
def operator_list(as_json: bool) -> None:
    """List the operators."""
    from core.cli.operator import listed

    run(listed, as_json=as_json)


@main.group("import")
def import_() -> None:
    """Take data in."""


@import_.command()
@click.argument("file", type=_FILE)
@click.option("--site", metavar="SLUG", help="The site the roll is of.")
@_company
@click.option("--dry-run", is_flag=True, help="Read the file only; touch no database.")
@_json
def roll(file: Path, site: str | None, company: str | None, dry_run: bool, as_json: bool) -> None:
    """Import a household roll (.xlsx)."""
    from core.cli.rolls import import_roll, read_roll

    if dry_run:
        read_roll(file.read_bytes(), as_json=as_json)
    elif site is None:
        raise click.UsageError("say which site the roll is of: --site SLUG (lodge sites lists them)")
    else:
        run(
            import_roll,
            file_name=file.name,
            content=file.read_bytes(),
            site_slug=site,
            company_slug=company,
            as_json=as_json,
        )


@main.group()
def tenants() -> None:
    """Companies as files."""


@tenants.command()
@click.argument("files", type=_FILE, nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Print what would change; write nothing.")
def apply(files: tuple[Path, ...], dry_run: bool) -> None:
    """Make companies what the packs FILES say."""
    from core.cli.tenants import apply

    run(apply, files=files, dry_run=dry_run)


@main.group()
def privacy() -> None:
    """What is held about people."""


@privacy.command("columns")
@click.option("--all", "every", is_flag=True, help="Columns that hold nothing personal, too.")
@_json
def privacy_columns(every: bool, as_json: bool) -> None:
    """List the columns that hold something personal or secret: what, about whom, and why."""
    from core.cli.privacy import columns

    run(columns, as_json=as_json, every=every)


@main.group()
def secrets() -> None:
    """The instance's secret, and what is sealed under it."""


@secrets.command()
def renew() -> None:
    """Make a new secret; the present one goes on opening what it has sealed. Stop the servers first."""
    from core.cli.secrets import renew

    run(renew)


@secrets.command()
def rotate() -> None:
    """Seal everything with the present secret, while servers go on."""
    from core.cli.secrets import rotate

    run(rotate)
