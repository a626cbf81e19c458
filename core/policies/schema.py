"""The shape of a policy struct: which paths are leaves, how they are described, what JSON they take."""

from __future__ import annotations

import types
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

import msgspec

from core.policies.values import Duration

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Path: TypeAlias = tuple[str, ...]


class PolicyError(Exception):
    """A policy is declared wrongly: a mistake of the module's author, found at boot."""


class About(msgspec.Struct, frozen=True):
    """What `msgspec.Meta` says of a field; texts are message ids.

    Of `extra`: `kind` ("textarea" for a text of several lines, TICKET_TYPE for the id of one), `unit` shown behind a
    number, `mend` said instead of the message made from the bounds, `placeholders` a script may name, `labels` of the
    words to choose from.
    """

    title: str = ""
    help: str = ""
    kind: str = ""
    unit: str = ""
    mend: str = ""
    placeholders: tuple[str, ...] = ()
    labels: dict[str, str] = {}
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = None
    max_length: int | None = None


class Scalar(msgspec.Struct, frozen=True):
    """A leaf of one value: `base` is its type, `words` the strings it may be instead (for `str`: the only ones)."""

    annotation: Any
    about: About
    base: type
    words: tuple[str, ...] = ()
    nullable: bool = False


class Items(msgspec.Struct, frozen=True):
    """A leaf of many values, overridden as a whole."""

    annotation: Any
    about: About
    item: Scalar | Fields

    @property
    def is_shifts(self) -> bool:
        """Spans `[start, end]` of a day, shown as one line of text."""
        return isinstance(self.item, Scalar) and self.item.base is tuple


class Fields(msgspec.Struct, frozen=True):
    """A struct: its fields are overridden one by one."""

    annotation: Any
    about: About
    fields: dict[str, Node]
    defaults: dict[str, Json]

    @property
    def required(self) -> list[str]:
        """Fields that have no default."""
        return [name for name in self.fields if name not in self.defaults]


class Entries(msgspec.Struct, frozen=True):
    """A mapping, overridden key by key; a null takes an inherited key out."""

    annotation: Any
    about: About
    key: Any
    item: Node


Node: TypeAlias = Scalar | Items | Fields | Entries
Leaf: TypeAlias = Scalar | Items | Entries
"""What a form shows as one field; of mappings only those from dates."""

TICKET_TYPE = "ticket_type"
SCALARS = (bool, int, float, str, date, Duration)


def dotted(path: Path) -> str:
    """The path as users and forms name it."""
    return ".".join(path)


def to_json(value: object) -> Json:
    """The JSON form of a policy value: what overrides are compared with and merged into."""
    tree: Json = msgspec.json.decode(msgspec.json.encode(value))
    return tree


@cache
def schema(struct: type) -> Fields:
    """The shape of a policy struct. Raises PolicyError for a field that cannot be merged or shown in a form."""
    node = _node(struct, struct.__name__)
    if not isinstance(node, Fields):
        raise PolicyError(f"{struct.__name__} is no policy: use a msgspec.Struct with frozen=True.")
    return node


def relabelled(node: Node, path: Path, labels: dict[str, str]) -> Any:
    """The shape with other words to choose from in the field at that path, which goes through lists without a step."""
    if isinstance(node, Items):
        return msgspec.structs.replace(node, item=relabelled(node.item, path, labels))
    if isinstance(node, Fields) and path:
        inner = relabelled(node.fields[path[0]], path[1:], labels)
        return msgspec.structs.replace(node, fields={**node.fields, path[0]: inner})
    return msgspec.structs.replace(node, about=msgspec.structs.replace(node.about, labels=labels))


def described(node: Node, path: Path = ()) -> Iterator[tuple[Path, About]]:
    """What is said of every single value, with the path that `relabelled` takes."""
    if isinstance(node, Fields):
        for name, child in node.fields.items():
            yield from described(child, (*path, name))
    elif isinstance(node, Items):
        yield from described(node.item, path)
    elif isinstance(node, Scalar):
        yield path, node.about


def leaves(node: Node, tree: Json, path: Path = ()) -> Iterator[tuple[Path, Node, Json]]:
    """Every leaf of a valid tree with its path, shape and JSON value."""
    if isinstance(node, Fields):
        assert isinstance(tree, dict)
        for name, child in node.fields.items():
            yield from leaves(child, tree[name], (*path, name))
    elif isinstance(node, Entries):
        assert isinstance(tree, dict)
        for key, value in tree.items():
            yield from leaves(node.item, value, (*path, key))
    else:
        yield path, node, tree


def blank(node: Node) -> Json:
    """What a new map entry starts from before its overrides are applied."""
    return dict(node.defaults) if isinstance(node, Fields) else {} if isinstance(node, Entries) else None


