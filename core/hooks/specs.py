"""The whole extension surface. `register_*` is asked once at start; `<noun>_<verb>` is awaited in requests and jobs.

A plugin implements what it needs with a bare `@hookimpl`, boot hooks as functions, request hooks as coroutines; it may
leave out arguments it does not use. Wrappers, ordering options and `specname` are refused. Request hooks are given the
`platform`, whose services take a `Work`: policies, tickets, the directory of companies and staff.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from litestar.handlers import HTTPRouteHandler
from piccolo.table import Table
from pluggy import HookimplMarker, HookspecMarker

from core.hooks.payments import PaymentProvider
from core.hooks.services import Service
from core.hooks.story import Chapter, StoryStep
from core.hooks.types import (
    ApprovalKind,
    Event,
    Fragment,
    JobSpec,
    KeptFor,
    NavEntry,
    NoticeSpec,
    Permission,
    TicketFacts,
    TicketType,
)
from core.policies.spec import PolicySpec
from core.teams.suggest import Skill
from core.tenancy.context import TenantContext
from core.work import Work

if TYPE_CHECKING:
    from core.platform import Platform  # which calls the hooks

PROJECT: Final = "lodge"
hookspec: Final = HookspecMarker(PROJECT)
hookimpl: Final = HookimplMarker(PROJECT)

F = TypeVar("F", bound=Callable[..., object])


class Failure(StrEnum):
    """What a failing implementation does to the operation that called the hook."""

    ABORT = "abort"
    SKIP = "skip"
    RETRY = "retry"


REQUEST_HOOKS: Final[dict[str, Failure]] = {}


def request_hook(failure: Failure) -> Callable[[F], F]:
    """Mark a hook that `core.hooks.bus` awaits, with what its failure does."""

    def mark(function: F) -> F:
        REQUEST_HOOKS[function.__name__] = failure
        return hookspec(function)

    return mark


class Hooks(Protocol):
    """Every hook there is; a Protocol only so that bodies may be empty."""

    @hookspec
    def register_routes(self) -> Sequence[HTTPRouteHandler]:
        """Add to the JSON API.

        Called: once at start, before the application is built.
        Arguments: none.
        Result: route handlers, mounted below /api/v1/sites/{site_id}/<plugin id>/; each states `permission="…"` or
            `public=True`.
        Filter: answered 404 where the plugin is off for the site.
        Failure: quarantines the plugin.
        """

    @hookspec
    def register_pages(self) -> Sequence[HTTPRouteHandler]:
        """Add pages to the console.

        Called: once at start, before the application is built.
        Arguments: none.
        Result: route handlers, mounted below /s/{site_id}/<plugin id>/; each states `permission="…"` or `public=True`.
        Filter: answered 404 where the plugin is off for the site.
        Failure: quarantines the plugin.
        """

    @hookspec
    def register_permissions(self) -> Sequence[Permission]:
        """Name the rights that the plugin's routes, pages and fragments ask for.

        Called: once at start.
        Arguments: none.
        Result: permissions, their ids prefixed with the plugin id.
        Filter: none; roles keep them while the plugin is off.
        Failure: quarantines the plugin.
        """

    @hookspec
    def register_policies(self) -> Sequence[PolicySpec[Any]]:
        """Declare what companies and sites may set for themselves.

        Called: once at start.
        Arguments: none.
        Result: policy specifications with `plugin` the plugin id and names prefixed with it.
        Filter: shown where the plugin is on; values are kept while it is off.
        Failure: quarantines the plugin.
        """

    @hookspec
    def register_nav(self) -> Sequence[NavEntry]:
        """Add entries to the main navigation.

        Called: once at start.
        Arguments: none.
        Result: entries, their paths relative to the plugin's pages.
        Filter: shown where the plugin is on, to holders of the entry's permission.
        Failure: quarantines the plugin.
        """

    @hookspec
    def register_jobs(self) -> Sequence[JobSpec]:
        """Declare scheduled and queued work.

        Called: once at start.
        Arguments: none.
        Result: jobs, their names prefixed with the plugin id.
        Filter: run for companies and sites where the plugin is on.
        Failure: quarantines the plugin.
        """

    @hookspec
    def register_tables(self) -> Sequence[type[Table]]:
        """Declare the tables the plugin's migrations create.

        Called: once at start and by the migration command.
        Arguments: none.
        Result: Piccolo tables, named <plugin id>_…; the manifest then names the migrations folder.
        Filter: none; data stays while the plugin is off.
        Failure: quarantines the plugin.
        """

    @hookspec
    def register_ticket_types(self) -> Sequence[TicketType]:
        """Declare kinds of ticket with stages, transitions, goals and fields of their own.

        Called: once at start.
        Arguments: none.
        Result: types, their ids prefixed with the plugin id (`lostfound.claim`); sites name them in their categories.
        Filter: where the plugin is off no such ticket is taken in and no transition offered; tickets stay readable.
        Failure: quarantines the plugin.
        """

    @hookspec
    def register_chapters(self) -> Sequence[Chapter | StoryStep]:
        """Tell the plugin's part of the past that demo companies begin with.

        Called: once at start.
        Arguments: none.
        Result: chapters, whose entries stand in tenants/demo/<company>.toml as `[[<plugin id>.<name>]]`, and steps that
            matters there may name as `<plugin id>.<name>`.
        Filter: told where a demo company is set up with its past; the plugin is to be subscribed at the entry's site.
        Failure: quarantines the plugin.
        """

    @hookspec
    def register_notices(self) -> Sequence[NoticeSpec]:
        """Say which of the plugin's events tell a colleague something that is about no ticket.

        Called: once at start.
        Arguments: none.
        Result: notices, each of an event that the manifest declares and whose payload names the colleague.
        Filter: none; an event is told to whoever works at its site, as they want to be told.
        Failure: quarantines the plugin.
        """

    @hookspec
    def register_approvals(self) -> Sequence[ApprovalKind]:
        """Say what counts only once a second person has agreed to it, and what agreeing does.

        Called: once at start.
        Arguments: none.
        Result: kinds, their ids prefixed with the plugin id, to be asked for with `platform.approvals.ask`.
        Filter: decided on where the plugin is on; what was asked stays readable.
        Failure: quarantines the plugin.
        """

    @hookspec
    def register_retention(self) -> Sequence[KeptFor]:
        """Say what the plugin knows of people, and how it forgets that when a site's time is over.

        Called: once at start.
        Arguments: none.
        Result: what is kept for a time, ids prefixed with the plugin id.
        Filter: none; what a plugin knew is forgotten where it is off too.
        Failure: quarantines the plugin.
        """

    @hookspec
    def register_services(self) -> Sequence[Service[Any]]:
        """Offer other modules something by a name and type that the platform knows (`core.hooks.services`).

        Called: once at start.
        Arguments: none.
        Result: services, their names prefixed with the plugin id; `platform.services.find` finds them.
        Filter: found where the plugin is on for the site that is asked about.
        Failure: quarantines the plugin.
        """

    @hookspec
    def register_payment_providers(self) -> Sequence[PaymentProvider]:
        """Offer providers that make codes to pay by, and say when they were paid (`core.hooks.payments`).

        Called: once at start.
        Arguments: none.
        Result: providers, their ids prefixed with the plugin id; `platform.payments` finds them.
        Filter: offered where the plugin is on for the site.
        Failure: quarantines the plugin.
        """

    @request_hook(Failure.SKIP)
    async def outlet_fill(
        self, work: Work, ctx: TenantContext, platform: Platform, outlet: str, subject: object
    ) -> Sequence[Fragment]:
        """Add to a place that a core page leaves open.

        Called: while a page with the outlet is rendered.
        Arguments: `work` the request's, mostly read-only; `ctx` who looks; `platform`; `outlet` the place, such
            as "ticket.side"; `subject` what the page shows, for "ticket.side" a TicketFacts, for "household.card" a
            HouseholdCard. Answer an unknown outlet with nothing.
        Result: fragments for the plugin's own templates.
        Filter: plugins on at the page's site; then fragments by their permission.
        Failure: skip; the page is shown without it.
        """

    @request_hook(Failure.RETRY)
    async def event_deliver(self, work: Work, ctx: TenantContext, platform: Platform, event: Event) -> None:
        """React to something that happened, one's own events included.

        Called: by the dispatcher after the event's transaction, at least once, in order per aggregate. Be idempotent.
        Arguments: `work` the delivery's transaction; `ctx` the event's company and site, acting as the system;
            `platform`; `event` what happened.
        Result: none.
        Filter: plugins on at the event's site, or at any site of the company if it names none.
        Failure: retry; the other plugins still get it, then it is delivered again later with growing delays.
        """

    @request_hook(Failure.ABORT)
    async def ticket_validate(self, work: Work, ctx: TenantContext, platform: Platform, draft: TicketFacts) -> None:
        """Refuse a ticket that lacks what the plugin's module needs.

        Called: before a ticket is stored or its facts are changed.
        Arguments: `work` the transaction that will store it; `ctx` who files it; `platform`; `draft` the
            ticket as it would be stored.
        Result: none; raise Invalid naming the fields to refuse.
        Filter: plugins on at the ticket's site.
        Failure: abort; nothing is stored and the caller gets the error.
        """

    @request_hook(Failure.SKIP)
    async def candidate_skills(
        self, work: Work, ctx: TenantContext, platform: Platform, ticket: TicketFacts
    ) -> Sequence[Skill]:
        """Say who is skilled in what a ticket needs.

        Called: when those are ranked who could get a ticket; on duty still goes before skill.
        Arguments: `work` the request's, read-only; `ctx` who asks; `platform`; `ticket` what is to be given away.
            Answer what is of no concern at once, without a statement.
        Result: skills of people by their membership's id; `title` says it in the reader's language.
        Filter: plugins on at the ticket's site.
        Failure: skip; they are ranked without it.
        """

    @request_hook(Failure.ABORT)
    async def ticket_act(
        self,
        work: Work,
        ctx: TenantContext,
        platform: Platform,
        ticket: TicketFacts,
        action: str,
        step: object,
        answer: object,
    ) -> None:
        """Refuse an action on a ticket for what the plugin's module still needs first.

        Called: before an action of the shared life cycle or of a type is taken, once state and permission allow it.
        Arguments: `work` the transaction that holds the ticket's lock; `ctx` who acts; `platform`; `ticket` as it was
            found; `action` the name, such as "resolve"; `step` what comes with it, a `core.sdk.TicketStep`; `answer`
            what a question of the module's that acts was answered when the ticket was locked, else None. Answer what is
            of no concern at once, without a statement.
        Result: none; raise Conflict saying what comes first, Invalid naming the fields to refuse, or Forbidden.
        Filter: plugins on at the ticket's site.
        Failure: abort; nothing is changed and the caller gets the error.
        """


HOOKS: Final = tuple(name for name in vars(Hooks) if hasattr(getattr(Hooks, name), f"{PROJECT}_spec"))
