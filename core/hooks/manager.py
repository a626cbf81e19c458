"""Finds the installed plugins, checks them and keeps what they register. Nothing loads at import time."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import msgspec
import structlog
from litestar.handlers import HTTPRouteHandler
from piccolo.table import Table, TableMetaclass
from pluggy import HookRelay

from core.hooks import checks
from core.hooks.checks import PluginRefused, Reason
from core.hooks.payments import PaymentProvider
from core.hooks.services import Service
from core.hooks.story import Chapter, StoryStep
from core.hooks.types import ApprovalKind, JobSpec, KeptFor, Manifest, NavEntry, NoticeSpec, Permission, TicketType
from core.policies.spec import PolicySpec

GROUP: Final = "lodge.plugins"
T = TypeVar("T")
log = structlog.get_logger(__name__)


class LoadedPlugin(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin that passed all checks, with what it registered; `hook` calls its implementations only."""

    manifest: Manifest
    hook: HookRelay
    routes: tuple[HTTPRouteHandler, ...]
    pages: tuple[HTTPRouteHandler, ...]
    permissions: tuple[Permission, ...]
    policies: tuple[PolicySpec[Any], ...]
    nav: tuple[NavEntry, ...]
    jobs: tuple[JobSpec, ...]
    tables: tuple[type[Table], ...]
    ticket_types: tuple[TicketType, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    story_steps: tuple[StoryStep, ...] = ()
    notices: tuple[NoticeSpec, ...] = ()
    approvals: tuple[ApprovalKind, ...] = ()
    retention: tuple[KeptFor, ...] = ()
    services: tuple[Service[Any], ...] = ()
    payment_providers: tuple[PaymentProvider, ...] = ()

    @property
    def id(self) -> str:
        return self.manifest.id

    @property
    def locales(self) -> Path | None:
        """The folder with what the plugin says; None for a package that is no folder."""
        module = sys.modules.get(self.manifest.package)
        paths = getattr(module, "__path__", None)
        return Path(paths[0]) / "locales" if paths else None

    def implements(self, hook: str) -> bool:
        return bool(getattr(self.hook, hook).get_hookimpls())


class PluginHost:
    """The plugins of this process: those running, by priority then id, and those refused, with the reason."""

    def __init__(self, plugins: Iterable[LoadedPlugin], quarantine: dict[str, Reason]) -> None:
        self.plugins: Final = tuple(sorted(plugins, key=lambda plugin: (plugin.manifest.priority, plugin.id)))
        self._by_id: Final = {plugin.id: plugin for plugin in self.plugins}
        self.quarantine: Final = quarantine

    @classmethod
    def load(
        cls,
        allow: Sequence[str] | None,
        *,
        strict: bool,
        entry_points: Iterable[metadata.EntryPoint] | None = None,
    ) -> PluginHost:
        """Import and check the allowed plugins (None: all that are installed).

        `strict` raises PluginRefused for the first that fails; otherwise it is put in quarantine and nothing of it
        is registered. `entry_points` replaces the installed ones.
        """
        found: dict[str, list[metadata.EntryPoint]] = {}
        for entry_point in metadata.entry_points(group=GROUP) if entry_points is None else entry_points:
            found.setdefault(entry_point.name, []).append(entry_point)
        plugins: list[LoadedPlugin] = []
        quarantine: dict[str, Reason] = {}
        for plugin_id in sorted(found) if allow is None else dict.fromkeys(allow):
            try:
                plugins.append(_load(plugin_id, found.get(plugin_id, [])))
            except PluginRefused as refused:
                if strict:
                    raise
                quarantine[plugin_id] = refused.reason
                log.error("plugin quarantined", plugin=plugin_id, check=refused.reason.check, exc_info=refused)
        return cls(plugins, quarantine)

    @property
    def chapters(self) -> dict[str, dict[str, Chapter]]:
        """What plugins tell of a demo company's past: chapters by plugin and name."""
        return {plugin.id: {chapter.name: chapter for chapter in plugin.chapters} for plugin in self.plugins}

    def __getitem__(self, plugin_id: str) -> LoadedPlugin:
        """The running plugin of that id; KeyError if there is none."""
        return self._by_id[plugin_id]

    def __contains__(self, plugin_id: str) -> bool:
        return plugin_id in self._by_id


def _load(plugin_id: str, entry_points: list[metadata.EntryPoint]) -> LoadedPlugin:
    if not entry_points:
        raise PluginRefused(plugin_id, "installed", "it is allowed, but no installed package provides it")
    if len(entry_points) > 1:
        raise PluginRefused(plugin_id, "unique", f"{len(entry_points)} installed packages claim this id; keep one")
    entry_point = entry_points[0]
    checks.check_distribution(plugin_id, entry_point.dist)
    try:
        plugin: object = entry_point.load()
    except Exception as error:
        raise PluginRefused(plugin_id, "import", f"{type(error).__name__}: {error}") from error
    manifest = checks.check_manifest(plugin_id, plugin, entry_point.module)
    loaded = _register(manifest, checks.check_hooks(plugin_id, plugin))
    _check_registered(loaded)
    return loaded


def _register(manifest: Manifest, hook: HookRelay) -> LoadedPlugin:
    """Ask every boot hook once."""

    def ask(name: str, *kinds: type[T]) -> tuple[T, ...]:
        try:
            answers = tuple(item for answer in getattr(hook, name)() for item in answer)
        except Exception as error:
            raise PluginRefused(manifest.id, name, f"{type(error).__name__}: {error}") from error
        for item in answers:
            if not isinstance(item, kinds):
                wanted = " or ".join(kind.__name__ for kind in kinds)
                raise PluginRefused(manifest.id, name, f"{item!r} is not a {wanted}")
        return answers

    past: tuple[object, ...] = ask("register_chapters", Chapter, StoryStep)
    return LoadedPlugin(
        manifest=manifest,
        hook=hook,
        routes=ask("register_routes", HTTPRouteHandler),
        pages=ask("register_pages", HTTPRouteHandler),
        permissions=ask("register_permissions", Permission),
        policies=ask("register_policies", PolicySpec),
        nav=ask("register_nav", NavEntry),
        jobs=ask("register_jobs", JobSpec),
        tables=cast(tuple[type[Table], ...], ask("register_tables", TableMetaclass)),
        ticket_types=ask("register_ticket_types", TicketType),
        chapters=tuple(told for told in past if isinstance(told, Chapter)),
        story_steps=tuple(told for told in past if isinstance(told, StoryStep)),
        notices=ask("register_notices", NoticeSpec),
        approvals=ask("register_approvals", ApprovalKind),
        retention=ask("register_retention", KeptFor),
        services=ask("register_services", Service),
        payment_providers=cast(
            tuple[PaymentProvider, ...], ask("register_payment_providers", cast(type, PaymentProvider))
        ),
    )


def _check_registered(plugin: LoadedPlugin) -> None:
    known = checks.check_permissions(plugin.id, plugin.permissions)
    checks.check_policies(plugin.id, plugin.policies, known)
    checks.check_ticket_types(plugin.id, plugin.ticket_types, known)
    for told in (plugin.chapters, plugin.story_steps):
        checks.check_names(plugin.id, "chapter", [f"{plugin.id}.{each.name}" for each in told])
    checks.check_notices(plugin.id, plugin.notices, plugin.manifest)
    checks.check_names(plugin.id, "approval", [kind.id for kind in plugin.approvals])
    checks.check_names(plugin.id, "retention", [kept.id for kept in plugin.retention])
    checks.check_names(plugin.id, "service", [service.key.name for service in plugin.services])
    checks.check_payment_providers(plugin.id, plugin.payment_providers)
    checks.check_names(plugin.id, "job", [job.name for job in plugin.jobs])
    checks.check_tables(plugin.id, [table._meta.tablename for table in plugin.tables], plugin.manifest)
    for route in (*plugin.routes, *plugin.pages):
        checks.check_access(plugin.id, route, known)
    for entry in plugin.nav:
        checks.check_nav(plugin.id, entry, known)
