"""When and from where tokens were last used: a day and a part of the network, written after the answer has gone out."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg
import structlog

from core.auth.principals import Principal
from core.db.engine import Database

log = structlog.get_logger(__name__)
_PACE = timedelta(minutes=1)
_MOST = 10_000  # tokens that a process remembers the writing of
_WRITE = """
UPDATE api_token SET last_used_on = $3, last_used_from = $4
WHERE company_id = $1 AND id = $2 AND (last_used_on, last_used_from) IS DISTINCT FROM ($3, $4)
"""


class TokenUse:
    """Writes at most once a minute for a token in one process."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db, self._clock = db, clock
        self._written: dict[UUID, datetime] = {}

    async def note(self, principal: Principal, address: str) -> None:
        """The principal's token was used from that address, unless it is noted already or the database is away."""
        now, token_id = self._clock(), principal.token_id
        if token_id is None or (token_id in self._written and now - self._written[token_id] < _PACE):
            return
        if len(self._written) >= _MOST:
            self._written.clear()
        self._written[token_id] = now
        try:
            async with self._db.begin(principal.company.id) as uow:
                day = _day(principal, now)
                await uow.execute(_WRITE, principal.company.id, token_id, day, network_of(address))
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            log.warning("the use of a token was not noted", error=repr(error))


def network_of(address: str) -> str:
    """The part of the network that an address belongs to: /24, of IPv6 /48; '' for what is no address."""
    try:
        wide = 24 if ipaddress.ip_address(address).version == 4 else 48
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{address}/{wide}", strict=False))


def _day(principal: Principal, now: datetime) -> date:
    """Today where the token works."""
    return principal.sites[0].today(now) if principal.sites else now.date()
