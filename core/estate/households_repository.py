"""Every statement that reads the estate. Prefixes are compared with ~>=~ and ~<~, which are leakproof: under row level
security LIKE uses no index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from core.db.uow import UnitOfWork
from core.estate.lookup import Query
from core.estate.masking import mask_id_number, mask_phone
from core.estate.model import HouseholdCard, MatchedBy, Occupant, OpenTicket, Person, Role, UnitHit, UnitRow
from core.exchange.owners import Kind

_CARDS = 20  # units of one caller
_CANDIDATES = 50  # units a meaning may bring in before they are ranked
_BY: tuple[MatchedBy, ...] = ("unit", "unit", "unit", "party", "party", "phone")

_NOW = "(o.starts_on IS NULL OR o.starts_on <= $3) AND (o.ends_on IS NULL OR o.ends_on >= $3)"
_PHONES = "ARRAY(SELECT phone FROM contact c WHERE c.company_id = $1 AND c.party_id = p.id ORDER BY c.id)"

_TICKETS = """(SELECT jsonb_agg(jsonb_build_object('id', t.id, 'number', t.number, 'status', t.status,
    'description', t.description, 'due_at', t.due_at, 'due_seconds', t.due_seconds) ORDER BY t.queue_at, t.id)::text
    FROM ticket t WHERE t.company_id = $1 AND t.site_id = $2 AND t.unit_id = u.id AND t.status <> 'closed')"""


def _card(which: str, caller: str) -> str:
    return f"""
SELECT u.id, u.label, u.area_m2, u.moved_in_on, u.remark,
    p.id, p.name, p.kind, o.role, p.id_number_tail, {_PHONES}, {caller}, {_TICKETS}
FROM unit u
LEFT JOIN occupancy o ON o.company_id = u.company_id AND o.unit_id = u.id AND {_NOW}
LEFT JOIN party p ON p.company_id = o.company_id AND p.id = o.party_id
WHERE u.company_id = $1 AND u.site_id = $2 AND {which}
ORDER BY u.sort_key, u.id, o.role <> 'owner', o.id
"""  # noqa: S608


CARD = _card("u.id = $4", "false")
_UNITS_OF_PHONE = f"""
    SELECT o.unit_id FROM contact c JOIN occupancy o ON o.company_id = c.company_id AND o.party_id = c.party_id
    WHERE c.company_id = $1 AND c.site_id = $2 AND c.phone = $4 AND {_NOW} LIMIT {_CARDS}
"""  # noqa: S608
CARDS_BY_PHONE = _card(
    f"u.id = ANY (ARRAY({_UNITS_OF_PHONE}))",
    "EXISTS (SELECT FROM contact c WHERE c.company_id = $1 AND c.party_id = p.id AND c.phone = $4)",
)


def _matches(limit: str) -> str:
    """Units and what they match by (the place in _BY), best first: $4 to $11 are the meanings of a query."""
    beginning = "{0} ~>=~ {1} AND {0} ~<~ ({1} || chr(1114111))".format
    occupied = f"JOIN occupancy o ON o.company_id = $1 AND o.site_id = $2 AND o.party_id = m.party_id AND {_NOW}"
    unit = "FROM unit WHERE company_id = $1 AND site_id = $2"
    contact = "SELECT party_id FROM contact WHERE company_id = $1 AND site_id = $2"
    return f"""
    (SELECT id AS unit_id, NULL::uuid AS party_id, (room <> $7)::int AS rank {unit}
     AND building = $5 AND ($6::text IS NULL OR entrance = $6) AND {beginning("room", "$7")}
     ORDER BY entrance, room {limit})
    UNION ALL
    (SELECT id, NULL, 1 {unit} AND {beginning("label", "$4")} ORDER BY label USING ~<~ {limit})
    UNION ALL
    (SELECT id, NULL, 2 * (room <> $8)::int {unit} AND {beginning("room", "$8")} ORDER BY room USING ~<~ {limit})
    UNION ALL
    (SELECT o.unit_id, m.party_id, 3 + (m.name <> $9)::int FROM (
        SELECT id AS party_id, name FROM party WHERE company_id = $1 AND site_id = $2 AND {beginning("name", "$9")}
        ORDER BY name USING ~<~ {limit}) m {occupied})
    UNION ALL
    (SELECT o.unit_id, m.party_id, 5 FROM (
        {contact} AND {beginning("phone", "$10")} ORDER BY phone USING ~<~ {limit}) m {occupied})
    UNION ALL
    (SELECT o.unit_id, m.party_id, 5 FROM ({contact} AND phone_tail = $11 {limit}) m {occupied})
