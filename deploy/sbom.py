"""`make sbom`: what Lodge is made of when it runs, as a CycloneDX document and as a list of licences.

The Python packages are those of this environment that Lodge itself needs, the browser's those of the lock file. Exits 1
for a licence that nobody has looked at.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

ROOT = Path(__file__).parent.parent
# Looked at: each lets us serve the product without giving our own code away. What a package says itself, as it says it.
ALLOWED = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "MIT",
        "MIT-0",
        "MIT-CMU",
        "MPL-2.0",
        "OFL-1.1",
    }
    | {"PSF-2.0", "Python-2.0", "Unlicense"}
)
_READ = {"rich-click": "MIT"}  # packages that state none where it is looked for, but have its text
_SAID = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "BSD-0-Clause": "0BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}


def environment() -> dict[str, Any]:
    """The document of everything that is installed."""
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible"]
    command += ["--pyproject", str(ROOT / "pyproject.toml"), sys.executable]
    made = subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    found: dict[str, Any] = json.loads(made.stdout)
    return found


def needed(document: dict[str, Any]) -> set[str]:
    """The references of what Lodge needs to run here, and of what that needs: of extras those that are asked for."""
    by_name = {canonicalize_name(each["name"]): each["bom-ref"] for each in document["components"]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    waiting = [each for each in map(Requirement, project["dependencies"]) if _applies(each, frozenset())]
    seen: set[tuple[NormalizedName, frozenset[str]]] = set()
    while waiting:
        asked = waiting.pop()
        name, extras = canonicalize_name(asked.name), frozenset(asked.extras)
        if (name, extras) not in seen:
            seen.add((name, extras))
            needs = map(Requirement, metadata.requires(name) or ())
            waiting += [each for each in needs if _applies(each, extras)]
    return {by_name[name] for name, _ in seen}


def _applies(requirement: Requirement, extras: frozenset[str]) -> bool:
    return requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in {"", *extras})


def in_the_browser() -> Iterator[dict[str, Any]]:
    """The npm packages whose files are served, with the digests of the lock file."""
    lock = json.loads((ROOT / "core/web/assets/package-lock.json").read_text())
    for path, package in lock["packages"].items():
        if not path or package.get("dev"):
            continue
        name = path.rpartition("node_modules/")[2]
        purl = f"pkg:npm/{name.replace('@', '%40')}@{package['version']}"
        algorithm, _, digest = package["integrity"].partition("-")
        yield {
            "type": "library",
            "bom-ref": purl,
            "name": name,
            "version": package["version"],
            "purl": purl,
            "licenses": [{"expression": package["license"]}],
            "hashes": [{"alg": f"SHA-{algorithm[3:]}", "content": base64.b64decode(digest).hex()}],
        }


def licences(component: dict[str, Any]) -> set[str]:
    """What a component may be used under, as SPDX ids where it says so."""
    said = [each.get("expression") or each.get("license", {}) for each in component.get("licenses", ())]
    words = [each if isinstance(each, str) else each.get("id") or each.get("name", "") for each in said]
    found = {_READ[component["name"]]} if not words and component["name"] in _READ else set()
    for word in words:
        name = word.strip().partition("\n")[0].rpartition(" :: ")[2]  # some packages put the whole text here
        if name in _SAID:
            found.add(_SAID[name])
        else:
            found |= set(re.split(r"\s+(?:OR|AND|WITH)\s+|\s*[()]\s*", name)) - {""}
    return found


def unknown(components: Iterable[dict[str, Any]]) -> list[str]:
    """A line for each component of which nobody has looked at any licence."""
    return [
        f"{each['name']} {each['version']}: {', '.join(sorted(licences(each))) or 'no licence stated'}"
        for each in components
        if not licences(each) & ALLOWED
    ]


def main() -> int:
    document = environment()
    kept = needed(document)
    document["components"] = [each for each in document["components"] if each["bom-ref"] in kept]
    document["components"] += in_the_browser()
    root = document["metadata"]["component"]["bom-ref"]
    document["dependencies"] = [
        {**each, "dependsOn": [ref for ref in each.get("dependsOn", ()) if ref in kept]}
        for each in document["dependencies"]
        if each["ref"] in kept or each["ref"] == root
    ]
    text = json.dumps(document, indent=2, ensure_ascii=False)
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong is not None:
        raise RuntimeError(f"no CycloneDX document: {wrong}")
    (ROOT / "sbom.json").write_text(text + "\n")
    by_licence: dict[str, list[str]] = defaultdict(list)
    for each in document["components"]:
        by_licence[" or ".join(sorted(licences(each))) or "not stated"].append(f"{each['name']} {each['version']}")
    for licence, names in sorted(by_licence.items()):
        print(f"{licence}\n    {', '.join(sorted(names, key=str.lower))}")
    print(f"\n{len(document['components'])} components, in sbom.json")
    not_seen = unknown(document["components"])
    for line in not_seen:
        print(f"nobody has looked at the licence of {line}", file=sys.stderr)
    return bool(not_seen)


if __name__ == "__main__":
    sys.exit(main())
