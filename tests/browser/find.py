"""Finds the Chromium that browser tests drive, and installs one where it may.

`python -m tests.browser.find` prints its path.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
CJK_FONTS = ("fonts-noto-cjk", "fontconfig")
# In a process of its own: Playwright's synchronous API cannot be opened twice in one.
ASK_PLAYWRIGHT = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


class BrowserUnavailable(RuntimeError):
    """There is no browser and none can be installed. The text is one line and says what to do."""


def find_browser() -> Path:
    """The system's Chromium, Debian's, installed now (root only), or Playwright's own. Raises BrowserUnavailable."""
    found = _of_the_system() or _of_playwright()
    if not found and _apt_install("chromium", *CJK_FONTS):
        found = _of_the_system()
    if not found:
        _say("fetching Chromium with Playwright ...")
        subprocess.run(
            [sys.executable, "-m", "playwright", "install", "chromium"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        found = _of_playwright()
    if not found:
        raise BrowserUnavailable("No browser for the tests: install chromium, or run `playwright install chromium`.")
    if not _has_cjk_fonts() and not _apt_install(*CJK_FONTS):
        _say(f"no font for Chinese text: install {CJK_FONTS[0]} to read the screenshots")
    return found


def _of_the_system() -> Path | None:
    for name in NAMES:
        path = shutil.which(name)
        # Ubuntu has a chromium that only says how to install one.
        if path and _succeeds(path, "--version"):
            return Path(path)
    return None


def _of_playwright() -> Path | None:
    said = subprocess.run([sys.executable, "-c", ASK_PLAYWRIGHT], capture_output=True, text=True).stdout.strip()
    return Path(said) if said and Path(said).exists() else None


def _has_cjk_fonts() -> bool:
    if not shutil.which("fc-list"):
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True).stdout.strip())


def _apt_install(*packages: str) -> bool:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    _say(f"installing {' and '.join(packages)} ...")
    return _succeeds("apt-get", "update", "-qq") and _succeeds(
        "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages
    )


def _succeeds(*command: str) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, env=environment).returncode == 0


def _say(line: str) -> None:
    print(f"browser: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        print(find_browser())
    except BrowserUnavailable as error:
        sys.exit(str(error))
