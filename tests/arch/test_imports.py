"""The import contracts of pyproject.toml hold for every package, and each can be broken."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from core.settings import ROOT

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
TOP = {"cli", "sdk", "web"}  # may import all of core
# For each contract an import that nobody may write, and where.
OFFENCES = {
    "Plugins import core.sdk only": ("plugins/reception/plugin.py", "import core.work"),
    "Plugins do not know each other": ("plugins/gadget/__init__.py", "import plugins.reception.plugin"),
    "Core knows no plugin and no company": ("core/tickets/service.py", "import plugins.reception"),
    "Service-level arithmetic is pure": ("core/sla/clock.py", "import core.errors"),
    "The database layer knows nothing above it": ("core/db/uow.py", "import core.tenancy.context"),
    "Services know neither web nor command line nor the plugins' façade": ("core/tickets/queue.py", "import core.web"),
    "Services get what they need, not the whole platform": ("core/tickets/queue.py", "import core.platform"),
}


def test_every_package_of_core_is_under_a_contract() -> None:
    packages = {folder.name for folder in (ROOT / "core").iterdir() if (folder / "__init__.py").exists()}
    named = {module.removeprefix("core.") for contract in CONTRACTS for module in contract.get("source_modules", ())}

    assert packages - TOP - named == set()


def test_every_contract_can_be_broken(tmp_path: Path) -> None:
    for package in ("core", "plugins", "tenants"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("node_modules", "dist"))
    (tmp_path / "plugins" / "gadget").mkdir()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for place, line in OFFENCES.values():
        file = tmp_path / place
        file.write_text(f"{file.read_text() if file.exists() else ''}\n{line}\n")

    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--config", "pyproject.toml"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout

    broken = {line.partition(" BROKEN")[0] for line in said.splitlines() if " BROKEN" in line}
    assert broken == set(OFFENCES) == {contract["name"] for contract in CONTRACTS}
