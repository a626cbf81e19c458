"""Lists that people keep: what narrows them, their columns and order, under a name, for themselves or for the site."""

from __future__ import annotations

from typing import Annotated, Final, Literal, get_args
from uuid import UUID

import msgspec

from core.db.ids import new_id
from core.db.uow import UnitOfWork
from core.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from core.tenancy.directory import Site
from core.tickets.queue import Wanted
from core.work import Work

Column = Literal[
    "due", "place", "matter", "category", "type", "severity", "team", "assignee", "state", "owner", "reporter",
    "channel", "tags", "created", "updated", "number",
]  # fmt: skip
COLUMNS: Final[tuple[Column, ...]] = get_args(Column)
USUAL: Final[tuple[Column, ...]] = ("due", "place", "matter", "category", "assignee", "state", "number")
MOST = 50  # lists that one person keeps at a site
SHARE = "ticket.filter.share"

Columns = Annotated[tuple[Column, ...], msgspec.Meta(min_length=1, max_length=len(COLUMNS))]


class NewFilter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A list to be kept. `shared` shows it to everybody at the site."""

    name: Annotated[str, msgspec.Meta(max_length=40)]
    shared: bool = False
    wanted: Wanted = Wanted()
    columns: Columns = USUAL


class SavedFilter(msgspec.Struct, frozen=True):
    """A list that is kept. `mine` is the reader's own; the reader's list opens with the `preferred` one."""

    id: UUID
    name: str
    shared: bool
    mine: bool
    preferred: bool
    version: int
    wanted: Wanted
    columns: tuple[Column, ...]


class _List(msgspec.Struct, frozen=True):
    """What is stored of it."""

    wanted: Wanted
    columns: tuple[Column, ...] = USUAL


_SAVED = """f.id, f.name, f.shared, f.member_id = $3, d.filter_id IS NOT NULL, f.version, f.list::text
FROM ticket_filter f LEFT JOIN ticket_filter_default d
    ON d.company_id = $1 AND d.site_id = $2 AND d.member_id = $3 AND d.filter_id = f.id
WHERE f.company_id = $1 AND f.site_id = $2 AND (f.shared OR f.member_id = $3)"""
_ALL = f"SELECT {_SAVED} ORDER BY f.shared, f.name, f.id"
_LOCK = f"SELECT {_SAVED} AND f.id = $4 FOR UPDATE OF f"
_KEEP = """
WITH kept AS (
    INSERT INTO ticket_filter (company_id, site_id, member_id, id, name, shared, list)
    SELECT $1, $2, $3, $4, $5, $6, $7::jsonb
    WHERE (SELECT count(*) FROM ticket_filter WHERE company_id = $1 AND site_id = $2 AND member_id = $3) < $8
    ON CONFLICT (company_id, site_id, member_id, name) DO NOTHING RETURNING id
)
SELECT EXISTS (SELECT FROM kept),
       EXISTS (SELECT FROM ticket_filter WHERE company_id = $1 AND site_id = $2 AND member_id = $3 AND name = $5)
"""
# The owner's other lists keep their names. Returns nothing where one has the new name.
_CHANGE = """
UPDATE ticket_filter f SET name = $4, shared = $5, list = $6::jsonb, version = version + 1
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND NOT EXISTS
    (SELECT FROM ticket_filter o WHERE o.company_id = $1 AND o.site_id = $2 AND o.member_id = f.member_id
     AND o.name = $4 AND o.id <> $3)
