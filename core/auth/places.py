"""Where somebody signs in from, and with what, as far as it is kept: a network, and a device in words. Pure."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

# The first that is found in a user agent; those that call themselves another as well come before it.
_PROGRAMS: Final = (
    ("MicroMessenger", "WeChat"),
    ("DingTalk", "DingTalk"),
    ("Edg", "Edge"),
    ("HuaweiBrowser", "Huawei Browser"),
    ("QQBrowser", "QQ Browser"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("OpenHarmony", "HarmonyOS"),
    ("HarmonyOS", "HarmonyOS"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)
_PRODUCT: Final = re.compile(r"[\w.+-]{1,40}")


def network(address: str) -> str:
    """The network as it is shown and kept: /24 of an IPv4 address, /48 of an IPv6 one; '' for no address."""
    return _within(address, 24, 48)


def origin(address: str) -> str:
    """What attempts are counted by: an IPv4 address, but the /64 of an IPv6 one, which a single customer has whole."""
    return _within(address, 32, 64) or address


def _within(address: str, v4: int, v6: int) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return str(ip_network(f"{parsed}/{v4 if parsed.version == 4 else v6}", strict=False))


def device(user_agent: str) -> str:
    """Program and system, such as `Edge · Windows`; what calls itself neither, by its first word."""
    parts = [next((name for mark, name in known if mark in user_agent), "") for known in (_PROGRAMS, _SYSTEMS)]
    if any(parts):
        return " · ".join(filter(None, parts))
    product = _PRODUCT.match(user_agent)
    return product[0] if product else ""
