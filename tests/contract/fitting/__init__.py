"""What routes take that a request made from their description alone does not give them: one TOML file a module.

A file has, all of it optional:

- `ticket`: which ticket the module's routes name; without it one of the world's, which is of no module's kind.
- `[[before]]`: a request that is sent once, before any route is tried; `as` names the id in its answer (of its field
  `id`, unless `field` says otherwise). Tickets of a module's kind have the category that is called after the kind, with
  `_` for its dot: `repairs_order`.
- `[routes."POST ~/teams"]` (`~` is /api/v1/sites/{site_id}): `body`, `path` and `file` (of tests/data, else a picture
  is sent where a file is taken) as they fit; `seldom` says why the step is possible at times only, so that of two at
  once one succeeds at most; `unversioned`, why the last change may win; `shown_once`, why its answer is never stored.

A text `{…}` in them is an id: that of a request before, of a member of staff by role, or of the world's row of a table.
In the form of a page, `{version}` is the ticket's.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from tests.support.routes import Route

SITE = "/api/v1/sites/{site_id}"
_ID = re.compile(r"{(\w+)}")


class Fit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What fits a route."""

    body: Any = msgspec.UNSET
    path: dict[str, str] = {}
    file: str = ""
    seldom: str = ""
    unversioned: str = ""
    shown_once: str = ""


NOTHING = Fit()


class Before(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request that is sent before."""

    send: str
    name: str = msgspec.field(name="as", default="")
    field: str = "id"
    body: Any = msgspec.UNSET
    path: dict[str, str] = {}


class Module(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file."""

    ticket: str = ""
    before: Sequence[Before] = ()
    routes: dict[str, Fit] = {}


MODULES: Mapping[str, Module] = {
    path.stem: msgspec.convert(tomllib.loads(path.read_text()), Module)
    for path in sorted(Path(__file__).parent.glob("*.toml"))
}
FITS: Mapping[str, Fit] = {
    key.replace("~", SITE): fit for module in MODULES.values() for key, fit in module.routes.items()
}


def module_of(route: Route) -> str:
    """The module whose file speaks of the route."""
    package, name = route.module.split(".")[:2]
    return name if package == "plugins" else package


def mend(route: Route) -> str:
    """What to do about a route that a made-up request does not fit."""
    return f"if the request does not fit, say in tests/contract/fitting/{module_of(route)}.toml what does"


def path_of(route: Route) -> dict[str, str]:
    """Parameters of the route's path that are not left to the world."""
    module = MODULES.get(module_of(route), Module())
    ticket = {"ticket_id": module.ticket} if module.ticket and "ticket_id" in route.parameters else {}
    return ticket | FITS.get(route.key, NOTHING).path


def with_ids(value: Any, ids: Mapping[str, object]) -> Any:
    """The value with ids in the place of their names."""
    if isinstance(value, dict):
        return {name: with_ids(inner, ids) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_ids(inner, ids) for inner in value]
    named = _ID.fullmatch(value) if isinstance(value, str) else None
    if named is None:
        return value
    found = ids[named[1]]
    return found if isinstance(found, int) else str(found)


def names_in(value: Any) -> set[str]:
    """The names that the value has in the place of ids."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return set().union(*map(names_in, inner))
    return set(_ID.findall(value)) if isinstance(value, str) else set()
