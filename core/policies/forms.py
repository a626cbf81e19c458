"""Forms made from policy structs: the fields to show for a resolved policy, and the overrides a posted form means."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple, TypeAlias

import msgspec

from core.errors import FieldError
from core.policies.inputs import (
    CLOCKS,
    Inputs,
    Kind,
    blank_row,
    choices,
    columns,
    kind_of,
    parse,
    posted_rows,
    render,
    units,
)
from core.policies.layers import DEFAULT, Overrides, Resolved, Source, fitting, put, reset_leaf
from core.policies.schema import About, Entries, Fields, Items, Json, Leaf, Node, Path, Scalar, blank, dotted, to_json
from core.policies.spec import PolicySpec, T

OVERRIDE = "_override"
"""Name under which a form posts the paths to override even where the value equals the inherited one."""
RESET = "_reset"
"""Name under which a form posts the paths to inherit again, whatever their inputs say."""


class _Group(NamedTuple):
    """What a field stands under: titles, outer to inner, and the innermost help there is."""

    titles: tuple[str, ...] = ()
    help: str = ""


_NO_GROUP = _Group()
_Leaf: TypeAlias = tuple[Path, _Group, Leaf, Json]
MapKeys: TypeAlias = Mapping[str, Sequence[str]]


class Option(msgspec.Struct, frozen=True):
    """A choice; `label` is a message id."""

    value: str
    label: str


class FormField(msgspec.Struct, frozen=True):
    """One field of a form, named `path`.

    `label`, `help`, `unit`, `group` (outer to inner) and `group_help` are message ids, apart from map keys in `group`.
    `value` is the posted form of a single value (`true` or `false` for boolean). A duration has one row of the cells
    amount, unit and clock; `rows` and `dates` have a row per entry and a blank one at the end, cells of a column
    sharing their name.
    """

    path: str
    label: str
    kind: Kind
    value: str = ""
    help: str = ""
    source: Source = DEFAULT
    options: tuple[Option, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    unit: str = ""
    required: bool = True
    group: tuple[str, ...] = ()
    group_help: str = ""
    placeholders: tuple[str, ...] = ()
    rows: tuple[tuple[FormField, ...], ...] = ()
    errors: tuple[FieldError, ...] = ()


def form_fields(
    spec: PolicySpec[T],
    resolved: Resolved[T],
    *,
    map_keys: MapKeys | None = None,
    posted: Mapping[str, list[str]] | None = None,
    errors: Sequence[FieldError] = (),
) -> tuple[FormField, ...]:
    """The fields in the order of the struct.

    `map_keys` offers entries that a map of structs does not have yet (`{"categories": ["lift"]}`). After a refused post
    pass what was `posted` and the `errors`: the fields show both.
    """
    offered = map_keys or {}
    tree = _offered(spec.shape, to_json(resolved.value), lambda path: offered.get(path, ()))
    show = _Show(resolved.provenance, posted or {}, tuple(errors))
    return tuple(show.leaf(path, group, node, value) for path, group, node, value in _leaves(spec.shape, tree))


def parse_form(
    spec: PolicySpec[T], form: Mapping[str, list[str]], inherited: T, current: Overrides | None = None
) -> Overrides:
    """The overrides that a posted form means, to be validated by the caller.

    `inherited` is the value without this scope's overrides, `current` are the overrides so far. A leaf is kept if its
    value differs from the inherited one, if it was overridden before, or if it is listed under `_override`; not if it
    is listed under `_reset`. Leaves the form does not have stay as they were; overrides that no longer fit go. Of two
    rows with the same date the later counts.
    """
    before = fitting(spec, current or {}, inherited)
    pinned = {*map(dotted, before), *form.get(OVERRIDE, ())}
    result: Overrides = {}
    for path, value in before.items():
        result = put(result, path, value)
    tree = _offered(spec.shape, to_json(inherited), lambda path: _posted_keys(form, path))
    for path, _, node, known in _leaves(spec.shape, tree):
        name = dotted(path)
        meant = parse(node, name, form)
        if meant is msgspec.UNSET:
            continue
        if isinstance(node, Entries):
            assert isinstance(known, dict)
            gone: dict[str, Json] = {
                leaf[-1]: None for leaf, value in before.items() if leaf[:-1] == path and value is None
            }
            result = _put_dates(result, path, gone | known, meant, pinned)
            continue
        # A value that was left as the form showed it is not read anew: reading may tidy it (spaces, line ends).
        shown = (
            value for value in (known, before.get(path, known)) if parse(node, name, render(node, name, value)) == meant
        )
        value = next(shown, meant)
        if value != known or name in pinned:
            result = put(result, path, value)
    for name in form.get(RESET, ()):
        result = reset_leaf(result, name)
    return result


def _put_dates(
    overrides: Overrides, path: Path, known: Mapping[str, Json], posted: Json, pinned: Collection[str]
) -> Overrides:
    """Dates are overridden one by one: null for a known date that was taken out."""
    assert isinstance(posted, dict)
    result = reset_leaf(overrides, dotted(path))
    for day in {**known, **posted}:
        if day not in posted:
            result = put(result, (*path, day), None)
        elif day not in known or posted[day] != known[day] or dotted((*path, day)) in pinned:
            result = put(result, (*path, day), posted[day])
    return result


def _leaves(node: Node, tree: Json, path: Path = (), group: _Group = _NO_GROUP) -> Iterator[_Leaf]:
    """Every field of the form with its path, group, shape and JSON value."""
    if isinstance(node, Scalar | Items) or (isinstance(node, Entries) and node.key is date):
        yield path, group, node, tree
        return
    assert isinstance(tree, dict)
    for name, value in tree.items():
        child = node.item if isinstance(node, Entries) else node.fields[name]
        title = name if isinstance(node, Entries) else _title(child.about, name)
        single = isinstance(child, Scalar | Items)
        inner = group if single else _Group((*group.titles, title), child.about.help or group.help)
        yield from _leaves(child, value, (*path, name), inner)


def _offered(node: Node, tree: Json, keys: Callable[[str], Iterable[str]], path: Path = ()) -> Json:
    """The tree with entries added to its maps of structs."""
    if isinstance(node, Scalar | Items):
        return tree
    assert isinstance(tree, dict)
    if isinstance(node, Entries) and isinstance(node.item, Fields):
        tree = {**{key: blank(node.item) for key in keys(dotted(path))}, **tree}
    children = {key: node.item if isinstance(node, Entries) else node.fields[key] for key in tree}
    return {key: _offered(children[key], value, keys, (*path, key)) for key, value in tree.items()}


def _posted_keys(form: Mapping[str, list[str]], path: str) -> Iterable[str]:
    """Keys below a map that input names mention."""
    prefix = f"{path}."
    return dict.fromkeys(name[len(prefix) :].partition(".")[0] for name in form if name.startswith(prefix))


def _title(about: About, name: str) -> str:
    return about.title or name.replace("_", " ").capitalize()


def _options(about: About, values: Iterable[str]) -> tuple[Option, ...]:
    return tuple(Option(value, about.labels.get(value) or _title(About(), value)) for value in values)


class _Show(msgspec.Struct, frozen=True):
    """Makes fields of leaves, with what was posted in place of their values and the errors where they belong."""

    provenance: dict[str, Source]
    posted: Mapping[str, list[str]]
    errors: tuple[FieldError, ...]

    def leaf(self, path: Path, group: _Group, node: Leaf, value: Json) -> FormField:
        """A field at its own path."""
        name = dotted(path)
        shown = render(node, name, value)
        if any(cell in self.posted for cell in shown):
            shown = {cell: _lines(self.posted.get(cell, ())) or values[-1:] for cell, values in shown.items()}
        return self._field(node, path[-1], name, name, shown, self._source(name), group)

    def _field(
        self,
        node: Leaf,
        label: str,
        name: str,
        at: str,
        shown: Inputs,
        source: Source,
        group: _Group = _NO_GROUP,
    ) -> FormField:
        """`at` is the path that errors name: in a row it has the row's index or date, which input names do not."""
        about, kind = node.about, kind_of(node)
        field = FormField(
            path=name,
            label=_title(about, label),
            kind=kind,
            help=about.help,
            source=source,
            options=_options(_labelled(node), _with_present(choices(node), shown, name)),
            minimum=about.minimum,
            maximum=about.maximum,
            min_length=about.min_length,
            max_length=about.max_length,
            unit=about.unit,
            required=_required(node),
            group=group.titles,
            group_help=group.help,
            placeholders=about.placeholders,
        )
        if kind in ("rows", "dates"):
            return self._with_rows(field, node, shown)
        errors = self._errors(at)
        if kind == "duration":
            return msgspec.structs.replace(field, rows=(_duration(node, name, shown, source),), errors=errors)
        return msgspec.structs.replace(field, value=shown[name][-1], errors=errors)

    def _with_rows(self, field: FormField, node: Leaf, shown: Inputs) -> FormField:
        name, empty = field.path, blank_row(node, field.path)
        filled = [row for row in posted_rows(node, name, shown) if row != empty]
        rows = []
        for index, row in enumerate([*filled, empty]):
            entry = f"{name}.{row[f'{name}.date'][0] if field.kind == 'dates' else index}"
            source = self.provenance.get(entry, field.source) if field.kind == "dates" else field.source
            rows.append(
                tuple(
                    self._field(
                        child,
                        column,
                        f"{name}.{column}",
                        entry if column == "date" else f"{entry}.{column}",
                        row,
                        source,
                    )
                    for column, child in columns(node).items()
                )
            )
        placed = [error for row in rows for cell in row for error in cell.errors]
        rest = tuple(error for error in self._errors(name) if error not in placed)
        return msgspec.structs.replace(field, rows=tuple(rows), errors=rest)

    def _errors(self, at: str) -> tuple[FieldError, ...]:
        return tuple(error for error in self.errors if error.field == at or error.field.startswith(f"{at}."))

    def _source(self, name: str) -> Source:
        """That of the leaf; for special days the nearest to the site."""
        found = {source.scope: source for path, source in self.provenance.items() if f"{path}.".startswith(f"{name}.")}
        return found.get("site") or found.get("company") or DEFAULT


