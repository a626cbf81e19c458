"""Tags of tickets. The words in use are the vocabulary: it grows with the first ticket that gets a new one."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Final
from uuid import UUID

import msgspec

from core.errors import Conflict, Invalid
from core.tenancy.directory import Site
from core.tickets.entries import hold
from core.work import Work

LONGEST: Final = 30  # characters
MOST: Final = 20  # of one ticket
_OFFERED = 200

_Words = Annotated[tuple[Annotated[str, msgspec.Meta(max_length=100)], ...], msgspec.Meta(max_length=MOST)]


class TagChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Tags to put on a ticket and to take off. Two who change different ones do not disturb each other."""

    add: _Words = ()
    remove: _Words = ()


class TagUse(msgspec.Struct, frozen=True):
    """A word and how many tickets have it, at the sites the reader may enter."""

    name: str
    tickets: int


# The ticket is held: what it had is what the statement sees.
_CHANGE = """
WITH gone AS (
    DELETE FROM ticket_tag WHERE company_id = $1 AND ticket_id = $3 AND name = ANY ($5::text[])
), put AS (
    INSERT INTO ticket_tag (company_id, site_id, ticket_id, name) SELECT $1, $2, $3, unnest($4::text[])
    ON CONFLICT (company_id, ticket_id, name) DO NOTHING
)
SELECT name FROM ticket_tag WHERE company_id = $1 AND ticket_id = $3 AND name <> ALL ($5::text[])
UNION SELECT unnest($4::text[]) ORDER BY 1
"""
_VOCABULARY = """
SELECT name, count(*) FROM ticket_tag g WHERE company_id = $1 AND site_id = ANY ($2::uuid[])
    AND EXISTS (SELECT FROM ticket t WHERE t.company_id = $1 AND t.id = g.ticket_id)
GROUP BY name ORDER BY count(*) DESC, name LIMIT $3
"""


async def change(work: Work, site: Site, ticket_id: UUID, wanted: TagChange) -> list[str]:
    """Put tags on a ticket and take some off; its tags. Raises NotFound, Invalid or Conflict (too many)."""
    add = [normal(word, "add") for word in wanted.add]
    remove = [word for word in (normal(word, "remove") for word in wanted.remove) if word not in add]
    ticket = await hold(work, site, ticket_id)
    tags = await work.uow.fetch(str, _CHANGE, work.ctx.company_id, site.id, ticket_id, add, remove)
    if len(tags) > MOST:
        raise Conflict("A ticket has {n} tags at most.", params={"n": MOST})
    changes = {"number": ticket.number, "add": add, "remove": remove}
    work.audit("ticket.tagged", "ticket", ticket_id, changes, site_id=site.id)
    work.announce("ticket", site.id, ticket_id)
    return tags


async def vocabulary(work: Work) -> list[TagUse]:
    """The words in use at the sites that the reader may enter (TI-10), the most used first."""
    return await work.uow.fetch(TagUse, _VOCABULARY, work.ctx.company_id, list(work.ctx.site_ids), _OFFERED)


def normal(word: str, field: str) -> str:
    """A tag as it is kept: one width, one case, single spaces, no leading number sign. Raises Invalid."""
    plain = " ".join(unicodedata.normalize("NFKC", word).replace("#", " ").split()).casefold()
    if not plain or len(plain) > LONGEST or not plain.isprintable():
        raise Invalid.field(field, "A tag has 1 to {n} characters.", n=LONGEST)
    return plain
