"""Halfway through the door: what proves, for the next minutes, who somebody is. No session yet."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from core.auth.signed import Signed
from core.errors import Unauthenticated

GOOD_FOR: Final = timedelta(minutes=10)  # to choose a company, find the telephone, set up an app


class Halfway(msgspec.Struct, frozen=True):
    """Who it is, the `mark` of their password, and until when (Unix seconds). With `company_id`, that company's
    identity provider has vouched for them and they gave no password: good there and nowhere else."""

    login: str
    mark: bytes
    until: int
    company_id: UUID | None = None


class Passes:
    """Makes and reads them, signed."""

    def __init__(self, secret: bytes) -> None:
        self._key: Final = hmac.digest(secret, b"lodge halfway signed in 1", "sha256")
        self._signed = Signed(self._key, Halfway)

    def mark(self, password_hash: str) -> bytes:
        """Changes with the password: a pass from before is worth nothing after."""
        return hmac.digest(self._key, password_hash.encode(), "sha256")[:16]

    def make(self, login: str, password_hash: str, now: datetime, company_id: UUID | None = None) -> str:
        until = int((now + GOOD_FOR).timestamp())
        return self._signed.make(Halfway(login, self.mark(password_hash), until, company_id))

    def read(self, text: str, now: datetime) -> Halfway:
        """Raises Unauthenticated for one that is not ours, or too old."""
        found = self._signed.read(text)
        if found is None or now.timestamp() >= found.until:
            raise Unauthenticated("That took too long. Sign in again.")
        return found
