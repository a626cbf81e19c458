"""Plugins made in memory, with entry points and distributions that importlib.metadata takes for installed ones."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

from core.db.uow import UnitOfWork
from core.hooks.manager import GROUP, PluginHost
from core.sdk import SYSTEM, Manifest, TenantContext, Work, hookimpl
from core.work import system_clock

COMPANY, SITE = UUID(int=1), UUID(int=2)
CTX = TenantContext(COMPANY, frozenset({SITE}), SYSTEM)


class InMemoryDistribution(metadata.Distribution):
    """A distribution that exists as metadata only."""

    def __init__(self, name: str, *requires: str) -> None:
        self._metadata = "\n".join([f"Name: {name}", "Version: 1", *(f"Requires-Dist: {line}" for line in requires)])

    def read_text(self, filename: str) -> str | None:
        return self._metadata if filename == "METADATA" else None

    def locate_file(self, path: str | os.PathLike[str]) -> Path:
        return Path(path)


def manifest_of(plugin_id: str = "parking", **fields: Any) -> Manifest:
    given = {"title": "T", "version": "1", "requires_core": ">=0.1", "package": f"memory_{plugin_id}", **fields}
    return Manifest(**{"id": plugin_id, **given})


def plugin_of(manifest: object, *, plain: Sequence[str] = (), **hooks: Callable[..., object]) -> object:
    """A plugin whose hookimpls are `hooks` (functions without self); those named in `plain` stay unmarked."""
    members = {
        name: staticmethod(function if name in plain or hasattr(function, "lodge_impl") else hookimpl(function))
        for name, function in hooks.items()
    }
    return type("MemoryPlugin", (), {"manifest": manifest, **members})()


def entry_point(
    monkeypatch: pytest.MonkeyPatch,
    plugin: object,
    name: str = "parking",
    *,
    requires: Sequence[str] = ("lodge-platform>=0.1",),
    distribution: str | None = None,
) -> metadata.EntryPoint:
    """The entry point `name`; importing it is importing a module made here."""
    module = ModuleType(f"memory_{name}.plugin")
    module.plugin = plugin  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    found = metadata.EntryPoint(name, f"{module.__name__}:plugin", GROUP)
    vars(found)["dist"] = InMemoryDistribution(distribution or f"lodge-{name}", *requires)
    return found


def host_of(monkeypatch: pytest.MonkeyPatch, *plugins: object) -> PluginHost:
    """A host that runs these plugins."""
    entries = [entry_point(monkeypatch, plugin, plugin.manifest.id) for plugin in plugins]  # type: ignore[attr-defined]
    return PluginHost.load(None, strict=True, entry_points=entries)


def idle_work(ctx: TenantContext = CTX) -> Work:
    """Work whose transaction never begins, because nothing is asked of the database."""
    return Work(UnitOfWork(None, ctx.company_id), ctx, system_clock())  # type: ignore[arg-type]
