"""The house that bills, with costs that its households share."""

from __future__ import annotations

from tests.plugins.billing.meters.conftest import Desk, Meters, desk, finance, manager, meters

__all__ = ["Desk", "Meters", "desk", "finance", "manager", "meters"]
