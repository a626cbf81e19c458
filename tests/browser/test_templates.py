"""Every template renders in both languages, and none holds what the content security policy or htmx would trip over."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from core.hooks.types import Fragment
from core.i18n import LOCALES, Catalogs
from core.web.rendering import Renderer, masked
from tests.browser.samples import page
from tests.browser.samples_billing_arrears import ARREARS_FRAGMENTS, ARREARS_PAGES
from tests.browser.samples_billing_closing import CLOSING_PAGES
from tests.browser.samples_billing_collection import COLLECTION_PAGES
from tests.browser.samples_billing_corrections import CORRECTIONS_PAGES
from tests.browser.samples_billing_counter import COUNTER_PAGES
from tests.browser.samples_billing_disclosure import DISCLOSURE_PAGES
from tests.browser.samples_billing_ledger import LEDGER_PAGES
from tests.browser.samples_billing_meters import METERS_PAGES
from tests.browser.samples_billing_offers import OFFERS_PAGES
from tests.browser.samples_billing_payments import PAYMENTS_PAGES
from tests.browser.samples_billing_rents import RENTS_PAGES
from tests.browser.samples_billing_reports import REPORT_PAGES
from tests.browser.samples_billing_runs import RUNS_PAGES
from tests.browser.samples_billing_statements import STATEMENTS_PAGES
from tests.browser.samples_billing_tariffs import TARIFFS_PAGES
from tests.browser.samples_complaints import COMPLAINTS_FRAGMENTS, COMPLAINTS_PAGES
from tests.browser.samples_core import CORE_FRAGMENTS, CORE_PAGES
from tests.browser.samples_reception import RECEPTION_FRAGMENTS, RECEPTION_PAGES
from tests.browser.samples_repairs import REPAIRS_FRAGMENTS, REPAIRS_PAGES
from tests.browser.samples_returnvisits import RETURNVISITS_FRAGMENTS, RETURNVISITS_PAGES
from tests.browser.samples_server import ROOT, renderer
from tests.browser.samples_sheets import SHEETS_FRAGMENTS, SHEETS_PAGES

TEMPLATES = sorted(
    [*(ROOT / "core/web/templates").rglob("*.html"), *(ROOT / "plugins").glob("*/templates/**/*.html")],
)
PAGES = CORE_PAGES | COMPLAINTS_PAGES | RECEPTION_PAGES | REPAIRS_PAGES | RETURNVISITS_PAGES | SHEETS_PAGES
PAGES |= (
    TARIFFS_PAGES
    | RUNS_PAGES
    | LEDGER_PAGES
    | REPORT_PAGES
    | DISCLOSURE_PAGES
    | CLOSING_PAGES
    | CORRECTIONS_PAGES
    | STATEMENTS_PAGES
    | METERS_PAGES
    | COUNTER_PAGES
    | OFFERS_PAGES
    | PAYMENTS_PAGES
    | ARREARS_PAGES
    | RENTS_PAGES
    | COLLECTION_PAGES
)
FRAGMENTS = (
    CORE_FRAGMENTS
    | COMPLAINTS_FRAGMENTS
    | RECEPTION_FRAGMENTS
    | REPAIRS_FRAGMENTS
    | RETURNVISITS_FRAGMENTS
    | SHEETS_FRAGMENTS
    | ARREARS_FRAGMENTS
)
FORBIDDEN = {
    "inline style": r"\sstyle\s*=",
    "style element": r"<style\b",
    "inline handler": r"\son[a-z]+\s*=",
    "script of htmx": r"hx-on\b|\bjs:|javascript:",
    "trigger filter": r"hx-trigger=\"[^\"]*\[",
    "unescaped text": r"\|\s*safe\b|autoescape\s+false",
    "script without nonce": r"<script\b(?![^>]*nonce=)",
    "foreign address": r"https?://",
}
VOID = {"meta", "link", "input", "br", "path", "img", "hr"}


class Outline(HTMLParser):
    """Ids that occur twice, elements that are not closed, forms that post without the CSRF field."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.faults: list[str] = []
        self.unprotected = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if "id" in given:
            self.ids.append(given["id"] or "")
        if tag == "form" and given.get("method") == "post":
            self.unprotected += 1
        if tag == "input" and given.get("name") == "csrf_token" and given.get("value"):
            self.unprotected -= 1
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """SVG shapes."""

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")


