"""Halfway through the door: what proves, for the next minutes, that somebody's password was right. No session yet."""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import datetime, timedelta
from typing import Final

import msgspec

from core.errors import Unauthenticated

GOOD_FOR: Final = timedelta(minutes=10)  # to choose a company, find the telephone, set up an app
_MARK: Final = 32  # bytes


class Halfway(msgspec.Struct, frozen=True):
    """Who it is, the `mark` of the password that was right, and until when (Unix seconds)."""

    login: str
    mark: bytes
    until: int


_decode = msgspec.msgpack.Decoder(Halfway).decode


class Passes:
    """Makes and reads them, signed; the state is with whoever signs in, so nothing is stored that could fill up."""

    def __init__(self, secret: bytes) -> None:
        self._key: Final = hmac.digest(secret, b"lodge halfway signed in 1", "sha256")

    def mark(self, password_hash: str) -> bytes:
        """Changes with the password: a pass from before is worth nothing after."""
        return hmac.digest(self._key, password_hash.encode(), "sha256")[:16]

    def make(self, login: str, password_hash: str, now: datetime) -> str:
        until = int((now + GOOD_FOR).timestamp())
        body = msgspec.msgpack.encode(Halfway(login, self.mark(password_hash), until))
        return base64.urlsafe_b64encode(hmac.digest(self._key, body, "sha256") + body).decode()

    def read(self, text: str, now: datetime) -> Halfway:
        """Raises Unauthenticated for one that is not ours, or too old."""
        try:
            raw = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
        except (binascii.Error, UnicodeEncodeError):
            raw = b""
        signature, body = raw[:_MARK], raw[_MARK:]
        if hmac.compare_digest(signature, hmac.digest(self._key, body, "sha256")):
            found = _decode(body)
            if now.timestamp() < found.until:
                return found
        raise Unauthenticated("That took too long. Sign in again.")
