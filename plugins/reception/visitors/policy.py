"""What a site sets for its visitors: purposes, badges, how long visits last, how many are registered (REC-7)."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.sdk import PolicySpec
from plugins.reception.permissions import MANAGE

ASKED_NAMES = ("site", "visitor", "unit", "purpose", "until")
Purpose = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class VisitorRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How visitors are received."""

    purposes: Annotated[
        tuple[Purpose, ...],
        msgspec.Meta(
            title="Purposes", description="To choose from when a visitor is registered.", min_length=1, max_length=30
        ),
    ] = ("走亲访友", "送货搬运", "装修施工", "家政服务", "上门维修", "看房", "办理业务", "公务检查")
    ask: Annotated[
        bool,
        msgspec.Meta(title="Ask the household", description="Nobody is let in to a unit before it has agreed."),
    ] = True
    badges: Annotated[
        int,
        msgspec.Meta(
            title="Badges", description="How many there are, numbered from 1; 0: none are handed out.", ge=0, le=999
        ),
    ] = 30
    stay_hours: Annotated[
        int,
        msgspec.Meta(
            title="Longest visit",
            description="Whoever stays longer shows as overdue.",
            ge=1,
            le=72,
            extra={"unit": "h"},
        ),
    ] = 4
    registered_percent: Annotated[
        int,
        msgspec.Meta(
            title="Visitors registered", description="The target, in percent.", ge=1, le=100, extra={"unit": "%"}
        ),
    ] = 95
    answer_minutes: Annotated[
        int,
        msgspec.Meta(
            title="Answer by text message",
            description="How long the link in it is good.",
            ge=5,
            le=1440,
            extra={"unit": "min"},
        ),
    ] = 30
    answer_text: Annotated[
        str,
        msgspec.Meta(
            title="Text of the message",
            description="The link stands behind it.",
            min_length=1,
            max_length=120,
            extra={"kind": "textarea", "placeholders": ASKED_NAMES},
        ),
    ] = "【{{site}}】{{visitor}}到访{{unit}}（{{purpose}}），是否放行？请于{{until}}前点开确认："
    keep_days: Annotated[
        int,
        msgspec.Meta(
            title="Names are kept for",
            description="Then names, phones, documents and number plates are erased for good; the counts stay.",
            ge=30,
            le=1095,
            extra={"unit": "d"},
        ),
    ] = 180


VISITORS = PolicySpec(
    name="reception.visitors",
    struct=VisitorRules,
    default=VisitorRules(),
    title="Visitors",
    help="Purposes, badges, how long visits last, and how many visitors are to be registered.",
    permission=MANAGE.id,
    plugin="reception",
)
