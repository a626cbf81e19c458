"""Forms of the administration as they were posted: fields with their faults, ticked boxes, sites by name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeAlias
from uuid import UUID

from core.errors import FieldError, LodgeError, Malformed
from core.web.view import View
from core.web.views import Choice, Field

Form: TypeAlias = Mapping[str, list[str]]
Group: TypeAlias = tuple[str, str, tuple[Choice, ...], FieldError | None]
"""Boxes to tick: their name, label, choices and fault."""


def field(
    name: str, label: str, form: Form, faults: Mapping[str, FieldError], kind: Any = "text", **more: Any
) -> Field:
    fault = faults.get(name)
    value = "" if kind == "password" else last(form, name)
    return Field(
        name, label, kind, value, error=fault.message if fault else "", params=fault.params if fault else {}, **more
    )


def faults(refused: LodgeError | None, names: Mapping[str, str]) -> dict[str, FieldError]:
    return {names.get(fault.field, fault.field): fault for fault in (refused.fields if refused else ())}


def sites(view: View) -> dict[str, str]:
    return {str(site.id): site.name for site in view.state.principal.sites}


def names(site_ids: Sequence[UUID], everywhere: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(everywhere[str(site_id)] for site_id in site_ids if str(site_id) in everywhere)


def chosen(form: Form, names: Collection[str], everywhere: Mapping[str, str]) -> set[str]:
    if not form:
        return set(everywhere) if len(everywhere) == 1 else set()
    return {value for name in names for value in form.get(name, ())}


def last(form: Form, name: str) -> str:
    return (form.get(name) or [""])[-1]


def ids(texts: Sequence[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError as error:
        raise Malformed from error


def version(form: Mapping[str, str]) -> int:
    if not form.get("version", "").isdecimal():
        raise Malformed
    return int(form["version"])
