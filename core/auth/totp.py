"""One-time passwords as authenticator apps make them (RFC 6238), and recovery codes where there is no app. Pure.

Nothing but the arithmetic of two pages, so of our own: libraries tell whether a code fits and not which step it is of,
and a step is what must not serve twice.
"""

from __future__ import annotations

import base64
import hmac
import secrets
import unicodedata
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

STEP: Final = 30  # seconds
DIGITS: Final = 6
SKEW: Final = 1  # steps by which a telephone's clock may be off, either way
RECOVERY_CODES: Final = 10
_SECRET: Final = 20  # bytes, as RFC 4226 recommends
_LETTERS: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # none that is read for another
_GROUP: Final = 5


def new_secret() -> bytes:
    return secrets.token_bytes(_SECRET)


def code_of(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of a time step: HOTP (RFC 4226) of it, by SHA-1 as every app does."""
    digest = hmac.digest(secret, step.to_bytes(8), "sha1")
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4]) & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}}"


def step_of(secret: bytes, given: str, now: datetime) -> int | None:
    """The time step whose code that is, of those about now; None if of none."""
    present = int(now.timestamp()) // STEP
    fitting = [
        step
        for step in range(present - SKEW, present + SKEW + 1)
        if hmac.compare_digest(code_of(secret, step).encode(), given.encode())
    ]
    return max(fitting, default=None)


def typed(secret: bytes) -> str:
    """The secret for those who cannot scan: base32 in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[n : n + 4] for n in range(0, len(text), 4))


def uri(secret: bytes, issuer: str, account: str) -> str:
    """What the QR code says (the key URI format of authenticator apps)."""
    label = quote(f"{issuer}:{account}", safe=":")
    fields = {"secret": typed(secret).replace(" ", ""), "issuer": issuer, "digits": DIGITS, "period": STEP}
    return f"otpauth://totp/{label}?{urlencode(fields, quote_via=quote)}"


def new_recovery_codes() -> list[str]:
    """Codes such as `7K2QF-M9XWB`; 49 bits each, so they are stored under a keyed hash."""
    return [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(2))
        for _ in range(RECOVERY_CODES)
    ]


def cleaned(given: str) -> str:
    """A code as it was meant: full-width characters of a Chinese keyboard, blanks, dashes and small letters count as
    what they stand for."""
    text = unicodedata.normalize("NFKC", given)
    return "".join(character for character in text if character.isalnum()).upper()
