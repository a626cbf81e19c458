"""Which language a reader gets, and that every message there is can be said in Chinese."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import jinja2
import jinja2.ext
import pytest

from core.auth.permissions import ROLES
from core.errors import LodgeError
from core.i18n import Catalogs, Locale, match, negotiate
from core.policies.builtin import register_builtin
from core.policies.forms import form_fields
from core.policies.layers import resolve
from core.policies.spec import PolicyRegistry
from core.tickets.actions import ACTIONS
from core.web.printing import WORDS
from core.web.rendering import Renderer
from core.web.views import Page
from tests.support.lodge import NOW

ROOT = Path(__file__).parents[3]
PLUGINS = sorted(path.parent for path in (ROOT / "plugins").glob("*/templates"))
FOLDERS = {"core": ROOT / "core/web/locales"} | {plugin.name: plugin / "locales" for plugin in PLUGINS}
TEMPLATES = {"core": ROOT / "core/web/templates"} | {plugin.name: plugin / "templates" for plugin in PLUGINS}
SOURCES = {"core": ROOT / "core"} | {plugin.name: plugin for plugin in PLUGINS}
MARKERS: dict[str, tuple[int | str, ...]] = {
    "msgid": (0,),
    "FieldError": (1,),
    "Fault": (1,),
    "field": (1,),
    "Meta": ("title", "description"),
    "PolicySpec": ("title", "help"),
    "Manifest": ("title",),
    "Permission": (1, "title"),
    "NavEntry": ("label",),
}
"""Calls that take message ids, and at which positions or names."""
KEYS = {"mend", "unit"}
"""Keys under which `msgspec.Meta(extra=…)` holds message ids."""


def error_names() -> set[str]:
    """LodgeError and all its subclasses: their first argument is a message id."""
    found, waiting = set(), [LodgeError]
    while waiting:
        kind = waiting.pop()
        found.add(kind.__name__)
        waiting += kind.__subclasses__()
    return found


def template_ids(folder: Path) -> Iterator[tuple[str, str]]:
    """Every constant given to `_()` in a template, with the place."""
    environment = jinja2.Environment()
    for path in sorted(folder.rglob("*.html")):
        for line, _function, message in jinja2.ext.extract_from_ast(environment.parse(path.read_text()), ("_",)):
            first = message[0] if isinstance(message, tuple) else message
            if first:
                yield first, f"{path.relative_to(ROOT)}:{line}"


def document_ids(folder: Path) -> Iterator[tuple[str, str]]:
    """Every constant given to `t()` in a document's template, with the place."""
    for path in sorted(folder.rglob("*.typ")):
        for found in WORDS.finditer(path.read_text()):
            yield found[1], str(path.relative_to(ROOT))


def python_ids(folder: Path) -> Iterator[tuple[str, str]]:
    """Messages of errors, wrong fields, policies and everything marked with `msgid`, with the place."""
    positions = MARKERS | dict.fromkeys(error_names(), (0,))
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            for found in _marked(node, positions):
                if isinstance(found, ast.Constant) and isinstance(found.value, str) and found.value:
                    yield found.value, f"{path.relative_to(ROOT)}:{found.lineno}"


def _marked(node: ast.AST, positions: dict[str, tuple[int | str, ...]]) -> Iterator[ast.expr]:
    """The expressions of one syntax node that hold message ids."""
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for position in positions.get(name, ()):
            yield from (keyword.value for keyword in node.keywords if keyword.arg == position)
            yield from node.args[position : position + 1] if isinstance(position, int) else ()
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value in KEYS:
                yield value
    elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
        yield from node.value.elts[:1] if any(isinstance(part, ast.Dict) for part in node.value.elts[1:]) else ()
    elif isinstance(node, ast.Assign) and all(
        isinstance(name, ast.Name) and name.id.isupper() for name in node.targets
    ):
        yield from (part for part in ast.walk(node.value) if _is_sentence(part))
    elif isinstance(node, ast.ClassDef):
        for line in node.body:
            if isinstance(line, ast.Assign | ast.AnnAssign) and line.value:
                targets = line.targets if isinstance(line, ast.Assign) else [line.target]
                if any(isinstance(target, ast.Name) and target.id == "message" for target in targets):
                    yield line.value


def _is_sentence(part: ast.AST) -> TypeGuard[ast.Constant]:
    text = part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else ""
    return text[:1].isupper() and text.endswith(".") and " " in text


def computed_ids() -> Iterator[tuple[str, str]]:
    """What no syntax node shows: the built-in policies' forms, what a ticket's step wants written, the roles."""
    registry = PolicyRegistry()
    register_builtin(registry)
    for spec in registry.all():
        waiting = list(form_fields(spec, resolve(spec, [])))
        while waiting:
            field = waiting.pop()
            waiting += [cell for row in field.rows for cell in row]
            yield from ((text, spec.name) for text in (field.label, field.help, field.unit) if text)
            yield from ((option.label, spec.name) for option in field.options if option.label)
    yield from ((action.text, f"ticket action {action.name}") for action in ACTIONS.values() if action.text)
    yield from ((title, f"role {role}") for role, title in ROLES.items())


