"""A thing found, where the API has such things, and the system acting for the house."""

from __future__ import annotations

from core.sdk import SYSTEM, TenantContext
from tests.support.lodge import House

UMBRELLA = {"description": "黑色雨伞", "place": "3号楼大堂"}


def items(house: House, site: int = 0) -> str:
    return f"/api/v1/sites/{house.sites[site].slug}/lostfound/items"


def acting(house: House) -> TenantContext:
    return TenantContext(house.company_id, frozenset(site.id for site in house.sites), SYSTEM)
