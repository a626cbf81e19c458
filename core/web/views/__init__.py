"""What templates are given: frozen structs, one module a noun.

Texts that are our own (labels, states) are message ids and translated by the template; names that customers chose pass
through the same call unchanged.
"""

from core.web.views.admin import (
    AuditRow,
    PluginCell,
    PluginRow,
    PolicyLink,
    PolicyView,
    Revision,
    TokenRow,
)
from core.web.views.carried import Carried, FileRow, RelatedRow
from core.web.views.estate import (
    Count,
    Household,
    HouseholdTicket,
    ImportIssue,
    ImportPreview,
    ImportRun,
    Resident,
    UnitHit,
    UnitRow,
)
from core.web.views.page import (
    NavItem,
    Page,
    PaletteHit,
    Person,
    SiteLink,
)
from core.web.views.parts import (
    Choice,
    Field,
    Filters,
    Notice,
    Pager,
    Tone,
    Word,
)
from core.web.views.tickets import (
    Clock,
    Goal,
    Queue,
    TicketAction,
    TicketRow,
    TicketView,
    TimelineEntry,
)

__all__ = [
    "AuditRow",
    "Carried",
    "Choice",
    "Clock",
    "Count",
    "Field",
    "FileRow",
    "Filters",
    "Goal",
    "Household",
    "HouseholdTicket",
    "ImportIssue",
    "ImportPreview",
    "ImportRun",
    "NavItem",
    "Notice",
    "Page",
    "Pager",
    "PaletteHit",
    "Person",
    "PluginCell",
    "PluginRow",
    "PolicyLink",
    "PolicyView",
    "Queue",
    "RelatedRow",
    "Resident",
    "Revision",
    "SiteLink",
    "TicketAction",
    "TicketRow",
    "TicketView",
    "TimelineEntry",
    "TokenRow",
    "Tone",
    "UnitHit",
    "UnitRow",
    "Word",
]
