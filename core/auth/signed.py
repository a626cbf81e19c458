"""What a browser keeps for us between two requests: under our signature, so nothing is stored that could fill up."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Final, Generic, TypeVar

import msgspec

T = TypeVar("T")
_MARK: Final = 32  # bytes


class Signed(Generic[T]):
    """Makes and reads texts of one shape; the key keeps those of one purpose from serving another."""

    def __init__(self, key: bytes, shape: type[T]) -> None:
        self._key: Final = key
        self._decoder = msgspec.msgpack.Decoder(shape)

    def make(self, value: T) -> str:
        body = msgspec.msgpack.encode(value)
        return base64.urlsafe_b64encode(hmac.digest(self._key, body, "sha256") + body).decode()

    def read(self, text: str) -> T | None:
        """None for one that is not ours."""
        try:
            raw = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
        except (binascii.Error, UnicodeEncodeError):
            return None
        signature, body = raw[:_MARK], raw[_MARK:]
        if not hmac.compare_digest(signature, hmac.digest(self._key, body, "sha256")):
            return None
        return self._decoder.decode(body)
