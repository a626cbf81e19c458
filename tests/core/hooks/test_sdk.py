"""Plugins import core.sdk and nothing else of ours; core does not import core.sdk."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import core.sdk

ROOT = Path(__file__).parents[3]


def imported(file: Path) -> Iterator[str]:
    """Absolute names of the modules a file imports, as `package.module` or `package.module.name`."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_sdk(name: str) -> bool:
    return name == "core.sdk" or name.startswith("core.sdk.")


def plugin_files() -> list[tuple[str, Path]]:
    """Each plugin's source files with the name of its own package."""
    plugins = ROOT / "plugins"
    first = [(f"plugins.{file.relative_to(plugins).parts[0]}", file) for file in plugins.glob("*/**/*.py")]
    second = [(file.relative_to(ROOT).parts[3], file) for file in ROOT.glob("tests/plugins_src/*/*/**/*.py")]
    migrations = [(f"plugins.{file.parent.name}", file) for file in ROOT.glob("migrations/*/*.py")]
    return [*first, *second, *(entry for entry in migrations if entry[1].parent.name != "core")]


@pytest.mark.parametrize(("package", "file"), plugin_files(), ids=lambda value: getattr(value, "name", value))
def test_a_plugin_imports_the_sdk_only(package: str, file: Path) -> None:
    ours = [name for name in imported(file) if name.split(".")[0] in {"core", "plugins", "tenants", "tests"}]

    assert [name for name in ours if not is_sdk(name) and not f"{name}.".startswith(f"{package}.")] == []


def test_core_does_not_import_the_sdk() -> None:
    files = [file for file in ROOT.glob("core/**/*.py") if file.parent != ROOT / "core" / "sdk"]

    assert [file for file in files if any(is_sdk(name) for name in imported(file))] == []


def test_the_sdk_exports_what_it_imports_and_defines_nothing() -> None:
    tree = ast.parse((ROOT / "core" / "sdk" / "__init__.py").read_text(encoding="utf-8"))
    names = [
        alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
    ]
    others = [node for node in tree.body if not isinstance(node, ast.ImportFrom | ast.Expr | ast.Assign)]

    assert sorted(names) == sorted(core.sdk.__all__)
    assert others == []
