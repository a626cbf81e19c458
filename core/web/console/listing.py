"""A list of tickets as an address: what narrows it, its order and columns, read from a query and written as one.

Names are those of the JSON API, but for `q`; `assignee_id` may be `me` or `none`, and tabs stand for two of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

import msgspec

from core.errors import Malformed
from core.tickets.filters import COLUMNS, USUAL, Column
from core.tickets.queue import Wanted

SOON = 15  # minutes
TABS: Final = ("all", "due", "mine")
_PLAIN: Final = tuple(
    name for name in Wanted.__struct_fields__ if name not in {"text", "mine", "unassigned", "assignee_id"}
)


def wanted(query: Mapping[str, str]) -> Wanted:
    """What a query asks for. Raises Malformed."""
    asked: dict[str, object] = {name: query[name] for name in _PLAIN if query.get(name)}
    match query.get("assignee_id"):
        case "me":
            asked["mine"] = True
        case "none":
            asked["unassigned"] = True
        case str(member) if member:
            asked["assignee_id"] = member
    if query.get("tab") == "mine":
        asked["mine"] = True
    elif query.get("tab") == "due":
        asked["due_within"] = SOON
    if text := query.get("q", "").strip():
        asked["text"] = text
    try:
        return msgspec.convert(asked, Wanted, strict=False)
    except msgspec.ValidationError as error:
        raise Malformed from error


def columns(query: Mapping[str, str]) -> tuple[Column, ...]:
    """The columns of a list: `cols`, unknown ones left out; where none is left, the usual ones."""
    named = query.get("cols", "").split(",")
    return tuple(column for column in COLUMNS if column in named) or USUAL


def address(wanted: Wanted, columns: tuple[Column, ...] = USUAL, **more: str) -> str:
    """The query that asks for it."""
    asked = {name: str(value) for name, value in msgspec.to_builtins(wanted).items() if name in _PLAIN}
    if wanted.mine:
        asked["assignee_id"] = "me"
    elif wanted.unassigned:
        asked["assignee_id"] = "none"
    elif wanted.assignee_id:
        asked["assignee_id"] = str(wanted.assignee_id)
    if wanted.text:
        asked["q"] = wanted.text
    if columns != USUAL:
        asked["cols"] = ",".join(columns)
    return urlencode({**asked, **{name: value for name, value in more.items() if value}})
