"""Roles that a company makes for itself: sets of permissions, never more than who makes them has (AZ-4)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

import msgspec

from core.auth.permissions import ROLES, PermissionRegistry
from core.db.ids import new_id
from core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, PreconditionFailed
from core.policies.administration import enters_all
from core.tenancy.directory import Company
from core.work import Work

TITLE = 40  # characters
_KEY = re.compile(r"[a-z][a-z0-9_]{1,29}")


class Role(msgspec.Struct, frozen=True):
    """A role and how many hold it. A built-in one is the same in every company and has version 0.

    `permissions` are ids; those in `gone` belong to modules that no longer run here, and grant nothing.
    """

    key: str
    title: str
    permissions: list[str]
    version: int = 0
    holders: int = 0
    gone: list[str] = []

    @property
    def built_in(self) -> bool:
        return self.version == 0


class Holder(msgspec.Struct, frozen=True):
    """A member who holds a role; a disabled one keeps it for when they come back."""

    id: UUID
    name: str
    staff_no: str
    active: bool


class RoleEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a role is called and what it may do; the permissions that are added must be among one's own."""

    title: str
    permissions: Annotated[list[str], msgspec.Meta(max_length=1000)]


class NewRole(RoleEntry, frozen=True, forbid_unknown_fields=True):
    """`key` is what the API and company packs call it; it stays."""

    key: str


class _Made(msgspec.Struct):
    id: UUID
    key: str
    title: str
    permissions: list[str]
    version: int


_ALL = "SELECT id, key, title, permissions, version FROM role WHERE company_id = $1 ORDER BY title, key"
# Roles held at every site of a member's, and those of their posts.
_HELD = "roles || ARRAY(SELECT jsonb_array_elements_text(jsonb_path_query_array(posts, '$.*.roles[*]')))"
_COUNTS = f"""
SELECT r, count(*) FROM membership m, LATERAL (SELECT DISTINCT unnest({_HELD}) AS r) held
WHERE m.company_id = $1 GROUP BY r
"""  # noqa: S608
_HOLDERS = f"""
SELECT id, name, staff_no, active FROM membership
WHERE company_id = $1 AND $2 = ANY ({_HELD}) AND (all_sites OR site_ids && $3) ORDER BY active DESC, staff_no
"""  # noqa: S608
_MAKE = f"""
INSERT INTO role (company_id, id, key, title, permissions)
SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT FROM membership WHERE company_id = $1 AND $3 = ANY ({_HELD}))
ON CONFLICT (company_id, key) DO NOTHING
"""  # noqa: S608
_REVISE = """
UPDATE role SET title = $4, permissions = $5, version = version + 1
WHERE company_id = $1 AND key = $2 AND version = $3
"""
_REMOVE = f"""
DELETE FROM role WHERE company_id = $1 AND key = $2
    AND NOT EXISTS (SELECT FROM membership WHERE company_id = $1 AND $2 = ANY ({_HELD}))
"""  # noqa: S608


