"""Merging a duplicate into the ticket it repeats, undoing that, and splitting a matter in two.

No reporter goes without an answer (TKT-3): a duplicate is closed with its own answer, or gets the one that the
surviving ticket's reporter gets, in the same transaction.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from core.db.ids import new_id
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.sla import ClockEvent
from core.tenancy.directory import Site
from core.tickets.entries import Entry, held, hold_pair, record
from core.tickets.lifecycle import CALLBACK_OWED, QUESTION_OWED
from core.tickets.model import Channel, NewTicket, Severity, Short, Text, Ticket
from core.tickets.relations import tie
from core.work import Work

if TYPE_CHECKING:
    from core.tickets.service import Tickets


class Merge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Into which ticket. `answer` is what this ticket's reporter was told; without one the other ticket's answer will
    be theirs too."""

    ticket_id: UUID
    answer: Text = ""
    channel: Channel = "call"


class Unmerge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the two are different matters after all."""

    text: Text


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes a ticket of its own. Place, household, reporter and owner are those of the first one."""

    description: Text
    category: Short
    severity: Severity = "routine"
    place: Short = ""


class _Bring(msgspec.Struct, frozen=True):
    """A row of a change: to which ticket the watchers come along, and since when."""

    to_id: UUID
    since: datetime


_BRING_WATCHERS = """
INSERT INTO ticket_watcher (company_id, ticket_id, member_id, via_id, since)
SELECT w.company_id, r.to_id, w.member_id, w.ticket_id, r.since
FROM ticket_watcher w, jsonb_to_record({row}) AS r (to_id uuid, since timestamptz)
WHERE w.company_id = $1 AND w.ticket_id = $2
ON CONFLICT (company_id, ticket_id, member_id) DO NOTHING
"""
_UNMERGE = """
WITH gone AS (
    DELETE FROM ticket_relation WHERE company_id = $1 AND from_id = $2 AND merged_from IS NOT NULL
    RETURNING to_id, merged_from
), watchers AS (
    DELETE FROM ticket_watcher w USING gone WHERE w.company_id = $1 AND w.ticket_id = gone.to_id AND w.via_id = $2
)
SELECT merged_from, (SELECT details ->> 'goals' FROM ticket_event
                     WHERE company_id = $1 AND ticket_id = $2 AND kind = 'merged' ORDER BY seq DESC LIMIT 1)
FROM gone
"""
_MERGED_INTO = """
SELECT to_id FROM ticket_relation WHERE company_id = $1 AND site_id = $2 AND from_id = $3 AND merged_from IS NOT NULL
"""
_TICKET = ", ".join(Ticket.__struct_fields__)
_TAKE = f"SELECT {_TICKET} FROM ticket WHERE company_id = $1 AND site_id = $2 AND id = $3 FOR UPDATE"  # noqa: S608
# TKT-2: whoever was asked first owns every part of the matter.
_SPLIT_OFF = """
WITH tied AS (
    INSERT INTO ticket_relation (company_id, id, site_id, from_id, to_id, kind, created_by, created_at)
    VALUES ($1, $2, $3, $4, $5, 'split_from', $6, $7)
)
UPDATE ticket p SET owner_id = t.owner_id, owner_name = t.owner_name FROM ticket t
WHERE p.company_id = $1 AND p.id = $4 AND t.company_id = $1 AND t.id = $5 AND t.owner_id IS NOT NULL
"""