def _node(annotation: Any, where: str) -> Node:
    bare, about = _unwrap(annotation)
    origin, args = get_origin(bare), get_args(bare)
    if origin in (Union, types.UnionType):
        return _choice(annotation, args, about, where)
    if origin is Literal:
        return Scalar(annotation, about, str, _words(args, where))
    if bare in SCALARS:
        return Scalar(annotation, about, bare)
    if origin is list or (origin is tuple and args[1:] == (...,)):
        return Items(annotation, about, _item(args[0], where))
    if origin is dict and _unwrap(args[0])[0] in (str, date):
        return _entries(annotation, args, about, where)
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        return _fields(bare, annotation, about, where)
    raise PolicyError(f"{where}: policies cannot hold {bare!r}.")


def _item(annotation: Any, where: str) -> Scalar | Fields:
    if get_origin(annotation) is tuple and [_unwrap(arg)[0] for arg in get_args(annotation)] == [str, str]:
        return Scalar(annotation, About(), tuple)
    item = _node(annotation, f"{where}[]")
    if isinstance(item, Scalar) or (isinstance(item, Fields) and _fits_a_row(item)):
        return item
    raise PolicyError(f"{where}: entries of a list hold single values and lines of text only.")


def _choice(annotation: Any, args: tuple[Any, ...], about: About, where: str) -> Scalar:
    nullable = type(None) in args
    nodes = [_node(arg, where) for arg in args if arg is not type(None)]
    words = tuple(word for node in nodes if isinstance(node, Scalar) for word in node.words)
    bases = [node for node in nodes if not (isinstance(node, Scalar) and node.words)]
    if not bases:
        return Scalar(annotation, about, str, words, nullable)
    base = bases[0]
    if len(bases) > 1 or not isinstance(base, Scalar) or (words and base.base is str):
        raise PolicyError(f"{where}: a union may hold one kind of value, words (Literal) and None.")
    merged = msgspec.structs.replace(
        base.about, **{name: value for name, value in msgspec.structs.asdict(about).items() if value not in _EMPTY}
    )
    return Scalar(annotation, merged, base.base, words, nullable)


def _fields(struct: type[msgspec.Struct], annotation: Any, about: About, where: str) -> Fields:
    if not struct.__struct_config__.frozen:
        raise PolicyError(f"{where}: declare {struct.__name__} with frozen=True.")
    fields: dict[str, Node] = {}
    defaults: dict[str, Json] = {}
    for field in msgspec.structs.fields(struct):
        fields[field.encode_name] = _node(field.type, f"{where}.{field.name}")
        if field.default is not msgspec.NODEFAULT:
            defaults[field.encode_name] = to_json(field.default)
        elif field.default_factory is not msgspec.NODEFAULT:
            defaults[field.encode_name] = to_json(field.default_factory())
    return Fields(annotation, about, fields, defaults)


def _entries(annotation: Any, args: tuple[Any, ...], about: About, where: str) -> Entries:
    item = _node(args[1], f"{where}{{}}")
    if isinstance(item, Fields) and item.required:
        raise PolicyError(f"{where}: give every field of its entries a default, so that one can be overridden alone.")
    if _unwrap(args[0])[0] is not date:
        return Entries(annotation, about, args[0], item)
    if not (isinstance(item, Items) and item.is_shifts):
        raise PolicyError(f"{where}: what a date maps to is Shifts.")
    return Entries(annotation, about, date, item)


def _fits_a_row(node: Fields) -> bool:
    return all(
        isinstance(column.item if isinstance(column, Items) else column, Scalar) for column in node.fields.values()
    )


def _words(args: tuple[Any, ...], where: str) -> tuple[str, ...]:
    if not all(isinstance(arg, str) for arg in args):
        raise PolicyError(f"{where}: the words of a Literal are strings.")
    return args


_EMPTY: tuple[object, ...] = (None, "", (), {})


def _unwrap(annotation: Any) -> tuple[Any, About]:
    """The bare type and all `Meta` around it in one; the outermost that says something counts."""
    if get_origin(annotation) is not Annotated:
        return annotation, About()
    bare, *metas = get_args(annotation)
    said: dict[str, Any] = {}
    for meta in metas:
        if not isinstance(meta, msgspec.Meta):
            continue
        found = {
            "title": meta.title,
            "help": meta.description,
            "minimum": meta.ge,
            "maximum": meta.le,
            "min_length": meta.min_length,
            "max_length": meta.max_length,
            **(meta.extra or {}),
        }
        if meta.gt is not None or meta.lt is not None:
            raise PolicyError("Give bounds with ge and le: forms and messages name the last value that is allowed.")
        said |= {name: value for name, value in found.items() if value is not None}
    unknown = said.keys() - set(About.__struct_fields__)
    if unknown:
        raise PolicyError(f"Meta(extra=…) knows kind, unit, mend, placeholders and labels, not {sorted(unknown)}.")
    return bare, About(**said)