def check(html: str) -> None:
    outline = Outline(html)
    assert not outline.faults and not outline.open, (outline.faults, outline.open)
    assert len(outline.ids) == len(set(outline.ids)), sorted(
        name for name in outline.ids if outline.ids.count(name) > 1
    )
    assert outline.unprotected == 0, "a form posts without csrf_token"
    assert "&lt;Macro " not in html, "a macro of the frame or the page stands where a value of the context belongs"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_renders_whole_in_each_language(name: str, locale: str) -> None:
    template, current, context = PAGES[name]
    html = renderer().render(template, {"page": page(current, locale=locale, theme="dark"), **context})
    assert f'<html lang="{locale}" data-bs-theme="dark"' in html
    check(html)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_fragment_renders_whole_in_each_language(name: str, locale: str) -> None:
    template, context = FRAGMENTS[name]
    check(renderer().render(template, {"page": page(locale=locale), **context}))


def test_the_api_page_starts_from_our_own_assets() -> None:
    html = renderer().render("api-docs.html", {"page": page(), "document": "/api/openapi.json"})
    assert 'data-document="/api/openapi.json"' in html and "/static/dist/swagger-ui." in html


def test_every_template_but_the_parts_is_among_the_samples() -> None:
    frames = {"api-docs.html", "door.html", "shell.html"}
    shown = {template for template, *_ in [*PAGES.values(), *FRAGMENTS.values()]} | frames
    names = {_name(path) for path in TEMPLATES}
    assert {name for name in names - shown if "components/" not in name and "/_" not in name} == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_holds_nothing_the_browser_would_refuse(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("{#"), "open with a comment that says which context the template needs"
    found = {what: match[0] for what, pattern in FORBIDDEN.items() if (match := re.search(pattern, text))}
    assert not found


def test_a_plugins_template_cannot_shadow_one_of_core(tmp_path: Path) -> None:
    (tmp_path / "list.html").write_text("shadow")
    (tmp_path / "own.html").write_text("own")
    environment = Renderer({"tickets": tmp_path}, Catalogs({})).environment
    assert environment.get_template("tickets/own.html").render() == "own"
    assert environment.loader is not None
    assert "shadow" not in environment.loader.get_source(environment, "tickets/list.html")[0]


def test_a_broken_piece_of_an_outlet_leaves_the_page_standing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "good.html").write_text("{{ text }} {{ page.locale }}")
    (tmp_path / "bad.html").write_text("{{ missing }}")
    ours = Renderer({"parking": tmp_path}, Catalogs({}))
    good = Fragment(template="parking/good.html", context={"text": "<b>"})
    bad = Fragment(template="parking/bad.html", context={})
    _, _, context = CORE_PAGES["ticket"]
    html = ours.render("tickets/detail.html", {"page": page(), **context, "outlets": {"ticket.side": [bad, good]}})
    assert "&lt;b&gt; zh-CN" in html
    assert "parking/bad.html" in caplog.text


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13817626207", "138****6207"),
        ("138 1762 6207", "138****6207"),
        ("0571-87654321", "057****4321"),
        ("87654321", "****21"),
        ("", ""),
    ],
)
def test_a_phone_number_is_shown_so_that_nobody_can_call_it(phone: str, shown: str) -> None:
    assert masked(phone) == shown


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(8, "8 s"), (60, "1 min"), (5400, "1 h 30 min"), (7200, "2 h"), (86400, "1 days"), (183600, "2 days 3 h")],
)
def test_a_length_of_time_is_said_in_words(seconds: int, words: str) -> None:
    template = renderer().environment.from_string("{{ seconds|duration }}")
    assert template.render(page=page(locale="en"), domain="core", seconds=seconds) == words


def test_instants_are_shown_in_the_sites_time() -> None:
    template = renderer().environment.from_string("{{ page.now|time }} {{ page.now|date }} {{ none|time }}")
    assert template.render(page=page(timezone="Asia/Shanghai"), domain="core") == "14:33 2026-11-21 "


def _name(path: Path) -> str:
    relative = path.relative_to(ROOT)
    if relative.parts[0] == "plugins":
        return f"{relative.parts[1]}/{'/'.join(relative.parts[3:])}"
    return "/".join(relative.parts[3:])
