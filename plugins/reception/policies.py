"""What sites set for themselves: what is said on the phone (REC-3), and how soon a call is answered (REC-2)."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.sdk import GREETING_NAMES, PolicySpec
from plugins.reception.permissions import MANAGE

Words = Annotated[str, msgspec.Meta(min_length=1, max_length=20)]


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step of the script."""

    title: Annotated[Words, msgspec.Meta(title="Step")]
    text: Annotated[
        str,
        msgspec.Meta(
            title="What is said",
            min_length=1,
            max_length=500,
            extra={"kind": "textarea", "placeholders": GREETING_NAMES},
        ),
    ]
    text_en: Annotated[
        str,
        msgspec.Meta(title="In English", max_length=500, extra={"kind": "textarea", "placeholders": GREETING_NAMES}),
    ] = ""


class Greeting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The script, and what `{{time_of_day}}` stands for."""

    steps: Annotated[
        tuple[Step, ...],
        msgspec.Meta(
            title="Steps",
            description="In this order; a change replaces the whole list.",
            min_length=1,
            max_length=12,
        ),
    ]
    morning: Annotated[Words, msgspec.Meta(title="In the morning", description="From 5:00 to 12:00.")] = "上午好"
    afternoon: Annotated[Words, msgspec.Meta(title="In the afternoon", description="From 12:00 to 18:00.")] = "下午好"
    evening: Annotated[Words, msgspec.Meta(title="In the evening", description="From 18:00 to 5:00.")] = "晚上好"

    morning_en: Annotated[Words, msgspec.Meta(title="In the morning, in English")] = "Good morning"
    afternoon_en: Annotated[Words, msgspec.Meta(title="In the afternoon, in English")] = "Good afternoon"
    evening_en: Annotated[Words, msgspec.Meta(title="In the evening, in English")] = "Good evening"

    def time_of_day(self, hour: int) -> str:
        """How people are greeted at that local hour."""
        if 5 <= hour < 12:
            return self.morning
        return self.afternoon if 12 <= hour < 18 else self.evening

    def time_of_day_en(self, hour: int) -> str:
        """The same in English."""
        if 5 <= hour < 12:
            return self.morning_en
        return self.afternoon_en if 12 <= hour < 18 else self.evening_en


class Answering(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How soon calls are answered."""

    goal_seconds: Annotated[
        int,
        msgspec.Meta(title="Answered within", description="Three rings take 15 s.", ge=3, le=300, extra={"unit": "s"}),
    ] = 15


_usual = Greeting(
    (
        Step(
            "问候",
            "{{time_of_day}}，{{site}}物业服务中心，工号{{staff_no}}，{{clerk}}为您服务，请问有什么可以帮您？",
            text_en="{{time_of_day}}, {{site}} service centre, this is {{clerk}}, staff number {{staff_no}}. "
            "How may I help you?",
        ),
        Step(
            "复述确认",
            "{{caller}}您好，您反映的情况（{{unit}}）我跟您核对一下：具体位置、从什么时候开始、现在怎么样，对吗？",
            text_en="Let me repeat what you told me about {{unit}}, {{caller}}: where exactly, since when, how it is "
            "now. Is that right?",
        ),
        Step(
            "承诺时限",
            "您的事情我已经登记，会在承诺的时限内给您答复，上门之前会先给您打电话。",
            text_en="It is registered. We will answer you within the time we promise, and call before anybody comes.",
        ),
        Step(
            "结束语",
            "感谢您的来电，{{clerk}}会跟进到底。请问还有其他需要吗？再见。",
            text_en="Thank you for calling. {{clerk}} will see it through. Is there anything else? Goodbye.",
        ),
    )
)
GREETING = PolicySpec(
    name="reception.greeting",
    struct=Greeting,
    default=_usual,
    title="Greeting script",
    help="What clerks say on the phone, step by step.",
    permission=MANAGE.id,
    plugin="reception",
)
ANSWERING = PolicySpec(
    name="reception.answering",
    struct=Answering,
    default=Answering(),
    title="Answering calls",
    help="How soon calls should be answered.",
    permission=MANAGE.id,
    plugin="reception",
)
