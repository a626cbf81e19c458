"""Links for people who have no account: they say what they name under our signature, so nothing stored opens one.

When a link ends, and how often it is good, is the matter of what it names.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from core.auth import guesses
from core.db.engine import Database
from core.errors import NotFound, TooMany

_ID, _MARK = 16, 16  # bytes
USES, WRONG = 60, 30  # of one link, and of wrong ones from one address, within the window


class Links:
    """Makes and reads links; the purpose keeps those of one kind from opening another."""

    def __init__(self, db: Database, secret: bytes, clock: Callable[[], datetime]) -> None:
        self._db, self._clock = db, clock
        self._key: Final = hmac.digest(secret, b"lodge links 1", "sha256")

    def make(self, purpose: str, company_id: UUID, id: UUID) -> str:
        """64 characters that stand in a URL as they are."""
        named = company_id.bytes + id.bytes
        return base64.urlsafe_b64encode(named + self._mark(purpose, named)).decode()

    async def read(self, purpose: str, text: str, address: str, *, posted: bool = False) -> tuple[UUID, UUID]:
        """Company and id of a link that was followed from that address. Raises NotFound for one that is not ours, and
        TooMany for whoever tries many or follows one over and over; a link that is `posted` where everybody reads it
        is followed as often as they like."""
        found = self._read(purpose, text)
        if posted and found is not None:
            return found
        kind, value, most = ("wrong link", address, WRONG) if found is None else ("link", text, USES)
        async with self._db.begin(None) as uow:
            tries = await guesses.count(uow, guesses.key(kind, value), self._clock())
        if tries > most:
            raise TooMany(headers={"Retry-After": str(int(guesses.WINDOW.total_seconds()))})
        if found is None:
            raise NotFound
        return found

    def named(self, purpose: str, text: str) -> tuple[UUID, UUID] | None:
        """The same for machines that follow one often, and prove more besides; None for one that is not ours."""
        return self._read(purpose, text)

    def _read(self, purpose: str, text: str) -> tuple[UUID, UUID] | None:
        try:
            raw = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
        except (binascii.Error, UnicodeEncodeError):
            return None
        named, mark = raw[: 2 * _ID], raw[2 * _ID :]
        if not hmac.compare_digest(mark, self._mark(purpose, named)):
            return None
        return UUID(bytes=named[:_ID]), UUID(bytes=named[_ID:])

    def _mark(self, purpose: str, named: bytes) -> bytes:
        return hmac.digest(self._key, purpose.encode() + b"\0" + named, "sha256")[:_MARK]
