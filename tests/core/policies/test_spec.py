from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

import msgspec
import pytest
from msgspec import Meta

from core.errors import NotFound
from core.policies.schema import PolicyError, described, schema
from core.policies.spec import PolicyRegistry, PolicySpec
from core.policies.ticket_categories import TicketTypeId
from core.policies.values import Duration, Shifts
from tests.core.policies.samples import DESK, Desk, Rings, Step


class Plain(msgspec.Struct, frozen=True):
    title: Annotated[str, Meta(min_length=1)] = "x"


def spec(
    name: str = "core.plain", plugin: str | None = None, permission: str = "a.b", **value: str
) -> PolicySpec[Plain]:
    return PolicySpec(name, Plain, Plain(**value), "Plain", "", permission, plugin)


def test_registered_policies_are_found_in_order() -> None:
    registry = PolicyRegistry()
    registry.register(spec())
    registry.register(DESK)
    registry.register(spec("parking.access", "parking"))
    assert [found.name for found in registry.all()] == ["core.plain", "core.desk", "parking.access"]
    assert registry.get("core.desk") is DESK
    with pytest.raises(NotFound):
        registry.get("core.other")


class After(msgspec.Struct, frozen=True):
    kinds: tuple[TicketTypeId, ...] = ()


class Rules(msgspec.Struct, frozen=True):
    rules: tuple[After, ...] = ()


def test_forms_offer_the_types_that_plugins_declare_wherever_a_type_is_asked_for() -> None:
    registry = PolicyRegistry({"parking.visit": "Visiting car"})
    registry.register(PolicySpec("core.rules", Rules, Rules(), "Rules", "", "a.b"))

    [(_, about)] = described(registry.get("core.rules").shape)
    assert about.labels["repair"] == "Repair" and about.labels["parking.visit"] == "Visiting car"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: spec("plain"), r"name it core\.<noun>"),
        (lambda: spec("core.Plain"), r"name it core\.<noun>"),
        (lambda: spec("parking.access"), r"name it core\.<noun>"),
        (lambda: spec("core.access", "parking"), r"name it parking\.<noun>"),
        (lambda: spec(permission="change"), "no permission id"),
        (lambda: spec(title=""), "default is not valid. title: Give at least"),
        (lambda: msgspec.structs.replace(spec(), default=DESK.default), "default is no Plain"),
        (lambda: spec("core.taken"), "registered already"),
    ],
)
def test_a_wrongly_declared_policy_is_refused_at_boot(wrong: Callable[[], PolicySpec[Plain]], told: str) -> None:
    registry = PolicyRegistry()
    registry.register(spec("core.taken"))
    with pytest.raises(PolicyError, match=told):
        registry.register(wrong())


class Thawed(msgspec.Struct):
    x: int = 1


class Outer(msgspec.Struct, frozen=True):
    rings: Rings = Rings()


UNUSABLE: list[tuple[type, str]] = [
    (datetime, "cannot hold"),
    (Thawed, "frozen=True"),
    (int | str, "one kind of value"),  # type: ignore[list-item]
    (str | Literal["a"], "one kind of value"),  # type: ignore[list-item]
    (Rings | None, "one kind of value"),  # type: ignore[list-item]
    (Literal[1, 2], "words of a Literal"),  # type: ignore[list-item]
    (tuple[Outer, ...], "single values and lines"),
    (tuple[tuple[int, ...], ...], "single values and lines"),
    (dict[str, Step], "every field of its entries a default"),
    (dict[datetime, Shifts], "cannot hold"),
    (dict[Duration, int], "cannot hold"),
    (Annotated[int, Meta(gt=0)], "ge and le"),  # type: ignore[list-item]
    (Annotated[int, Meta(extra={"colour": "red"})], "not \\['colour'\\]"),  # type: ignore[list-item]
]


@pytest.mark.parametrize(("annotation", "told"), UNUSABLE)
def test_a_field_that_cannot_be_merged_or_shown_is_refused(annotation: type, told: str) -> None:
    struct = msgspec.defstruct("Odd", [("field", annotation)], frozen=True)
    with pytest.raises(PolicyError, match=told):
        schema(struct)


def test_a_policy_is_a_struct() -> None:
    with pytest.raises(PolicyError, match=r"no policy: use a msgspec\.Struct"):
        schema(int)
    assert list(schema(Desk).fields)[:2] == ["name", "nickname"]
