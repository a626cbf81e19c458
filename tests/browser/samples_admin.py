"""Sample contexts for the estate, policies, modules, API tokens and the audit log."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from core.errors import FieldError
from core.policies.calendar import CALENDAR
from core.policies.forms import form_fields
from core.policies.layers import Layer, Overrides, resolve
from core.policies.sla_targets import SLA_TARGETS
from core.policies.spec import PolicySpec
from core.policies.ticket_categories import TICKET_CATEGORIES
from core.web.views import (
    AuditRow,
    Field,
    ImportIssue,
    ImportPreview,
    ImportRun,
    PluginCell,
    PluginRow,
    PolicyView,
    Revision,
    TokenRow,
    UnitRow,
    Word,
)
from tests.browser.samples import BINJIANG, CUIHU, NOW, choices

UNITS = (
    UnitRow("u1", "3幢", "3幢2单元1802", "89.60", (("王丽华", "13817626207"), ("李建国", "")), date(2017, 5, 1), 2),
    UnitRow("u2", "3幢", "3幢2单元1803", "120.05", (("翠湖商贸有限公司", "0571-87654321"),)),
)

RUN = ImportRun(
    "r1",
    "roll-cuihu.xlsx",
    NOW,
    "陈晓",
    (("Units", 412), ("People", 655)),
    Word("done", "Imported", "ok"),
    can_undo=True,
)
PREVIEW = ImportPreview(
    "token",
    "roll-cuihu.xlsx",
    (("Units", 412), ("People", 655), ("Errors", 1), ("Warnings", 1)),
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
    importable=True,
)
UPLOAD = Field("file", "Workbook", "file", accept=".xlsx", help="An .xlsx file of at most 10 MB.", required=True)


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
        fields=form_fields(spec, resolved, errors=errors),
        history=(Revision(3, NOW, "陈晓", "冬令时间", NOW, ("Weekly shifts",)),),
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
        alarm="It could not be loaded.",
    ),
)

TOKENS = (
    TokenRow("k1", "BI 报表", "lodge_9f2c", ("tickets.ticket.read",), NOW, "陈晓", NOW + timedelta(days=90), NOW),
    TokenRow("k2", "旧接口", "lodge_11aa", ("tickets.ticket.read",), NOW, "陈晓", revoked_at=NOW),
)
TOKEN_FIELDS = (
    Field("name", "Name", required=True),
    Field("expires_on", "Expires on", "date", help="At most one year ahead."),
)
SCOPES = choices(**{"tickets.ticket.read": "Read tickets", "tickets.ticket.create": "Create tickets"})
AUDIT = (
    AuditRow(NOW, "陈晓", "token.created", "BI 报表", "", "tickets.ticket.read"),
    AuditRow(NOW, "陈晓", "policy.changed", "reception.greeting", "翠湖花园一期", "hours"),
)
DAYS = (Field("from", "From", "date", "2026-11-01"), Field("to", "To", "date"))
