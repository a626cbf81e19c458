"""Templates to HTML: the Jinja environment, its helpers for icons, assets, outlets and words, and its filters.

Core's templates are `<name>.html`, a plugin's `<plugin id>/<name>.html`; core's are looked up first, so that no plugin
can shadow one. Every template needs `page` (`core.web.views.Page`) in its context.
"""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import jinja2
from jinja2.runtime import Context
from markupsafe import Markup

from core.i18n import CORE, LIST, Catalogs, msgid

HERE = Path(__file__).parent
STATIC_URL = "/static/dist/"
_SHORT = "%m-%d %H:%M"
log = logging.getLogger(__name__)


class Outlet(Protocol):
    """What a plugin contributes to an outlet: one of its templates and what that needs."""

    @property
    def template(self) -> str: ...

    @property
    def context(self) -> Mapping[str, object]: ...


class Assets:
    """The built browser files: names with hashes, and the icon set."""

    def __init__(self, dist: Path = HERE / "static" / "dist") -> None:
        try:
            self._names: dict[str, str] = json.loads((dist / "manifest.json").read_bytes())
            self._icons = _icons(dist / "icons.json.gz")
        except FileNotFoundError as missing:
            raise RuntimeError("The browser assets are not built: run `python -m core.web.assets`.") from missing

    def asset(self, name: str) -> str:
        """URL of a built file by its plain name; '' for a plugin's file that does not exist."""
        return STATIC_URL + self._names[name] if name in self._names else ""

    def icon(self, name: str, size: int = 18) -> Markup:
        """An icon as inline SVG, `size` pixels wide; decorative, so the text beside it must say the thing."""
        return Markup(
            '<svg class="glyph" width="{0}" height="{0}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
            'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{1}</svg>'
        ).format(size, Markup(self._icons[name]))  # noqa: S704 - the icon set's own markup


@cache
def _icons(file: Path) -> dict[str, str]:
    """What there is to draw, by name: thousands, for all who render."""
    icons: dict[str, str] = json.loads(gzip.decompress(file.read_bytes()))
    return icons


class PluginLoader(jinja2.PrefixLoader):
    """Plugins' templates under their full names, which say whose words a template speaks."""

    load = jinja2.BaseLoader.load


