"""Default <- company <- site, overridden leaf by leaf: resolving, validating, editing and comparing overrides.

Overrides are nested JSON objects that hold only the leaves a layer changes. Lists are leaves, maps merge per key and
a null under a map key takes an inherited entry out. Paths are dotted (`week.mon`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, Literal, TypeAlias
from uuid import UUID

import msgspec

from core.errors import Invalid
from core.policies.checks import Fault, check, unknown
from core.policies.schema import Entries, Fields, Json, Node, Path, Scalar, blank, dotted, leaves, to_json
from core.policies.spec import PolicySpec, T

Scope: TypeAlias = Literal["company", "site"]
Overrides: TypeAlias = dict[str, Json]


class Layer(msgspec.Struct, frozen=True):
    """What one revision at a scope overrides."""

    scope: Scope
    revision_id: UUID
    overrides: Overrides


class Source(msgspec.Struct, frozen=True):
    """Where a leaf's value comes from."""

    scope: Literal["default", "company", "site"]
    revision_id: UUID | None = None


DEFAULT = Source("default")


class Problem(msgspec.Struct, frozen=True):
    """A stored override that is ignored because it no longer fits the policy."""

    source: Source
    path: str
    message: str
    params: dict[str, Any] = {}


class Resolved(msgspec.Struct, Generic[T], frozen=True):
    """The value in force, the source of every leaf, and the stored overrides that had to be ignored."""

    value: T
    provenance: dict[str, Source]
    problems: tuple[Problem, ...] = ()


class Change(msgspec.Struct, frozen=True):
    """One leaf whose override differs; UNSET: not overridden."""

    path: str
    before: Json | msgspec.UnsetType
    after: Json | msgspec.UnsetType


class _Entry(msgspec.Struct, frozen=True):
    path: Path
    value: Json
    removes: bool = False
    known: bool = True


def resolve(spec: PolicySpec[T], layers: Sequence[Layer]) -> Resolved[T]:
    """The policy as the layers, lowest first, make it. Never fails: what does not fit is ignored and reported."""
    node = spec.shape
    tree = to_json(spec.default)
    provenance = {dotted(path): DEFAULT for path, _, _ in leaves(node, tree)}
    problems: list[Problem] = []
    for layer in layers:
        source = Source(layer.scope, layer.revision_id)
        tree, applied, faults = _fitted(node, tree, _entries(node, layer.overrides))
        changed = {entry.path for entry in applied}
        problems += [Problem(source, dotted(fault.path), fault.message, fault.params) for fault in faults]
        provenance = {
            dotted(path): source if path in changed else provenance.get(dotted(path), DEFAULT)
            for path, _, _ in leaves(node, tree)
        }
    return Resolved(msgspec.convert(tree, spec.struct), provenance, tuple(problems))


def validate(spec: PolicySpec[T], overrides: Overrides, inherited: T | None = None) -> T:
    """The value that `overrides` make of `inherited` (by default the policy's default).

    Raises Invalid with a FieldError for every wrong leaf, unknown ones included.
    """
    node = spec.shape
    entries = list(_entries(node, overrides))
    tree = _merged(node, to_json(spec.default if inherited is None else inherited), entries)
    faults = [unknown(entry.path) for entry in entries if not entry.known]
    faults += check(node, tree)
    if faults:
        raise Invalid(fields=[fault.error for fault in faults])
    return msgspec.convert(tree, spec.struct)


def set_leaf(overrides: Overrides, path: str, value: Json) -> Overrides:
    """A copy of the overrides with that leaf overridden."""
    return put(overrides, tuple(path.split(".")), value)


def reset_leaf(overrides: Overrides, path: str) -> Overrides:
    """A copy without that leaf, or without all leaves under that path: they are inherited again."""
    name, _, rest = path.partition(".")
    copy = dict(overrides)
    below = copy.pop(name, None)
    if rest and isinstance(below, dict):
        kept = reset_leaf(below, rest)
        if kept:
            return {**overrides, name: kept}
    elif rest and name in overrides:
        return dict(overrides)
    return copy


