"""What is kept of where somebody signed in from and with what: a network, and a device in words."""

from __future__ import annotations

import pytest

from core.auth import places

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)
WECHAT = (
    "Mozilla/5.0 (Linux; Android 14; HUAWEI) AppleWebKit/537.36 Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0.47"
)
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (CHROME, "Chrome · Windows"),
        (f"{CHROME} Edg/141.0", "Edge · Windows"),
        (WECHAT, "WeChat · Android"),
        (SAFARI, "Safari · iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Linux"),
        ("curl/8.5.0", "curl"),
        ("<script>", ""),
        ("", ""),
    ],
)
def test_a_device_is_told_in_words(user_agent: str, device: str) -> None:
    assert places.device(user_agent) == device


@pytest.mark.parametrize(
    ("address", "network", "origin"),
    [
        ("203.0.113.9", "203.0.113.0/24", "203.0.113.9/32"),
        ("::ffff:203.0.113.9", "203.0.113.0/24", "203.0.113.9/32"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48", "2001:db8:1:2::/64"),
        ("unknown", "", "unknown"),
    ],
)
def test_an_address_is_kept_as_a_network_and_counted_as_a_customer(address: str, network: str, origin: str) -> None:
    assert (places.network(address), places.origin(address)) == (network, origin)
