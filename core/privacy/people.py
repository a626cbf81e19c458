"""Whose data it is: a resident, a colleague, or whoever is known by a telephone number, as the rows know them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from core.db.rows import GONE
from core.db.uow import UnitOfWork
from core.errors import Invalid, NotFound

SubjectKind = Literal["resident", "phone", "member"]


class Subject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is meant: a party or a member by id, anybody else by telephone number."""

    kind: SubjectKind
    id: UUID | None = None
    phone: Annotated[str, msgspec.Meta(max_length=30)] = ""


class Who(msgspec.Struct, frozen=True):
    """What rows know somebody by.

    `parties` are those that are evidently the same person: of the same name with a number in common. `phones`, in
    digits, are theirs alone; what a household shares points to nobody. `names` are borne by nobody else of the company.
    """

    subject: Subject
    label: str
    parties: tuple[UUID, ...] = ()
    phones: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    member: UUID | None = None
    names: tuple[str, ...] = ()


class Hit(msgspec.Struct, frozen=True):
    """Somebody found: `about` is where they live or their staff number; `phone` the first of their numbers."""

    kind: SubjectKind
    id: UUID
    name: str
    about: str
    phone: str


_PARTY = "SELECT name FROM party WHERE company_id = $1 AND id = $2"
_SAME = """
SELECT $2::uuid UNION SELECT other.id FROM party p JOIN contact c ON c.company_id = $1 AND c.party_id = p.id
JOIN contact same ON same.company_id = $1 AND same.phone = c.phone
JOIN party other ON other.company_id = $1 AND other.id = same.party_id AND other.name = p.name
WHERE p.company_id = $1 AND p.id = $2
"""
_PHONES = """
SELECT phone FROM contact WHERE company_id = $1 AND phone IN
    (SELECT phone FROM contact WHERE company_id = $1 AND party_id = ANY ($2::uuid[]))
GROUP BY phone HAVING bool_and(party_id = ANY ($2::uuid[])) ORDER BY phone
"""
_MEMBER = "SELECT name FROM membership WHERE company_id = $1 AND id = $2"
_LOGIN = "SELECT login FROM account_of_member($1)"
_LEAVE = """
UPDATE membership SET name = $3, staff_no = $3, department = '', roles = '{}', erased_at = $4, version = version + 1
WHERE company_id = $1 AND id = $2 AND NOT active
"""
_FORGET_ACCOUNT = "SELECT forget_account($1, $2)"
_OF_RESIDENT = """
SELECT count(*) FROM contact WHERE company_id = $1 AND regexp_replace(phone, '[^0-9]', '', 'g') = $2
"""
_TAKEN = """
SELECT n FROM unnest($2::text[]) n WHERE EXISTS (SELECT FROM party
    WHERE company_id = $1 AND position(n IN name) > 0 AND NOT id = ANY ($3::uuid[]))
OR EXISTS (SELECT FROM membership WHERE company_id = $1 AND position(n IN name) > 0 AND id IS DISTINCT FROM $4::uuid)
"""
_SEARCH = r"""
(SELECT 'resident', p.id, p.name, coalesce((SELECT string_agg(DISTINCT s.name || ' ' || u.label, '、')
     FROM occupancy o JOIN unit u ON u.company_id = $1 AND u.id = o.unit_id
     JOIN site s ON s.company_id = $1 AND s.id = o.site_id WHERE o.company_id = $1 AND o.party_id = p.id), ''),
    coalesce((SELECT min(phone) FROM contact WHERE company_id = $1 AND party_id = p.id), '')
 FROM party p WHERE p.company_id = $1 AND (p.name = $2 OR p.id IN
    (SELECT party_id FROM contact WHERE company_id = $1 AND regexp_replace(phone, '[^0-9]', '', 'g') = $3))
 ORDER BY p.id LIMIT 20)
UNION ALL
(SELECT 'member', id, name, staff_no, '' FROM membership
 WHERE company_id = $1 AND (name = $2 OR staff_no = $2) AND erased_at IS NULL ORDER BY id LIMIT 20)
"""
_SHORTEST: Final = 3  # characters of a name, or digits of a number, that a text is searched for


def digits(phone: str) -> str:
    """A telephone number without what people write between its digits."""
    return re.sub(r"\D", "", phone)


async def search(uow: UnitOfWork, text: str) -> list[Hit]:
    """Residents and colleagues of exactly that name, telephone or staff number."""
    text = text.strip()
    return await uow.fetch(Hit, _SEARCH, uow.company_id, text, digits(text) or "-") if text else []


async def identify(uow: UnitOfWork, subject: Subject) -> Who:
    """Raises NotFound, and Invalid for a number that is none or is a resident's, who has an entry of their own."""
    if subject.kind == "member":
        name = await uow.value(_MEMBER, uow.company_id, subject.id)
        if name is None:
            raise NotFound
        return Who(subject, name, member=subject.id, names=await own(uow, (name,), (), subject.id))
    if subject.kind == "phone":
        number = digits(subject.phone)
        if len(number) < 7:
            raise Invalid.field("phone", "Write the whole telephone number.")
        if await uow.value(_OF_RESIDENT, uow.company_id, number):
            raise Invalid.field("phone", "This is a resident's number: look for the resident.")
        return Who(subject, subject.phone.strip(), phones=(number,), written=(subject.phone.strip(),))
    name = await uow.value(_PARTY, uow.company_id, subject.id)
    if name is None:
        raise NotFound
    parties = tuple(await uow.fetch(lambda id: id, _SAME, uow.company_id, subject.id))
    written = tuple(await uow.fetch(str, _PHONES, uow.company_id, parties))
    names = await own(uow, (name,), parties, None)
    return Who(subject, name, parties, tuple(map(digits, written)), written, names=names)


def mark(member: UUID) -> str:
    """What stands where an erased colleague's name stood: the same for all that they did, and telling nobody who."""
    return f"{GONE}{member.hex[-6:]}"


async def login(uow: UnitOfWork, member: UUID) -> str:
    """By what name the member signs in."""
    found: str = await uow.value(_LOGIN, member)
    return found


async def leave(uow: UnitOfWork, member: UUID, now: datetime) -> None:
    """Empty the membership of a colleague whose account is off, and their account unless another company has it."""
    await uow.execute(_LEAVE, uow.company_id, member, mark(member), now)
    await uow.execute(_FORGET_ACCOUNT, member, now)


async def own(
    uow: UnitOfWork, names: tuple[str, ...], parties: tuple[UUID, ...], member: UUID | None
) -> tuple[str, ...]:
    """Those of the names that are in nobody else's of the company, and long enough to be looked for in texts."""
    taken = await uow.fetch(str, _TAKEN, uow.company_id, names, parties, member)
    return tuple(name for name in dict.fromkeys(names) if name not in taken and len(name) >= _SHORTEST)
