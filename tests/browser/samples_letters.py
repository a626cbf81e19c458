"""Sample contexts for letters, complaint boxes and scripts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from core.sdk import FieldError, Site
from core.web.views import Choice, Field, Filters, Pager
from plugins.reception.letters import screens
from plugins.reception.letters.box_pages import BoxRow
from plugins.reception.letters.model import Emptying, Letter, Scan, Slip
from plugins.reception.scripts.service import Advice, Edited, Line, Spoken
from tests.browser.samples import NOW

_SITE = Site(UUID(int=9), "cuihu", "翠湖花园一期", "residential", "Asia/Shanghai", "")
_DAY = timedelta(days=1)
_OPEN = Letter(
    ticket_id=UUID(int=31),
    number="2026-012",
    sender_name="翠湖街道办事处",
    sender_kind="authority",
    reference="街办〔2026〕31号",
    via="courier",
    subject="关于楼道堆物的整改通知",
    received_at=NOW - 2 * _DAY,
    registered_at=NOW - 2 * _DAY,
    registered_by_name="陈晓",
    answer_text="",
    answer_reference="",
    answer_via="",
    answered_by_name="",
    ticket_number="GD2611-0433",
    status="accepted",
    place="5 幢",
    assignee_name="郑涛",
    description="关于楼道堆物的整改通知\n请于规定期限内清理并书面答复。",
    answered_at=None,
    due_at=NOW - _DAY,
    late=True,
)
_DONE = Letter(
    ticket_id=UUID(int=32),
    number="2026-011",
    sender_name="王丽华",
    sender_kind="resident",
    reference="",
    via="by_hand",
    subject="反映车位被占",
    received_at=NOW - 5 * _DAY,
    registered_at=NOW - 5 * _DAY,
    registered_by_name="陈晓",
    answer_text="已与占用人沟通，车位当日腾出。",
    answer_reference="翠湖物业〔2026〕8号",
    answer_via="by_hand",
    answered_by_name="陈晓",
    ticket_number="GD2611-0421",
    status="resolved",
    place="3幢2单元1802",
    assignee_name="",
    description="反映车位被占",
    answered_at=NOW - 3 * _DAY,
    due_at=NOW,
    late=False,
)
_SCANS = tuple(
    screens.scan(_SITE, _OPEN, Scan(UUID(int=n), "letter", name, kind, 240_000, kind == "jpeg", "陈晓", NOW))
    for n, name, kind in ((41, "来函.jpg", "jpeg"), (42, "附件.pdf", "pdf"))
)
_FIELDS = {
    name: Field(name, label)
    for name, label in (
        ("sender_name", "Sender"), ("sender_kind", "Kind of sender"), ("reference", "Their reference"),
        ("received_at", "Received"), ("via", "Came"), ("subject", "About"), ("content", "What it says"),
        ("category", "Category"), ("severity", "Severity"), ("place", "Unit or place"), ("phone", "Phone"),
        ("assignee_id", "Assign to"), ("concerns_id", "Colleague concerned"), ("answer_by", "Answer by"),
    )
}  # fmt: skip
_LIST: dict[str, Any] = {
    "filters": Filters(selects=(Field("which", "Which", "select", "all", choices=(Choice("all", "All letters"),)),)),
    "senders": screens.SENDERS,
    "registers": True,
    "export": "/export",
}
_LETTER: dict[str, Any] = {
    "letter": _OPEN,
    "row": screens.row(_SITE, _OPEN),
    "sender": "Authority",
    "via": "By courier",
    "answer_via": "",
    "fields": (Field("text", "The answer that was given", "textarea"), Field("reference", "R"), Field("via", "Went")),
    "sides": (("letter", "Scans of the letter", _SCANS), ("answer", "Scans of the answer", ())),
    "accept": "application/pdf,image/jpeg",
}
_ANSWERED: dict[str, Any] = {
    **_LETTER, "letter": _DONE, "row": screens.row(_SITE, _DONE), "answer_via": "By hand", "fields": (), "accept": "",
}  # fmt: skip
_EMPTYING = Emptying(
    UUID(int=51), "服务中心意见箱", 2, "业委会 李委员", NOW, "陈晓", [Slip(1, UUID(int=52), "GD2611-0440")]
)
_SLIP = {
    "text": Field("text", "What the slip says", "textarea", error="Write down what was said."),
    "place": Field("place", "Unit or place"),
    "category": Field("category", "Category", "select", choices=(Choice("lift", "电梯"),)),
    "writer": Field("writer", "Signed by"),
    "phone": Field("phone", "Phone", "tel"),
    "concerns_id": Field("concerns_id", "Colleague concerned", "select", choices=(Choice("", "Nobody of us"),)),
}
_GUIDE = Advice(
    "guidance.0",
    "缴费",
    "请到一楼 1 号窗口。",
    "Please pay at window 1.",
    ("房号",),
    "一楼 1 号窗口",
    "8001",
    ("your unit",),
)
_SPOKEN = Spoken(
    [Line("greeting.0", "问候", "上午好", "Good morning")], [Line("hold", "Please hold", "请稍候")], [_GUIDE]
)
_EDIT: dict[str, Any] = {
    "edited": Edited("hold", "Please hold", "请稍候", "", ("site", "clerk"), 3),
    "version": 3,
    "fields": (Field("zh", "In Chinese", "textarea", "请稍候", maximum=500), Field("en", "In English", maximum=500)),
    "names": (("site", "Site"), ("clerk", "Clerk")),
    "own": ((Field("where", "Where to go"), Field("where_en", "Where to go, in English")),),
    "reason": Field("reason", "Reason"),
    "line": Line("hold", "Please hold", "请稍候", "Please hold."),
    "faults": (),
}

LETTER_PAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "letters": (
        "reception/letters.html",
        "mail",
        {**_LIST, "rows": tuple(screens.row(_SITE, each) for each in (_OPEN, _DONE)), "pager_view": Pager(2, "")},
    ),
    "letters-none": ("reception/letters.html", "mail", {**_LIST, "rows": (), "pager_view": Pager(0, "")}),
    "letter-new": ("reception/letter_new.html", "mail", {"form": screens.LetterForm(_FIELDS, (), ""), "carried": True}),
    "letter": ("reception/letter.html", "mail", _LETTER),
    "letter-answered": ("reception/letter.html", "mail", _ANSWERED),
    "boxes": (
        "reception/boxes.html",
        "inbox",
        {
            "rows": [_EMPTYING],
            "boxes": (BoxRow("服务中心意见箱", _EMPTYING, False), BoxRow("南门岗亭意见箱", None, True)),
            "days": 7,
            "fields": (Field("slips", "Slips in it", "number"),),
        },
    ),
    "box": ("reception/box.html", "inbox", {"emptying": _EMPTYING, "fields": _SLIP, "own": (), "unit_id": ""}),
    "box-entered": ("reception/box.html", "inbox", {"emptying": _EMPTYING, "fields": {}, "own": (), "unit_id": ""}),
    "scripts": ("reception/scripts.html", "message-chatbot", {"spoken": _SPOKEN, "edits": True}),
    "script-edit": ("reception/script_edit.html", "message-chatbot", _EDIT),
    "script-refused": (
        "reception/script_edit.html",
        "message-chatbot",
        {**_EDIT, "line": None, "faults": (FieldError("zh", "Only these names can be filled in."),)},
    ),
}
