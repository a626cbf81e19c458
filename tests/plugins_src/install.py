"""Installs the plugins of this folder from their own packages, offline, so that their entry points are real."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent


def install(target: Path, *names: str) -> Path:
    """Build the packages `names` of this folder with pip and put them into `target`; nothing is downloaded."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
    command += ["--no-deps", "--no-build-isolation", "--no-compile", "--target", str(target)]
    subprocess.run([*command, *(str(HERE / name) for name in names)], check=True)
    return target


@contextmanager
def importable(target: Path) -> Iterator[Path]:
    """Let this process find what was installed into `target`; undone at the end, imported modules included."""
    before = set(sys.modules)
    sys.path.insert(0, str(target))
    try:
        yield target
    finally:
        sys.path.remove(str(target))
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", None) or "").startswith(str(target)):
                del sys.modules[name]


def environment(target: Path) -> Mapping[str, str]:
    """The environment in which a subprocess finds what was installed into `target`."""
    path = os.pathsep.join(part for part in (str(target), os.environ.get("PYTHONPATH")) if part)
    return {**os.environ, "PYTHONPATH": path}
