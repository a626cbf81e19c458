"""The session's cookies: an access and a refresh token, out of reach of scripts, bound to this host."""

from __future__ import annotations

from core.auth.sign_in import SESSION_LIFETIME, IssuedTokens
from core.settings import Settings


def names(settings: Settings) -> tuple[str, str]:
    """Names of the access and the refresh cookie. `__Host-` needs https, which development has not."""
    prefix = "" if settings.insecure_cookies else "__Host-"
    return f"{prefix}lodge_access", f"{prefix}lodge_refresh"


def set_session(settings: Settings, tokens: IssuedTokens) -> list[str]:
    """Set-Cookie values for new tokens. The refresh cookie stays where another request has just rotated it."""
    access, refresh = names(settings)
    cookies = [_cookie(settings, access, tokens.access)]
    if tokens.refresh is not None:
        cookies.append(_cookie(settings, refresh, tokens.refresh))
    return cookies


def clear_session(settings: Settings) -> list[str]:
    return [_cookie(settings, name, "", max_age=0) for name in names(settings)]


def preference(settings: Settings, name: str, value: str) -> str:
    """A cookie for how the console looks; worth nothing to a thief."""
    return _cookie(settings, name, value, max_age=365 * 86400)


def _cookie(
    settings: Settings,
    name: str,
    value: str,
    *,
    max_age: int = int(SESSION_LIFETIME.total_seconds()),
) -> str:
    secure = "" if settings.insecure_cookies else "; Secure"
    return f"{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}"
