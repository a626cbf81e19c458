"""What modules do for one another: services known here by name and type, offered by whichever plugin has them.

A module asks `platform.services.find(ARREARS, work.ctx, site.id)` and does without where nobody offers it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar, cast
from uuid import UUID

import msgspec

from core.tenancy.context import TenantContext
from core.tenancy.directory import Site

if TYPE_CHECKING:
    from core.work import Work

T = TypeVar("T")


class ServiceKey(Generic[T]):
    """The name of a service, `<plugin id>.noun`, with its type."""

    def __init__(self, name: str) -> None:
        self.name: Final = name


class Service(Generic[T]):
    """What a plugin offers under a name. `offered` serves all companies, in any of their transactions."""

    def __init__(self, key: ServiceKey[T], offered: T) -> None:
        self.key: Final = key
        self.offered: Final = offered


class UnitArrears(msgspec.Struct, frozen=True):
    """What a unit owes, in fen: all that is open, what of it is overdue, and the day on which the oldest was due."""

    open_fen: int
    overdue_fen: int
    oldest_on: date


class Arrears(Protocol):
    """What units owe."""

    async def of_units(self, work: Work, site: Site, unit_ids: Collection[UUID]) -> Mapping[UUID, UnitArrears]:
        """By unit, those of the site that owe something; one statement. Raises NotFound for a site of elsewhere."""
        ...


ARREARS: Final = ServiceKey[Arrears]("billing.arrears")


class Services:
    """What the running plugins offer. `is_on(ctx, plugin_id, site_id)` says whether a plugin is on there."""

    def __init__(
        self,
        offered: Iterable[tuple[str, Service[Any]]],
        is_on: Callable[[TenantContext, str, UUID | None], bool],
    ) -> None:
        self._offered = {service.key.name: (plugin, service.offered) for plugin, service in offered}
        self._is_on = is_on

    def find(self, key: ServiceKey[T], ctx: TenantContext, site_id: UUID) -> T | None:
        """The service; None where no plugin offers it, or the one that does is off at the site."""
        plugin, offered = self._offered.get(key.name, ("", None))
        return cast(T, offered) if offered is not None and self._is_on(ctx, plugin, site_id) else None
