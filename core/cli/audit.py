"""`lodge audit verify`: proves that nobody has touched the audit log, or says where somebody did."""

from __future__ import annotations

import asyncio
import sys
from datetime import date
from pathlib import Path
from uuid import UUID

import click
import msgspec

from core.audit.anchors import Anchors, BadAnchors
from core.audit.verify import Fault, Verdict, verify
from core.cli.boot import running
from core.cli.run import Refused, progress
from core.operator.realm import REALM
from core.settings import Settings

# as lodge_dispatch, which alone sees the companies side by side
_COMPANIES = "SELECT company_id, slug FROM company ORDER BY slug"
_REALM = "(operator)"  # no slug of a company has brackets
_FOUND = {
    "altered": "an entry or its link was altered",
    "deleted": "an entry was deleted",
    "inserted": "an entry was put in that nobody wrote",
    "reordered": "entries have changed places",
    "rewritten": "the chain was computed anew, or an older database was put in place of this one",
    "cut": "the end of the chain was cut off, or an older database was put in place of this one",
    "unlinked": "an entry was taken out of the chain",
}


class Checked(msgspec.Struct, frozen=True):
    """A company and what came of computing its chain again."""

    company: str
    company_id: UUID
    verdict: Verdict


async def verify_all(settings: Settings, *, company: str | None, anchors: Path | None, as_json: bool) -> None:
    """Compute every chain again, that of the operator's realm too, or one company's, against the anchors.

    Exits with 1 where one is broken.
    """
    kept = Anchors(anchors or settings.home / "audit")
    async with running(settings, progress) as lodge:
        async with lodge.platform.dispatch.begin(None, read_only=True) as uow:
            companies = await uow.fetch(lambda id, slug: (id, slug), _COMPANIES)
        checked = []
        for company_id, slug in (*companies, (REALM, _REALM)):
            if company in (None, slug):
                try:
                    of_company = await asyncio.to_thread(kept.of, company_id)
                except BadAnchors as error:
                    raise Refused(str(error), exit_code=1) from None
                async with lodge.platform.db.begin(company_id, read_only=True) as uow:
                    checked.append(Checked(slug, company_id, await verify(uow, company_id, of_company)))
    if company is not None and not checked:
        raise Refused(f"there is no company {company!r}; lodge sites lists them all")
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(checked), indent=1))
    else:
        for one in checked:
            click.echo(_line(one))
    if any(one.verdict.fault for one in checked):
        sys.exit(1)


def _line(checked: Checked) -> str:
    """What came of a company's chain, in one line."""
    found = checked.verdict
    what = "whole" if found.fault is None else f"BROKEN: {_fault(found.fault)}"
    waiting = f", {found.waiting} wait for their link" if found.waiting else ""
    return f"{checked.company}: {what} ({found.linked} linked{waiting}; {found.anchors} anchors compared)"


def _fault(fault: Fault) -> str:
    places: tuple[tuple[str, int | UUID | date | None], ...] = (
        ("at place", fault.seq),
        ("entry", fault.entry_id),
        ("on", fault.day),
    )
    return ", ".join((_FOUND[fault.kind], *(f"{word} {place}" for word, place in places if place is not None)))
