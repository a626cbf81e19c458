"""The fields that a type of ticket asks for: read against its struct, so that every wrong one is named at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from core.errors import Conflict, FieldError, Invalid
from core.hooks.types import TicketType
from core.policies.checks import check
from core.policies.schema import Fields, Json, Scalar, schema
from core.tickets.action import Action, Situation
from core.tickets.model import OPEN, FieldValue, Step

if TYPE_CHECKING:
    from core.tickets.changes import Change

AMEND = "amend"  # the action that changes them
NO_FIELDS = "This kind of ticket has no further fields."


def shape(kind: TicketType | None) -> dict[str, Scalar]:
    """The type's fields by name, in their order."""
    if kind is None or kind.fields is None:
        return {}
    return {name: node for name, node in schema(kind.fields).fields.items() if isinstance(node, Scalar)}


def defaults(kind: TicketType) -> dict[str, Json]:
    """What the fields hold that need not be filled in."""
    return {} if kind.fields is None else schema(kind.fields).defaults


def read(kind: TicketType, given: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """What is stored of the fields that were given. Raises Invalid naming `fields.<name>`."""
    if kind.fields is None:
        if given:
            raise Invalid(fields=[FieldError("fields", NO_FIELDS)])
        return {}
    node: Fields = schema(kind.fields)
    tree = {**node.defaults, **given}
    wrong = [fault.error for fault in check(node, tree)]
    if wrong:
        raise Invalid(fields=[FieldError(f"fields.{each.field}", each.message, each.params) for each in wrong])
    kept: dict[str, FieldValue] = msgspec.to_builtins(msgspec.convert(tree, kind.fields))
    return kept


def amending(kind: TicketType) -> Action:
    """The action that changes the fields of an open ticket of the type."""

    def refuse(situation: Situation) -> str | None:
        return NO_FIELDS if kind.fields is None else None

    async def amend(change: Change, step: Step) -> Mapping[str, str]:
        """Only the fields that are given change. Raises Invalid or Conflict."""
        before = change.before.fields
        known = {name: before[name] for name in shape(kind) if name in before}
        after = {**before, **read(kind, {**known, **step.fields})}
        changed = {name: (before.get(name), value) for name, value in after.items() if before.get(name) != value}
        if not changed:
            raise Conflict("Nothing is changed: it says so already.")
        change.set(fields=after)
        return {"changed": ", ".join(changed), "fields": msgspec.json.encode(changed).decode()}

    return Action(AMEND, "ticket.amend", frozenset(OPEN), past="amended", refuse=refuse, effect=amend)
