"""Holds a JSON tree against the shape of a policy: every wrong leaf at once, each with a message that says the mend."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from core.errors import FieldError
from core.policies.schema import Entries, Fields, Items, Json, Node, Path, Scalar, dotted
from core.policies.scripts import undeclared
from core.policies.values import Duration, Unfit


class Fault(msgspec.Struct, frozen=True):
    """What is wrong at one path. The path of a list entry ends in its index."""

    path: Path
    message: str
    params: dict[str, Any] = {}

    @property
    def error(self) -> FieldError:
        """The fault as the caller sees it."""
        return FieldError(dotted(self.path), self.message, self.params)


def check(node: Node, value: Json, path: Path = ()) -> Iterator[Fault]:
    """All faults of `value`. A struct's own rules are tried only once its fields are right by themselves."""
    if isinstance(node, Scalar):
        yield from _scalar(node, value, path)
        return
    faults = list(_parts(node, value, path))
    yield from faults or _whole(node, value, path)


def unknown(path: Path) -> Fault:
    """An override for something the policy does not have."""
    return Fault(path, "There is no such setting. Take it out.")


def _parts(node: Fields | Entries | Items, value: Json, path: Path) -> Iterator[Fault]:
    if isinstance(node, Items):
        if not isinstance(value, list):
            yield Fault(path, "Give a list.")
            return
        faults = [fault for index, item in enumerate(value) for fault in check(node.item, item, (*path, str(index)))]
        # Shifts are one line of text to those who write them.
        yield from [Fault(path, "Give shifts like 08:30-12:00, 13:30-17:30.")] if faults and node.is_shifts else faults
        return
    if not isinstance(value, dict):
        yield Fault(path, "Give the settings under this name one by one.")
        return
    for key, item in value.items():
        if isinstance(node, Entries):
            yield from _key(node, key, path)
            yield from check(node.item, item, (*path, key))
        elif key in node.fields:
            yield from check(node.fields[key], item, (*path, key))
        else:
            yield unknown((*path, key))
    if isinstance(node, Fields):
        yield from (Fault((*path, name), "Fill in this field.") for name in node.required if name not in value)


def _key(node: Entries, key: str, path: Path) -> Iterator[Fault]:
    if "." in key or not _converts(node.key, key):
        yield Fault((*path, key), node.about.mend or "Use another name here: {name} is not possible.", {"name": key})


def _scalar(node: Scalar, value: Json, path: Path) -> Iterator[Fault]:
    if not _converts(node.annotation, value):
        yield Fault(path, *_mend(node))
    elif node.about.placeholders and isinstance(value, str):
        wrong = undeclared(value, node.about.placeholders)
        if wrong:
            allowed = ", ".join("{{" + name + "}}" for name in node.about.placeholders)
            message = "Only these names can be filled in: {allowed}. Correct or take out: {wrong}."
            yield Fault(path, message, {"allowed": allowed, "wrong": ", ".join(wrong)})


def _whole(node: Fields | Entries | Items, value: Json, path: Path) -> Iterator[Fault]:
    try:
        msgspec.convert(value, node.annotation)
    except msgspec.ValidationError as error:
        cause = error.__cause__
        if isinstance(cause, Unfit):
            for problem in cause.problems:
                yield Fault((*path, *problem.field.split(".")), problem.message, problem.params)
        elif cause is not None:
            yield Fault(path, "These settings do not fit together: {reason}", {"reason": str(cause)})
        else:
            yield Fault(path, *_size(node))


def _converts(annotation: Any, value: Json) -> bool:
    try:
        msgspec.convert(value, annotation)
    except msgspec.ValidationError:
        return False
    return True


def _mend(node: Scalar) -> tuple[str, dict[str, Any]]:
    about = node.about
    if about.mend:
        return about.mend, {}
    if node.base is Duration:
        return "Give a whole number of at least 1 and a unit.", {}
    if node.words:
        return "Choose one of: {options}.", {"options": ", ".join(node.words)}
    if node.base is bool:
        return "Choose yes or no.", {}
    if node.base is str:
        return _between("characters", about.min_length, about.max_length)
    if node.base in (int, float):
        return _between("whole number" if node.base is int else "number", about.minimum, about.maximum)
    return "Give a date like 2026-10-01.", {}


def _size(node: Fields | Entries | Items) -> tuple[str, dict[str, Any]]:
    about = node.about
    return (about.mend, {}) if about.mend else _between("entries", about.min_length, about.max_length)


# Whole sentences, as translators need them: what is asked for × which bounds there are (lower, upper).
_BOUNDS = {
    "whole number": (
        "Give a whole number.",
        "Give a whole number of at least {minimum}.",
        "Give a whole number of at most {maximum}.",
        "Give a whole number from {minimum} to {maximum}.",
    ),
    "number": (
        "Give a number.",
        "Give a number of at least {minimum}.",
        "Give a number of at most {maximum}.",
        "Give a number from {minimum} to {maximum}.",
    ),
    "characters": (
        "Give a text.",
        "Give at least {minimum} characters.",
        "Give at most {maximum} characters.",
        "Give {minimum} to {maximum} characters.",
    ),
    "entries": (
        "Give a list.",
        "Give at least {minimum} entries.",
        "Give at most {maximum} entries.",
        "Give {minimum} to {maximum} entries.",
    ),
}


def _between(what: str, minimum: float | None, maximum: float | None) -> tuple[str, dict[str, Any]]:
    bounds = {"minimum": minimum, "maximum": maximum}
    message = _BOUNDS[what][(minimum is not None) + 2 * (maximum is not None)]
    return message, {name: value for name, value in bounds.items() if value is not None}
