"""Who it is that a provider vouches for: the member it was linked with, or, the first time, the one with that address.

Only an address counts that the provider has verified and the member has confirmed here, of a member of this company.
Nobody is made a member, and nobody is signed in at another company.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import msgspec

from core.errors import NotFound, Unauthenticated
from core.estate.sealing import CannotUnseal
from core.i18n import msgid
from core.identity.model import Identity
from core.notify.service import Notices
from core.work import Work

UNVERIFIED: Final = msgid(
    "{provider} does not say which address of yours it has verified, so nobody here can tell who you are. "
    "Have your e-mail address verified there, or ask your administrator."
)
UNKNOWN: Final = msgid(
    "Nobody who works here has confirmed the address that {provider} knows you by. Confirm it under Notifications, "
    "or ask your administrator."
)
OTHERS: Final = msgid(
    "Your account here is linked with another account at {provider}. Sign in with that one, or ask your administrator "
    "to undo the link."
)

_LINKED = """
SELECT m.id, m.name, m.active FROM identity_link l
JOIN membership m ON m.company_id = l.company_id AND m.id = l.member_id
WHERE l.company_id = $1 AND l.issuer = $2 AND l.subject = $3
"""
_ADDRESSES = """
SELECT m.id, m.name, p.contacts_sealed FROM notify_preference p
JOIN membership m ON m.company_id = p.company_id AND m.id = p.member_id AND m.active
WHERE p.company_id = $1 AND p.contacts_sealed IS NOT NULL
"""
# A link with an issuer that is asked no more stands in nobody's way.
_LINK = """
INSERT INTO identity_link AS l (company_id, member_id, issuer, subject, linked_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (company_id, member_id) DO UPDATE SET issuer = excluded.issuer, subject = excluded.subject,
    linked_at = excluded.linked_at
WHERE l.issuer <> excluded.issuer OR l.subject = excluded.subject
"""
_UNLINK = "DELETE FROM identity_link WHERE company_id = $1 AND member_id = $2"


class Known(msgspec.Struct, frozen=True):
    """An active member."""

    id: UUID
    name: str


class _Linked(msgspec.Struct):
    id: UUID
    name: str
    active: bool


class _Reached(msgspec.Struct):
    id: UUID
    name: str
    contacts_sealed: bytes


class Links:
    """One for the process. Callers commit."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    async def member(self, work: Work, identity: Identity) -> Known | None:
        """Who is linked with it; None for nobody. Raises Unauthenticated for who works here no more."""
        found = await work.uow.fetch_one(_Linked, _LINKED, work.ctx.company_id, identity.issuer, identity.subject)
        if found is not None and not found.active:
            raise Unauthenticated("Your account here is switched off. Ask your administrator.")
        return Known(found.id, found.name) if found else None

    async def by_address(self, work: Work, address: str, provider: str) -> Known:
        """The one active member who has confirmed that address. Raises Unauthenticated."""
        everybody = await work.uow.fetch(_Reached, _ADDRESSES, work.ctx.company_id)
        fitting = [each for each in everybody if self._has(work, each, address.casefold())]
        if len(fitting) != 1:
            raise Unauthenticated(UNKNOWN, params={"provider": provider})
        return Known(fitting[0].id, fitting[0].name)

    async def link(self, work: Work, member_id: UUID, identity: Identity, provider: str) -> None:
        """From now on this identity is that member. Raises Unauthenticated where they are linked with another."""
        values = (identity.issuer, identity.subject, work.now)
        if not await work.uow.execute(_LINK, work.ctx.company_id, member_id, *values):
            raise Unauthenticated(OTHERS, params={"provider": provider})
        work.audit("identity.linked", "membership", member_id)

    async def unlink(self, work: Work, member_id: UUID) -> None:
        """Forget as whom the provider knows a member: the next time the address counts again. Raises NotFound."""
        if not await work.uow.execute(_UNLINK, work.ctx.company_id, member_id):
            raise NotFound
        work.audit("identity.unlinked", "membership", member_id)

    def _has(self, work: Work, reached: _Reached, address: str) -> bool:
        try:
            contacts = self._notices.contacts(work.ctx.company_id, reached.id, reached.contacts_sealed)
        except CannotUnseal:
            return False
        return contacts.email_confirmed and contacts.email.casefold() == address


def verified_address(claims: dict[str, Any], claim: str) -> str:
    """The address that the provider says it has verified; '' for none."""
    address = claims.get(claim)
    return address.strip() if isinstance(address, str) and claims.get("email_verified") is True else ""
