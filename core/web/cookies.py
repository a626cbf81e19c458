"""The session's cookies, an access and a refresh token, out of reach of scripts, bound to this host; the device's."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Final

from core.auth.sign_in import IssuedTokens
from core.policies.sign_in import LONGEST_SESSION
from core.settings import Settings

_DAY: Final = 86400  # seconds
_DEVICE: Final = re.compile(r"[\w-]{22}", re.ASCII)


def _name(settings: Settings, name: str) -> str:
    """`__Host-` needs https, which development has not."""
    return name if settings.insecure_cookies else f"__Host-{name}"


def names(settings: Settings) -> tuple[str, str]:
    """Names of the access and the refresh cookie."""
    return _name(settings, "lodge_access"), _name(settings, "lodge_refresh")


def set_session(settings: Settings, tokens: IssuedTokens) -> list[str]:
    """Set-Cookie values for new tokens. The refresh cookie stays where another request has just rotated it."""
    access, refresh = names(settings)
    cookies = [_cookie(settings, access, tokens.access)]
    if tokens.refresh is not None:
        cookies.append(_cookie(settings, refresh, tokens.refresh))
    return cookies


def clear_session(settings: Settings) -> list[str]:
    return [_cookie(settings, name, "", max_age=0) for name in names(settings)]


def operator_name(settings: Settings) -> str:
    """Name of the cookie of an operator's session."""
    return _name(settings, "lodge_operator")


def set_operator(settings: Settings, token: str, max_age: int) -> str:
    """The Set-Cookie value for an operator's session; `max_age` in seconds, 0 takes it away."""
    return _cookie(settings, operator_name(settings), token, max_age=max_age)


def inside_name(settings: Settings) -> str:
    """Name of the cookie of an operator who has entered a company."""
    return _name(settings, "lodge_inside")


def set_inside(settings: Settings, token: str, max_age: int) -> str:
    """The Set-Cookie value for it; `max_age` in seconds, 0 takes it away."""
    return _cookie(settings, inside_name(settings), token, max_age=max_age)


def attempt_name(settings: Settings) -> str:
    """Name of the cookie of a sign-in that is on its way through an identity provider."""
    return _name(settings, "lodge_attempt")


def set_attempt(settings: Settings, kept: str) -> str:
    """The Set-Cookie value for it; '' takes it away."""
    return _cookie(settings, attempt_name(settings), kept, max_age=600 if kept else 0)


def device(settings: Settings, jar: Mapping[str, str]) -> tuple[str, str]:
    """By what a browser is known again that somebody signed in with, and the Set-Cookie value that keeps it so. It
    opens nothing, and stays when the session ends."""
    name = _name(settings, "lodge_device")
    known = jar.get(name, "")
    if not _DEVICE.fullmatch(known):
        known = secrets.token_urlsafe(16)
    return known, _cookie(settings, name, known, max_age=365 * _DAY)


def preference(settings: Settings, name: str, value: str) -> str:
    """A cookie for how the console looks; worth nothing to a thief."""
    return _cookie(settings, name, value, max_age=365 * _DAY)


def _cookie(
    settings: Settings,
    name: str,
    value: str,
    *,
    max_age: int = LONGEST_SESSION * _DAY,
) -> str:
    secure = "" if settings.insecure_cookies else "; Secure"
    return f"{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}"
