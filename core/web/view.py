"""The console's answers: pages inside the shell, fragments for htmx, error pages, redirects with a toast."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.datastructures import UploadFile
from litestar.enums import MediaType
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.response import Redirect

from core.errors import LodgeError
from core.hooks.types import Fragment
from core.i18n import CORE, LIST, Catalogs
from core.policies.operator_access import MANAGE
from core.tenancy.directory import Site
from core.web import cookies, limits
from core.web.nav import navigation
from core.web.rendering import HERE, Renderer
from core.web.state import state_of
from core.web.views import NavItem, Page, Person, SiteLink, VisitNotice

if TYPE_CHECKING:
    from core.platform import Platform

AnyRequest = Request[Any, Any, Any]
_BRAND = "Lodge 门房"


class Console:
    """Renders for one process. Handlers get a `View`, which is this for one request."""

    def __init__(self, platform: Platform) -> None:
        folders = {plugin.id: _package_folder(plugin.manifest.package) for plugin in platform.host.plugins}
        self.catalogs = Catalogs({CORE: HERE / "locales", **{id: f / "locales" for id, f in folders.items()}})
        self.renderer = Renderer({id: f / "templates" for id, f in folders.items()}, self.catalogs)
        self.platform = platform

    def page(self, request: AnyRequest) -> Page:
        """The shell around a template, for whoever asks."""
        state = state_of(request.scope)
        principal, site = state.known, state.site_or_none
        path = request.scope["path"]
        if principal is None:
            return Page(state.locale, "", state.nonce, self.platform.clock(), state.theme, path=path, brand=_BRAND)  # type: ignore[arg-type]
        links = {s.id: SiteLink(s.slug, s.name) for s in principal.sites}
        now, visit = self.platform.clock(), principal.visit
        visits = principal.company.visits if MANAGE in principal.permissions else ()
        return Page(
            locale=state.locale,
            csrf_token=self.platform.signer.csrf(principal.session_id) if principal.session_id else "",
            nonce=state.nonce,
            now=now,
            theme=state.theme,  # type: ignore[arg-type]
            timezone=site.timezone if site else "Asia/Shanghai",
            path=path,
            brand=principal.company.name,
            person=Person(principal.actor.name, principal.staff_no),
            site=links[site.id] if site else None,
            sites=tuple(links.values()),
            nav=navigation(self.platform, principal, site, path),
            inside=None if visit is None else VisitNotice(visit.operator, visit.reason, visit.until),
            visits=tuple(
                VisitNotice(each.operator, each.reason, each.until)
                for each in visits
                if each.until is None or each.until > now
            ),
        )

    def to_sign_in(self, request: AnyRequest) -> Response[Any]:
        """Where somebody unknown is sent, to come back afterwards."""
        if request.cookies.get(cookies.inside_name(self.platform.settings)):
            return Redirect("/operator/companies", status_code=303)  # an operator whose access has ended
        here = request.scope["path"] if request.method == "GET" else "/"
        return Redirect(f"/login?next={quote(here)}", status_code=303)

    def error_page(
        self, request: AnyRequest, error: LodgeError, title: str, status: int, headers: Mapping[str, str]
    ) -> Response[str]:
        """An error for a person: a toast where htmx asked for a fragment, else a page."""
        state = state_of(request.scope)
        if request.headers.get("hx-request") == "true":
            said = [self.say(request, error.message, error.params)]
            said += [self.say(request, f.message, f.params) for f in error.fields]
            trigger = {"HX-Reswap": "none", "HX-Trigger": _toast(" ".join(said), "breach")}
            if status == 401:
                trigger["HX-Redirect"] = "/login"
            return Response("", status_code=status, media_type=MediaType.HTML, headers={**headers, **trigger})
        text = self.renderer.render(
            "error.html",
            {
                "page": self.page(request),
                "status": status,
                "title": title,
                "detail": self.say(request, error.message, error.params),
                "params": {},
                "request_id": state.request_id if status >= 500 else "",
            },
        )
        return Response(text, status_code=status, media_type=MediaType.HTML, headers=dict(headers))

    def say(self, request: AnyRequest, message: str, params: Mapping[str, Any] | None = None) -> str:
        """A message in the reader's language, in the words of the plugin whose route was asked."""
        handler = request.scope.get("route_handler")
        domain = handler.opt.get("plugin", CORE) if handler else CORE
        return self.catalogs.translate(state_of(request.scope).locale, domain, message, **(params or {}))


