"""`core.ticket_categories`: what clerks choose from when they take a matter down, in the order of their number keys."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.errors import FieldError
from core.policies.schema import TICKET_TYPE
from core.policies.spec import PolicySpec
from core.policies.values import Key, Unfit

_TYPES = {name: name.capitalize() for name in ("enquiry", "repair", "complaint", "suggestion", "request")}
TicketTypeId = Annotated[
    str,
    msgspec.Meta(
        title="Kind of ticket",
        description="Decides on what is asked, the steps, and how often progress is told.",
        pattern=r"^[a-z][a-z0-9]*(\.[a-z][a-z0-9_]*)?\Z",
        extra={"kind": TICKET_TYPE, "labels": _TYPES, "mend": "Choose one of the kinds of ticket."},
    ),
]
"""Any declared type: that of a plugin which is gone stays readable, so the shape alone is checked. Forms offer the
types that plugins declare, too."""

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=30)]
Phrase = Annotated[str, msgspec.Meta(min_length=1, max_length=30)]


class Category(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of matter; `key` is what tickets and promised times refer to."""

    key: Annotated[Key, msgspec.Meta(title="Key", description="Tickets keep it: do not reuse one for another kind.")]
    title_zh: Annotated[Name, msgspec.Meta(title="Name (Chinese)", description="What clerks read on the button.")]
    title_en: Annotated[
        Name, msgspec.Meta(title="Name (English)", description="The same for those who work in English.")
    ]
    icon: Annotated[
        str,
        msgspec.Meta(
            title="Icon",
            description="A name of the Tabler icons.",
            pattern=r"^[a-z0-9-]{1,40}\Z",
            extra={"mend": "Give the name of an icon, such as droplet-bolt."},
        ),
    ]
    ticket_type: TicketTypeId
    phrases_zh: Annotated[
        tuple[Phrase, ...], msgspec.Meta(title="Phrases", description="Put in with one click.", max_length=12)
    ] = ()


class TicketCategories(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The categories of a site."""

    categories: Annotated[
        tuple[Category, ...],
        msgspec.Meta(
            title="Categories",
            description="In this order; the first nine have number keys. A change replaces the whole list.",
            min_length=1,
            max_length=30,
        ),
    ]

    def __post_init__(self) -> None:
        keys = [category.key for category in self.categories]
        problems = [
            FieldError(f"categories.{index}.key", "Use each key once: {key} is there already.", {"key": key})
            for index, key in enumerate(keys)
            if key in keys[:index]
        ]
        if problems:
            raise Unfit(*problems)


TICKET_CATEGORIES = PolicySpec(
    name="core.ticket_categories",
    struct=TicketCategories,
    default=TicketCategories(
        (
            Category(
                "plumbing_electric",
                "水电维修",
                "Plumbing and power",
                "droplet-bolt",
                "repair",
                ("厨房漏水", "总阀已关", "跳闸停电", "马桶堵塞", "需带梯子", "家中有老人"),
            ),
            Category("lift", "电梯", "Lift", "elevator", "repair", ("电梯困人", "电梯停运", "运行异响", "按键失灵")),
            Category(
                "access",
                "门禁车道",
                "Doors and gates",
                "barrier-block",
                "repair",
                ("道闸不抬杆", "车牌识别不到", "门禁卡失灵", "单元门关不上"),
            ),
            Category(
                "cleaning",
                "保洁绿化",
                "Cleaning and garden",
                "plant-2",
                "request",
                ("垃圾未清运", "楼道不洁", "地面积水", "绿化需修剪"),
            ),
            Category(
                "noise", "噪音投诉", "Noise", "volume", "complaint", ("夜间噪音", "装修噪音", "拖动家具", "再次投诉")
            ),
            Category(
                "fees", "费用咨询", "Fees", "receipt-yuan", "enquiry", ("物业费", "停车费", "水电代收", "押金退还")
            ),
            Category("other", "其他", "Other", "dots", "request"),
        )
    ),
    title="Ticket categories",
    help="What clerks choose from when they take a matter down.",
    permission="policy.manage",
)
