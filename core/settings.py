"""Settings of one running instance, from the environment (`LODGE_…`). Nothing else reads the environment."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

FORMER = "former-secrets"  # below the home, one a line, the latest first
ROOT = Path(__file__).resolve().parent.parent


class Smtp(msgspec.Struct, frozen=True, kw_only=True):
    """The mail server. `tls`: from the first byte; otherwise STARTTLS is demanded, except on this very machine."""

    host: str
    port: int
    tls: bool
    user: str
    password: str
    sender: str


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`home` keeps the embedded database and the instance's secret. `database_url` None means embedded.

    `plugins` is the allow-list of plugin ids, None for all that are installed. `strict` makes a failing plugin fatal.
    `insecure_cookies` lets a browser keep the session over plain http, for development on this machine alone.
    `smtp` None means no e-mail is sent. `public_url` is where people find this instance. `egress` are networks that
    webhooks may reach although they are no public ones. `audit_url` is told every day where the audit logs' chains are.
    `rate_client` and `rate_address` are requests a minute, see `core.auth.rates`. `former` are secrets of before, which
    open what was sealed then.
    """

    home: Path
    secret: bytes
    database_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8700
    plugins: tuple[str, ...] | None = None
    strict: bool = False
    insecure_cookies: bool = True
    pool_size: int = 10
    trusted_proxies: frozenset[str] = frozenset()
    smtp: Smtp | None = None
    public_url: str = "http://127.0.0.1:8700"
    egress: tuple[IPv4Network | IPv6Network, ...] = ()
    rate_client: int = 0
    rate_address: int = 0
    audit_url: str | None = None
    former: tuple[bytes, ...] = ()


class BadSetting(ValueError):
    """One line that names the variable and the mend."""


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; raises BadSetting naming the variable. The secret is made on first use (mode 0600)."""
    home = Path(environ.get("LODGE_HOME") or ROOT / ".lodge").resolve()
    url = environ.get("LODGE_DATABASE_URL") or None
    if url is not None and not url.startswith(("postgresql://", "postgres://")):
        raise BadSetting("LODGE_DATABASE_URL must look like postgresql://user:password@host:5432/database")
    plugins = environ.get("LODGE_PLUGINS")
    host = environ.get("LODGE_HOST") or "127.0.0.1"
    port = _number(environ, "LODGE_PORT", 8700, 1, 65535)
    return Settings(
        home=home,
        secret=_secret(home, environ.get("LODGE_SECRET")),
        database_url=url,
        host=host,
        port=port,
        plugins=None if plugins is None else tuple(p.strip() for p in plugins.split(",") if p.strip()),
        strict=_flag(environ, "LODGE_STRICT", default=False),
        insecure_cookies=_flag(environ, "LODGE_INSECURE_COOKIES", default=host in ("127.0.0.1", "localhost", "::1")),
        pool_size=_number(environ, "LODGE_POOL_SIZE", 10, 2, 500),
        trusted_proxies=frozenset(filter(None, environ.get("LODGE_TRUSTED_PROXIES", "").split(","))),
        smtp=_smtp(environ.get("LODGE_SMTP_URL", ""), environ.get("LODGE_MAIL_FROM", "")),
        public_url=_public_url(environ.get("LODGE_PUBLIC_URL") or f"http://{host}:{port}"),
        egress=_networks(environ.get("LODGE_EGRESS_ALLOW", "")),
        rate_client=_number(environ, "LODGE_RATE_CLIENT", 1200, 0, 10**6),
        rate_address=_number(environ, "LODGE_RATE_ADDRESS", 600, 0, 10**6),
        audit_url=environ.get("LODGE_AUDIT_URL") or None,
        former=_former(home, environ.get("LODGE_FORMER_SECRETS", "")),
    )


def _smtp(url: str, sender: str) -> Smtp | None:
    if not url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadSetting("LODGE_SMTP_URL must look like smtps://user:password@mail.example.com:465") from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise BadSetting("LODGE_SMTP_URL must look like smtps://user:password@mail.example.com:465")
    if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", sender):
        raise BadSetting("LODGE_MAIL_FROM must be the address that mail comes from, such as lodge@example.com")
    return Smtp(
        host=parts.hostname,
        port=port or (465 if parts.scheme == "smtps" else 587),
        tls=parts.scheme == "smtps",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        sender=sender,
    )


def _public_url(url: str) -> str:
    if not re.fullmatch(r"https?://[^/?#\s]+/?", url):
        raise BadSetting("LODGE_PUBLIC_URL must look like https://lodge.example.com")
    return url.rstrip("/")


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError:
        raise BadSetting("LODGE_EGRESS_ALLOW must be networks such as 10.1.2.0/24, with commas between them") from None


def _number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isdecimal() or not low <= int(text) <= high:
        raise BadSetting(f"{name} must be a whole number from {low} to {high}, not {text!r}")
    return int(text)


def _flag(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = environ.get(name, "").lower()
    if text in ("", "0", "1", "true", "false"):
        return default if text == "" else text in ("1", "true")
    raise BadSetting(f"{name} must be 1 or 0, not {text!r}")


def _former(home: Path, given: str) -> tuple[bytes, ...]:
    """Secrets that this instance had before: from the environment, and those that `lodge secrets renew` has kept."""
    kept = home / FORMER
    lines = kept.read_text().split() if kept.exists() else []
    return tuple(text.encode() for text in (*filter(None, map(str.strip, given.split(","))), *lines))


def _secret(home: Path, given: str | None) -> bytes:
    if given is not None:
        if len(given) < 32:
            raise BadSetting("LODGE_SECRET must have at least 32 characters (try: openssl rand -hex 32)")
        return given.encode()
    file = home / "secret"
    if not file.exists():
        home.mkdir(parents=True, exist_ok=True)
        made = home / f"secret.{os.getpid()}"
        made.touch(mode=0o600)
        made.write_text(secrets.token_hex(32))
        try:
            os.link(made, file)  # the first starter wins; the others read its secret
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return file.read_text().strip().encode()
