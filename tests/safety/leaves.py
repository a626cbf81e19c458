"""The values in a body of JSON, wherever they lie in it, and the same body with others in their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Way = tuple[str | int, ...]


def leaves(value: Any, way: Way = ()) -> Iterator[tuple[Way, Any]]:
    """Each value that is neither an object nor a list, with its place."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from leaves(inner, (*way, name))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from leaves(inner, (*way, n))
    else:
        yield way, value


def with_values(value: Any, others: Mapping[Way, Any], way: Way = ()) -> Any:
    """The body with these values at their places."""
    if isinstance(value, Mapping):
        return {name: with_values(inner, others, (*way, name)) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_values(inner, others, (*way, n)) for n, inner in enumerate(value)]
    return others.get(way, value)
