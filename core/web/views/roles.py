"""What the pages of roles show."""

from __future__ import annotations

import msgspec


class RoleRow(msgspec.Struct, frozen=True):
    """A role in the list. `title` is a message id for one that is `built_in`, else as the company wrote it."""

    key: str
    title: str
    built_in: bool
    permissions: int
    holders: int


class RightRow(msgspec.Struct, frozen=True):
    """A permission as a box to tick. `roles` names the built-in roles that have it, or says how many; `closed`:
    not one's own, so it cannot be given."""

    id: str
    label: str
    roles: str
    closed: bool


class RightGroup(msgspec.Struct, frozen=True):
    """The permissions of one area or module; `label` is a message id."""

    label: str
    rows: tuple[RightRow, ...]
