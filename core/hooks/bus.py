"""Calls request hooks: enabled plugins only, one after the other, each isolated, within a time limit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, Final
from uuid import UUID

import structlog
from prometheus_client import Counter

from core.errors import LodgeError
from core.hooks.manager import PluginHost
from core.hooks.specs import REQUEST_HOOKS, Failure
from core.tenancy.context import TenantContext
from core.work import Work

Enabled = Callable[[TenantContext, str, UUID | None], bool]
Isolate = Callable[[Work], AbstractAsyncContextManager[object]]

FAILURES: Final = Counter("lodge_hook_failures", "Hook implementations that raised or ran late", ["hook", "plugin"])
log = structlog.get_logger(__name__)


class HookFailed(Exception):
    """An implementation raised or ran late; the cause is attached."""

    def __init__(self, hook: str, plugin_id: str) -> None:
        self.hook = hook
        self.plugin_id = plugin_id
        super().__init__(f"{hook} of plugin {plugin_id!r} failed")


class HookBus:
    """The one way to call a request hook.

    `enabled(ctx, plugin_id, site_id)` says whether a plugin is on there. `isolate(work)` wraps each call, in practice
    in a savepoint, but those that may abort the operation. `time_limit` is in seconds, for one call. `platform` is what
    implementations are given as such.
    """

    def __init__(
        self,
        host: PluginHost,
        enabled: Enabled,
        *,
        isolate: Isolate = nullcontext,
        time_limit: float = 2.0,
        platform: object = None,
    ) -> None:
        self._host = host
        self._enabled = enabled
        self._isolate = isolate
        self._time_limit = time_limit
        self._platform = platform

    def takers(self, hook: str, ctx: TenantContext, site_id: UUID | None) -> list[str]:
        """The ids of the enabled plugins that implement the hook, in calling order. `site_id` None: company-wide."""
        return [
            plugin.id
            for plugin in self._host.plugins
            if plugin.implements(hook) and self._enabled(ctx, plugin.id, site_id)
        ]

    async def collect(
        self,
        hook: str,
        ctx: TenantContext,
        site_id: UUID | None,
        *,
        work: Work,
        only: str | None = None,
        **arguments: object,
    ) -> list[Any]:
        """What the enabled plugins answer (or the plugin `only`, if enabled), by priority then id.

        `arguments` are the hook's own, `ctx` and `work` aside. A failure acts as the hook's specification says. Abort:
        the LodgeError, or HookFailed for anything else, at once. Skip: logged, counted and left out. Retry: after all
        have been called, an ExceptionGroup of one HookFailed per plugin.
        """
        failure = REQUEST_HOOKS[hook]
        items: list[Any] = []
        failed: list[HookFailed] = []
        for plugin_id in self.takers(hook, ctx, site_id):
            if only not in (None, plugin_id):
                continue
            try:
                # a refusal undoes the whole operation: nothing of it needs undoing alone
                isolation = nullcontext() if failure is Failure.ABORT else self._isolate(work)
                items += await self._call(plugin_id, hook, ctx, work, arguments, isolation)
            except Exception as error:
                if failure is Failure.ABORT and isinstance(error, LodgeError):
                    raise
                FAILURES.labels(hook, plugin_id).inc()
                log.error("hook failed", hook=hook, plugin=plugin_id, exc_info=error)
                if failure is Failure.ABORT:
                    raise HookFailed(hook, plugin_id) from error
                if failure is Failure.RETRY:
                    failed.append(HookFailed(hook, plugin_id))
                    failed[-1].__cause__ = error
        if failed:
            raise ExceptionGroup(f"{hook} must be retried", failed)
        return items

    async def each(
        self,
        hook: str,
        ctx: TenantContext,
        site_id: UUID | None,
        *,
        work: Work,
        only: str | None = None,
        **arguments: object,
    ) -> None:
        """Call a hook for its effect; otherwise like `collect`."""
        await self.collect(hook, ctx, site_id, work=work, only=only, **arguments)

    async def _call(
        self,
        plugin_id: str,
        hook: str,
        ctx: TenantContext,
        work: Work,
        arguments: dict[str, object],
        isolation: AbstractAsyncContextManager[object],
    ) -> tuple[Any, ...]:
        # The time limit lies inside the isolation, so that a late call is undone like any other failure.
        async with isolation, asyncio.timeout(self._time_limit):
            implementation = getattr(self._host[plugin_id].hook, hook)
            [answer] = implementation(ctx=ctx, work=work, platform=self._platform, **arguments)
            return tuple(await answer or ())
