"""What a plugin must satisfy before anything of it counts. Each check raises PluginRefused saying what to mend."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence
from importlib import metadata
from typing import Any, Final

import msgspec
from litestar.handlers import HTTPRouteHandler
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from pluggy import HookRelay, PluginManager, PluginValidationError

from core.auth.permissions import PermissionRegistry
from core.hooks.payments import PaymentProvider, setting_fields
from core.hooks.specs import HOOKS, PROJECT, REQUEST_HOOKS, Hooks
from core.hooks.types import EVENT_TYPE, Manifest, NavEntry, NoticeSpec, Permission, TicketType
from core.policies.schema import PolicyError, Scalar, schema
from core.policies.spec import PolicyRegistry, PolicySpec
from core.policies.values import Duration

DISTRIBUTION: Final = "lodge-platform"
# Without "_", or the tables of `parking_lot` could pass for those of `parking`.
PLUGIN_ID: Final = re.compile(r"[a-z][a-z0-9]{1,23}")
# First words of core's own permissions, policies, events, tables and paths.
# fmt: off
RESERVED: Final = frozenset((
    "account", "admin", "agenda", "api", "approval", "audit", "auth", "building", "calendar", "calendars",
    "callbacks", "companies", "company", "contact", "core", "dashboard", "duty", "estate", "event", "events",
    "exchange", "file", "files", "health", "hooks", "idempotency", "identity", "inbox", "invitation", "job",
    "jobs", "lodge", "meeting", "membership", "migration", "notification", "notify", "occupancies", "occupancy",
    "operator", "outbox", "outlet", "page", "pages", "party", "password", "person", "pgqueuer", "plugin",
    "plugins", "policies", "policy", "privacy", "public", "repeat", "role", "roll", "search", "second",
    "service", "session", "settings", "sign", "site", "sites", "sla", "static", "subscription", "system",
    "team", "tenancy", "ticket", "tickets", "token", "unit", "user", "vehicle", "waiting", "webhook",
))
# fmt: on
# The states and actions that tickets of all types share.
STATUSES: Final = ("new", "accepted", "arrived", "paused", "resolved", "closed")
# fmt: off
SHARED_ACTIONS: Final = frozenset((
    "accept", "claim", "arrive", "pause", "resume", "resolve", "answer", "close", "reopen", "assign", "concern",
    "comment", "reclassify", "tell_progress", "promise_callback", "keep_callback", "escalate_question",
    "answer_question", "offer", "accept_offer", "refuse_offer", "withdraw_offer", "amend",
))
# fmt: on
# The browser's own (help, find, reload, address bar, full screen, developer tools).
TAKEN_KEYS: Final = frozenset({"F1", "F3", "F5", "F6", "F11", "F12"})


class Reason(msgspec.Struct, frozen=True):
    """Why a plugin is not running. `check` is stable: installed, unique, core_version, import, manifest, hooks, …"""

    check: str
    message: str


class PluginRefused(Exception):
    """A plugin failed a check."""

    def __init__(self, plugin_id: str, check: str, message: str) -> None:
        self.plugin_id = plugin_id
        self.reason = Reason(check, message)
        super().__init__(f"plugin {plugin_id!r} refused ({check}): {message}")


def check_distribution(plugin_id: str, dist: metadata.Distribution | None) -> None:
    """Compare the declared need of core with the running core, without importing anything of the plugin.

    An entry point without a distribution is one made in memory; its manifest is checked all the same.
    """
    if dist is None or canonicalize_name(dist.metadata["Name"]) == DISTRIBUTION:
        return
    try:
        needs = [Requirement(line) for line in dist.requires or ()]
    except InvalidRequirement as error:
        raise PluginRefused(plugin_id, "core_version", str(error)) from error
    ours = [
        need
        for need in needs
        if canonicalize_name(need.name) == DISTRIBUTION and (need.marker is None or need.marker.evaluate())
    ]
    if not ours:
        raise PluginRefused(plugin_id, "core_version", f"declare {DISTRIBUTION} with a version in its dependencies")
    for need in ours:
        _check_core_version(plugin_id, need.specifier)


def check_manifest(plugin_id: str, plugin: object, module: str) -> Manifest:
    """The plugin's manifest, found consistent with its entry point `plugin_id = module:…`."""

    def refuse(message: str) -> PluginRefused:
        return PluginRefused(plugin_id, "manifest", message)

    manifest = getattr(plugin, "manifest", None)
    if not isinstance(manifest, Manifest):
        raise refuse("the entry point must name an object with a `manifest`")
    if manifest.id != plugin_id:
        raise refuse(f"manifest id {manifest.id!r} differs from the entry point's name")
    if not PLUGIN_ID.fullmatch(manifest.id):
        raise refuse(f"the id must match {PLUGIN_ID.pattern}")
    if manifest.id in RESERVED:
        raise refuse("the id is a name of core's own; choose another")
    if manifest.package != module and not module.startswith(f"{manifest.package}."):
        raise refuse(f"package {manifest.package!r} does not contain the entry point {module!r}")
    if manifest.migrations is not None and not manifest.migrations.is_dir():
        raise refuse(f"there is no migrations folder {manifest.migrations}")
    for event in manifest.events:
        if not EVENT_TYPE.fullmatch(event):
            raise refuse(f"event {event!r} is not of the form {plugin_id}.something_happened.v1")
    _check_prefix(plugin_id, "event", manifest.events)
    try:
        specifier = SpecifierSet(manifest.requires_core)
    except InvalidSpecifier as error:
        raise refuse(f"requires_core: {error}") from error
    _check_core_version(plugin_id, specifier)
    return manifest


