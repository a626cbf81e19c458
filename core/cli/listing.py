"""`lodge migrate`, `lodge sites`, `lodge plugins list`: the database brought up to date, and what there is."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import click
import msgspec

from core.cli.boot import migrated, running
from core.cli.run import Refused, progress
from core.hooks.manager import PluginHost
from core.platform import Platform
from core.settings import Settings

# as lodge_dispatch, which alone sees the companies side by side
_SITES = """
SELECT c.company_id, c.slug, c.name, s.id, s.slug, s.name, s.kind, s.timezone
FROM company c JOIN site s ON s.company_id = c.company_id ORDER BY c.slug, s.slug
"""


class ListedSite(msgspec.Struct, frozen=True):
    """A site with its company."""

    company_id: UUID
    company: str
    company_name: str
    site_id: UUID
    site: str
    name: str
    kind: str
    timezone: str


async def migrate(settings: Settings) -> None:
    """Roles, schema and migrations of core and plugins."""
    async with migrated(settings, progress):
        click.echo("The database is up to date.")


async def sites(settings: Settings, *, as_json: bool, company: str | None) -> None:
    """Print companies and sites, one site a line."""
    async with running(settings, progress) as lodge:
        found = [site for site in await all_sites(lodge.platform) if company in (None, site.company)]
    if company is not None and not found:
        raise Refused(f"there is no company {company!r} with a site; lodge sites lists them all")
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=1))
    else:
        table([(site.company, site.site, f"{site.company_name} {site.name}") for site in found])


async def plugins(settings: Settings, *, as_json: bool) -> None:
    """Print each plugin with its state."""
    host = PluginHost.load(settings.plugins, strict=False)
    rows = [(plugin.id, plugin.manifest.version, "running") for plugin in host.plugins]
    rows += [(id, "", f"refused ({reason.check}): {reason.message}") for id, reason in host.quarantine.items()]
    if as_json:
        listed = [{"id": id, "version": version or None, "state": state} for id, version, state in rows]
        click.echo(msgspec.json.format(msgspec.json.encode(listed), indent=1))
    else:
        table(rows)


async def all_sites(platform: Platform) -> list[ListedSite]:
    """Every site of every company."""
    async with platform.dispatch.begin(None, read_only=True) as uow:
        return await uow.fetch(ListedSite, _SITES)


def chosen(sites: Sequence[ListedSite], site: str, company: str | None) -> ListedSite:
    """The site that is meant. Raises Refused where there is none, or one in several companies."""
    found = [listed for listed in sites if listed.site == site and company in (None, listed.company)]
    if len(found) == 1:
        return found[0]
    if found:
        companies = ", ".join(listed.company for listed in found)
        raise Refused(f"site {site!r} is there in several companies ({companies}); name one with --company")
    where = f" in company {company!r}" if company else ""
    known = ", ".join(f"{listed.company}/{listed.site}" for listed in sites) or "none; see lodge tenants apply"
    raise Refused(f"there is no site {site!r}{where}; there are: {known}")


def table(rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows in columns; Chinese characters are two columns wide."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell + " " * (size - width(cell)) for cell, size in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def width(text: str) -> int:
    """Columns of a terminal."""
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