def _lines(posted: Sequence[str]) -> list[str]:
    """As values are kept: a browser ends lines with CRLF."""
    return [value.replace("\r\n", "\n") for value in posted]


def _with_present(offered: tuple[str, ...], shown: Inputs, name: str) -> tuple[str, ...]:
    """What is offered, and the present value where it is not (any more): a form changes nothing by being opened."""
    present = shown[name][-1].split("\n") if offered and shown.get(name) else ()
    return (*offered, *(value for value in present if value and value not in offered))


def _labelled(node: Leaf) -> About:
    """Where the words to choose from are described: with each of a list."""
    return node.item.about if isinstance(node, Items) and kind_of(node) == "choices" else node.about


def _required(node: Leaf) -> bool:
    if isinstance(node, Scalar) and node.base is not str:
        return not node.nullable and node.base is not bool
    return bool(node.about.min_length)


def _duration(node: Leaf, name: str, shown: Inputs, source: Source) -> tuple[FormField, ...]:
    amount, unit, clock = (f"{name}.{part}" for part in ("amount", "unit", "clock"))
    return (
        FormField(amount, "Amount", "number", shown[amount][-1], source=source, minimum=1, required=False),
        FormField(unit, "Unit", "select", shown[unit][-1], source=source, options=_options(node.about, units(node))),
        FormField(clock, "Clock", "select", shown[clock][-1], source=source, options=_options(node.about, CLOCKS)),
    )