class Renderer:
    """Renders templates by name. One for the process; what differs by request is in the context."""

    def __init__(
        self,
        template_dirs: Mapping[str, Path],
        catalogs: Catalogs,
        *,
        assets: Assets | None = None,
        debug: bool = False,
    ) -> None:
        """`template_dirs` maps a plugin id to the folder of its templates; core's own are always there.

        Raises RuntimeError if the browser assets have not been built.
        """
        self._catalogs = catalogs
        self._plugins = frozenset(template_dirs)
        self._debug = debug
        assets = assets or Assets()
        loaders = {plugin: jinja2.FileSystemLoader(folder) for plugin, folder in template_dirs.items()}
        self.environment = jinja2.Environment(
            loader=jinja2.ChoiceLoader([jinja2.FileSystemLoader(HERE / "templates"), PluginLoader(loaders)]),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=debug,
        )
        self.environment.globals.update(
            _=self._translated, icon=assets.icon, asset=assets.asset, outlet=self._outlet, duration=self._duration
        )
        self.environment.filters.update(
            time=_local("%H:%M"),
            date=_local("%Y-%m-%d"),
            datetime=_local(_SHORT),
            iso=iso,
            masked=masked,
            duration=self._duration,
            amount=self._amount,
            bytes=in_bytes,
            listed=self._listed,
        )

    def render(self, name: str, context: Mapping[str, object]) -> str:
        """The template's text. Raises jinja2.TemplateError if it is missing, broken or lacks something."""
        return self.environment.get_template(name).render(context, domain=self._domain(name))

    def source(self, name: str) -> str:
        """A template as it stands. Raises jinja2.TemplateNotFound."""
        loader = self.environment.loader
        assert loader is not None
        return loader.get_source(self.environment, name)[0]

    def _domain(self, name: str) -> str:
        """Whose words a template speaks: its plugin's, or core's."""
        owner = name.partition("/")[0]
        return owner if owner in self._plugins else CORE

    @jinja2.pass_context
    def _translated(self, context: Context, message: str, /, **params: object) -> str:
        """`_()`: words of the template it stands in, else of the page's (a core component shows a plugin's label)."""
        locale: str = context["page"].locale
        domain = self._domain(context.name or "")
        if not self._catalogs.has(locale, domain, message):
            domain = context["domain"]
        shown = {name: _clock_time(context, value) for name, value in params.items()}
        return self._catalogs.translate(locale, domain, message, **shown)

    @jinja2.pass_context
    def _outlet(self, context: Context, name: str) -> Markup:
        """What plugins put at this place: the caller collected it as `outlets[name]`. A broken piece is left out."""
        outlets: Mapping[str, Sequence[Outlet]] = context.get("outlets") or {}
        return Markup("").join(self._piece(context, piece) for piece in outlets.get(name, ()))

    def _piece(self, context: Context, piece: Outlet) -> Markup:
        try:
            return Markup(self.render(piece.template, {"page": context["page"], **piece.context}))  # noqa: S704
        except Exception:
            if self._debug:
                raise
            log.exception("outlet piece %s failed", piece.template)
            return Markup("")

    @jinja2.pass_context
    def _listed(self, context: Context, texts: Iterable[str], *, labels: bool = False) -> str:
        """One after the other as the reader's language lists them; `labels` are message ids."""
        said = [self._translated(context, text) for text in texts] if labels else texts
        return self._catalogs.translate(context["page"].locale, CORE, LIST).join(said)

    @jinja2.pass_context
    def _duration(self, context: Context, seconds: float) -> str:
        """A length of time in words: `8 s`, `15 min`, `1 h 30 min`, `3 days`."""
        whole = int(seconds)
        days, hours, minutes = whole // 86400, whole % 86400 // 3600, whole % 3600 // 60
        if whole < 60:
            return self._translated(context, msgid("{n} s"), n=whole)
        if days:
            words = [(msgid("{n} days"), days), (msgid("{n} h"), hours)]
        else:
            words = [(msgid("{n} h"), hours), (msgid("{n} min"), minutes)]
        return " ".join(self._translated(context, word, n=n) for word, n in words if n)

    @jinja2.pass_context
    def _amount(self, context: Context, amount: int, unit: str) -> str:
        """A goal's amount in its own unit: minutes, hours, working_days or days."""
        if unit == "working_days":
            return self._translated(context, msgid("{n} working days"), n=amount)
        return self._duration(context, amount * {"minutes": 60, "hours": 3600, "days": 86400}[unit])


def _clock_time(context: Context, value: object) -> object:
    """An instant within a sentence, as local wall time of the site the page is about."""
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(context["page"].timezone)).strftime(_SHORT)
    return value


def _local(pattern: str) -> object:
    """A filter: an instant as local wall time of the site the page is about; nothing stays nothing."""

    @jinja2.pass_context
    def local(context: Context, instant: datetime | None) -> str:
        return instant.astimezone(ZoneInfo(context["page"].timezone)).strftime(pattern) if instant else ""

    return local


def in_bytes(size: int) -> str:
    """A file's size: `840 B`, `12 KB`, `3.4 MB`."""
    if size < 1024:
        return f"{size} B"
    return f"{size >> 10} KB" if size < 1 << 20 else f"{size / (1 << 20):.1f} MB"


def iso(instant: datetime) -> str:
    """An instant in ISO 8601, UTC, whole seconds."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def masked(phone: str) -> str:
    """A phone number nobody can call: `138****6207`; short numbers keep their last two digits (ARC-4)."""
    digits = "".join(character for character in phone if character.isdigit())
    if not digits:
        return ""
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 11 else f"****{digits[-2:]}"
