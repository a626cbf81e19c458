"""What a proof of a step is (BIL-5)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec


class Proof(msgspec.Struct, frozen=True):
    """A file that proves a step. `size` in bytes; pictures have a `preview`. `struck_at`: it was wrong, and why.
    `kept`: False once its content was erased."""

    id: UUID
    name: str
    kind: str
    size: int
    preview: bool
    kept: bool
    at: datetime
    by_name: str
    struck_at: datetime | None
    struck_by_name: str
    struck_reason: str


class Strike(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a proof is none."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