"""  # noqa: S608


SUGGEST = f"""
SELECT u.id, u.label, m.rank, p.id, p.name, {_PHONES}
FROM (SELECT DISTINCT ON (unit_id) * FROM ({_matches(f"LIMIT {_CANDIDATES}")}) ORDER BY unit_id, rank) m
JOIN unit u ON u.company_id = $1 AND u.site_id = $2 AND u.id = m.unit_id
LEFT JOIN LATERAL (
    SELECT p.id, p.name FROM occupancy o JOIN party p ON p.company_id = o.company_id AND p.id = o.party_id
    WHERE o.company_id = $1 AND o.unit_id = u.id AND {_NOW} AND (m.party_id IS NULL OR p.id = m.party_id)
    ORDER BY o.role <> 'owner', o.id LIMIT 1
) p ON true
ORDER BY m.rank, u.sort_key, u.id LIMIT $12
"""  # noqa: S608


def _page(which: str, key: str, row_id: str, limit: str) -> str:
    return f"""
SELECT u.id, u.building, u.label, u.area_m2, u.moved_in_on,
    (SELECT jsonb_agg(jsonb_build_array(p.id, p.name, o.role, coalesce(
        (SELECT phone FROM contact c WHERE c.company_id = $1 AND c.party_id = p.id ORDER BY c.id LIMIT 1), ''))
        ORDER BY o.role <> 'owner', o.id)::text
     FROM occupancy o JOIN party p ON p.company_id = o.company_id AND p.id = o.party_id
     WHERE o.company_id = $1 AND o.unit_id = u.id AND {_NOW}),
    (SELECT count(*) FROM ticket t WHERE t.company_id = $1 AND t.unit_id = u.id AND t.status <> 'closed'),
    u.sort_key