def all_ids() -> Iterator[tuple[str, str, str]]:
    """(domain, message id, place) of everything that may be shown."""
    for domain, folder in SOURCES.items():
        for found in (template_ids(TEMPLATES[domain]), document_ids(folder), python_ids(folder)):
            for message, place in found:
                yield domain, message, place
    for message, place in computed_ids():
        yield "core", message, place


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize(
    ("tag", "locale"),
    [
        ("zh", "zh-CN"),
        ("zh-CN", "zh-CN"),
        ("zh-Hans-CN", "zh-CN"),
        ("zh-TW", "zh-CN"),
        ("zh_CN", "zh-CN"),
        ("ZH-hk", "zh-CN"),
        ("en", "en"),
        ("en-US", "en"),
        ("en-GB", "en"),
        ("fr", None),
        ("", None),
        ("zhx", None),
        ("*", None),
    ],
)
def test_a_language_tag_finds_the_locale_that_speaks_it(tag: str, locale: str | None) -> None:
    assert match(tag) == locale


@pytest.mark.parametrize(
    ("header", "cookie", "person", "locale"),
    [
        (None, None, None, "zh-CN"),
        ("", "", "", "zh-CN"),
        ("en-US,en;q=0.9", None, None, "en"),
        ("en;q=0.5, zh-TW;q=0.8", None, None, "zh-CN"),
        ("fr, en;q=0.3, *;q=0.1", None, None, "en"),
        ("en;q=0, zh;q=0.1", None, None, "zh-CN"),
        ("en;q=nonsense", None, None, "zh-CN"),
        ("zh-CN", "en", None, "en"),
        ("en", "en", "zh-CN", "zh-CN"),
        ("en", "tlh", "tlh", "en"),
    ],
)
def test_what_the_person_set_goes_before_the_cookie_before_the_browser(
    header: str | None, cookie: str | None, person: str | None, locale: str
) -> None:
    assert negotiate(header, cookie, person) == locale


def test_a_plugin_says_it_its_own_way_and_else_as_core_does(tmp_path: Path) -> None:
    for domain, texts in {"core": {"Open": "打开", "Save {n}": "保存 {n}"}, "parking": {"Open": "开闸"}}.items():
        (tmp_path / domain).mkdir()
        (tmp_path / domain / "zh_CN.po").write_text("".join(f'msgid "{k}"\nmsgstr "{v}"\n\n' for k, v in texts.items()))
    catalogs = Catalogs({domain: tmp_path / domain for domain in ("core", "parking", "none")})
    assert catalogs.translate("zh-CN", "parking", "Open") == "开闸"
    assert catalogs.translate("zh-CN", "parking", "Save {n}", n=2) == "保存 2"
    assert catalogs.translate("zh-CN", "none", "Open") == "打开"
    assert catalogs.translate("en", "parking", "Open") == "Open"
    assert catalogs.translate("zh-CN", "parking", "Close {n}", n=3) == "Close 3"


def test_cores_pages_say_a_plugins_name_in_its_words(tmp_path: Path) -> None:
    (tmp_path / "zh_CN.po").write_text('msgid "Parking"\nmsgstr "停车"\n')
    catalogs = Catalogs({"core": tmp_path / "none", "parking": tmp_path})
    assert catalogs.translate("zh-CN", "core", "Parking") == "停车"
    assert catalogs.translate("en", "core", "Parking") == "Parking"
    assert not catalogs.has("zh-CN", "core", "Parking"), "core itself does not have the word"


@pytest.mark.parametrize(
    ("locale", "shown"), [("en", "Name, Phone; a, &lt;b&gt;; "), ("zh-CN", "名称、电话; a、&lt;b&gt;; ")]
)
def test_a_list_is_written_as_the_language_writes_lists(locale: Locale, shown: str) -> None:
    environment = Renderer({}, Catalogs(FOLDERS)).environment
    listed = "{{ ['Name', 'Phone']|listed(labels=true) }}; {{ ['a', '<b>']|listed }}; {{ []|listed }}"
    page = Page(locale, "", "", NOW)
    assert environment.from_string(listed).render(page=page, domain="core") == shown


def test_every_message_is_said_in_chinese() -> None:
    catalogs = Catalogs(FOLDERS)
    missing = sorted(
        {(domain, message, place) for domain, message, place in all_ids() if not catalogs.has("zh-CN", domain, message)}
    )
    assert not missing, "add to locales/zh_CN.po:\n" + "\n".join(
        f"{place}  [{domain}]  {message!r}" for domain, message, place in missing
    )


def test_translations_fill_in_the_same_names() -> None:
    catalogs = Catalogs(FOLDERS)
    for (locale, _domain), messages in catalogs.messages.items():
        for message, text in messages.items():
            assert names_in(text) == names_in(message), (locale, message)
