"""What a site sets for its arrears: ages, targets, and the ladder by which it asks for what is owed (BIL-5, BIL-6)."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Final

import msgspec

from core.sdk import Key, PolicySpec, Unfit, msgid
from plugins.billing.permissions import DUNNING_PRESS

Percent = Annotated[int, msgspec.Meta(ge=0, le=100, extra={"unit": "%"})]
Age = Annotated[int, msgspec.Meta(ge=1, le=3650, extra={"unit": "d"})]
# Nobody's supply is cut for what they owe the property company (Civil Code, article 944), and no text says so.
THREATS: Final = (
    "停水", "断水", "停电", "断电", "停气", "断气", "停暖", "停供", "限电", "限水", "切断", "cut off", "cut your",
    "disconnect",
)  # fmt: skip
TEXT_NAMES: Final = ("site", "unit", "name", "yuan", "since", "day", "telephone")


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of an item is to come in."""

    code: Annotated[Key, msgspec.Meta(title="Code of the fee item")]
    percent: Annotated[Percent, msgspec.Meta(title="To be collected")]


class ArrearsRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How old what is owed counts as, and how much is to come in."""

    first_days: Annotated[Age, msgspec.Meta(title="First age: up to")] = 30
    second_days: Annotated[Age, msgspec.Meta(title="Second age: up to")] = 90
    third_days: Annotated[Age, msgspec.Meta(title="Third age: up to")] = 180
    fourth_days: Annotated[
        Age, msgspec.Meta(title="Fourth age: up to", description="What is overdue for longer is the oldest age.")
    ] = 365
    targets: Annotated[
        tuple[Target, ...],
        msgspec.Meta(title="Targets of single items", description="By the code of a fee item.", max_length=50),
    ] = (Target("property_fee", 95),)
    collected_percent: Annotated[Percent, msgspec.Meta(title="Collected for others")] = 100
    other_percent: Annotated[Percent, msgspec.Meta(title="All other items")] = 100

    def __post_init__(self) -> None:
        days = self.days
        if any(later <= earlier for earlier, later in pairwise(days)):
            raise Unfit.field("fourth_days", msgid("Each age ends later than the one before it."))

    @property
    def days(self) -> tuple[int, ...]:
        """The last days of the ages but the oldest."""
        return self.first_days, self.second_days, self.third_days, self.fourth_days

    def target(self, code: str, collected_for: str) -> int:
        """How much of an item is to come in, in percent."""
        own = next((target.percent for target in self.targets if target.code == code), None)
        return own if own is not None else self.collected_percent if collected_for else self.other_percent


class Rung(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a step is due: so many days after the day on which it was to be paid, from so much on."""

    after_days: Annotated[int, msgspec.Meta(title="Days overdue", ge=1, le=3650, extra={"unit": "d"})]
    least_yuan: Annotated[
        int, msgspec.Meta(title="From this amount on", ge=0, le=1_000_000, extra={"unit": "yuan"})
    ] = 0
    on: Annotated[bool, msgspec.Meta(title="Taken at this site")] = True


Text = Annotated[
    str, msgspec.Meta(min_length=1, max_length=1000, extra={"kind": "textarea", "placeholders": TEXT_NAMES})
]


class DunningRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The ladder, the rest between two steps, and what is written."""

    message: Annotated[Rung, msgspec.Meta(title="Message")] = Rung(3)
    letter: Annotated[Rung, msgspec.Meta(title="Letter")] = Rung(15, 50)
    visit: Annotated[Rung, msgspec.Meta(title="Visit")] = Rung(30, 200)
    notice: Annotated[Rung, msgspec.Meta(title="Formal notice")] = Rung(60, 500)
    legal: Annotated[Rung, msgspec.Meta(title="Handed over to the lawyer")] = Rung(180, 2000)
    rest_days: Annotated[
        int,
        msgspec.Meta(
            title="Rest between two steps",
            description="A household is left alone for so long after each step.",
            ge=1,
            le=90,
            extra={"unit": "d"},
        ),
    ] = 7
    message_text: Annotated[
        str,
        msgspec.Meta(
            title="Text of the message",
            min_length=1,
            max_length=200,
            extra={"kind": "textarea", "placeholders": TEXT_NAMES},
        ),
    ] = (
        "【{{site}}】{{unit}}业主/住户您好：截至{{day}}，您有{{yuan}}元费用未缴（最早应缴日{{since}}）。"
        "如已缴纳请忽略，有疑问请致电{{telephone}}。"
    )
    letter_text: Annotated[Text, msgspec.Meta(title="Text of the letter")] = (
        "截至{{day}}，您名下{{unit}}尚有下列费用未缴纳，合计{{yuan}}元。烦请收到本函后尽快到物业服务中心缴纳，"
        "也可通过转账等方式缴付。如您已缴纳或对费用有异议，请与我们联系，我们将及时核对。感谢您的理解与支持。"
    )
    notice_text: Annotated[Text, msgspec.Meta(title="Text of the formal notice")] = (
        "经多次提示，{{unit}}下列费用至今未缴纳，截至{{day}}合计{{yuan}}元。请您自收到本通知之日起十五日内缴清；"
        "如有异议，请在此期间书面提出。逾期未缴纳且未提出异议的，我公司将依法通过调解、仲裁或诉讼等途径主张权利。"
    )

    def __post_init__(self) -> None:
        rungs = [("message", self.message), ("letter", self.letter), ("visit", self.visit), ("notice", self.notice),
                 ("legal", self.legal)]  # fmt: skip
        taken = [(name, rung) for name, rung in rungs if rung.on]
        for (_, earlier), (name, later) in pairwise(taken):
            if later.after_days < earlier.after_days:
                raise Unfit.field(f"{name}.after_days", msgid("A step is not due before the one below it."))
        for field in ("message_text", "letter_text", "notice_text"):
            said = next((word for word in THREATS if word in getattr(self, field).lower()), None)
            if said:
                raise Unfit.field(
                    field,
                    msgid("No supply is cut for what is owed (Civil Code, article 944): take out “{word}”."),
                    word=said,
                )


ARREARS = PolicySpec(
    name="billing.arrears",
    struct=ArrearsRules,
    default=ArrearsRules(),
    title="Arrears and targets",
    help="The ages of what is owed, and how much of each fee item is to come in.",
    permission=DUNNING_PRESS.id,
    plugin="billing",
)
DUNNING = PolicySpec(
    name="billing.dunning",
    struct=DunningRules,
    default=DunningRules(),
    title="Dunning",
    help="The steps by which households are asked for what they owe, when each is due, and what is written.",
    permission=DUNNING_PRESS.id,
    plugin="billing",
)
ALL = (ARREARS, DUNNING)
