"""Every hook is documented, tested and used."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from core.hooks.specs import HOOKS, REQUEST_HOOKS, Hooks

ROOT = Path(__file__).parents[3]
PARTS = ["Called", "Arguments", "Result", "Filter", "Failure"]


def parts(hook: str) -> dict[str, str]:
    """The labelled parts of a hook's docstring, in their order."""
    labelled = re.split(r"^(\w+): ", inspect.getdoc(getattr(Hooks, hook)) or "", flags=re.MULTILINE)
    return dict(zip(labelled[1::2], labelled[2::2], strict=True))


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_says_when_it_is_called_with_what_and_what_a_failure_does(hook: str) -> None:
    said = parts(hook)
    arguments = [name for name in inspect.signature(getattr(Hooks, hook)).parameters if name != "self"]

    assert list(said) == PARTS
    assert re.findall(r"`(\w+)`", said["Arguments"]) == arguments
    assert said["Failure"].startswith(f"{REQUEST_HOOKS[hook]};" if hook in REQUEST_HOOKS else "quarantines")


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_asked_at_start_is_a_function_and_others_are_coroutines(hook: str) -> None:
    assert inspect.iscoroutinefunction(getattr(Hooks, hook)) == (hook in REQUEST_HOOKS)
    assert hook.startswith("register_") == (hook not in REQUEST_HOOKS)


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_has_a_test_of_its_name(hook: str) -> None:
    here = "\n".join(file.read_text(encoding="utf-8") for file in Path(__file__).parent.rglob("test_*.py"))

    assert re.search(rf"^(async )?def test_{hook}_", here, flags=re.MULTILINE)


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_has_a_plugin_that_uses_it(hook: str) -> None:
    sources = [*ROOT.glob("plugins/*/plugin.py"), *ROOT.glob("tests/plugins_src/*/*/plugin.py")]

    assert any(re.search(rf"@hookimpl\s+(async )?def {hook}\(", file.read_text(encoding="utf-8")) for file in sources)
