"""The navigation: core's pages and those of the plugins that are on, for what the person may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from core.auth.principals import Principal
from core.hooks.types import NavEntry, NavGroup
from core.i18n import msgid
from core.tenancy.directory import Site
from core.web.views import NavItem

if TYPE_CHECKING:
    from core.platform import Platform

_GROUPS: dict[NavGroup, str] = {
    "desk": msgid("At the desk"),
    "matters": msgid("Matters in hand"),
    "house": msgid("House and people"),
    "money": msgid("Fees and accounts"),
    "analysis": msgid("Analysis"),
    "settings": msgid("Administration"),
}
_PLACES = {group: place for place, group in enumerate(_GROUPS)}
_LIVE = frozenset({"inbox", "callbacks"})  # entries with a number beside them, by path
_SITE = (
    NavEntry(
        label=msgid("Tickets"), icon="clipboard-list", path="tickets", permission="ticket.view", hotkey="g t", order=20
    ),
    NavEntry(
        label=msgid("Callbacks"),
        icon="phone-outgoing",
        path="callbacks",
        permission="ticket.view",
        hotkey="g b",
        order=22,
    ),
    NavEntry(
        label=msgid("Waiting for me"), icon="inbox", path="inbox", permission="ticket.view", hotkey="g m", order=24
    ),
    NavEntry(
        label=msgid("Second look"),
        icon="eye-check",
        path="approvals",
        permission="approval.view",
        count="approvals/count",
        order=26,
    ),
    NavEntry(
        label=msgid("Estate"),
        icon="building-community",
        path="estate",
        permission="estate.view",
        hotkey="g e",
        group="house",
        order=30,
    ),
    NavEntry(
        label=msgid("Figures"),
        icon="chart-bar",
        path="figures",
        permission="analysis.view",
        hotkey="g f",
        group="analysis",
        order=55,
    ),
    NavEntry(
        label=msgid("Repeated matters"),
        icon="repeat",
        path="repeats",
        permission="analysis.view",
        hotkey="g r",
        group="analysis",
        order=60,
    ),
    NavEntry(
        label=msgid("Meeting agenda"),
        icon="calendar-event",
        path="agenda",
        permission="analysis.view",
        hotkey="g a",
        group="analysis",
        order=65,
    ),
    NavEntry(
        label=msgid("Teams"),
        icon="users-group",
        path="teams",
        permission="team.view",
        hotkey="g d",
        group="house",
        order=40,
    ),
    NavEntry(
        label=msgid("Policies"),
        icon="adjustments",
        path="policies",
        permission="policy.view",
        hotkey="g p",
        group="settings",
        order=90,
    ),
)
_COMPANY = (
    NavEntry(
        label=msgid("Company policies"),
        icon="building",
        path="policies",
        permission="policy.view",
        group="settings",
        order=10,
    ),
    NavEntry(label=msgid("Staff"), icon="users", path="people", permission="people.manage", group="settings", order=15),
    NavEntry(
        label=msgid("Modules"), icon="puzzle", path="plugins", permission="plugin.manage", group="settings", order=20
    ),
    NavEntry(
        label=msgid("Roles"), icon="shield-lock", path="roles", permission="role.manage", group="settings", order=28
    ),
    NavEntry(
        label=msgid("Single sign-on"),
        icon="login-2",
        path="sign-in",
        permission="identity.manage",
        group="settings",
        order=29,
    ),
    NavEntry(
        label=msgid("API tokens"), icon="key", path="tokens", permission="token.manage", group="settings", order=30
    ),
    NavEntry(
        label=msgid("Webhooks"), icon="webhook", path="webhooks", permission="notify.manage", group="settings", order=32
    ),
    NavEntry(
        label=msgid("Message providers"),
        icon="messages",
        path="providers",
        permission="notify.manage",
        group="settings",
        order=34,
    ),
    NavEntry(
        label=msgid("Delivery log"),
        icon="list-details",
        path="deliveries",
        permission="notify.manage",
        group="settings",
        order=36,
    ),
    NavEntry(
        label=msgid("Personal data"),
        icon="user-search",
        path="privacy",
        permission="privacy.export",
        group="settings",
        order=38,
    ),
    NavEntry(
        label=msgid("Access by the operator"),
        icon="door-enter",
        path="operator-access",
        permission="operator_access.manage",
        group="settings",
        order=39,
    ),
    NavEntry(
        label=msgid("Audit log"), icon="history", path="audit", permission="audit.view", group="settings", order=40
    ),
)


def navigation(platform: Platform, principal: Principal, site: Site | None, path: str) -> tuple[NavItem, ...]:
    """The site's entries by group and `order`, then the company's, which are all settings."""
    entries: list[tuple[NavEntry, str, frozenset[str]]] = []
    if site is not None:
        base, held = f"/s/{site.slug}", principal.permissions_at(site)
        entries = [(e, f"{base}/{e.path}", held) for e in _SITE]
        for plugin in platform.host.plugins:
            if principal.company.is_on(plugin.id, site, platform.clock()):
                entries += [(e, f"{base}/{plugin.id}/{e.path}".rstrip("/"), held) for e in plugin.nav]
        entries.sort(key=lambda each: (_PLACES[each[0].group], each[0].order, each[0].label))
    entries += [(e, f"/admin/{e.path}", principal.permissions) for e in _COMPANY]
    return _current(tuple(_item(e, href, path) for e, href, held in entries if e.permission in held), path)


def _item(entry: NavEntry, href: str, path: str) -> NavItem:
    return NavItem(
        entry.label,
        entry.icon,
        href,
        entry.hotkey or "",
        section=_GROUPS[entry.group],
        current=path == href or path.startswith(f"{href}/"),
        live=entry.path if entry in _SITE and entry.path in _LIVE else "",
        order=entry.order,
        asks=f"{href.removesuffix(entry.path).rstrip('/')}/{entry.count}" if entry.count else "",
    )


def _current(items: tuple[NavItem, ...], path: str) -> tuple[NavItem, ...]:
    """Only the deepest entry that covers the path is the current one."""
    deepest = max((len(i.href) for i in items if i.current), default=0)
    return tuple(
        i if not i.current or len(i.href) == deepest else msgspec.structs.replace(i, current=False) for i in items
    )
