"""The estate: who lives where, found by phone, name or unit; household rolls taken in and out again."""

from __future__ import annotations

from core.estate.households import Households
from core.estate.imports import RollImports


class Estate(RollImports, Households):
    """The estate service; one for the process, it keeps no state but the keys. `secret` seals ID numbers."""
