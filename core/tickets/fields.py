"""The fields that a type of ticket asks for: read against its struct, so that every wrong one is named at once."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from core.errors import FieldError, Invalid
from core.hooks.types import TicketType
from core.policies.checks import check
from core.policies.schema import Fields, Scalar, schema
from core.tickets.model import FieldValue


def shape(kind: TicketType | None) -> dict[str, Scalar]:
    """The type's fields by name, in their order."""
    if kind is None or kind.fields is None:
        return {}
    return {name: node for name, node in schema(kind.fields).fields.items() if isinstance(node, Scalar)}


def read(kind: TicketType, given: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """What is stored of the fields that were given. Raises Invalid naming `fields.<name>`."""
    if kind.fields is None:
        if given:
            raise Invalid(fields=[FieldError("fields", "This kind of ticket has no further fields.")])
        return {}
    node: Fields = schema(kind.fields)
    tree = {**node.defaults, **given}
    wrong = [fault.error for fault in check(node, tree)]
    if wrong:
        raise Invalid(fields=[FieldError(f"fields.{each.field}", each.message, each.params) for each in wrong])
    kept: dict[str, FieldValue] = msgspec.to_builtins(msgspec.convert(tree, kind.fields))
    return kept