FROM unit u WHERE u.company_id = $1 AND u.site_id = $2 AND {which} AND (u.sort_key, u.id) > ({key}, {row_id})
ORDER BY u.sort_key, u.id LIMIT {limit}
"""  # noqa: S608


PAGE = _page("true", "$4", "$5", "$6")
_PAGE_OF_BUILDING = _page("u.building = $7", "$4", "$5", "$6")
_FOUND = f"u.id IN (SELECT unit_id FROM ({_matches('')}))"  # noqa: S608
_PAGE_FOUND = _page(_FOUND, "$12", "$13", "$14")
_BUILDINGS = """
SELECT building FROM unit WHERE company_id = $1 AND site_id = $2 GROUP BY building ORDER BY min(sort_key)
"""
_REVEAL = """
SELECT ARRAY(SELECT phone FROM contact c WHERE c.company_id = $1 AND c.party_id = p.id ORDER BY c.id)
FROM party p WHERE p.company_id = $1 AND p.site_id = $2 AND p.id = $3
"""
_ID_NUMBER = "SELECT coalesce(id_number_sealed, '') FROM party WHERE company_id = $1 AND site_id = $2 AND id = $3"

_open_tickets = msgspec.json.Decoder(tuple[OpenTicket, ...])
_people = msgspec.json.Decoder(list[tuple[UUID, str, Role, str]])


class Mark(msgspec.Struct, frozen=True):
    """Where a page ended; the default is before the first unit."""

    sort_key: str = ""
    unit_id: UUID = UUID(int=0)


async def cards(uow: UnitOfWork, site_id: UUID, today: date, statement: str, key: UUID | str) -> list[HouseholdCard]:
    """Households by CARD or CARDS_BY_PHONE."""
    units: dict[UUID, tuple[str, Decimal | None, date | None, str]] = {}
    occupants: dict[UUID, list[Occupant]] = {}
    tickets: dict[UUID, tuple[OpenTicket, ...]] = {}

    def occupant(
        unit_id: UUID,
        label: str,
        area: Decimal | None,
        moved_in_on: date | None,
        remark: str,
        party_id: UUID | None,
        name: str,
        kind: Kind,
        role: Role,
        tail: str,
        phones: list[str],
        caller: bool,
        open_tickets: str | None,
    ) -> None:
        if unit_id not in units:
            units[unit_id] = label, area, moved_in_on, remark
            tickets[unit_id] = _open_tickets.decode(open_tickets) if open_tickets else ()
        if party_id is not None:
            masked = tuple(map(mask_phone, phones))
            person = Occupant(party_id, name, kind, role, mask_id_number(tail), masked, caller)
            occupants.setdefault(unit_id, []).append(person)

    await uow.fetch(occupant, statement, uow.company_id, site_id, today, key)
    return [
        HouseholdCard(unit_id, *values, tuple(occupants.get(unit_id, ())), tickets[unit_id])
        for unit_id, values in units.items()
    ]


def meanings(query: Query) -> tuple[str | None, ...]:
    """$4 to $11 of what `_matches` wrote."""
    return tuple(msgspec.structs.astuple(query))


async def suggest(uow: UnitOfWork, site_id: UUID, today: date, query: Query, limit: int) -> list[UnitHit]:
    def hit(
        unit_id: UUID, label: str, rank: int, party_id: UUID | None, name: str | None, phones: list[str]
    ) -> UnitHit:
        return UnitHit(unit_id, label, _BY[rank], party_id, name or "", mask_phone(phones[0]) if phones else "")

    return await uow.fetch(hit, SUGGEST, uow.company_id, site_id, today, *meanings(query), limit)


async def page(
    uow: UnitOfWork, site_id: UUID, today: date, query: Query | None, building: str | None, after: Mark, limit: int
) -> list[tuple[UnitRow, Mark]]:
    """Units after a mark in natural order, each with its own; found by `query` if there is one, else of `building`."""
    mark = after.sort_key, after.unit_id, limit
    if query is not None:
        statement, arguments = _PAGE_FOUND, (*meanings(query), *mark)
    elif building:
        statement, arguments = _PAGE_OF_BUILDING, (*mark, building)
    else:
        statement, arguments = PAGE, mark

    def row(
        id: UUID,
        building: str,
        label: str,
        area: Decimal | None,
        moved_in_on: date | None,
        people: str | None,
        open_tickets: int,
        sort_key: str,
    ) -> tuple[UnitRow, Mark]:
        unit = UnitRow(id, building, label, area, moved_in_on, _persons(people), open_tickets)
        return unit, Mark(sort_key, id)

    return await uow.fetch(row, statement, uow.company_id, site_id, today, *arguments)


async def buildings(uow: UnitOfWork, site_id: UUID) -> list[str]:
    return await uow.fetch(str, _BUILDINGS, uow.company_id, site_id)


async def full_phones(uow: UnitOfWork, site_id: UUID, party_id: UUID) -> list[str] | None:
    """None: there is no such party."""
    phones: list[str] | None = await uow.value(_REVEAL, uow.company_id, site_id, party_id)
    return phones


async def sealed_id_number(uow: UnitOfWork, site_id: UUID, party_id: UUID) -> bytes | None:
    """None: there is no such party; empty where its number is not known."""
    sealed: bytes | None = await uow.value(_ID_NUMBER, uow.company_id, site_id, party_id)
    return sealed


def _persons(people: str | None) -> tuple[Person, ...]:
    found: Sequence[tuple[UUID, str, Role, str]] = _people.decode(people) if people else ()
    return tuple(Person(id, name, role, phone and mask_phone(phone)) for id, name, role, phone in found)