class View:
    """What a console handler renders with."""

    def __init__(self, console: Console, request: AnyRequest) -> None:
        self._console = console
        self._request = request
        self.state = state_of(request.scope)

    @property
    def page(self) -> Page:
        """The shell around what is rendered."""
        return self._console.page(self._request)

    def navigation(self, site: Site) -> tuple[NavItem, ...]:
        """What the person may open at that site."""
        return navigation(self._console.platform, self.state.principal, site, "")

    @property
    def htmx(self) -> bool:
        """Whether a fragment is asked for, not a page."""
        return self._request.headers.get("hx-request") == "true"

    async def html(
        self,
        template: str,
        *,
        status: int = 200,
        toast: str | None = None,
        outlets: Mapping[str, Any] | None = None,
        **context: Any,
    ) -> Response[str]:
        """The template as an answer. `outlets` maps a place to its subject; `toast` is a translated line."""
        filled = {name: await self._fill(name, subject) for name, subject in (outlets or {}).items()}
        text = self._console.renderer.render(template, {"page": self.page, "outlets": filled, **context})
        headers = {"HX-Trigger": _toast(toast, "ok")} if toast else {}
        return Response(text, status_code=status, media_type=MediaType.HTML, headers=headers)

    def source(self, template: str) -> str:
        """The text of a template that is not a page: a document's (`core.web.printing`)."""
        return self._console.renderer.source(template)

    def say(self, message: str, /, **params: Any) -> str:
        """A message in the reader's language."""
        return self._console.say(self._request, message, params)

    def say_of(self, plugin: str, message: str) -> str:
        """A message of another plugin's, in the reader's language."""
        return self._console.catalogs.translate(self.state.locale, plugin, message)

    def listed(self, texts: Iterable[str]) -> str:
        """One after the other as the reader's language lists them: `a, b`, or `a、b`."""
        return self.say(LIST).join(texts)

    def reason(self, error: LodgeError) -> str:
        """Why something was refused, with each field that is wrong, in the reader's language."""
        said = [self.say(error.message, **error.params)]
        return " ".join([*said, *(self.say(f.message, **f.params) for f in error.fields)])

    def redirect(self, path: str) -> Response[Any]:
        """To another page after a change: the browser's back button does not repeat it."""
        if self.htmx:
            return Response("", media_type=MediaType.HTML, headers={"HX-Redirect": path})
        return Redirect(path, status_code=303)

    def refresh(self, path: str, toast: str | None = None) -> Response[Any]:
        """After a change of a part of a page: has the page fetch itself anew, or goes to it at `path`."""
        if not self.htmx:
            return Redirect(path, status_code=303)
        told = {"toast": {"text": toast, "kind": "ok"}} if toast else {}
        return Response(
            "", media_type=MediaType.HTML, headers={"HX-Trigger": json.dumps({"lodge:refresh": {}, **told})}
        )

    async def form(self) -> dict[str, str]:
        """The posted form's fields, each once; files are not among them."""
        form = await self._request.form()
        return {name: value for name, value in form.items() if isinstance(value, str)}

    async def form_lists(self) -> dict[str, list[str]]:
        """The posted form's fields with all their values, in the order of the page."""
        form = await self._request.form()
        lists: dict[str, list[str]] = {}
        for name, value in form.multi_items():
            if isinstance(value, str):
                lists.setdefault(name, []).append(value)
        return lists

    def cookie(self, name: str) -> str:
        """What the browser keeps under that name; '' for nothing."""
        return self._request.cookies.get(name, "")

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters, each once."""
        return {name: value for name, value in self._request.query_params.items() if isinstance(value, str)}

    async def file(self, name: str) -> tuple[str, bytes] | None:
        """Name and content of the posted form's file; None where none was chosen. Raises TooLarge."""
        return next(iter(await self.files(name)), None)

    async def files(self, name: str) -> list[tuple[str, bytes]]:
        """Names and contents of the posted form's files. Raises TooLarge."""
        try:
            uploads = (await self._request.form()).getall(name, [])
        except RequestEntityTooLarge:
            raise limits.too_large(limits.of(self._request.scope)) from None
        return [(each.filename, await each.read()) for each in uploads if isinstance(each, UploadFile)]

    async def _fill(self, outlet: str, subject: object) -> list[Fragment]:
        work, site = self.state.work, self.state.site_or_none
        fragments: list[Fragment] = await self._console.platform.hooks.collect(
            "outlet_fill", work.ctx, site.id if site else None, work=work, outlet=outlet, subject=subject
        )
        seen = [f for f in fragments if f.permission is None or f.permission in work.ctx.permissions]
        return sorted(seen, key=lambda f: f.order)


def _toast(text: str, kind: str) -> str:
    return json.dumps({"toast": {"text": text, "kind": kind}})  # ASCII, as header values must be


def _package_folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(f"the plugin package {package} has no folder")
    return Path(spec.submodule_search_locations[0])
