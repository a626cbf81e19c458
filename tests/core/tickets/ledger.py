"""What people owe on tickets, kept by hand: a second opinion on offers, promises and questions, in the rules' words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from core.tickets.model import Ticket
from tests.core.tickets.desk import Desk

LEADS = ("clerk", "supervisor")  # may hand over what others own, too
PEOPLE = (*LEADS, "technician")


@dataclass(eq=False)
class Kept:
    """A ticket as the model has it. People are named by their role. `into`: the ticket it was merged into."""

    ticket: Ticket  # as it was taken in
    category: str
    severity: str
    owner: str = "clerk"
    status: str = "new"
    answered: bool = False
    offer: tuple[str, str] | None = None  # to whom, by whom
    callback: datetime | None = None
    callback_missed: bool = False
    asked: str | None = None  # whom a question waits for
    overdue: bool = False  # that question
    into: Kept | None = None

    @property
    def open(self) -> bool:
        return self.status != "closed"

    @property
    def settled(self) -> bool:
        """Whether nothing is promised or asked any more."""
        return self.callback is None and self.asked is None

    def may_offer(self, who: str, to: str) -> bool:
        """TKT-2: its owner, or who assigns tickets, offers it once, and not to whom it belongs."""
        return self.open and self.offer is None and (who == self.owner or who in LEADS) and to != self.owner

    def may_answer_offer(self, who: str) -> bool:
        return self.open and self.offer is not None and self.offer[0] == who

    def may_withdraw(self, who: str) -> bool:
        return self.open and self.offer is not None and (who in LEADS or who in (self.owner, self.offer[1]))

    def may_close(self) -> bool:
        """TKT-3, TKT-4, TKT-8: not without an answer, nor with a promise or a question open."""
        return self.status == "resolved" and self.answered and self.settled

    def may_merge(self, into: Kept, answer: str, others: list[Kept]) -> bool:
        """TKT-3: no reporter goes without an answer; and duplicates form stars."""
        apart = self is not into and self.into is None and into.into is None and all(k.into is not self for k in others)
        return apart and self.open and self.settled and (bool(answer) or self.answered or not into.answered)


class Book(msgspec.Struct, frozen=True):
    """A ticket as the database has it; a sub-select that found two rows would fail."""

    id: UUID
    status: str
    answered: bool
    owner_id: UUID | None
    offered_to: UUID | None
    lapses_at: datetime | None
    callback: datetime | None
    callback_missed: bool
    asked: UUID | None
    due_at: datetime | None
    overdue: bool
    into: UUID | None


_BOOKS = """
SELECT t.id, t.status, t.answered_at IS NOT NULL, t.owner_id,
    (SELECT to_id FROM ticket_offer WHERE company_id = $1 AND ticket_id = t.id),
    (SELECT lapses_at FROM ticket_offer WHERE company_id = $1 AND ticket_id = t.id),
    (SELECT promised_at FROM ticket_callback WHERE company_id = $1 AND ticket_id = t.id AND ended_at IS NULL),
    EXISTS (SELECT FROM ticket_callback
            WHERE company_id = $1 AND ticket_id = t.id AND ended_at IS NULL AND missed_at IS NOT NULL),
    (SELECT to_id FROM ticket_question WHERE company_id = $1 AND ticket_id = t.id AND answered_at IS NULL),
    (SELECT due_at FROM ticket_question WHERE company_id = $1 AND ticket_id = t.id AND answered_at IS NULL),
    EXISTS (SELECT FROM ticket_question
            WHERE company_id = $1 AND ticket_id = t.id AND answered_at IS NULL AND missed_at IS NOT NULL),
    (SELECT to_id FROM ticket_relation WHERE company_id = $1 AND from_id = t.id AND merged_from IS NOT NULL)
FROM ticket t WHERE t.company_id = $1
"""


async def books(desk: Desk) -> tuple[dict[UUID, Book], dict[str, int]]:
    """All tickets of the house, and the kept counts of its site."""
    async with desk.work(read_only=True) as work:
        found = await work.uow.fetch(Book, _BOOKS, work.ctx.company_id)
        return {book.id: book for book in found}, await desk.tickets.counts(work, desk.site)
