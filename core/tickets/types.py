"""Types of tickets: those of the platform, those of plugins where they are on, and what each owes when (TKT-1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from core.hooks.types import Stage, TicketType, Transition
from core.policies.sla_targets import SLA_TARGETS, amount_of
from core.sla import Goal
from core.tenancy.context import TenantContext
from core.tickets.action import Action, Situation
from core.tickets.actions import ACTIONS
from core.tickets.fields import AMEND, amending
from core.tickets.goals import base, begin, finish, hold_to
from core.tickets.kinds import CORE_TYPES
from core.tickets.lifecycle import pause, resume, unfinished
from core.tickets.model import Status, Step, Ticket

if TYPE_CHECKING:
    from core.policies.service import Policies
    from core.tenancy.directory import Site
    from core.tickets.changes import Change
    from core.tickets.model import Severity
    from core.work import Work


ENDED_BY: dict[str, tuple[str, ...]] = {
    "accepted": ("response",),
    "arrived": ("response", "arrival"),
    "resolved": ("response", "arrival", "resolution"),
}
"""The promises that are over when a ticket of a type with stages reaches a state."""
NOT_AT_THIS_STAGE = "This is not possible at the stage the matter is in."
MOVED = "stage"  # the kind of a transition's entry

Enabled = Callable[[TenantContext, str, UUID | None], bool]


class Types:
    """Every type that this process knows, by id. `declared` are plugins' with the plugin's id."""

    def __init__(self, policies: Policies, declared: Iterable[tuple[str, TicketType]], enabled: Enabled) -> None:
        self._policies = policies
        self._enabled = enabled
        self._plugins = {kind.id: plugin for plugin, kind in declared}
        self._all = {kind.id: kind for kind in (*CORE_TYPES, *(kind for _, kind in declared))}
        self._transitions = {kind.id: _transitions(kind) for kind in self._all.values()}
        self._amending = {kind.id: amending(kind) for kind in self._all.values()}
        self.names = frozenset((AMEND, *(name for actions in self._transitions.values() for name in actions)))

    def find(self, type_id: str) -> TicketType | None:
        """None for a type of a plugin that is not installed (any more)."""
        return self._all.get(type_id)

    def active(self, ctx: TenantContext, site_id: UUID, type_id: str) -> TicketType | None:
        """The type where it can be worked with: not where its plugin is off."""
        plugin = self._plugins.get(type_id)
        return self.find(type_id) if plugin is None or self._enabled(ctx, plugin, site_id) else None

    def actions(self, ctx: TenantContext, ticket: Ticket) -> dict[str, Action]:
        """What can be done with a ticket of that type: the shared actions that it keeps, and its own."""
        kind = self.active(ctx, ticket.site_id, ticket.type)
        if kind is None:
            return ACTIONS
        shared = {name: action for name, action in ACTIONS.items() if name not in kind.replaces or not kind.stages}
        return {**self._transitions[kind.id], **shared, AMEND: self._amending[kind.id]}

    def titles(self, ctx: TenantContext | None = None, site_id: UUID | None = None) -> dict[str, str]:
        """What types are called (message ids): those that can be worked with at the site, or all that are known."""
        return {
            id: kind.title
            for id, kind in self._all.items()
            if ctx is None or site_id is None or self.active(ctx, site_id, id) is not None
        }

    async def opening(self, work: Work, site: Site, type_id: str, severity: Severity) -> tuple[Goal, ...]:
        """The goals of the type's own that start with the ticket."""
        kind = self.active(work.ctx, site.id, type_id)
        targets = await self._policies.value(work, SLA_TARGETS, site.id)
        owed = [amount_of(targets, kind.id, spec, severity) for spec in kind.goals if not spec.starts] if kind else []
        return tuple(goal for goal in owed if goal is not None)

    async def follow(self, change: Change, action: str) -> None:
        """Let the stage follow the state, and start and end those of the type's goals that the action does."""
        ticket, kind = change.before, self.active(change.work.ctx, change.before.site_id, change.before.type)
        if kind is None:
            return
        if change.after.status != ticket.status and change.after.stage == ticket.stage:
            change.set(stage=stage_of(kind, change.after.status, ticket.stage))
        if change.after.severity != ticket.severity:
            targets = await self._policies.value(change.work, SLA_TARGETS, ticket.site_id)
            specs = {spec.name: amount_of(targets, kind.id, spec, change.after.severity) for spec in kind.goals}
            hold_to(change, specs)
        for spec in kind.goals:
            if action in spec.stops:
                finish(change, spec.name)
            if action in spec.starts:
                targets = await self._policies.value(change.work, SLA_TARGETS, ticket.site_id)
                goal = amount_of(targets, ticket.type, spec, ticket.severity)
                if goal is not None:
                    begin(change, goal)

    def basic(self, type_id: str) -> str:
        """The platform's type that it counts as, else itself."""
        kind = self.find(type_id)
        return kind.basic if kind else type_id

    def counting_as(self, basic: str) -> list[str]:
        """The types that count as that one of the platform's, itself included."""
        return [kind.id for kind in self._all.values() if kind.basic == basic]

    def title(self, type_id: str) -> str:
        """What the type is called (a message id); its id where nobody declares it any more."""
        kind = self.find(type_id)
        return kind.title if kind else type_id

    def stage(self, ticket: Ticket) -> Stage | None:
        """The stage of the ticket's type that it is in."""
        kind = self.find(ticket.type)
        return next((stage for stage in kind.stages if stage.name == ticket.stage), None) if kind else None

    def transition(self, ticket: Ticket, name: str) -> Transition | None:
        """One of the type's own actions."""
        kind = self.find(ticket.type)
        return next((each for each in kind.transitions if each.name == name), None) if kind else None

    def goal_title(self, type_id: str, name: str) -> str | None:
        """What a goal of the type's own is called (a message id)."""
        kind = self.find(type_id)
        return next((spec.title for spec in kind.goals if spec.name == base(name)), None) if kind else None


def stage_of(kind: TicketType, status: str, stage: str = "") -> str:
    """The stage to be in at that state: the present one if it is of that state, else the first; kept if none is."""
    fitting = [each.name for each in kind.stages if each.status == status]
    return stage if stage in fitting or not fitting else fitting[0]


def _transitions(kind: TicketType) -> dict[str, Action]:
    """The type's own actions in the form of all others."""
    stages = {stage.name: stage for stage in kind.stages}

    def action(each: Transition) -> Action:
        sources = frozenset(each.sources)
        to = stages[each.to]

        def refuse(situation: Situation) -> str | None:
            if situation.ticket.stage not in sources:
                return NOT_AT_THIS_STAGE
            return unfinished(situation) if to.status == "closed" else None

        async def effect(change: Change, step: Step) -> Mapping[str, str]:
            status = msgspec.convert(to.status, Status)
            if status == "paused" != change.before.status:
                await pause(change, step)
            elif change.before.status == "paused" != status:
                await resume(change, step)
            change.set(status=status, stage=to.name)
            change.stop(*ENDED_BY.get(status, ()))
            return {"action": each.name, "title": each.title, "stage": to.name, "stage_title": to.title}

        return Action(
            each.name,
            each.permission,
            frozenset(msgspec.convert(stages[name].status, Status) for name in each.sources),
            text=each.text,
            past="stage_reached",
            refuse=refuse,
            effect=effect,
            kind=MOVED,
        )

    return {each.name: action(each) for each in kind.transitions}
