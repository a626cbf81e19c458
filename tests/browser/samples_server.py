"""Serves the sample pages on 127.0.0.1 under the product's own content security policy: the templates alone."""

from __future__ import annotations

import gzip
import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from core.i18n import Catalogs
from core.web.rendering import Renderer
from tests.browser.samples import page
from tests.browser.samples_billing_arrears import ARREARS_FULL
from tests.browser.samples_billing_closing import CLOSING_FULL
from tests.browser.samples_billing_collection import COLLECTION_FULL
from tests.browser.samples_billing_corrections import CORRECTIONS_FULL
from tests.browser.samples_billing_counter import COUNTER_FULL
from tests.browser.samples_billing_disclosure import DISCLOSURE_FULL
from tests.browser.samples_billing_ledger import LEDGER_FULL
from tests.browser.samples_billing_meters import METERS_FULL
from tests.browser.samples_billing_offers import OFFERS_FULL
from tests.browser.samples_billing_payments import PAYMENTS_FULL
from tests.browser.samples_billing_rents import RENTS_FULL
from tests.browser.samples_billing_reports import REPORT_FULL
from tests.browser.samples_billing_runs import RUNS_FULL
from tests.browser.samples_billing_statements import STATEMENTS_FULL
from tests.browser.samples_billing_tariffs import TARIFFS_FULL
from tests.browser.samples_complaints import COMPLAINTS_FULL
from tests.browser.samples_core import CORE_FRAGMENTS, CORE_PAGES
from tests.browser.samples_outlets import OUTLET_PAGES
from tests.browser.samples_reception import CARDS, INTAKE, RECEPTION_FRAGMENTS, RECEPTION_PAGES, REFUSED
from tests.browser.samples_repairs import REPAIRS_FRAGMENTS, REPAIRS_FULL
from tests.browser.samples_returnvisits import RETURNVISITS_FULL
from tests.browser.samples_sheets import SHEETS_PAGES

ROOT = Path(__file__).parents[2]
DIST = ROOT / "core/web/static/dist"
SHEETS_FULL = {name: SHEETS_PAGES[name] for name in ("sheets", "sheet", "sheet-new", "contractors")}
PAGES = CORE_PAGES | COMPLAINTS_FULL | RECEPTION_PAGES | REPAIRS_FULL | RETURNVISITS_FULL | SHEETS_FULL | OUTLET_PAGES
PAGES |= (
    TARIFFS_FULL
    | RUNS_FULL
    | LEDGER_FULL
    | REPORT_FULL
    | DISCLOSURE_FULL
    | CLOSING_FULL
    | CORRECTIONS_FULL
    | STATEMENTS_FULL
    | METERS_FULL
    | COUNTER_FULL
    | OFFERS_FULL
    | PAYMENTS_FULL
    | ARREARS_FULL
    | RENTS_FULL
    | COLLECTION_FULL
)
FRAGMENTS = CORE_FRAGMENTS | RECEPTION_FRAGMENTS | REPAIRS_FRAGMENTS
NONCE = "sample-nonce"
CSP = (
    f"default-src 'self'; script-src 'self' 'nonce-{NONCE}'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
TYPES = {".css": "text/css", ".js": "text/javascript"}
ROUTES = {
    "/s/cuihu/tickets/candidates": "draft-candidates",
    "/s/cuihu/tickets/owner": "owner",
    "/s/cuihu/tickets/repeats": "repeat-hint",
    "/palette": "palette",
    "/notifications/bell": "bell",
    "/account/companies": "companies",
    "/s/cuihu/tickets/rows": "rows",
    "/s/cuihu/estate/suggest": "suggest",
    "/s/cuihu/estate/units/u1": "household-dialog",
    "/s/cuihu/reception/promise": "promise",
    "/s/cuihu/reception/kpis": "kpis",
    "/s/cuihu/reception/card": "card",
    f"/s/cuihu/repairs/orders/{UUID(int=31)}/slots": "order-slots",
}
ASKED_AGAIN = {"/admin/webhooks/w1": "/page/webhook"}  # a page that waits for news of itself
OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "Lodge", "version": "1"},
    "paths": {"/api/v1/me": {"get": {"summary": "Who am I", "responses": {"200": {"description": "You"}}}}},
}


def renderer() -> Renderer:
    """The templates of core and of all plugins with both catalogues."""
    templates = {folder.parent.name: folder for folder in (ROOT / "plugins").glob("*/templates")}
    folders = {"core": ROOT / "core/web/locales"} | {name: f.parent / "locales" for name, f in templates.items()}
    return Renderer(templates, Catalogs(folders), debug=True)


