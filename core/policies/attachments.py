"""`core.attachments`: how large and how many files a ticket may carry, and how long they are kept."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from core.policies.spec import PolicySpec

LARGEST: Final = 20  # megabytes that any site can allow: what a request for an upload may carry


class AttachmentLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be attached to a ticket."""

    megabytes: Annotated[
        int,
        msgspec.Meta(
            title="Largest file",
            description="A photo from a telephone has 2 to 8 megabytes; large pictures are kept smaller.",
            ge=1,
            le=LARGEST,
            extra={"unit": "MB"},
        ),
    ] = 15
    per_ticket: Annotated[
        int,
        msgspec.Meta(title="Files of a ticket at most", description="Pictures and documents together.", ge=1, le=200),
    ] = 40
    keep_months: Annotated[
        int,
        msgspec.Meta(
            title="Months that files of closed tickets are kept",
            description="Then their contents are deleted; that there were files stays on record. Files that a second "
            "look waits for, signatures, and files of tickets with a charge or compensation stay. 0: as long as the "
            "ticket.",
            ge=0,
            le=240,
        ),
    ] = 0


ATTACHMENTS = PolicySpec(
    name="core.attachments",
    struct=AttachmentLimits,
    default=AttachmentLimits(),
    title="Attachments",
    help="How large and how many files a ticket may carry, and how long they are kept.",
    permission="policy.manage",
)
