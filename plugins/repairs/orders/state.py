"""Everything an order has besides its ticket, read in one statement."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from core.sdk import Question, UnitOfWork
from plugins.repairs.kinds import ORDER
from plugins.repairs.warranty.model import Previous, Term, Warranty

How = Literal["", "signature", "paper", "telephone", "message", "in_person"]
Moment = Literal["before", "after"]


class Decided(msgspec.Struct, frozen=True):
    """The warranty as it was decided; by nobody: the system."""

    warranty: Warranty
    warranty_until: date | None
    warranty_note: str
    decided_by_name: str


class Visit(msgspec.Struct, frozen=True):
    """A visit as agreed, and what became of it; the latest booked first."""

    id: UUID
    ticket_id: UUID
    technician_id: UUID
    technician_name: str
    trade: str
    starts_at: datetime
    ends_at: datetime
    booked_at: datetime
    booked_by_name: str
    arrived_at: datetime | None
    cancelled_at: datetime | None
    cancelled_by_name: str
    reason: str
    moved_to: UUID | None

    @property
    def agreed(self) -> bool:
        """Whether it is still expected."""
        return self.cancelled_at is None and self.arrived_at is None


class Line(msgspec.Struct, frozen=True):
    """Materials or labour: `quantity` in thousandths of the unit, amounts in fen. `counters_id`: what it takes back."""

    id: UUID
    code: str
    name: str
    kind: str
    unit: str
    price_fen: int
    warranty_days: int
    quantity: int
    amount_fen: int
    counters_id: UUID | None
    note: str
    at: datetime
    by_name: str


class Consent(msgspec.Struct, frozen=True):
    """That a resident agrees to an amount in fen (`estimate`, `charge`), or that it is waived."""

    id: UUID
    kind: Literal["estimate", "charge", "waiver"]
    amount_fen: int
    how: How
    resident_name: str
    attachment_id: UUID | None
    reason: str
    at: datetime
    by_name: str


class Photo(msgspec.Struct, frozen=True):
    """A picture among the ticket's files, and whether it shows the place before or after the work; "" if not said."""

    id: UUID
    name: str
    moment: Literal["", "before", "after"]


class Signed(msgspec.Struct, frozen=True):
    """A signature among the ticket's files."""

    id: UUID
    signed_by: str
    uploaded_at: datetime


class Earlier(msgspec.Struct, frozen=True):
    """An earlier order about the same thing: the same item at the same place (REP-6)."""

    id: UUID
    number: str
    created_at: datetime


class Rework(msgspec.Struct, frozen=True):
    """An order in which another one's work is done again, or whose work that was (REP-5)."""

    id: UUID
    number: str
    status: str


class State(msgspec.Struct, frozen=True):
    """What the database has of an order."""

    decided: Decided | None
    terms: tuple[Term, ...]
    previous: Previous | None
    earlier: tuple[Earlier, ...]
    rework_of: Rework | None
    reworks: tuple[Rework, ...]
    visits: tuple[Visit, ...]
    lines: tuple[Line, ...]
    consents: tuple[Consent, ...]
    photos: tuple[Photo, ...]
    signatures: tuple[Signed, ...]
    files: int

    @property
    def total_fen(self) -> int:
        """What materials and labour come to, counter-entries taken off."""
        return sum(line.amount_fen for line in self.lines)


# The same thing: the same item in the same unit or, outside of units, at the same place.
_SAME = """p.company_id = $1 AND p.site_id = t.site_id AND p.type = t.type AND p.id <> t.id
    AND p.created_at < t.created_at AND p.fields ->> 'item' = t.fields ->> 'item' AND t.fields ->> 'item' <> ''
    AND (p.unit_id = t.unit_id OR (t.unit_id IS NULL AND p.unit_id IS NULL AND p.place = t.place))"""