class Site:
    """The samples as a site: `/page/NAME?locale=&theme=`, the fragments they fetch, a live stream fed by `tell`."""

    def __init__(self) -> None:
        self.renderer = renderer()
        self.listeners: list[queue.Queue[str | None]] = []
        self.requests: list[tuple[str, str]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: object) -> None:
                """Quiet."""

            def do_GET(self) -> None:
                site.get(self)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("content-length") or 0))
                site.post(self)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def tell(self, kind: str, **detail: str) -> None:
        """Send a live message to every open stream."""
        for listener in self.listeners:
            listener.put(json.dumps({"type": kind, **detail}))

    def get(self, request: BaseHTTPRequestHandler) -> None:
        path, query = urlsplit(request.path).path, parse_qs(urlsplit(request.path).query)
        self.requests.append(("GET", request.path))
        path = ASKED_AGAIN.get(path, path)
        if path.startswith("/static/dist/"):
            file = DIST / path.rpartition("/")[2]
            return self.answer(request, gzip.decompress(Path(f"{file}.gz").read_bytes()), TYPES[file.suffix])
        if path == "/live":
            return self.stream(request)
        if path.startswith("/page/"):
            name, current, context = PAGES[path.removeprefix("/page/")]
            changes: dict[str, Any] = {key: query[key][0] for key in ("locale", "theme") if key in query}
            return self.html(request, name, {"page": page(current, nonce=NONCE, **changes), **context})
        if path == "/s/cuihu/reception/intake":
            return self.html(request, "reception/_intake.html", {"page": page(), "intake": INTAKE})
        if path == "/api/docs":
            return self.html(request, "api-docs.html", {"page": page(nonce=NONCE), "document": "/openapi.json"})
        if path == "/openapi.json":
            return self.answer(request, json.dumps(OPENAPI).encode(), "application/json")
        if path.startswith("/s/cuihu/reception/households/"):
            return self.html(request, "reception/_modules.html", {"page": page()})
        if path.endswith("/preview"):
            return self.answer(request, b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml")
        if path in ROUTES:
            name, context = FRAGMENTS[ROUTES[path]]
            return self.html(request, name, {"page": page(), **context})
        return self.html(request, "error.html", {"page": page(), **CORE_PAGES["error"][2]}, 404)

    def post(self, request: BaseHTTPRequestHandler) -> None:
        self.requests.append(("POST", request.path))
        if request.path == "/prefs":
            return self.answer(request, b"", "text/html", 204)
        if request.path.endswith("/answer"):
            return self.html(request, "reception/_card.html", {"page": page(), "card": CARDS["answered"]})
        if request.path == "/s/cuihu/reception/intake":
            return self.html(request, "reception/_intake.html", {"page": page(), "intake": REFUSED}, 422)
        if request.path.endswith("/phones"):
            name, context = FRAGMENTS["resident"]
            return self.html(request, name, {"page": page(), **context}, 422)
        if request.path.endswith("/pause"):
            _, _, context = CORE_PAGES["ticket-refused"]
            return self.html(request, "tickets/_detail.html", {"page": page(), **context}, 422)
        return self.answer(request, b"<p>unexpected</p>", "text/html", 500)

    def html(self, request: BaseHTTPRequestHandler, name: str, context: dict[str, Any], status: int = 200) -> None:
        self.answer(request, self.renderer.render(name, context).encode(), "text/html; charset=utf-8", status)

    def answer(self, request: BaseHTTPRequestHandler, body: bytes, kind: str, status: int = 200) -> None:
        request.send_response(status)
        request.send_header("content-type", kind)
        request.send_header("content-length", str(len(body)))
        request.send_header("content-security-policy", CSP)
        request.end_headers()
        request.wfile.write(body)

    def stream(self, request: BaseHTTPRequestHandler) -> None:
        """Server-sent events until the site closes."""
        listener: queue.Queue[str | None] = queue.Queue()
        self.listeners.append(listener)
        request.send_response(200)
        request.send_header("content-type", "text/event-stream")
        request.send_header("connection", "close")
        request.end_headers()
        request.wfile.write(b'data: {"type": "ping"}\n\n')
        while (message := listener.get()) is not None:
            request.wfile.write(f"data: {message}\n\n".encode())
        request.close_connection = True


@contextmanager
def serving() -> Iterator[Site]:
    """The site, served from a thread until the block ends."""
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever)
    thread.start()
    try:
        yield site
    finally:
        for listener in site.listeners:
            listener.put(None)
        site.server.shutdown()
        site.server.server_close()
        thread.join()
