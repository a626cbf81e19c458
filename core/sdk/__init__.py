"""The only module of core that plugins import. Core itself never imports it: everything is defined below it."""

from core.db.ids import new_id
from core.db.migrate import sql_migration
from core.db.rls import tenant_table
from core.db.tables import TenantTable
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
from core.hooks.specs import hookimpl
from core.hooks.types import (
    Event,
    Fragment,
    JobSpec,
    Manifest,
    NavEntry,
    Permission,
    TicketFacts,
)
from core.policies.spec import PolicySpec
from core.tenancy.context import SYSTEM, Actor, TenantContext
from core.work import Work

__all__ = [
    "SYSTEM",
    "Actor",
    "Conflict",
    "Event",
    "FieldError",
    "Forbidden",
    "Fragment",
    "Invalid",
    "JobSpec",
    "LodgeError",
    "Malformed",
    "Manifest",
    "NavEntry",
    "NotFound",
    "Permission",
    "PolicySpec",
    "PreconditionFailed",
    "PreconditionRequired",
    "TenantContext",
    "TenantTable",
    "TicketFacts",
    "TooLarge",
    "TooMany",
    "Unauthenticated",
    "Unavailable",
    "UnitOfWork",
    "Work",
    "hookimpl",
    "new_id",
    "sql_migration",
    "tenant_table",
]
