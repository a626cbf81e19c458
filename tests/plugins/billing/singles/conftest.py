"""The house that bills."""

from __future__ import annotations

from tests.plugins.billing.runs.conftest import Desk, desk, finance, manager

__all__ = ["Desk", "desk", "finance", "manager"]
