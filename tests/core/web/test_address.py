"""AU-5: where a request comes from is said by the peer and by proxies of ours, and by nobody else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.settings import Settings
from core.web.address import client_address

SETTINGS = Settings(home=Path("/"), secret=b"", trusted_proxies=frozenset({"10.0.0.1", "10.0.0.2"}))
FORGED = ("x-forwarded-for", "198.51.100.9")


@pytest.mark.parametrize(
    ("peer", "headers", "address"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", [FORGED], "203.0.113.7"),
        ("203.0.113.7", [("forwarded", "for=198.51.100.9"), ("x-real-ip", "198.51.100.9")], "203.0.113.7"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [("forwarded", "for=198.51.100.9")], "10.0.0.1"),
        ("10.0.0.1", [("x-forwarded-for", "203.0.113.7")], "203.0.113.7"),
        ("10.0.0.1", [("x-forwarded-for", "198.51.100.9, 203.0.113.7")], "203.0.113.7"),
        ("10.0.0.1", [FORGED, ("x-forwarded-for", "203.0.113.7")], "203.0.113.7"),
        ("10.0.0.1", [("x-forwarded-for", "198.51.100.9, 203.0.113.7, 10.0.0.2")], "203.0.113.7"),
        ("10.0.0.1", [("x-forwarded-for", "10.0.0.2, 203.0.113.7")], "203.0.113.7"),
        ("10.0.0.1", [("x-forwarded-for", " , ,")], "10.0.0.1"),
        ("203.0.113.7", [("x-forwarded-for", "10.0.0.1")], "203.0.113.7"),
    ],
)
def test_au_5_a_forged_header_counts_for_nothing(peer: str, headers: list[tuple[str, str]], address: str) -> None:
    scope: Any = {"client": (peer, 1), "headers": [(name.encode(), value.encode()) for name, value in headers]}

    assert client_address(scope, SETTINGS) == address