"""
_DROP = "DELETE FROM ticket_filter WHERE company_id = $1 AND site_id = $2 AND id = $3"
_PREFER = """
INSERT INTO ticket_filter_default (company_id, site_id, member_id, filter_id)
SELECT $1, $2, $3, id FROM ticket_filter
WHERE company_id = $1 AND site_id = $2 AND (shared OR member_id = $3) AND id = $4
ON CONFLICT (company_id, site_id, member_id) DO UPDATE SET filter_id = excluded.filter_id
"""
_PREFER_NONE = "DELETE FROM ticket_filter_default WHERE company_id = $1 AND site_id = $2 AND member_id = $3"

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_List).decode


async def saved(work: Work, site: Site) -> list[SavedFilter]:
    """The reader's own and the site's, each by name."""
    return await work.uow.fetch(_read, _ALL, work.ctx.company_id, site.id, work.ctx.actor.id)


async def keep(work: Work, site: Site, new: NewFilter) -> SavedFilter:
    """Keep a list. Raises Forbidden (sharing is not everybody's), Invalid (no name, or one's own already), Conflict."""
    member = _member(work)
    name = _name(new.name)
    if new.shared:
        _check_share(work)
    made = SavedFilter(new_id(), name, new.shared, True, False, 1, new.wanted, new.columns)
    kept, taken = await _keep(work.uow, site.id, member, made)
    if taken:
        raise _taken()
    if not kept:
        raise Conflict("You keep {most} filters here. Delete one that you do not need.", params={"most": MOST})
    _audit(work, site, "kept", made)
    return made


async def change(work: Work, site: Site, filter_id: UUID, new: NewFilter, expected: int) -> SavedFilter:
    """Change a list that is kept. Raises NotFound, Forbidden, Invalid or PreconditionFailed."""
    name = _name(new.name)
    before = await _lock(work, site, filter_id, touches_site=new.shared)
    if before.version != expected:
        raise PreconditionFailed
    text = _stored(new.wanted, new.columns)
    if not await work.uow.execute(_CHANGE, work.ctx.company_id, site.id, filter_id, name, new.shared, text):
        raise _taken()
    after = msgspec.structs.replace(
        before, name=name, shared=new.shared, version=expected + 1, wanted=new.wanted, columns=new.columns
    )
    _audit(work, site, "changed", after)
    return after


async def drop(work: Work, site: Site, filter_id: UUID) -> None:
    """Keep a list no longer. Raises NotFound or Forbidden."""
    before = await _lock(work, site, filter_id)
    await work.uow.execute(_DROP, work.ctx.company_id, site.id, filter_id)
    _audit(work, site, "dropped", before)


async def prefer(work: Work, site: Site, filter_id: UUID | None) -> None:
    """Have the reader's list of the site open with that one; None: as it does for everybody. Raises NotFound."""
    key = (work.ctx.company_id, site.id, _member(work))
    if filter_id is None:
        await work.uow.execute(_PREFER_NONE, *key)
    elif not await work.uow.execute(_PREFER, *key, filter_id):
        raise NotFound
    work.audit("ticket_filter.preferred", "ticket_filter", filter_id or "", site_id=site.id)


async def _keep(uow: UnitOfWork, site_id: UUID, member: UUID, made: SavedFilter) -> tuple[bool, bool]:
    """Whether it is kept, and whether one of that name was there before."""
    text = _stored(made.wanted, made.columns)
    arguments = (uow.company_id, site_id, member, made.id, made.name, made.shared, text, MOST)
    found = await uow.fetch_one(lambda kept, taken: (kept, taken), _KEEP, *arguments)
    assert found is not None
    return found


async def _lock(work: Work, site: Site, filter_id: UUID, *, touches_site: bool = False) -> SavedFilter:
    key = (work.ctx.company_id, site.id, work.ctx.actor.id)
    found = await work.uow.fetch_one(_read, _LOCK, *key, filter_id)
    if found is None:
        raise NotFound
    if found.shared or touches_site:
        _check_share(work)
    return found


def _read(
    id: UUID, name: str, shared: bool, mine: bool | None, preferred: bool, version: int, text: str
) -> SavedFilter:
    kept = _decode(text)
    return SavedFilter(id, name, shared, bool(mine), preferred, version, kept.wanted, kept.columns)


def _stored(wanted: Wanted, columns: tuple[Column, ...]) -> str:
    return _encode(_List(wanted, tuple(dict.fromkeys(columns)))).decode()


def _member(work: Work) -> UUID:
    if work.ctx.actor.kind != "person" or work.ctx.actor.id is None:
        raise Conflict("Filters are kept by people. Sign in as one.")
    return work.ctx.actor.id


def _check_share(work: Work) -> None:
    if SHARE not in work.ctx.permissions:
        raise Forbidden("Filters for the whole site are kept by those who lead it. Keep it for yourself.")


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or "\0" in name:
        raise Invalid.field("name", "Give the filter a name.")
    return name


def _taken() -> Invalid:
    return Invalid.field("name", "There is a filter of that name. Choose another.")


def _audit(work: Work, site: Site, what: str, kept: SavedFilter) -> None:
    work.audit(
        f"ticket_filter.{what}", "ticket_filter", kept.id, {"name": kept.name, "shared": kept.shared}, site_id=site.id
    )
