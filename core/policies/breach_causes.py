"""`core.breach_causes`: what colleagues choose from when they say why a goal was missed."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.errors import FieldError
from core.policies.spec import PolicySpec
from core.policies.values import Key, Unfit

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=20)]


class BreachCause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One cause; `key` is what tickets keep. With `explain`, it says nothing without a few words."""

    key: Annotated[Key, msgspec.Meta(title="Key", description="Tickets keep it: do not reuse one for another cause.")]
    title_zh: Annotated[_Name, msgspec.Meta(title="Name (Chinese)", description="What clerks read on the button.")]
    title_en: Annotated[
        _Name, msgspec.Meta(title="Name (English)", description="The same for those who work in English.")
    ]
    explain: Annotated[
        bool, msgspec.Meta(title="Asks for a few words", description="Yes: the cause alone says nothing.")
    ] = False


class BreachCauses(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The causes of a site."""

    causes: Annotated[
        tuple[BreachCause, ...],
        msgspec.Meta(
            title="Causes",
            description="In this order. A change replaces the whole list.",
            min_length=1,
            max_length=20,
        ),
    ]

    def __post_init__(self) -> None:
        keys = [cause.key for cause in self.causes]
        problems = [
            FieldError(f"causes.{index}.key", "Use each key once: {key} is there already.", {"key": key})
            for index, key in enumerate(keys)
            if key in keys[:index]
        ]
        if problems:
            raise Unfit(*problems)


BREACH_CAUSES = PolicySpec(
    name="core.breach_causes",
    struct=BreachCauses,
    default=BreachCauses(
        (
            BreachCause("parts", "缺配件", "Parts missing"),
            BreachCause("reporter", "等业主", "Waiting for resident"),
            BreachCause("staff", "人手不足", "Short of staff"),
            BreachCause("dispatch", "派单迟", "Assigned late"),
            BreachCause("outside", "外单位", "Outside company"),
            BreachCause("other", "其他", "Other", explain=True),
        )
    ),
    title="Causes of missed goals",
    help="What colleagues choose from when they say why a goal was missed.",
    permission="policy.manage",
)