_ALL = f"""
SELECT jsonb_build_object(
    'decided', (SELECT to_jsonb(o) FROM repairs_order o WHERE o.company_id = $1 AND o.id = t.id),
    'terms', (SELECT coalesce(jsonb_agg(to_jsonb(m)), '[]') FROM repairs_term m
              WHERE m.company_id = $1 AND m.unit_id = t.unit_id AND m.item IN ('', t.fields ->> 'item')),
    'previous', coalesce((
        SELECT jsonb_build_object('ticket_id', p.id, 'number', p.number, 'done_at', e.at, 'rework', true, 'days',
            (SELECT coalesce(max(l.warranty_days), 0) FROM repairs_line l
             WHERE l.company_id = $1 AND l.ticket_id = p.id))
        FROM ticket_relation r JOIN ticket p ON p.company_id = $1 AND p.id = r.to_id
        JOIN ticket_event e ON e.company_id = $1 AND e.ticket_id = p.id AND e.kind = 'resolve'
        WHERE r.company_id = $1 AND r.from_id = t.id AND r.kind = 'rework_of' ORDER BY e.at DESC LIMIT 1),
                (SELECT jsonb_build_object('ticket_id', p.id, 'number', p.number, 'done_at', e.at, 'days',
                        (SELECT coalesce(max(l.warranty_days), 0) FROM repairs_line l
                         WHERE l.company_id = $1 AND l.ticket_id = p.id))
                 FROM ticket p JOIN ticket_event e ON e.company_id = p.company_id AND e.ticket_id = p.id
                 WHERE {_SAME} AND e.kind = 'resolve' AND e.at < t.created_at ORDER BY e.at DESC LIMIT 1)),
    'earlier', (SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY s.created_at DESC), '[]') FROM (
                    SELECT p.id, p.number, p.created_at FROM ticket p
                    WHERE {_SAME} AND p.created_at > t.created_at - interval '366 days'
                    ORDER BY p.created_at DESC LIMIT 20) s),
    'rework_of', (SELECT jsonb_build_object('id', p.id, 'number', p.number, 'status', p.status)
                  FROM ticket_relation r JOIN ticket p ON p.company_id = $1 AND p.id = r.to_id
                  WHERE r.company_id = $1 AND r.from_id = t.id AND r.kind = 'rework_of'
                  ORDER BY r.created_at DESC LIMIT 1),
    'reworks', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', n.id, 'number', n.number, 'status', n.status)
                                          ORDER BY n.id), '[]')
                FROM ticket_relation r JOIN ticket n ON n.company_id = $1 AND n.id = r.from_id
                WHERE r.company_id = $1 AND r.to_id = t.id AND r.kind = 'rework_of'),
    'visits', (SELECT coalesce(jsonb_agg(to_jsonb(v) ORDER BY v.booked_at DESC, v.id DESC), '[]') FROM repairs_visit v
               WHERE v.company_id = $1 AND v.ticket_id = t.id),
    'lines', (SELECT coalesce(jsonb_agg(to_jsonb(l) ORDER BY l.id), '[]') FROM repairs_line l
              WHERE l.company_id = $1 AND l.ticket_id = t.id),
    'consents', (SELECT coalesce(jsonb_agg(to_jsonb(c) ORDER BY c.id), '[]') FROM repairs_consent c
                 WHERE c.company_id = $1 AND c.ticket_id = t.id),
    'photos', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name,
                      'moment', coalesce(f.moment, '')) ORDER BY a.id), '[]')
               FROM ticket_attachment a LEFT JOIN repairs_photo f ON f.company_id = a.company_id AND f.id = a.id
               WHERE a.company_id = $1 AND a.ticket_id = t.id AND a.thumbnail IS NOT NULL AND a.signed_by IS NULL),
    'signatures', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'signed_by', a.signed_by,
                          'uploaded_at', a.uploaded_at) ORDER BY a.id DESC), '[]')
                   FROM ticket_attachment a
                   WHERE a.company_id = $1 AND a.ticket_id = t.id AND a.signed_by IS NOT NULL),
    'files', (SELECT count(*) FROM ticket_attachment a WHERE a.company_id = $1 AND a.ticket_id = t.id))::text
FROM ticket t WHERE t.company_id = $1
"""  # noqa: S608
_STATE = f"{_ALL} AND t.site_id = $2 AND t.id = $3 AND t.type = $4"
# What waits for a turn does so once the ticket is locked; the next statement sees what was done before in that turn.
_HELD = f"""{_ALL} AND t.id = $2 AND t.type = {{row}} ->> 'type' AND CASE {{row}} ->> 'turn' WHEN '' THEN true
    ELSE pg_advisory_xact_lock(hashtextextended({{row}} ->> 'turn', 0)) IS NOT NULL END
"""
# The same for each order `o` of a statement that lists some.
OF_EACH = f"{_ALL} AND t.id = o.id"
_decode = msgspec.json.Decoder(State).decode


class _Order(msgspec.Struct, frozen=True):
    type: str = ORDER
    turn: str = ""


def question(turn: str = "") -> Question[State | None]:
    """The same, carried along when the order's ticket is locked; None for a ticket that is no order. `turn`: with it
    the transaction waits until no other one has that turn, and keeps it."""
    return Question(lambda text: None if text is None else _decode(text), _HELD, _Order(turn=turn))


async def read(uow: UnitOfWork, site_id: UUID, ticket_id: UUID) -> State | None:
    """None where the site has no such order."""
    text = await uow.value(_STATE, uow.company_id, site_id, ticket_id, ORDER)
    return None if text is None else _decode(text)
