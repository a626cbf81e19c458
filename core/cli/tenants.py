"""`lodge tenants apply`, and the demo companies that `lodge serve --demo` sets up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from core.auth.permissions import ROLES
from core.cli.boot import Running, running
from core.cli.demo.live import live_through
from core.cli.demo.story import StoryFile, read_story
from core.cli.demo.teller import people_of
from core.cli.run import progress
from core.db.engine import Database
from core.db.ids import company_id_of
from core.policies.ticket_categories import TICKET_CATEGORIES
from core.settings import ROOT, Settings
from core.tenancy.packs.apply import Packs
from core.tenancy.packs.model import Known, Pack, PackFile, PolicyTables
from core.tenancy.packs.plan import Change
from core.tenancy.packs.read import read_pack

DEMO = ROOT / "tenants"


async def apply(settings: Settings, *, files: Iterable[Path], dry_run: bool) -> None:
    """Apply each file in a transaction of its own, or print what that would change."""
    packs = [read_pack(file) for file in files]
    async with running(settings, progress) as lodge, packs_of(lodge) as service:
        for pack in packs:
            changes = await (service.preview(pack) if dry_run else service.apply(pack))
            for line in (line for change in changes for line in change.lines()):
                click.echo(line)
            todo = _count(changes)
            click.echo(f"{pack.name}: {todo or 'no'} change{'s' * (todo != 1)}{' (dry run)' * dry_run}")


async def apply_demo(lodge: Running, *, with_past: bool) -> list[PackFile]:
    """The demo packs, applied where a pack is not the last that was: what people changed since stays changed.

    Plugins that do not run, and their policies, are left out. `with_past`: a company that has no ticket yet lives
    through what `tenants/demo` tells of it.
    """
    plugins = frozenset(plugin.id for plugin in lodge.platform.host.plugins)
    packs = [without_absent(read_pack(file), plugins) for file in sorted(DEMO.glob("*.toml"))]
    async with packs_of(lodge) as service:
        for pack in packs:
            story = _story(lodge, pack) if with_past else None
            founded = story.story.begins(lodge.platform.clock()) if story else None
            if todo := _count(await service.apply(pack, again=False, founded=founded)):
                progress(f"{pack.pack.company.name}: {todo} changes from {pack.name}")
            if story is not None:
                await _live(lodge, pack, story)
    return [pack for pack in packs if pack.pack.demo]


def accounts(packs: Iterable[PackFile]) -> list[tuple[str, ...]]:
    """Who may sign in to the demo companies: company, login, password, roles."""
    return [
        (
            file.pack.company.name,
            person.login,
            file.pack.password or "",
            ", ".join(ROLES[role] for role in person.roles),
        )
        for file in packs
        for person in file.pack.people
        if person.active
    ]


@asynccontextmanager
async def packs_of(lodge: Running) -> AsyncIterator[Packs]:
    """The service for packs, on a connection as `lodge_owner`."""
    platform = lodge.platform
    known = Known(frozenset(plugin.id for plugin in platform.host.plugins), platform.policies.registry)
    async with owner_of(lodge) as owner:
        yield Packs(owner, known, platform.clock)


@asynccontextmanager
async def owner_of(lodge: Running) -> AsyncIterator[Database]:
    """A connection as `lodge_owner`."""
    owner = Database(lodge.dsns.owner, max_size=1)
    await owner.connect()
    try:
        yield owner
    finally:
        await owner.close()


def _story(lodge: Running, pack: PackFile) -> StoryFile | None:
    path = DEMO / "demo" / Path(pack.name).name
    return read_story(path, lodge.platform.host.chapters) if path.exists() else None


async def _live(lodge: Running, pack: PackFile, story: StoryFile) -> None:
    company_id = company_id_of(pack.pack.company.slug)
    lodge.platform.directory.forget(company_id)  # it may have been set up in this moment
    company = await lodge.platform.directory.company(company_id)
    assert company is not None
    async with owner_of(lodge) as owner, owner.begin(company_id, read_only=True) as uow:
        people = await people_of(uow)
    said = f"{company.name}: living through {story.story.weeks} weeks ..."
    await live_through(lodge.platform, company, people, story, lambda: progress(said))


def _count(changes: Iterable[Change]) -> int:
    """How many things were, or would be, written."""
    return sum(change.action != "keep" for change in changes)


def without_absent(file: PackFile, plugins: frozenset[str]) -> PackFile:
    """The pack as far as these plugins go. A category of another's kind of ticket gets one of the platform's."""
    usual = {category.key: category.ticket_type for category in TICKET_CATEGORIES.default.categories}

    def known(category: dict[str, Any]) -> dict[str, Any]:
        owner, dot, _ = category["ticket_type"].partition(".")
        if not dot or owner in plugins:
            return category
        return {**category, "ticket_type": usual.get(category["key"], "request")}

    def present(tables: PolicyTables) -> PolicyTables:
        kept = {owner: nouns for owner, nouns in tables.items() if owner == "core" or owner in plugins}
        chosen = kept.get("core", {}).get("ticket_categories", {})
        if "categories" in chosen:
            categories = [known(category) for category in chosen["categories"]]
            kept["core"] = {**kept["core"], "ticket_categories": {**chosen, "categories": categories}}
        return kept

    sites = tuple(
        replace(
            site,
            subscriptions=tuple(entry for entry in site.subscriptions if entry.plugin in plugins),
            policies=present(site.policies),
        )
        for site in file.pack.sites
    )
    pack: Pack = replace(file.pack, sites=sites, policies=present(file.pack.policies))
    return PackFile(file.name, pack)
