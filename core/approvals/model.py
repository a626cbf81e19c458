"""What a second person is asked, and what they say."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

State = Literal["asked", "approved", "refused", "withdrawn", "lapsed"]
MOST_SAID = 500  # characters
Said = Annotated[str, msgspec.Meta(max_length=MOST_SAID)]


class Approval(msgspec.Struct, frozen=True):
    """Something that counts once a second person agrees. `subject` names what it is about among those of its kind,
    `payload` what was asked, `permission` what whoever decides needs; `lapsed`: nobody decided in time."""

    id: UUID
    kind: str
    subject: str
    permission: str
    payload: dict[str, Any]
    reason: str
    state: State
    asked_by: UUID
    asked_by_name: str
    asked_at: datetime
    expires_at: datetime
    decided_by_name: str
    decided_at: datetime | None
    decision: str


class Verdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Agreed or refused; a refusal says why."""

    approve: bool
    text: Said = ""
