"""Whether the process lives and whether it can serve; what a probe and an operator ask."""

from __future__ import annotations

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency

from core.platform import Platform


class Health(msgspec.Struct, frozen=True):
    """`quarantined` are plugins that were refused at start, with the check they failed."""

    status: str
    database: bool
    live: bool
    quarantined: dict[str, str]


@get("/health/live", public=True, uncounted=True)
async def alive() -> str:
    """The process answers."""
    return "ok"


@get("/health/ready", public=True, uncounted=True)
async def ready(platform: NamedDependency[Platform]) -> Response[Health]:
    """The database answers; 503 while it does not. A quarantined plugin is an alarm, not an outage."""
    database = await platform.database_answers()
    quarantined = {plugin: reason.check for plugin, reason in platform.host.quarantine.items()}
    status = "down" if not database else "degraded" if quarantined else "ok"
    body = Health(status, database, platform.live.connected.is_set(), quarantined)
    return Response(body, status_code=200 if database else 503)


HANDLERS = [alive, ready]
