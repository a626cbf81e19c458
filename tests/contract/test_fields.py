"""PI-2, ARC-4: which fields of answers hold telephone numbers, ID numbers and amounts, and who gets them (AZ-1)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.fields import AMOUNT, is_amount
from core.platform import Platform
from core.web.app import create_litestar
from core.web.docs import complete
from tests.support.routes import openapi_of, routes_of

REVIEWED: dict[str, dict[str, list[str]]] = tomllib.loads(Path(__file__).with_name("fields.toml").read_text())
_NAMED = re.compile(r"(?:^|_)(?:phones?|telephone|mobile|id_numbers?|fen|yuan)$")


def fields_of(schemas: Mapping[str, Any], schema: Mapping[str, Any], owner: str, seen: set[str]) -> Iterator[str]:
    """The fields by whose names somebody could be called or an amount be told, as `Schema.field`."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if name:
        if name not in seen:
            seen.add(name)
            yield from fields_of(schemas, schemas[name], name, seen)
        return
    for field, of in schema.get("properties", {}).items():
        if _NAMED.search(field):
            yield f"{owner}.{field}"
        yield from fields_of(schemas, of, owner, seen)
    parts = (
        schema.get("items"),
        schema.get("additionalProperties"),
        *schema.get("oneOf", ()),
        *schema.get("anyOf", ()),
    )
    for part in parts:
        if isinstance(part, dict):
            yield from fields_of(schemas, part, owner, seen)


def answered(platform: Platform) -> dict[str, set[str]]:
    """What answers hold, with the permissions of the routes that give them."""
    document, found = openapi_of(platform), dict[str, set[str]]()
    access = {route.key: route.access for route in routes_of(platform)}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            for code, response in operation["responses"].items():
                for content in response.get("content", {}).values() if code.startswith("2") else ():
                    for field in fields_of(document["components"]["schemas"], content["schema"], "", set()):
                        found.setdefault(field, set()).add(access[f"{method.upper()} {path}"])
    return found


def test_pi_2_every_number_in_an_answer_is_reviewed_with_who_gets_it(platform: Platform) -> None:
    reviewed = {field: set(access) for kind in REVIEWED.values() for field, access in kind.items()}
    given = {field: access for field, access in answered(platform).items() if not is_amount(field)}

    assert {field: access for field, access in given.items() if reviewed.get(field) != access} == {}, "review these"
    assert sorted(set(reviewed) - set(given)) == [], "gone; take them out"


def test_every_amount_in_an_answer_may_be_null_for_whoever_lacks_the_permission(platform: Platform) -> None:
    app, amounts = create_litestar(platform), 0
    complete(app)
    schemas = app.openapi_schema.to_schema()["components"]["schemas"]
    for field in filter(is_amount, answered(platform)):
        schema, _, name = field.rpartition(".")
        assert {"type": "null"} in schemas[schema]["properties"][name]["oneOf"], field
        amounts += 1

    assert amounts > 10


def test_whoever_deals_in_amounts_sees_them(platform: Platform) -> None:
    """No role holds what implies them without them, and those that say so are of code (AZ-4)."""
    permissions = platform.permissions
    dealing = [permission for permission in permissions if AMOUNT in permission.implies]

    assert {permission.id for permission in dealing if permission.roles - permissions.roles_of(AMOUNT)} == set()
    assert all(AMOUNT in permissions.with_implied({permission.id}) for permission in dealing)
    # and, reviewed, what else comes along: whoever registers letters opens the tickets with which their scans are kept
    others = {permission.id: permission.implies for permission in permissions if permission.implies - {AMOUNT}}
    assert others == {"reception.letter.register": {"ticket.view"}}


def test_a_field_is_reviewed_once(platform: Platform) -> None:
    fields = [field for kind in REVIEWED.values() for field in kind]

    assert len(fields) == len(set(fields))
    assert {access for kind in REVIEWED.values() for each in kind.values() for access in each} <= {
        "signed_in",
        *(permission.id for permission in platform.permissions),
    }
