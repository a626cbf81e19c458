"""All tables of core, for binding them to the database and for comparing them with the catalogue."""

from __future__ import annotations

from piccolo.columns import UUID, Bytea, Integer, Text, Timestamptz
from piccolo.table import Table

from core.analysis.tables import AgendaItem, AgendaMinute, Meeting, RepeatCase
from core.approvals.tables import Approval
from core.audit.tables import AuditCheck, AuditEntry, AuditLink, AuditTally, AuditUnlinked
from core.auth.tables import (
    ApiToken,
    Membership,
    Person,
    RequestCount,
    Role,
    SecondFactor,
    ServiceAccount,
    Session,
    SignInFailure,
    SignInRecord,
)
from core.db.personal import Privacy
from core.db.tables import KeyedTable
from core.estate.tables import Contact, Occupancy, Party, RollImport, RollImportChange, Unit
from core.events.tables import EventReceipt, Outbox
from core.files.tables import TicketAttachment
from core.identity.tables import IdentityLink, IdentityProvider
from core.jobs.tables import JobSlot
from core.notify.tables import (
    Notification,
    NotifyConfirmation,
    NotifyDelivery,
    NotifyDue,
    NotifyPreference,
    NotifyProvider,
    Webhook,
)
from core.operator.tables import Operator, OperatorAccess, OperatorAccessDue, OperatorSession, OperatorSignIn
from core.people.tables import Invitation, PasswordReset
from core.policies.tables import CalendarValue, PolicyRevision, PolicySimulation, PolicySimulationTicket
from core.privacy.tables import PrivacyRequest
from core.teams.tables import DutyPlan, DutyShift, Team, TeamMember
from core.tenancy.tables import Company, PluginSwitch, Site, Subscription
from core.tickets.carried_tables import TicketRelation, TicketTag, TicketWatcher
from core.tickets.tables import (
    Ticket,
    TicketCallback,
    TicketCounter,
    TicketEvent,
    TicketFilter,
    TicketFilterDefault,
    TicketGoal,
    TicketOffer,
    TicketQuestion,
    TicketSearch,
    TicketSequence,
    TicketTimer,
)


class IdempotencyKey(KeyedTable, tablename="idempotency_key"):
    """The answer given to a request, for the case that it is repeated under the same key."""

    privacy = Privacy(
        purpose="answering a repeated request alike",
        of="staff",
        plain="key fingerprint content_type etag",
        free_text="body",
        member="actor_id",
        whole=True,
    )
    actor_id = UUID(default=None)
    key = Text(default=None)
    fingerprint = Bytea(default=None)
    status = Integer(default=None)
    content_type = Text(default=None)
    etag = Text(null=True, default=None)
    body = Bytea(default=None)
    created_at = Timestamptz(default=None)


CORE_TABLES: tuple[type[Table], ...] = (
    Company,
    Site,
    Subscription,
    PluginSwitch,
    Person,
    Membership,
    Role,
    Session,
    ServiceAccount,
    ApiToken,
    Approval,
    SignInFailure,
    RequestCount,
    SecondFactor,
    SignInRecord,
    IdentityProvider,
    IdentityLink,
    AuditEntry,
    AuditLink,
    AuditUnlinked,
    AuditTally,
    AuditCheck,
    Outbox,
    EventReceipt,
    IdempotencyKey,
    PolicyRevision,
    CalendarValue,
    RepeatCase,
    Meeting,
    AgendaItem,
    AgendaMinute,
    PolicySimulation,
    PolicySimulationTicket,
    RollImport,
    Unit,
    Party,
    Contact,
    Occupancy,
    RollImportChange,
    Team,
    TeamMember,
    DutyPlan,
    DutyShift,
    Ticket,
    TicketGoal,
    TicketEvent,
    TicketCounter,
    TicketSequence,
    TicketTimer,
    TicketAttachment,
    TicketRelation,
    TicketTag,
    TicketWatcher,
    TicketSearch,
    TicketFilter,
    TicketFilterDefault,
    TicketOffer,
    TicketCallback,
    TicketQuestion,
    NotifyPreference,
    Webhook,
    NotifyProvider,
    NotifyDelivery,
    NotifyDue,
    Notification,
    NotifyConfirmation,
    Invitation,
    PasswordReset,
    JobSlot,
    PrivacyRequest,
    Operator,
    OperatorSession,
    OperatorSignIn,
    OperatorAccess,
    OperatorAccessDue,
)