class Merging:
    """For the process; needs the service of tickets."""

    def __init__(self, tickets: Tickets) -> None:
        self._tickets = tickets

    async def merge(self, work: Work, site: Site, ticket_id: UUID, wanted: Merge, expected: int | None) -> Ticket:
        """Close a duplicate in favour of another ticket; its files and watchers come along.

        Raises NotFound, Invalid (the other ticket; an answer is missing), PreconditionFailed or Conflict.
        """
        duplicate, survivor = await hold_pair(work, site, ticket_id, wanted.ticket_id)
        change = await self._tickets.changes.load(work, ticket_id, site, expected)
        if change.before.status == "closed":
            raise Conflict("A closed ticket needs no merging. Tie it as a duplicate.")
        if change.owed.callback is not None:
            raise Conflict(CALLBACK_OWED)
        if change.owed.question is not None:
            raise Conflict(QUESTION_OWED)
        if wanted.answer.strip():
            if "ticket.answer" not in work.ctx.permissions:
                raise Forbidden
            change.set(answered_at=work.now)
            change.record("answer", wanted.answer, {"channel": wanted.channel})
        elif not duplicate.answered and survivor.answered:
            raise Invalid.field(
                "answer",
                "{number} is answered already. Write down what this reporter was told.",
                number=survivor.number,
            )
        paused = change.before.status == "paused"
        merged_from = (change.paused_from if paused else None) or change.before.status
        await tie(work, site, duplicate, survivor, "duplicate_of", merged_from)
        change.write(_BRING_WATCHERS, _Bring(survivor.id, work.now))
        if paused:
            change.clock.append(ClockEvent(change.at, "resume"))
        running = change.running
        change.stop(*running)
        change.paused_from = None
        change.set(status="closed")
        answer = "shared" if change.after.answered_at is None else "own"
        told = {"number": survivor.number, "answer": answer, "goals": " ".join(running)}
        change.record("merged", "", told)
        after = await self._tickets.changes.store(change)
        await record(work, site, Entry(survivor.id, "took_in", {"number": duplicate.number, "answer": answer}))
        change.audit("ticket.merged", {"into": survivor.number, "status": [change.before.status, "closed"]})
        change.tell("ticket.merged.v1", {"into": survivor.number})
        return after

    async def unmerge(self, work: Work, site: Site, ticket_id: UUID, wanted: Unmerge, expected: int | None) -> Ticket:
        """Take a merge back: the ticket is open again as it was. Raises NotFound, Conflict, Invalid or
        PreconditionFailed."""
        if not wanted.text.strip():
            raise Invalid.field("text", "Say why these are two matters.")
        into: UUID | None = await work.uow.value(_MERGED_INTO, work.ctx.company_id, site.id, ticket_id)
        tickets = await held(work, site, ticket_id, into or ticket_id)
        if ticket_id not in tickets:
            raise NotFound
        change = await self._tickets.changes.load(work, ticket_id, site, expected)
        undone = await work.uow.fetch_one(
            lambda merged_from, goals: (merged_from, goals), _UNMERGE, work.ctx.company_id, ticket_id
        )
        if into is None or undone is None:
            raise Conflict("This ticket is not merged into another one.")
        merged_from, goals = undone
        if change.before.status == "closed":  # else it was taken up again already
            change.set(status=merged_from)
            change.clock += [ClockEvent(change.at, "reopen", goal=goal) for goal in goals.split()]
        change.record("unmerged", wanted.text, {"number": tickets[into].number})
        after = await self._tickets.changes.store(change)
        await record(work, site, Entry(into, "gave_back", {"number": after.number}))
        change.audit("ticket.unmerged", {"from": tickets[into].number, "status": [change.before.status, after.status]})
        change.tell("ticket.unmerged.v1", {"from": tickets[into].number})
        return after

    async def split(self, work: Work, site: Site, ticket_id: UUID, part: Part) -> Ticket:
        """Take in a part of a matter as a ticket of its own, tied to the first, with the same owner (TKT-2).

        Raises NotFound or Invalid naming every wrong field.
        """
        first = await work.uow.fetch_one(Ticket, _TAKE, work.ctx.company_id, site.id, ticket_id)
        if first is None:
            raise NotFound
        new = NewTicket(
            description=part.description,
            category=part.category,
            severity=part.severity,
            channel=first.channel,
            unit_id=first.unit_id,
            party_id=first.party_id,
            place=part.place or first.place,
            reporter_name=first.reporter_name,
            reporter_phone=first.reporter_phone,
            convenient_time=first.convenient_time,
        )
        ticket = await self._tickets.create(work, site, new)
        company_id, actor = work.ctx.company_id, work.ctx.actor
        await work.uow.execute(_SPLIT_OFF, company_id, new_id(), site.id, ticket.id, ticket_id, actor.name, work.now)
        await record(
            work,
            site,
            Entry(ticket.id, "split_off", {"number": first.number}),
            Entry(ticket_id, "split", {"number": ticket.number}),
        )
        work.audit(
            "ticket.split", "ticket", ticket_id, {"number": first.number, "part": ticket.number}, site_id=site.id
        )
        if first.owner_id is None:
            return ticket
        return msgspec.structs.replace(ticket, owner_id=first.owner_id, owner_name=first.owner_name)
