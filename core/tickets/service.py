"""The rules of tickets: each step of their life, noticing breaches; taking in is in `intake`. Callers commit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.db.question import Question, Row
from core.errors import Conflict, Forbidden, NotFound
from core.teams.service import Teams
from core.tenancy.directory import Site
from core.tickets import callbacks, concerning, ownership, placing, questions, queue, reading, waiting
from core.tickets.action import Situation, allowed, check
from core.tickets.actions import ACTIONS
from core.tickets.changes import Changes
from core.tickets.counts import Counts
from core.tickets.intake import Intake
from core.tickets.model import MODULE, Note, Owed, Page, Ticket, TicketDetail
from core.tickets.model import Step as Step
from core.tickets.sections import sections_of
from core.tickets.types import Types
from core.work import Work

if TYPE_CHECKING:
    from core.hooks.bus import HookBus
    from core.policies.service import Policies

_PLAIN = {"stage", "changed"}  # details of an entry that hold names of ours


class Tickets(Intake):
    """The ticket service; one for the process."""

    def __init__(self, policies: Policies, hooks: HookBus, teams: Teams, types: Types) -> None:
        self._counts = Counts()
        super().__init__(policies, hooks, teams, types, Changes(policies))
        for noun in (ownership, callbacks, questions):
            noun.watch(self.changes)

    async def get(self, work: Work, site: Site, ticket_id: UUID) -> Ticket:
        """Raises NotFound, also for a ticket of another site or company."""
        ticket = await reading.get(work.uow, site.id, ticket_id)
        if ticket is None:
            raise NotFound
        return ticket

    async def detail(self, work: Work, site: Site, ticket_id: UUID) -> TicketDetail:
        """The ticket with goals, timeline and possible actions. Raises NotFound."""
        ticket = await self.get(work, site, ticket_id)
        goals, sections = await sections_of(work.uow, ticket_id)
        timeline = await reading.timeline_of(work, site.id, ticket_id)
        possible = allowed(self.types.actions(work.ctx, ticket).values(), _situation(work, ticket, sections.owed))
        complaint = self.types.basic(ticket.type) == concerning.COMPLAINT
        actions = placing.offered(possible, ticket, complaint=complaint)
        return TicketDetail(ticket, goals, timeline, actions, sections)

    async def page(self, work: Work, site: Site, wanted: queue.Filter) -> Page:
        """A page of the site's tickets."""
        return await queue.page(work, site, wanted)

    async def counts(self, work: Work, site: Site) -> dict[str, int]:
        """Tickets of the site by state."""
        return await self._counts.of(work, site)

    async def pressing(self, work: Work, site: Site, within: timedelta) -> tuple[int, int]:
        """How many open tickets are due within that time, and how many are overdue (TKT-6)."""
        return await self._counts.pressing(work, site, within)

    async def act(
        self,
        work: Work,
        site: Site,
        ticket_id: UUID,
        name: str,
        step: Step,
        expected: int | None,
        *,
        beside: Sequence[Row] = (),
        question: Question[Any] | None = None,
    ) -> Ticket:
        """Take a step of the life cycle. `expected` is the version the actor saw (None: whatever it is); `beside` is
        what a module writes with it, `question` what it asks with the lock, as `note` does: `ticket_act` is told.

        Raises NotFound, Forbidden, PreconditionFailed, Conflict (not possible in this state, TKT-3, or for a module)
        or Invalid.
        """
        if name not in ACTIONS and name not in self.types.names:
            raise NotFound
        if name in ACTIONS and ACTIONS[name].permission not in work.ctx.permissions:
            raise Forbidden
        change = await self.changes.load(
            work,
            ticket_id,
            site,
            expected,
            colleague_id=placing.looked_up(name, step, work.ctx.actor),
            team_id=step.team_id,
            question=question,
        )
        before = change.before
        answer = None if question is None else question.answer
        action = self.types.actions(work.ctx, before).get(name)
        if action is None:
            raise NotFound
        if action.permission not in work.ctx.permissions:
            raise Forbidden
        check(action, _situation(work, before, change.owed), step.text)
        if name == "concern" and self.types.basic(before.type) != concerning.COMPLAINT:
            raise Conflict(concerning.NO_COMPLAINT)
        await self._hooks.each(
            "ticket_act", work.ctx, site.id, work=work, ticket=before, action=name, step=step, answer=answer
        )
        details: dict[str, str] = {}
        if action.target is not None:
            details["from"] = before.status
            change.set(status=action.target)
        change.rows += beside
        change.stop(*action.stops)
        if action.effect is not None:
            details |= await action.effect(change, step)
        await self.types.follow(change, action.name)
        kind = action.kind or action.name
        change.record(kind, step.text, details)
        after = await self.changes.store(change)
        # never what somebody wrote
        ids = {name: text for name, text in details.items() if name.endswith("_id") or name in _PLAIN}
        change.audit(f"ticket.{kind}", {"status": [before.status, after.status], **ids})
        if action.past:
            change.tell(f"ticket.{action.past}.v1", {"status": after.status, **ids})
        return after

    async def note(
        self,
        work: Work,
        site: Site,
        ticket_id: UUID,
        said: Note | Callable[[Ticket], Awaitable[Note]],
        assignee_id: UUID | None = None,
        *,
        question: Question[Any] | None = None,
    ) -> Ticket:
        """Put on the timeline what a module did, and give the ticket to `assignee_id` unless it is None.

        `question`, of one column, is answered once the ticket is locked, in the same round trip; it shares the company
        and the ticket as $1 and $2. `said` may be a function of the ticket as it is then, which may refuse.
        Raises NotFound, or Invalid where no such colleague works at the site.
        """
        change = await self.changes.load(work, ticket_id, site, colleague_id=assignee_id, question=question)
        if not isinstance(said, Note):
            said = await said(change.before)
        if assignee_id is not None and assignee_id != change.before.assignee_id:
            await placing.assign(change, Step(assignee_id=assignee_id))
            change.tell("ticket.assigned.v1", {"status": change.before.status})
        change.record(MODULE, said.text, {**said.params, "message": said.message, "icon": said.icon})
        change.rows += said.rows
        return await self.changes.store(change)

    async def wake(self, work: Work, ticket_id: UUID, kind: str) -> int:
        """Do what the ticket's timer of that kind is for, once; how many entries that put on the timeline (TKT-6)."""
        return await self.changes.wake(work, ticket_id, kind)

    async def offers(self, work: Work, site: Site) -> list[ownership.OfferRow]:
        """Offers that wait for the actor's answer, then those that they made (TKT-2)."""
        return await ownership.inbox(work, site)

    async def callbacks(self, work: Work, site: Site) -> list[callbacks.CallbackRow]:
        """The callbacks owed at the site, by the time that was promised (TKT-4)."""
        return await callbacks.owed(work, site)

    async def questions(self, work: Work, site: Site) -> list[questions.QuestionRow]:
        """Questions passed up to the actor, then those that they passed up (TKT-8)."""
        return await questions.asked(work, site)

    async def waiting(self, work: Work, site: Site) -> tuple[int, int]:
        """How many offers and questions wait for the actor, and how many callbacks are owed at the site."""
        return await waiting.counts(work, site)

    def forget_counts(self, company_id: UUID | None) -> None:
        """A ticket of the company has changed; None: any may have."""
        self._counts.forget(company_id)


def _situation(work: Work, ticket: Ticket, owed: Owed) -> Situation:
    actor = work.ctx.actor
    return Situation(ticket, owed, actor.id if actor.kind == "person" else None, work.ctx.permissions)
