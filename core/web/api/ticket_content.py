"""Tickets' ties, merges, tags and watchers in the JSON API, and one action on many tickets."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.platform import Platform
from core.tenancy.directory import Site
from core.tickets import bulk, relations, tags, watchers
from core.tickets.bulk import Bulk
from core.tickets.merging import Merge, Part, Unmerge
from core.tickets.model import Ticket
from core.tickets.relations import NewRelation
from core.tickets.tags import TagChange, TagUse
from core.web.rendering import masked
from core.web.view import View
from core.work import Work


class Made(msgspec.Struct, frozen=True):
    id: UUID


class Tags(msgspec.Struct, frozen=True):
    """A ticket's tags as they are now."""

    tags: list[str]


class Vocabulary(msgspec.Struct, frozen=True):
    items: list[TagUse]


class BulkOutcome(msgspec.Struct, frozen=True):
    """What became of one ticket. `code` is that of the problem it was refused with, '' where it is done."""

    ticket_id: UUID
    done: bool
    code: str
    message: str


class BulkOutcomes(msgspec.Struct, frozen=True):
    items: list[BulkOutcome]


@post("/tickets/{ticket_id:uuid}/relations", permission="ticket.relate")
async def relate_ticket(
    work: NamedDependency[Work], site: NamedDependency[Site], ticket_id: FromPath[UUID], data: JSONBody[NewRelation]
) -> Made:
    """Say what the ticket is of another one of the site; both show it."""
    return Made(await relations.relate(work, site, ticket_id, data))


@delete("/tickets/{ticket_id:uuid}/relations/{relation_id:uuid}", permission="ticket.relate")
async def unrelate_ticket(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    ticket_id: FromPath[UUID],
    relation_id: FromPath[UUID],
) -> None:
    """Take a relation off, from either of its tickets. One that came of a merge goes when that is undone."""
    await relations.unrelate(work, site, ticket_id, relation_id)


@post("/tickets/{ticket_id:uuid}/merge", permission="ticket.relate", status_code=200)
async def merge_ticket(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    if_match: NamedDependency[int],
    ticket_id: FromPath[UUID],
    data: JSONBody[Merge],
) -> Response[Ticket]:
    """Close the ticket as a duplicate of another one, with an answer of its own or with that one's. Needs If-Match."""
    return _answer(await platform.merging.merge(work, site, ticket_id, data, if_match))


@post("/tickets/{ticket_id:uuid}/unmerge", permission="ticket.relate", status_code=200)
async def unmerge_ticket(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    if_match: NamedDependency[int],
    ticket_id: FromPath[UUID],
    data: JSONBody[Unmerge],
) -> Response[Ticket]:
    """Take a merge back: the ticket is open again as it was. Needs If-Match."""
    return _answer(await platform.merging.unmerge(work, site, ticket_id, data, if_match))


@post("/tickets/{ticket_id:uuid}/split", permission="ticket.relate")
async def split_ticket(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    ticket_id: FromPath[UUID],
    data: JSONBody[Part],
) -> Response[Ticket]:
    """Take in a part of the matter as a ticket of its own, for the same owner (TKT-2)."""
    return _answer(await platform.merging.split(work, site, ticket_id, data), 201)


@post("/tickets/{ticket_id:uuid}/tags", permission="ticket.tag", status_code=200)
async def tag_ticket(
    work: NamedDependency[Work], site: NamedDependency[Site], ticket_id: FromPath[UUID], data: JSONBody[TagChange]
) -> Tags:
    """Put tags on the ticket and take some off. Written alike they are the same: in width, case and spaces."""
    return Tags(await tags.change(work, site, ticket_id, data))


@get("/tickets/tags", permission="ticket.view")
async def list_tags(work: NamedDependency[Work], site: NamedDependency[Site]) -> Vocabulary:
    """The tags in use at the sites one may enter, the most used first."""
    return Vocabulary(await tags.vocabulary(work))


@post("/tickets/{ticket_id:uuid}/watch", permission="ticket.view", status_code=204)
async def watch_ticket(work: NamedDependency[Work], site: NamedDependency[Site], ticket_id: FromPath[UUID]) -> None:
    """Be told what happens to the ticket. It lists who watches it."""
    await watchers.watch(work, site, ticket_id)


@delete("/tickets/{ticket_id:uuid}/watch", permission="ticket.view")
async def unwatch_ticket(work: NamedDependency[Work], site: NamedDependency[Site], ticket_id: FromPath[UUID]) -> None:
    """Watch it no longer."""
    await watchers.unwatch(work, site, ticket_id)


@post("/tickets/bulk", permission="ticket.view", status_code=200)
async def act_on_many(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    data: JSONBody[Bulk],
) -> BulkOutcomes:
    """Assign, tag, close or comment on up to 200 tickets; each has its own outcome and refusals undo nothing else."""
    return BulkOutcomes(
        [
            BulkOutcome(each.ticket_id, True, "", "")
            if each.refusal is None
            else BulkOutcome(each.ticket_id, False, each.refusal.code, view.reason(each.refusal))
            for each in await bulk.carry_out(work, site, platform.tickets, data)
        ]
    )


def _answer(ticket: Ticket, status: int = 200) -> Response[Ticket]:
    """With its telephone number masked, as everywhere (ARC-4)."""
    shown = msgspec.structs.replace(ticket, reporter_phone=masked(ticket.reporter_phone))
    return Response(shown, status_code=status, headers={"ETag": f'"{ticket.version}"'})


HANDLERS = [
    relate_ticket,
    unrelate_ticket,
    merge_ticket,
    unmerge_ticket,
    split_ticket,
    tag_ticket,
    list_tags,
    watch_ticket,
    unwatch_ticket,
    act_on_many,
]
