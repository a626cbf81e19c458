"""What sites have their clerks say: in situations of a call (REC-3), and to visitors by what they come for (REC-4)."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from core.sdk import GREETING_NAMES, PolicySpec
from plugins.reception.permissions import MANAGE

GUIDE_NAMES: Final = (*GREETING_NAMES, "where", "phone", "papers")
"""What guidance may name besides: its own place, telephone and papers."""

_SAID: Final = {"kind": "textarea", "placeholders": GREETING_NAMES}
_GUIDED: Final = {"kind": "textarea", "placeholders": GUIDE_NAMES}


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said in a situation; without English the Chinese is said."""

    zh: Annotated[str, msgspec.Meta(title="In Chinese", min_length=1, max_length=500, extra=_SAID)]
    en: Annotated[str, msgspec.Meta(title="In English", max_length=500, extra=_SAID)] = ""


class Scripts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said in the situations of a call."""

    hold: Annotated[Said, msgspec.Meta(title="Please hold")] = Said(
        "请您稍等，我马上为您查询，请不要挂断。（回线）感谢您的等候。",
        "Please hold the line for a moment while I look this up. Thank you for waiting.",
    )
    callback: Annotated[Said, msgspec.Meta(title="Call back")] = Said(
        "这件事我需要核实后答复您。请留下您的电话，我会在承诺的时间内给您回电，您看可以吗？",
        "I need to check this first. May I call you back at this number within the time I promise you?",
    )
    message: Annotated[Said, msgspec.Meta(title="Take a message")] = Said(
        "您找的同事现在不在座位上，请问您贵姓、电话和事由？我会转告并请他按时给您回电。",
        "Your contact is away right now. May I take your name, number and message? They will call you back in time.",
    )
    complaint: Annotated[Said, msgspec.Meta(title="Complaint")] = Said(
        "{{caller}}，感谢您告诉我们。给您带来不便，非常抱歉。请您别着急，慢慢说，我把经过完整记录下来，马上安排专人跟进。",
        "Thank you for telling us, {{caller}}, and I am sorry for the trouble. Please take your time: "
        "I am writing everything down and will have somebody see to it at once.",
    )
    farewell: Annotated[Said, msgspec.Meta(title="Farewell")] = Said(
        "感谢您的来电，如有需要请随时联系{{site}}服务中心，再见。",
        "Thank you for calling. Please contact {{site}} service centre at any time. Goodbye.",
    )


Papers = tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=60)], ...]
Where = Annotated[str, msgspec.Meta(max_length=100)]


class Guide(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a visitor who comes for this is told: what to bring and where to go; without English the Chinese."""

    title: Annotated[str, msgspec.Meta(title="Purpose", min_length=1, max_length=20)]
    zh: Annotated[str, msgspec.Meta(title="In Chinese", min_length=1, max_length=500, extra=_GUIDED)]
    en: Annotated[str, msgspec.Meta(title="In English", max_length=500, extra=_GUIDED)] = ""
    papers: Annotated[Papers, msgspec.Meta(title="Papers to bring", description="One a line.", max_length=12)] = ()
    where: Annotated[Where, msgspec.Meta(title="Where to go", description="Window, floor, room.")] = ""
    phone: Annotated[str, msgspec.Meta(title="Telephone there", max_length=30)] = ""
    papers_en: Annotated[
        Papers, msgspec.Meta(title="Papers to bring, in English", description="One a line.", max_length=12)
    ] = ()
    where_en: Annotated[Where, msgspec.Meta(title="Where to go, in English")] = ""


class Guidance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Guidance by purpose of visit."""

    purposes: Annotated[
        tuple[Guide, ...],
        msgspec.Meta(title="Purposes", description="A change replaces the whole list.", min_length=1, max_length=20),
    ] = (
        Guide(
            "缴费",
            "您好，缴费请到{{where}}。请报房号核对户名和欠费明细，缴费后请收好收据。",
            "Please pay at {{where}}. Tell them your unit to check the bill, and keep the receipt.",
            ("房号或业主姓名", "上期缴费单（如有）"),
            "一楼 1 号收费窗口",
            papers_en=("your unit or the owner's name", "the last bill, if you have it"),
            where_en="counter 1 on the ground floor",
        ),
        Guide(
            "租房",
            "租赁事宜由{{where}}办理，我先登记您的需求：户型、租期、预算和看房时间。",
            "Rentals are handled at {{where}}. Let me note what you are looking for and when you can see it.",
            ("身份证",),
            "一楼 3 号租售窗口",
            papers_en=("your ID card or passport",),
            where_en="counter 3 on the ground floor",
        ),
        Guide(
            "二次装修",
            "装修请先到{{where}}申请，图纸审核通过并签订装修协议后再进场，请带齐{{papers}}。",
            "Please apply at {{where}} before any work begins, and bring {{papers}}.",
            ("业主身份证", "装修图纸", "施工单位营业执照和资质", "施工人员名单和身份证"),
            "二楼 工程部 203 室",
            papers_en=(
                "the owner's ID card",
                "the drawings",
                "the contractor's licence and qualification",
                "the list of workers with their ID cards",
            ),
            where_en="the engineering office, room 203 on the first floor",
        ),
        Guide(
            "入住",
            "恭喜您收房！请到{{where}}办理入住：核对资料、签署文件、验房、领取钥匙。",
            "Congratulations on your new home. Please go to {{where}} to check the papers, inspect the flat and "
            "collect the keys.",
            ("购房合同", "业主身份证", "入伙通知书", "缴款凭证"),
            "二楼 入住办理处 201 室",
            papers_en=("the contract of purchase", "the owner's ID card", "the notice of handover", "the receipt"),
            where_en="the move-in office, room 201 on the first floor",
        ),
        Guide(
            "投诉",
            "感谢您反映问题，给您带来不便很抱歉。请到{{where}}坐下慢慢说，我们当面记录并给您受理单号。",
            "Thank you for coming to us, and I am sorry for the trouble. Please take a seat at {{where}}: we will "
            "write it down with you and give you a number.",
            (),
            "一楼 接待室",
            where_en="the reception room on the ground floor",
        ),
    )


SCRIPTS = PolicySpec(
    name="reception.scripts",
    struct=Scripts,
    default=Scripts(),
    title="Scripts for situations",
    help="What clerks say when they put a call on hold, promise a callback, take a message or hear a complaint.",
    permission=MANAGE.id,
    plugin="reception",
)
GUIDANCE = PolicySpec(
    name="reception.guidance",
    struct=Guidance,
    default=Guidance(),
    title="Guidance by purpose of visit",
    help="What visitors are told by what they come for: papers to bring, and where to go.",
    permission=MANAGE.id,
    plugin="reception",
)