def check_hooks(plugin_id: str, plugin: object) -> HookRelay:
    """Register the plugin on a manager of its own; the relay calls this plugin's implementations only."""
    manager = PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)

    def refuse(message: str) -> PluginRefused:
        return PluginRefused(plugin_id, "hooks", message)

    try:
        manager.register(plugin, plugin_id)
        for calls in manager.get_hookcallers(plugin) or ():
            if any(any(implementation.opts.values()) for implementation in calls.get_hookimpls()):
                raise refuse(f"{calls.name} must use a bare @hookimpl: no wrappers, ordering or other names")
        manager.check_pending()
    except PluginValidationError as error:
        raise refuse(str(error)) from error
    for name in HOOKS:
        implementations = getattr(manager.hook, name).get_hookimpls()
        if not implementations and hasattr(plugin, name):
            raise refuse(f"{name} lacks @hookimpl")
        for implementation in implementations:
            if inspect.iscoroutinefunction(implementation.function) != (name in REQUEST_HOOKS):
                raise refuse(f"{name} must be {'a coroutine' if name in REQUEST_HOOKS else 'an ordinary'} function")
    return manager.hook


def check_names(plugin_id: str, kind: str, names: Iterable[str]) -> None:
    """`<id>.noun…` names, each once."""
    seen = list(names)
    for name in seen:
        if not re.fullmatch(r"[a-z0-9]+(\.[a-z][a-z0-9_]*)+", name):
            raise PluginRefused(plugin_id, "names", f"{kind} {name!r} is not of the form {plugin_id}.noun")
    _check_prefix(plugin_id, kind, seen)
    _check_once(plugin_id, kind, seen)


def check_permissions(plugin_id: str, permissions: Sequence[Permission]) -> PermissionRegistry:
    """The permissions that the plugin's parts may ask for: core's and its own."""
    check_names(plugin_id, "permission", [permission.id for permission in permissions])
    registry = PermissionRegistry()
    try:
        for permission in permissions:
            registry.register(permission)
    except ValueError as error:
        raise PluginRefused(plugin_id, "permissions", str(error)) from error
    return registry


def check_policies(plugin_id: str, policies: Iterable[PolicySpec[Any]], known: PermissionRegistry) -> None:
    """Policies belong to the plugin and stand the registry's own checks, so that boot cannot fail on them later."""
    registry = PolicyRegistry()
    for policy in policies:
        try:
            if policy.plugin != plugin_id:
                raise PolicyError(f"Policy {policy.name!r}: set plugin={plugin_id!r}.")
            registry.register(policy)
        except PolicyError as error:
            raise PluginRefused(plugin_id, "policies", str(error)) from error
        _check_permission(plugin_id, "policies", f"policy {policy.name!r}", policy.permission, known)


def check_ticket_types(plugin_id: str, kinds: Sequence[TicketType], known: PermissionRegistry) -> None:
    """Types belong to the plugin, begin in the state `new`, and their transitions name stages that there are."""
    check_names(plugin_id, "ticket type", [kind.id for kind in kinds])
    for kind in kinds:

        def refuse(message: str, kind: TicketType = kind) -> PluginRefused:
            return PluginRefused(plugin_id, "ticket_types", f"ticket type {kind.id!r}: {message}")

        stages = {stage.name: stage.status for stage in kind.stages}
        if wrong := set(stages.values()) - set(STATUSES):
            raise refuse(f"there is no state {sorted(wrong)[0]!r}; choose among {', '.join(STATUSES)}")
        if stages and "new" not in stages.values():
            raise refuse("give it a stage of the state new, where its tickets begin")
        for each in kind.transitions:
            if missing := {each.to, *each.sources} - stages.keys():
                raise refuse(f"transition {each.name!r} names no stage of its own: {sorted(missing)[0]!r}")
            if stages[each.to] == "new" or "closed" in {stages[name] for name in each.sources}:
                raise refuse(f"transition {each.name!r}: nothing becomes new again, and closed tickets are reopened")
            if each.name in SHARED_ACTIONS or not re.fullmatch(r"[a-z][a-z_]{1,39}", each.name):
                raise refuse(f"call the transition {each.name!r} something else, in small letters")
            _check_permission(plugin_id, "ticket_types", f"transition {each.name!r}", each.permission, known)
        if kind.fields is not None:
            try:
                nodes = schema(kind.fields).fields.values()
            except PolicyError as error:
                raise refuse(str(error)) from error
            if not all(isinstance(node, Scalar) and node.base is not Duration for node in nodes):
                raise refuse("its fields hold single values")


