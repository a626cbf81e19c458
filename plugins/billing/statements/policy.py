"""What a site sets for statements by link (BIL-8)."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from core.sdk import PolicySpec
from plugins.billing.permissions import TARIFF_MANAGE

NAMES: Final = ("site", "unit", "until")
CODE_NAMES: Final = ("site", "code", "minutes")


class StatementRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a household is sent its statement."""

    link_days: Annotated[
        int,
        msgspec.Meta(title="Link to a statement", description="How long it is good.", ge=1, le=30, extra={"unit": "d"}),
    ] = 7
    text: Annotated[
        str,
        msgspec.Meta(
            title="Text of the message",
            description="The link stands behind it. It says no amount.",
            min_length=1,
            max_length=120,
            extra={"kind": "textarea", "placeholders": NAMES},
        ),
    ] = "【{{site}}】{{unit}}的物业费用账单，{{until}}前可凭短信验证码查看："
    code_text: Annotated[
        str,
        msgspec.Meta(
            title="Text of the code",
            min_length=1,
            max_length=120,
            extra={"kind": "textarea", "placeholders": CODE_NAMES},
        ),
    ] = "【{{site}}】账单验证码 {{code}}，{{minutes}} 分钟内有效，请勿转告他人。"


STATEMENT: Final = PolicySpec(
    name="billing.statement",
    struct=StatementRules,
    default=StatementRules(),
    title="Statements by link",
    help="What a household is sent so that it can read what it owes and has paid.",
    permission=TARIFF_MANAGE.id,
    plugin="billing",
)
ALL: Final = (STATEMENT,)
