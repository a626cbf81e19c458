"""`lodge import roll`: a household roll read, told and taken in."""

from __future__ import annotations

from collections.abc import Sequence

import click
import msgspec

from core.cli.run import Refused, in_words
from core.errors import Invalid, TooLarge
from core.exchange.issues import RowIssue
from core.exchange.roll import Summary, parse_roll, summary
from core.settings import Settings
from core.tenancy.context import Actor, TenantContext

ACTOR = Actor("system", None, "lodge import")
_REFUSED = 1  # the exit code for a file that cannot be read as a roll


def read_roll(content: bytes, *, as_json: bool) -> None:
    """Tell what the .xlsx `content` holds. Writes nothing, needs no database. Raises Refused for what is no roll."""
    try:
        roll = parse_roll(content)
    except (Invalid, TooLarge) as error:
        raise Refused(in_words(error), _REFUSED) from None
    _tell(summary(roll), roll.errors, roll.warnings, as_json=as_json)


async def import_roll(
    settings: Settings, *, file_name: str, content: bytes, site_slug: str, company_slug: str | None, as_json: bool
) -> None:
    """Preview and apply the roll in one transaction, as the system. Raises Refused for what is no roll."""
    from core.cli.boot import running
    from core.cli.listing import all_sites, chosen
    from core.cli.run import progress

    async with running(settings, progress) as lodge:
        platform = lodge.platform
        listed = chosen(await all_sites(platform), site_slug, company_slug)
        company = await platform.directory.company(listed.company_id)
        assert company is not None  # it was listed a moment ago, and nothing deletes companies
        site = next(site for site in company.sites if site.id == listed.site_id)
        ctx = TenantContext(listed.company_id, frozenset([site.id]), ACTOR, frozenset(["estate.import"]))
        try:
            async with platform.work(ctx) as work:
                preview = await platform.estate.preview_roll(work, site, file_name, content)
                await platform.estate.apply_roll(work, site, preview.id)
        except (Invalid, TooLarge) as error:
            raise Refused(in_words(error), _REFUSED) from None
    _tell(preview.summary, preview.errors, preview.warnings, as_json=as_json)
    if not as_json:
        effect = msgspec.structs.asdict(preview.effect)
        click.echo(", ".join(f"{name.replace('_', ' ')}: {count}" for name, count in effect.items()))


def _tell(counts: Summary, errors: Sequence[RowIssue], warnings: Sequence[RowIssue], *, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(counts), indent=1))
        return
    for label, issues in (("error", errors), ("warning", warnings)):
        for issue in issues:
            said = issue.message.format(**issue.params) if issue.params else issue.message
            click.echo(f"row {issue.row}: {label}: {issue.column}: {said}")
    click.echo(
        f"{counts['imported_units']} units of {counts['total_area_m2']} m², {counts['owners']} owners, "
        f"{counts['phones']} telephone numbers; {len(errors)} rows with errors are left out"
    )