def check_notices(plugin_id: str, notices: Iterable[NoticeSpec], manifest: Manifest) -> None:
    """A notice is of an event that the manifest declares, at a severity there is."""
    for notice in notices:
        if notice.event not in manifest.events:
            raise PluginRefused(plugin_id, "notice", f"{notice.event} is none of the events that the manifest names")
        if notice.severity not in ("routine", "urgent", "critical"):
            raise PluginRefused(plugin_id, "notice", f"{notice.severity} is no severity")


def check_payment_providers(plugin_id: str, providers: Sequence[PaymentProvider]) -> None:
    """Providers belong to the plugin, and what they have to be told are texts."""
    check_names(plugin_id, "payment provider", [provider.id for provider in providers])
    for provider in providers:
        try:
            setting_fields(provider.settings)
        except TypeError as error:
            raise PluginRefused(plugin_id, "payment_providers", str(error)) from error


def check_tables(plugin_id: str, names: Iterable[str], manifest: Manifest) -> None:
    """Tables carry the id as prefix and come with migrations."""
    seen = list(names)
    for name in seen:
        if not name.startswith(f"{plugin_id}_"):
            raise PluginRefused(plugin_id, "names", f"table {name!r} must start with {plugin_id!r} and '_'")
    _check_once(plugin_id, "table", seen)
    if seen and manifest.migrations is None:
        raise PluginRefused(plugin_id, "manifest", "tables need a migrations folder")


def check_access(plugin_id: str, route: HTTPRouteHandler, known: PermissionRegistry) -> None:
    """A route says who may use it: one permission, or that it is public (AZ-1)."""
    permission: Any = route.opt.get("permission")
    public: Any = route.opt.get("public", False)
    if (public is True) == (permission is not None) or public not in (True, False):
        message = f"{_described(route)} must state either permission='…' or public=True"
        raise PluginRefused(plugin_id, "routes", message)
    if permission is not None:
        _check_permission(plugin_id, "routes", _described(route), permission, known)


def check_nav(plugin_id: str, entry: NavEntry, known: PermissionRegistry) -> None:
    """A navigation entry stays below the plugin's pages and leaves the browser its keys."""
    if entry.path.startswith("/") or ".." in entry.path or ":" in entry.path:
        raise PluginRefused(plugin_id, "nav", f"path {entry.path!r} must be relative to the plugin's pages")
    if entry.hotkey in TAKEN_KEYS:
        raise PluginRefused(plugin_id, "nav", f"hotkey {entry.hotkey} belongs to the browser")
    _check_permission(plugin_id, "nav", f"entry {entry.label!r}", entry.permission, known)


def _check_permission(plugin_id: str, check: str, what: str, permission: object, known: PermissionRegistry) -> None:
    if not isinstance(permission, str) or permission not in known:
        message = f"{what} asks for {permission!r}, which is neither core's nor registered by the plugin"
        raise PluginRefused(plugin_id, check, message)


def _check_core_version(plugin_id: str, specifier: SpecifierSet) -> None:
    running = metadata.version(DISTRIBUTION)
    if not str(specifier):
        raise PluginRefused(plugin_id, "core_version", f"say which versions of {DISTRIBUTION} it works with")
    if not specifier.contains(running, prereleases=True):
        raise PluginRefused(plugin_id, "core_version", f"needs {DISTRIBUTION} {specifier}, running is {running}")


def _check_prefix(plugin_id: str, kind: str, names: Iterable[str]) -> None:
    for name in names:
        if not name.startswith(f"{plugin_id}."):
            raise PluginRefused(plugin_id, "names", f"{kind} {name!r} must start with '{plugin_id}.'")


def _check_once(plugin_id: str, kind: str, names: list[str]) -> None:
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise PluginRefused(plugin_id, "names", f"{kind} registered twice: {', '.join(sorted(twice))}")


def _described(route: HTTPRouteHandler) -> str:
    return f"{'/'.join(sorted(route.http_methods))} {', '.join(sorted(route.paths))}"
