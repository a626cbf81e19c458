"""Every statement about members. Each names the company itself, besides row level security."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from core.auth.posts import Post, read_posts, write_posts
from core.db.uow import UnitOfWork
from core.people.model import PAGE, Member, OpenMatters, Place, Wanted

# Whoever may enter some sites only has no say over people who reach further ($2: every site; $3: which).
# Whose data was erased is nobody any more.
_WITHIN = "($2 OR (NOT m.all_sites AND m.site_ids && $3 AND m.site_ids <@ $3)) AND m.erased_at IS NULL"
_COLUMNS = """
    m.id, m.name, m.staff_no, m.department, m.roles, m.all_sites, m.site_ids, m.active, m.version,
    (SELECT max(s.created_at) FROM session s WHERE s.company_id = $1 AND s.membership_id = m.id),
    ARRAY(SELECT t.name FROM team_member k JOIN team t ON t.company_id = k.company_id AND t.id = k.team_id
          WHERE k.company_id = $1 AND k.membership_id = m.id AND t.active AND t.site_id = ANY ($3) ORDER BY t.name),
    m.posts
"""
_LIST = f"""
SELECT {_COLUMNS} FROM membership m
WHERE m.company_id = $1 AND {_WITHIN} AND ($4::boolean IS NULL OR m.active = $4)
    AND ($5::text IS NULL OR $5 = ANY (m.roles)
         OR jsonb_path_exists(m.posts, '$.*.roles[*] ? (@ == $r)', jsonb_build_object('r', $5)))
    AND ($6::text IS NULL OR m.staff_no > $6)
    AND strpos(lower(m.name || ' ' || m.staff_no || ' ' || m.department), lower($7)) > 0
ORDER BY m.staff_no LIMIT $8
"""  # noqa: S608
_ONE = f"SELECT {_COLUMNS} FROM membership m WHERE m.company_id = $1 AND {_WITHIN} AND m.id = $4"  # noqa: S608
_ACCOUNT = "SELECT login, elsewhere FROM account_of_member($1)"
_OPEN = """
SELECT t.site_id, count(*) FILTER (WHERE t.owner_id = $2), count(*) FILTER (WHERE t.assignee_id = $2)
FROM ticket t WHERE t.company_id = $1 AND t.status <> 'closed' AND (t.owner_id = $2 OR t.assignee_id = $2)
    AND t.site_id = ANY ($3)
GROUP BY t.site_id ORDER BY t.site_id
"""
_ADMINS = """
SELECT count(*) FILTER (WHERE m.all_sites AND NOT jsonb_path_exists(m.posts, '$.*.buildings[*]')), count(*)
FROM membership m WHERE m.company_id = $1 AND m.active AND m.id <> $2 AND 'admin' = ANY (m.roles)
"""
_TAKEN = "SELECT EXISTS (SELECT FROM membership WHERE company_id = $1 AND staff_no = $2 AND id IS DISTINCT FROM $3)"
_NO_BUILDINGS = """
SELECT b FROM jsonb_each($2::jsonb) p (site_id, post), jsonb_array_elements_text(post -> 'buildings') b
WHERE NOT EXISTS (SELECT FROM unit u WHERE u.company_id = $1 AND u.site_id = p.site_id::uuid AND u.building = b)
ORDER BY b
"""
_CHANGE = """
UPDATE membership SET name = $4, staff_no = $5, department = $6, roles = $7, all_sites = $8, site_ids = $9,
    posts = $10::jsonb, version = version + 1
WHERE company_id = $1 AND id = $2 AND version = $3
"""
_SWITCH = "UPDATE membership SET active = $4, version = version + 1 WHERE company_id = $1 AND id = $2 AND version = $3"
_END_ACCESS = """
WITH tokens AS (
    UPDATE api_token SET revoked_at = $3
    WHERE company_id = $1 AND created_by = $2 AND revoked_at IS NULL AND service_account_id IS NULL
), invitations AS (
    UPDATE invitation SET revoked_at = $3, version = version + 1
    WHERE company_id = $1 AND invited_by = $2 AND joined_at IS NULL AND revoked_at IS NULL
)
UPDATE session SET revoked_at = $3 WHERE company_id = $1 AND membership_id = $2 AND revoked_at IS NULL
"""


class Reach(msgspec.Struct, frozen=True):
    """Whom the actor has a say over: everybody, or those who work at no other sites than these."""

    everywhere: bool
    site_ids: list[UUID]


class Account(msgspec.Struct, frozen=True):
    """How a member signs in, and whether they work for another company too."""

    login: str
    elsewhere: bool


def _member(*row: Any) -> Member:
    return Member(*row[:-1], read_posts(row[-1]))  # type: ignore[call-arg]


async def members(uow: UnitOfWork, reach: Reach, wanted: Wanted) -> list[Member]:
    """A page, and one more where there is more."""
    active = None if wanted.state is None else wanted.state == "active"
    return await uow.fetch(
        _member,
        _LIST,
        uow.company_id,
        reach.everywhere,
        reach.site_ids,
        active,
        wanted.role,
        wanted.after,
        wanted.text.strip(),
        PAGE + 1,
    )


async def member(uow: UnitOfWork, reach: Reach, member_id: UUID) -> Member | None:
    return await uow.fetch_one(_member, _ONE, uow.company_id, reach.everywhere, reach.site_ids, member_id)


async def account(uow: UnitOfWork, member_id: UUID) -> Account | None:
    return await uow.fetch_one(Account, _ACCOUNT, member_id)


async def open_matters(uow: UnitOfWork, member_id: UUID, sites: Sequence[UUID]) -> list[OpenMatters]:
    return await uow.fetch(OpenMatters, _OPEN, uow.company_id, member_id, list(sites))


async def other_admins(uow: UnitOfWork, member_id: UUID) -> tuple[int, int]:
    """How many active administrators there are besides: of the whole company, and at all."""
    found = await uow.fetch_one(lambda *counts: counts, _ADMINS, uow.company_id, member_id)
    assert found is not None
    return found[0], found[1]


async def staff_no_taken(uow: UnitOfWork, staff_no: str, member_id: UUID | None) -> bool:
    """Whether somebody else has the number."""
    return bool(await uow.value(_TAKEN, uow.company_id, staff_no, member_id))


async def no_buildings(uow: UnitOfWork, posts: Sequence[Post]) -> list[str]:
    """Which of the posts' buildings their site's roll does not have."""
    if not any(post.buildings for post in posts):
        return []
    return await uow.fetch(str, _NO_BUILDINGS, uow.company_id, write_posts(posts))


async def change(uow: UnitOfWork, member_id: UUID, expected: int, place: Place) -> bool:
    """Whether it was that version still."""
    return bool(
        await uow.execute(
            _CHANGE,
            uow.company_id,
            member_id,
            expected,
            place.name,
            place.staff_no,
            place.department,
            place.roles,
            place.all_sites,
            place.site_ids,
            write_posts(place.posts),
        )
    )


async def switch(uow: UnitOfWork, member_id: UUID, expected: int, *, active: bool) -> bool:
    """Whether it was that version still."""
    return bool(await uow.execute(_SWITCH, uow.company_id, member_id, expected, active))


async def end_access(uow: UnitOfWork, member_id: UUID, now: datetime) -> int:
    """End the member's sessions, own API tokens and open invitations; how many sessions."""
    return await uow.execute(_END_ACCESS, uow.company_id, member_id, now)
