"""The policy tables of a pack as overrides: TOML has no null and people write shifts as text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import Any

from core.errors import Invalid
from core.policies.inputs import parse
from core.policies.layers import Overrides, validate
from core.policies.schema import Entries, Fields, Items, Json, Node
from core.policies.spec import PolicyRegistry, PolicySpec, T
from core.tenancy.packs.model import PolicyTables


def policy_names(tables: PolicyTables) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each policy a layer of the pack overrides, by name (`core.calendar`), with its table."""
    for owner, nouns in tables.items():
        for noun, table in nouns.items():
            yield f"{owner}.{noun}", table


def overrides_of(registry: PolicyRegistry, name: str, table: dict[str, Any]) -> Overrides:
    """The overrides that a table means. Raises NotFound for an unknown policy.

    An empty table is null: no goal, or an inherited entry taken out. Text where the policy has shifts is read as
    `08:30-12:00, 13:30-17:30`. What does not fit is handed on, for the policy's validation to name.
    """
    shape = registry.get(name).shape
    return {key: _value(shape.fields.get(key), value) for key, value in table.items()}


def value_of(registry: PolicyRegistry, spec: PolicySpec[T], *layers: PolicyTables) -> T:
    """The policy as the layers of a pack, lowest first, make it; a layer that does not fit counts for nothing."""
    value = spec.default
    for tables in layers:
        for name, table in policy_names(tables):
            if name == spec.name:
                with suppress(Invalid):
                    value = validate(spec, overrides_of(registry, name, table), value)
    return value


def _value(node: Node | None, value: Any) -> Json:
    if value == {}:
        return None
    if isinstance(value, dict):
        return {key: _value(_below(node, key), item) for key, item in value.items()}
    if isinstance(value, list):
        return [_value(node.item if isinstance(node, Items) else None, item) for item in value]
    if isinstance(value, str) and isinstance(node, Items) and node.is_shifts:
        shifts = parse(node, "", {"": [value]})
        return shifts if isinstance(shifts, list) else value
    if isinstance(value, date):
        return value.isoformat()
    return value  # type: ignore[no-any-return]


def _below(node: Node | None, key: str) -> Node | None:
    if isinstance(node, Fields):
        return node.fields.get(key)
    return node.item if isinstance(node, Entries) else None
