"""The navigation: core's pages and those of the plugins that are on, for what the person may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from core.auth.principals import Principal
from core.hooks.types import NavEntry
from core.i18n import msgid
from core.tenancy.directory import Site
from core.web.views import NavItem

if TYPE_CHECKING:
    from core.platform import Platform

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
        label=msgid("Estate"),
        icon="building-community",
        path="estate",
        permission="estate.view",
        hotkey="g e",
        order=30,
    ),
    NavEntry(
        label=msgid("Figures"), icon="chart-bar", path="figures", permission="analysis.view", hotkey="g f", order=55
    ),
    NavEntry(
        label=msgid("Repeated matters"),
        icon="repeat",
        path="repeats",
        permission="analysis.view",
        hotkey="g r",
        order=60,
    ),
    NavEntry(
        label=msgid("Meeting agenda"),
        icon="calendar-event",
        path="agenda",
        permission="analysis.view",
        hotkey="g a",
        order=65,
    ),
    NavEntry(label=msgid("Teams"), icon="users-group", path="teams", permission="team.view", hotkey="g d", order=40),
    NavEntry(
        label=msgid("Policies"), icon="adjustments", path="policies", permission="policy.view", hotkey="g p", order=90
    ),
)
_COMPANY = (
    NavEntry(label=msgid("Company policies"), icon="building", path="policies", permission="policy.view", order=10),
    NavEntry(label=msgid("Modules"), icon="puzzle", path="plugins", permission="plugin.manage", order=20),
    NavEntry(label=msgid("API tokens"), icon="key", path="tokens", permission="token.manage", order=30),
    NavEntry(label=msgid("Webhooks"), icon="webhook", path="webhooks", permission="notify.manage", order=32),
    NavEntry(label=msgid("Message providers"), icon="messages", path="providers", permission="notify.manage", order=34),
    NavEntry(label=msgid("Delivery log"), icon="list-details", path="deliveries", permission="notify.manage", order=36),
    NavEntry(label=msgid("Audit log"), icon="history", path="audit", permission="audit.view", order=40),
)
_ADMINISTRATION = msgid("Administration")


def navigation(platform: Platform, principal: Principal, site: Site | None, path: str) -> tuple[NavItem, ...]:
    """Entries in order: the site's by `order`, then the company's under their own heading."""
    items: list[tuple[int, NavItem]] = []
    if site is not None:
        base = f"/s/{site.slug}"
        entries = [(e, f"{base}/{e.path}") for e in _SITE]
        for plugin in platform.host.plugins:
            if principal.company.is_on(plugin.id, site, platform.clock()):
                entries += [(e, f"{base}/{plugin.id}/{e.path}".rstrip("/")) for e in plugin.nav]
        items = [(e.order, _item(e, href, path, "")) for e, href in entries if e.permission in principal.permissions]
    items.sort(key=lambda pair: (pair[0], pair[1].label))
    company = [
        _item(e, f"/admin/{e.path}", path, _ADMINISTRATION) for e in _COMPANY if e.permission in principal.permissions
    ]
    return _current((*(item for _, item in items), *company), path)


def _item(entry: NavEntry, href: str, path: str, section: str) -> NavItem:
    current = path == href or path.startswith(f"{href}/")
    live = entry.path if not section and entry in _SITE and entry.path in _LIVE else ""
    asks = f"{href.removesuffix(entry.path).rstrip('/')}/{entry.count}" if entry.count else ""
    return NavItem(
        entry.label, entry.icon, href, entry.hotkey or "", section=section, current=current, live=live, asks=asks
    )


def _current(items: tuple[NavItem, ...], path: str) -> tuple[NavItem, ...]:
    """Only the deepest entry that covers the path is the current one."""
    deepest = max((len(i.href) for i in items if i.current), default=0)
    return tuple(
        i if not i.current or len(i.href) == deepest else msgspec.structs.replace(i, current=False) for i in items
    )
