"""The only module of core that plugins import. Core itself never imports it: everything is defined below it."""

from core.analysis.model import NewItem as AgendaItem
from core.approvals.model import Approval
from core.auth.principals import Principal
from core.cli.demo.teller import Teller
from core.db.ids import new_id
from core.db.migrate import sql_migration
from core.db.personal import Hold, Privacy
from core.db.question import Question, Row
from core.db.rls import tenant_table
from core.db.tables import KeyedTable, TenantTable
from core.db.uow import UnitOfWork
from core.errors import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    LodgeError,
    Malformed,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from core.estate.model import HouseholdCard, Occupant
from core.exchange.normalise import cell_text, parse_date
from core.exchange.report import Table as ReportTable
from core.exchange.sheet import MEDIA_TYPE as WORKBOOK
from core.exchange.workbook import Cell
from core.exchange.workbook import read_workbook_async as read_workbook
from core.fields import AMOUNT, amount_for, sees_amounts
from core.files.model import Attachment, Content, NewSignature, PreparedSignature, Signature
from core.hooks.payments import (
    PaymentDoor,
    PaymentFailed,
    PaymentNotice,
    PaymentOrder,
    PaymentProvider,
    PaymentState,
    PaymentUntrue,
    setting_fields,
)
from core.hooks.services import ARREARS, Service, UnitArrears
from core.hooks.specs import hookimpl
from core.hooks.story import Chapter, Moment, StoryStep
from core.hooks.types import (
    ApprovalKind,
    Event,
    Fragment,
    GoalSpec,
    JobSpec,
    KeptFor,
    Manifest,
    NavEntry,
    NoticeSpec,
    Permission,
    Stage,
    TicketFacts,
    TicketType,
    Transition,
)
from core.i18n import msgid
from core.jobs.port import enqueue
from core.marks import part_of, read_mark, write_mark
from core.platform import Platform
from core.policies.deadlines import deadline
from core.policies.scripts import GREETING_NAMES, fill, undeclared
from core.policies.spec import PolicySpec
from core.policies.ticket_categories import Category, TicketTypeId
from core.policies.values import TIME_WORDS, Duration, Key, Unfit
from core.sla import working_hours
from core.teams.suggest import Skill
from core.tenancy.context import SYSTEM, Actor, TenantContext
from core.tenancy.directory import Site
from core.tickets.entries import Held as HeldTicket
from core.tickets.lifecycle import SEVERITIES
from core.tickets.model import NewTicket, Note, Promise, Severity, Ticket, TimelineEntry
from core.tickets.model import Step as TicketStep
from core.tickets.relations import NewRelation, Tied
from core.tickets.relations import relate as relate_tickets
from core.tickets.tally import standing as ticket_standing
from core.tickets.tally import tally as ticket_tally
from core.web import views
from core.web.address import client_address
from core.web.console import fields as ticket_fields
from core.web.console import queue as ticket_queue
from core.web.console import words
from core.web.download import inline, report, saved
from core.web.filled import local_day, local_instant, local_month, local_text, midnight, read_form
from core.web.limits import UPLOAD
from core.web.printing import document, qr
from core.web.rendering import masked
from core.web.signing import signature_of
from core.web.view import View
from core.work import Work

__all__ = [
    "AMOUNT",
    "ARREARS",
    "GREETING_NAMES",
    "SEVERITIES",
    "SYSTEM",
    "TIME_WORDS",
    "UPLOAD",
    "WORKBOOK",
    "Actor",
    "AgendaItem",
    "Approval",
    "ApprovalKind",
    "Attachment",
    "Category",
    "Cell",
    "Chapter",
    "Conflict",
    "Content",
    "Duration",
    "Event",
    "FieldError",
    "Forbidden",
    "Fragment",
    "GoalSpec",
    "HeldTicket",
    "Hold",
    "HouseholdCard",
    "Invalid",
    "JobSpec",
    "KeptFor",
    "Key",
    "KeyedTable",
    "LodgeError",
    "Malformed",
    "Manifest",
    "Moment",
    "NavEntry",
    "NewRelation",
    "NewSignature",
    "NewTicket",
    "NotFound",
    "Note",
    "NoticeSpec",
    "Occupant",
    "PaymentDoor",
    "PaymentFailed",
    "PaymentNotice",
    "PaymentOrder",
    "PaymentProvider",
    "PaymentState",
    "PaymentUntrue",
    "Permission",
    "Platform",
    "PolicySpec",
    "PreconditionFailed",
    "PreconditionRequired",
    "PreparedSignature",
    "Principal",
    "Privacy",
    "Promise",
    "Question",
    "ReportTable",
    "Row",
    "Service",
    "Severity",
    "Signature",
    "Site",
    "Skill",
    "Stage",
    "StoryStep",
    "Teller",
    "TenantContext",
    "TenantTable",
    "Ticket",
    "TicketFacts",
    "TicketStep",
    "TicketType",
    "TicketTypeId",
    "Tied",
    "TimelineEntry",
    "TooLarge",
    "TooMany",
    "Transition",
    "Unauthenticated",
    "Unavailable",
    "Unfit",
    "UnitArrears",
    "UnitOfWork",
    "View",
    "Work",
    "amount_for",
    "cell_text",
    "client_address",
    "deadline",
    "document",
    "enqueue",
    "fill",
    "hookimpl",
    "inline",
    "local_day",
    "local_instant",
    "local_month",
    "local_text",
    "masked",
    "midnight",
    "msgid",
    "new_id",
    "parse_date",
    "part_of",
    "qr",
    "read_form",
    "read_mark",
    "read_workbook",
    "relate_tickets",
    "report",
    "saved",
    "sees_amounts",
    "setting_fields",
    "signature_of",
    "sql_migration",
    "tenant_table",
    "ticket_fields",
    "ticket_queue",
    "ticket_standing",
    "ticket_tally",
    "undeclared",
    "views",
    "words",
    "working_hours",
    "write_mark",
]
