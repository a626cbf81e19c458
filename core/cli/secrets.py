"""`lodge secrets`: a new secret for the instance, and everything sealed under it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import click

from core.cli.boot import running
from core.cli.listing import all_sites, table
from core.cli.run import Refused, progress
from core.db.ids import company_id_of
from core.privacy.resealing import reseal
from core.settings import FORMER, Settings


async def renew(settings: Settings) -> None:
    """Make a new secret in the home, and keep the present one to open what it has sealed."""
    file = settings.home / "secret"
    if not file.exists() or file.read_text().strip().encode() != settings.secret:
        raise Refused("LODGE_SECRET is set: put the new secret there, and the present one into LODGE_FORMER_SECRETS")
    former = settings.home / FORMER
    kept = former.read_text() if former.exists() else ""
    _write(former, f"{settings.secret.decode()}\n{kept}")  # first: a secret that is lost opens nothing any more
    _write(file, secrets.token_hex(32))
    click.echo("A new secret is in force at the next start; then run: lodge secrets rotate")


async def rotate(settings: Settings) -> None:
    """Seal everything with the present secret, company by company."""
    async with running(settings, progress) as lodge:
        platform = lodge.platform
        done = [
            (slug, f"{each.table}.{each.column}", each.anew, each.lost)
            for slug in sorted({site.company for site in await all_sites(platform)})
            for each in await reseal(platform, company_id_of(slug), platform.data_requests.register, platform.sealer)
        ]
    if done:
        table(
            [(slug, column, f"{anew} sealed anew", f"{lost} lost" if lost else "") for slug, column, anew, lost in done]
        )
    else:
        click.echo("Everything is sealed under the present secret.")
    if any(lost for *_, lost in done):
        raise Refused("some values open with no secret that is known here: add it to LODGE_FORMER_SECRETS")


def _write(file: Path, text: str) -> None:
    """Replace the file as a whole, readable for its owner alone."""
    made = file.with_name(f"{file.name}.{os.getpid()}")
    made.touch(mode=0o600)
    made.write_text(text)
    made.replace(file)
