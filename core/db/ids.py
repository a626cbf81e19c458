"""Identifiers: UUIDv7, so that new rows land at the end of every index."""

from __future__ import annotations

from uuid import UUID, uuid5

from uuid_utils.compat import uuid7

_COMPANIES = UUID("6f1c8f52-54a0-4a1c-9a55-0f7c0b6c3f1e")


def new_id() -> UUID:
    """A time-ordered UUID (RFC 9562 version 7)."""
    return uuid7()


def company_id_of(slug: str) -> UUID:
    """A company's id follows from its slug: one slug can name one company only, without a global unique index."""
    return uuid5(_COMPANIES, slug)