def diff(spec: PolicySpec[T], old: Overrides, new: Overrides) -> list[Change]:
    """The leaves whose overrides differ: what the old ones had in their order, then what is new."""
    node = spec.shape
    before, after = ({entry.path: entry.value for entry in _entries(node, side)} for side in (old, new))
    return [
        Change(dotted(path), before.get(path, msgspec.UNSET), after.get(path, msgspec.UNSET))
        for path in dict.fromkeys([*before, *after])
        if path not in before or path not in after or before[path] != after[path]
    ]


def fitting(spec: PolicySpec[T], overrides: Overrides, inherited: T) -> dict[Path, Json]:
    """The leaves that the overrides do change, by path; null for a removed map entry. What does not fit is left out."""
    _, applied, _ = _fitted(spec.shape, to_json(inherited), _entries(spec.shape, overrides))
    return {entry.path: entry.value for entry in applied}


def put(overrides: Overrides, path: Path, value: Json) -> Overrides:
    """A copy of the overrides with the leaf at that path (map keys as they are) overridden."""
    below = overrides.get(path[0])
    deeper = put(below if isinstance(below, dict) else {}, path[1:], value) if len(path) > 1 else value
    return {**overrides, path[0]: deeper}


def _entries(node: Node, value: Json, path: Path = ()) -> Iterator[_Entry]:
    """The leaves of an overrides object; what the policy does not know comes as it is, marked."""
    if isinstance(node, Fields | Entries) and isinstance(value, dict):
        for name, below in value.items():
            child = node.item if isinstance(node, Entries) else node.fields.get(name)
            if child is None:
                yield _Entry((*path, name), below, known=False)
            elif isinstance(node, Entries) and below is None and not (isinstance(child, Scalar) and child.nullable):
                yield _Entry((*path, name), None, removes=True)
            else:
                yield from _entries(child, below, (*path, name))
    else:
        yield _Entry(path, value)


def _merged(node: Node, tree: Json, entries: Iterable[_Entry]) -> Json:
    """A copy of the tree with the known entries applied. Wrong values go in as they are, for `check` to find."""
    for entry in entries:
        if entry.known:
            tree = _applied(node, tree, entry, entry.path)
    return tree


def _applied(node: Node, tree: Json, entry: _Entry, path: Path) -> Json:
    if not path or not isinstance(tree, dict) or not isinstance(node, Fields | Entries):
        return entry.value
    name, rest = path[0], path[1:]
    if entry.removes and not rest:
        return {key: value for key, value in tree.items() if key != name}
    child = node.item if isinstance(node, Entries) else node.fields[name]
    below = tree[name] if name in tree else blank(child)
    return {**tree, name: _applied(child, below, entry, rest)}


def _fitted(node: Node, tree: Json, entries: Iterable[_Entry]) -> tuple[Json, list[_Entry], list[Fault]]:
    """Apply what fits: the new tree, the entries that were applied, and why the others were left out.

    Where fields contradict each other, the layer's own overrides within the contradicting object are left out,
    or within the nearest object around it that the layer touches.
    """
    given = list(entries)
    ignored = [unknown(entry.path) for entry in given if not entry.known]
    kept = [entry for entry in given if entry.known]
    while True:
        candidate = _merged(node, tree, kept)
        fault = next(check(node, candidate), None)
        if fault is None or not kept:
            return candidate, kept, ignored
        around = fault.path
        while not (dropped := [entry for entry in kept if _touches(entry.path, around)]):
            around = around[:-1]
        ignored += [Fault(entry.path, fault.message, fault.params) for entry in dropped]
        kept = [entry for entry in kept if entry not in dropped]


def _touches(one: Path, other: Path) -> bool:
    return all(a == b for a, b in zip(one, other, strict=False))
