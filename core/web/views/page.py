"""The page around a template: who looks, at which site, in which language, and where they can go."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec


class SiteLink(msgspec.Struct, frozen=True):
    """A site the person may work at. `slug` is its name in URLs."""

    slug: str
    name: str

    @property
    def href(self) -> str:
        return f"/s/{self.slug}/"


class NavItem(msgspec.Struct, frozen=True):
    """An entry of the navigation. `hotkey` is a sequence such as `g t`; `section` a heading it stands under.
    The one with the lowest `order` is where a person starts.

    `live` names a number beside it that the page asks for by itself (`inbox`, `callbacks`); `asks` is the address of a
    plugin's.
    """

    label: str
    icon: str
    href: str
    hotkey: str = ""
    count: int = 0
    section: str = ""
    current: bool = False
    live: str = ""
    asks: str = ""
    order: int = 100


class Person(msgspec.Struct, frozen=True):
    name: str
    login: str


class VisitNotice(msgspec.Struct, frozen=True):
    """That an operator of the platform is inside until then, or (None) asks to be."""

    operator: str
    reason: str
    until: datetime | None

    def minutes(self, now: datetime) -> int:
        """How long it goes on."""
        return max(0, int((self.until - now).total_seconds()) // 60) if self.until else 0


class Page(msgspec.Struct, frozen=True):
    """The page around a template, for one request. `path` is where `/prefs` returns to; `brand` the company's name.
    `realm` is where the operator's pages lie, '' at those of a company. `inside` is said to the operator who has
    entered, `visits` to those of the company who look after that."""

    locale: str
    csrf_token: str
    nonce: str
    now: datetime
    theme: Literal["light", "dark"] = "light"
    timezone: str = "Asia/Shanghai"
    path: str = "/"
    brand: str = "Lodge"
    person: Person | None = None
    site: SiteLink | None = None
    sites: tuple[SiteLink, ...] = ()
    nav: tuple[NavItem, ...] = ()
    realm: str = ""
    inside: VisitNotice | None = None
    visits: tuple[VisitNotice, ...] = ()

    @property
    def base(self) -> str:
        """URL prefix of the site's pages, without a slash at the end."""
        return f"/s/{self.site.slug}" if self.site else ""

    @property
    def server_ms(self) -> int:
        return int(self.now.timestamp() * 1000)


class PaletteHit(msgspec.Struct, frozen=True):
    label: str
    icon: str
    href: str
    hint: str = ""
