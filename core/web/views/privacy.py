"""Requests about people's data as their page shows them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from core.web.views.parts import Word


class RequestRow(msgspec.Struct, frozen=True):
    """A request: `whose` is a name or '', `kept` reasons (message ids) with a day or None, `file` where it is."""

    kind: Word
    subject: str
    whose: str
    reason: str
    state: Word
    rows: int
    files: int
    kept: tuple[tuple[str, str], ...]
    asked_by: str
    asked_at: datetime
    expires_at: datetime | None
    file: str