class Roles:
    """The service of roles; one for the process."""

    def __init__(self, permissions: PermissionRegistry) -> None:
        self._permissions = permissions

    async def all(self, work: Work) -> list[Role]:
        """The built-in roles, then the company's own."""
        made = await work.uow.fetch(_Made, _ALL, work.ctx.company_id)
        counts = dict(await work.uow.fetch(_count, _COUNTS, work.ctx.company_id))
        built_in = [
            Role(key, title, sorted(self._permissions.of_roles([key])), holders=counts.get(key, 0))
            for key, title in ROLES.items()
        ]
        return built_in + [
            Role(role.key, role.title, role.permissions, role.version, counts.get(role.key, 0), self._gone(role))
            for role in made
        ]

    async def get(self, work: Work, key: str) -> Role:
        """Raises NotFound."""
        found = next((role for role in await self.all(work) if role.key == key), None)
        if found is None:
            raise NotFound
        return found

    async def holders(self, work: Work, key: str) -> list[Holder]:
        """Who has the role at sites that the actor may enter."""
        return await work.uow.fetch(Holder, _HOLDERS, work.ctx.company_id, key, list(work.ctx.site_ids))

    async def make(self, work: Work, company: Company, new: NewRole) -> Role:
        """A role of the company's own. Raises Invalid naming what is wrong, Conflict where the key is taken."""
        _may_change(work, company)
        self._check(work, new, frozenset())
        if new.key in ROLES or not await work.uow.execute(
            _MAKE, work.ctx.company_id, new_id(), new.key, new.title.strip(), sorted(set(new.permissions))
        ):
            raise Invalid.field("key", "There is a role of that name, or somebody still holds one. Choose another.")
        work.audit("role.made", "role", new.key, {"permissions": sorted(set(new.permissions))})
        work.announce("access", None)
        return Role(new.key, new.title.strip(), sorted(set(new.permissions)), 1)

    async def revise(self, work: Work, company: Company, key: str, entry: RoleEntry, expected: int) -> Role:
        """Change it for everybody who holds it, from the commit on. Raises NotFound, Conflict for a built-in one,
        Invalid and PreconditionFailed."""
        _may_change(work, company)
        before = await self._own(work, key)
        self._check(work, entry, frozenset(before.permissions))
        now = sorted(set(entry.permissions))
        if not await work.uow.execute(_REVISE, work.ctx.company_id, key, expected, entry.title.strip(), now):
            raise PreconditionFailed
        given, taken = sorted({*now}.difference(before.permissions)), sorted({*before.permissions}.difference(now))
        work.audit("role.revised", "role", key, {"given": given, "taken": taken})
        work.announce("access", None)
        return msgspec.structs.replace(before, title=entry.title.strip(), permissions=now, version=expected + 1)

    async def remove(self, work: Work, company: Company, key: str) -> None:
        """Raises NotFound, and Conflict for a built-in one and as long as somebody holds it."""
        _may_change(work, company)
        await self._own(work, key)
        if not await work.uow.execute(_REMOVE, work.ctx.company_id, key):
            raise Conflict("Somebody still holds the role. Take it from them first.")
        work.audit("role.removed", "role", key)
        work.announce("access", None)

    async def _own(self, work: Work, key: str) -> Role:
        role = await self.get(work, key)
        if role.built_in:
            raise Conflict("A built-in role is the same in every company. Copy it and change the copy.")
        return role

    def _check(self, work: Work, entry: RoleEntry, before: frozenset[str]) -> None:
        wrong = []
        if not 1 <= len(entry.title.strip()) <= TITLE:
            wrong.append(FieldError("title", "Give the role a name of up to {maximum} characters.", {"maximum": TITLE}))
        if isinstance(entry, NewRole) and not _KEY.fullmatch(entry.key):
            wrong.append(FieldError("key", "2 to 30 small letters, digits and underscores, beginning with a letter."))
        if not entry.permissions:
            wrong.append(FieldError("permissions", "Choose at least one permission."))
        wrong += lacking(work, {*entry.permissions} - before)
        if wrong:
            raise Invalid(fields=wrong)

    def _gone(self, role: _Made) -> list[str]:
        return [permission for permission in role.permissions if permission not in self._permissions]


def lacking(work: Work, permissions: Iterable[str], field: str = "permissions") -> list[FieldError]:
    """What is wrong with granting these: nobody grants what they lack (AZ-4)."""
    extra = sorted({*permissions} - work.ctx.permissions)
    if not extra:
        return []
    return [FieldError(field, "You cannot grant what you lack: {extra}.", {"extra": ", ".join(extra)})]


def _may_change(work: Work, company: Company) -> None:
    if not enters_all(work, company):
        raise Forbidden("Only those who work at every site may change what counts for the whole company.")


def _count(key: str, holders: int) -> tuple[str, int]:
    return key, holders
