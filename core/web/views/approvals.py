"""What the pages of second looks show."""

from __future__ import annotations

from datetime import datetime

import msgspec

from core.web.views.parts import Word


class ApprovalRow(msgspec.Struct, frozen=True):
    """Something that waits, or waited, for a second person. `title` is a message id, `said` what is asked, in words;
    `look` is the page where it can be looked at as long as it waits, '' for none."""

    href: str
    title: str
    said: str
    state: Word
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    reason: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    decision: str = ""
    look: str = ""
    decidable: bool = False
    own: bool = False
