"""By what a member may come in: the password, the company's identity provider, or either."""

from __future__ import annotations

from typing import Final, Literal
from uuid import UUID

import msgspec

from core.db.uow import UnitOfWork
from core.i18n import msgid

By = Literal["password", "provider", "provider_factor"]
"""What somebody came by; `provider_factor`: the provider has asked for a second factor too."""
ONLY_PROVIDER: Final = msgid("Your company lets you in by its own sign-in only. Begin at your company's sign-in page.")


class Ways(msgspec.Struct, frozen=True):
    """`provider`: the company's identity provider is in use."""

    provider: bool
    password: bool


# Where passwords are switched off they stay good for the member who is named for emergencies, and, once that one is no
# administrator of the whole company any more, for all administrators: nobody shuts a company out of itself.
_WAYS: Final = """
SELECT p.active, NOT p.only_way OR m.id = p.emergency_id OR ('admin' = ANY (m.roles) AND NOT EXISTS (
    SELECT FROM membership e WHERE e.company_id = $1 AND e.id = p.emergency_id
        AND e.active AND e.all_sites AND 'admin' = ANY (e.roles)))
FROM identity_provider p JOIN membership m ON m.company_id = p.company_id AND m.id = $2 WHERE p.company_id = $1
"""


async def ways_in(uow: UnitOfWork, company_id: UUID, member_id: UUID) -> Ways:
    """For a member of the company that `uow` is of."""
    return await uow.fetch_one(Ways, _WAYS, company_id, member_id) or Ways(provider=False, password=True)
