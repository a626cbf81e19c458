"""Where the chains of all companies have got to, kept outside the database: lines that are only ever appended (OB-1).

`LODGE_HOME/audit/2026-11-22.jsonl` holds the anchors of a day (UTC). Whoever can rewrite the database, or puts an older
one in its place, cannot make it agree with them.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec


class Anchor(msgspec.Struct, frozen=True):
    """The end of a company's chain at an instant; `hash` in hexadecimal digits."""

    company: UUID
    seq: int
    hash: str
    at: datetime


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Anchor).decode


class BadAnchors(ValueError):
    """A line of an anchors' file is none. The text names file and line."""


class Anchors:
    """A folder of anchors; several processes may append at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, anchors: Sequence[Anchor]) -> None:
        """Append, durable on return; blocks. Raises OSError."""
        if not anchors:
            return
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self.folder / f"{anchors[0].at.astimezone(UTC).date()}.jsonl"
        lines = b"".join(_encode(anchor) + b"\n" for anchor in anchors)
        new = not file.exists()
        target = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            if os.write(target, lines) < len(lines):  # one call, so that lines of two processes do not mix
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(file))
            os.fsync(target)
        finally:
            os.close(target)
        if new:
            _keep_name(self.folder)

    def of(self, company_id: UUID) -> list[Anchor]:
        """Those of a company, in the order of their places in the chain; blocks. Raises BadAnchors."""
        wanted = str(company_id).encode()
        found = [anchor for anchor in self._lines(wanted) if anchor.company == company_id]
        return sorted(found, key=lambda anchor: anchor.seq)

    def _lines(self, wanted: bytes) -> Iterator[Anchor]:
        for file in sorted(self.folder.glob("*.jsonl")):
            for number, line in enumerate(file.read_bytes().splitlines(), 1):
                if wanted not in line:
                    continue
                try:
                    yield _decode(line)
                except msgspec.DecodeError as error:
                    raise BadAnchors(f"{file}, line {number}: {error}") from None


def _keep_name(folder: Path) -> None:
    """Make a new file's name durable too."""
    target = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(target)
    finally:
        os.close(target)
