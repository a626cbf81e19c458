"""Every query of lost and found."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from core.sdk import UnitOfWork
from lodge_lostfound.schemas import Item

_COLUMNS = "id, description, place, status, found_at, keep_until"


async def items(uow: UnitOfWork, company_id: UUID, site_id: UUID, *, status: str, limit: int) -> list[Item]:
    """The latest found things of a site."""
    return await uow.fetch(
        Item,
        f"SELECT {_COLUMNS} FROM lostfound_item WHERE company_id = $1 AND site_id = $2 AND status = $3 "
        "ORDER BY found_at DESC, id DESC LIMIT $4",
        company_id,
        site_id,
        status,
        limit,
    )


async def add(uow: UnitOfWork, company_id: UUID, site_id: UUID, item: Item) -> None:
    await uow.execute(
        f"INSERT INTO lostfound_item (company_id, site_id, {_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        company_id,
        site_id,
        item.id,
        item.description,
        item.place,
        item.status,
        item.found_at,
        item.keep_until,
    )


async def release(uow: UnitOfWork, company_id: UUID, site_ids: Iterable[UUID], now: datetime) -> int:
    """Release what was kept long enough; the number of things."""
    return await uow.execute(
        "UPDATE lostfound_item SET status = 'released' "
        "WHERE company_id = $1 AND site_id = ANY($2::uuid[]) AND status = 'kept' AND keep_until <= $3",
        company_id,
        list(site_ids),
        now,
    )


DUE = """SELECT count(*) FROM lostfound_item i
WHERE i.company_id = $1 AND i.site_id = keep.site_id AND i.status = 'released' AND i.found_at < keep.before
    AND i.description <> ''"""


async def forget(uow: UnitOfWork, company_id: UUID, site_id: UUID, before: datetime) -> int:
    """Empty the descriptions of things that were released and found before then; how many."""
    return await uow.execute(
        "UPDATE lostfound_item SET description = '' WHERE company_id = $1 AND site_id = $2 AND status = 'released' "
        "AND found_at < $3 AND description <> ''",
        company_id,
        site_id,
        before,
    )


async def give_away(uow: UnitOfWork, company_id: UUID, site_id: UUID, item_id: UUID) -> int:
    return await uow.execute(
        "UPDATE lostfound_item SET status = 'released' "
        "WHERE company_id = $1 AND site_id = $2 AND id = $3 AND status = 'kept'",
        company_id,
        site_id,
        item_id,
    )


async def note_ticket(uow: UnitOfWork, company_id: UUID, site_id: UUID, ticket_id: UUID) -> None:
    """Remember a ticket, once however often it is told."""
    await uow.execute(
        "INSERT INTO lostfound_ticket (company_id, site_id, id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        company_id,
        site_id,
        ticket_id,
    )


async def tickets(uow: UnitOfWork, company_id: UUID, site_id: UUID) -> int:
    """How many tickets of a site this plugin was told of."""
    count: int = await uow.value(
        "SELECT count(*) FROM lostfound_ticket WHERE company_id = $1 AND site_id = $2", company_id, site_id
    )
    return count
