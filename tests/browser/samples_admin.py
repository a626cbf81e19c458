"""Sample contexts for the estate, policies, modules, API tokens and the audit log."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from msgspec import structs

from core.errors import FieldError
from core.policies.calendar import CALENDAR
from core.policies.forms import form_fields
from core.policies.layers import Layer, Overrides, resolve
from core.policies.sla_targets import SLA_TARGETS
from core.policies.spec import PolicySpec
from core.policies.ticket_categories import TICKET_CATEGORIES
from core.web.views import (
    AuditRow,
    Changed,
    Count,
    Field,
    Household,
    HouseholdTicket,
    ImportIssue,
    ImportPreview,
    ImportRun,
    Notice,
    PluginCell,
    PluginRow,
    PolicyView,
    Resident,
    Revision,
    TokenRow,
    UnitRow,
    Word,
)
from core.web.views.admin import Holiday, Lane
from tests.browser.samples import BINJIANG, CUIHU, NOW, choices

UNITS = (
    UnitRow(
        "u1",
        "/s/cuihu/estate/units/u1",
        "3幢",
        "3幢2单元1802",
        "89.60",
        (("王丽华", "138****6207"), ("李建国", "")),
        date(2017, 5, 1),
        2,
    ),
    UnitRow("u2", "/s/cuihu/estate/units/u2", "3幢", "3幢2单元1803", "", (("翠湖商贸有限公司", "0571-****4321"),)),
)

_REASON = Field("reason", "What the number is needed for", required=True, maximum=200, help="Recorded with your name.")
_OWNER, _COMPANY = Word("owner", "Owner"), "翠湖商贸有限公司"
HOUSEHOLD = Household(
    "u1",
    "3幢2单元1802",
    (("Area (m²)", "89.60"), ("Since", "2017-05-01"), ("Remark", "出租")),
    (
        Resident(
            "p1", "王丽华", _OWNER, "**************0018", ("138****6207", "021-****7071"), _REASON, reveal_id=_REASON
        ),
        Resident("p2", "李建国", Word("tenant", "Tenant"), "", ("139****0001",), revealed=("13900000001",)),
        Resident("p3", _COMPANY, _OWNER, "", ()),
    ),
    (HouseholdTicket("R-20261121-0007", "/s/cuihu/tickets/t1", "厨房水槽下方漏水", Word("new", "Accepted", "info")),),
)
ASKED = structs.replace(
    HOUSEHOLD.residents[0],
    reveal=structs.replace(
        _REASON, error="Say in 2 to {most} characters what you need the number for.", params={"most": 200}
    ),
)
RUN = ImportRun(
    "r1",
    "roll-cuihu.xlsx",
    NOW,
    "陈晓",
    (Count("Units new", 412), Count("Owners new", 655)),
    Word("done", "Imported", "ok"),
    can_undo=True,
)
PREVIEW = ImportPreview(
    "token",
    "roll-cuihu.xlsx",
    "业主名册",
    ("二期",),
    (Count("Units new", 1412), Count("Rows left out", 1, "breach"), Count("Fields left out", 1, "warn")),
    (
        ImportIssue(
            17, "建筑面积(㎡)", "一百", "Enter the floor area as a number of m² above 0 and up to 10,000.", error=True
        ),
        ImportIssue(
            23,
            "房号",
            "1802",
            "{unit} is already in row {first_row}. Keep one of the two rows.",
            {"unit": "1802", "first_row": 4},
        ),
    ),
    unlisted=12,
    importable=True,
    asks=True,
)
UPLOAD = Field(
    "file",
    "Workbook",
    "file",
    accept=".xlsx",
    help="An .xlsx file of at most {megabytes} MB.",
    params={"megabytes": 4},
    required=True,
)
UPLOAD_REFUSED = structs.replace(
    UPLOAD, error="The file is larger than {megabytes} MB. Split it.", params={"megabytes": 4}
)


def policy(spec: PolicySpec[Any], overrides: Overrides, errors: tuple[FieldError, ...] = ()) -> PolicyView:
    """A built-in policy as a site sees it that overrides some of it."""
    resolved = resolve(spec, [Layer("site", UUID(int=1), overrides)])
    return PolicyView(
        name=spec.name,
        label=spec.title,
        help=spec.help,
        action=f"/s/cuihu/policies/{spec.name}",
        layer="site",
        version=3,
        base="0.3",
        editable=True,
        open_tickets=12,
        renewal="asked" if spec is SLA_TARGETS else "itself",
        simulated=True,
        holidays=(
            Holiday("National Day", date(2026, 10, 1), date(2026, 10, 7), (date(2026, 10, 10),)),
            Holiday("New Year's Day", date(2026, 1, 1), date(2026, 1, 1)),
        ),
        lanes=(Lane("电梯", "Critical", (("Response", 5, "minutes"), ("Resolution", 2, "hours"))),),
        notices=(Notice("breach", "Some of the values cannot be accepted."),) if errors else (),
        fields=form_fields(spec, resolved, errors=errors),
        history=(Revision(3, NOW, "陈晓", "冬令时间", NOW, "in_force", ("Weekly shifts",)),),
    )


PROMISES = policy(SLA_TARGETS, {"urgent": {"response": {"amount": 8, "unit": "minutes", "clock": "elapsed"}}})
CATEGORIES = policy(
    TICKET_CATEGORIES, {}, (FieldError("categories.1.icon", "Give the name of an icon, such as droplet-bolt."),)
)
WORKING_TIME = policy(CALENDAR, {"exceptions": {"2026-10-01": []}})

PLUGINS = (
    PluginRow(
        "reception",
        "Reception",
        "0.1.0",
        (
            PluginCell(CUIHU, True, True, date(2026, 1, 1), date(2027, 1, 1)),
            PluginCell(BINJIANG, True, False, date(2026, 6, 1)),
        ),
    ),
    PluginRow(
        "parking",
        "Parking",
        "0.3.1",
        (PluginCell(CUIHU, False, False), PluginCell(BINJIANG, False, False)),
        alarm="It failed a check when Lodge started and was left out; its data is safe. Tell the operator: {check}.",
        params={"check": "import"},
    ),
)

TOKENS = (
    TokenRow("k1", "BI 报表", ("ticket.view",), ("翠湖花园一期",), NOW, "陈晓", NOW + timedelta(days=90)),
    TokenRow("k2", "旧接口", ("ticket.view",) * 4, ("翠湖花园一期",), NOW, "陈晓", revoked_at=NOW, good=False),
    TokenRow(
        "k3", "主机", ("ticket.view",), ("翠湖花园一期",), NOW, "陈晓", NOW, account=("a1", "电话交换机"), good=False
    ),
    TokenRow(
        "k4", "备机", (), (), NOW, "陈晓", account=("a1", "电话交换机"), used_on=NOW.date(), used_from="192.0.2.0/24"
    ),
)
TOKEN_FIELDS = (
    Field("name", "Name", required=True),
    Field("expires_on", "Valid until", "date", help="That day included. Empty: until revoked."),
)
TOKEN_GROUPS = (
    ("scopes", "What it may do", choices(**{"ticket.view": "See tickets", "ticket.create": "Take in tickets"}), None),
    ("sites", "Where it may do it", choices(s1="翠湖花园一期"), FieldError("site_ids", "Choose at least one site.")),
)
AUDIT = (
    AuditRow(NOW, "陈晓", "发放令牌", "BI 报表", "", (Changed("权限", "ticket.view"),), "", "/admin/audit?actor=m1"),
    AuditRow(NOW, "系统", "修改规则", "接待话术", "翠湖花园一期", (Changed("hours", "8 → 9"),), "/s/cuihu/policies/p"),
)
DAYS = (Field("from", "From", "date", "2026-11-01"), Field("to", "To", "date"))
