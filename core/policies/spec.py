"""What a policy is and which there are. Modules register theirs at boot; values live in `layers`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import msgspec

from core.errors import NotFound
from core.policies.checks import check
from core.policies.schema import TICKET_TYPE, Fields, PolicyError, described, dotted, relabelled, schema, to_json

T = TypeVar("T", bound=msgspec.Struct)

_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_PERMISSION = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


class PolicySpec(msgspec.Struct, Generic[T], frozen=True):
    """A policy: a frozen struct with bounds and help per field (`msgspec.Meta`) and the value where nobody changed it.

    `name` is `<owner>.<noun>`, the owner being `core` or the plugin's id. `title` and `help` are English message ids.
    `permission` is what it takes to change the policy. `labels` are words to choose from that only this process knows,
    by the path of their field. What is `company_only` no site can set for itself.
    """

    name: str
    struct: type[T]
    default: T
    title: str
    help: str
    permission: str
    plugin: str | None = None
    labels: dict[str, dict[str, str]] = {}
    company_only: bool = False

    @property
    def shape(self) -> Fields:
        """The struct's leaves and bounds. Raises PolicyError where it cannot be merged or shown."""
        shape = schema(self.struct)
        for path, labels in self.labels.items():
            shape = relabelled(shape, tuple(path.split(".")), labels)
        return shape


class PolicyRegistry:
    """The policies of this process, filled at boot."""

    def __init__(self, ticket_types: Mapping[str, str] | None = None) -> None:
        """`ticket_types` are titles of those that plugins declare: forms offer them wherever a type is asked for."""
        self._ticket_types = ticket_types or {}
        self._specs: dict[str, PolicySpec[Any]] = {}

    def register(self, spec: PolicySpec[Any]) -> None:
        """Take a policy in. Raises PolicyError for a wrong or taken name, an unusable struct or an invalid default."""
        owner = spec.plugin or "core"
        if not _NAME.fullmatch(spec.name) or spec.name.split(".")[0] != owner:
            raise PolicyError(f"Policy {spec.name!r}: name it {owner}.<noun> in lower case.")
        if spec.name in self._specs:
            raise PolicyError(f"Policy {spec.name!r} is registered already: choose another name.")
        if not _PERMISSION.fullmatch(spec.permission):
            raise PolicyError(f"Policy {spec.name!r}: {spec.permission!r} is no permission id.")
        if not isinstance(spec.default, spec.struct):
            raise PolicyError(f"Policy {spec.name!r}: the default is no {spec.struct.__name__}.")
        faults = list(check(spec.shape, to_json(spec.default)))
        if faults:
            told = "; ".join(f"{fault.error.field}: {fault.message} {fault.params}" for fault in faults)
            raise PolicyError(f"Policy {spec.name!r}: the default is not valid. {told}")
        types = {
            dotted(path): {**about.labels, **self._ticket_types}
            for path, about in described(spec.shape)
            if about.kind == TICKET_TYPE
        }
        self._specs[spec.name] = msgspec.structs.replace(spec, labels={**spec.labels, **types}) if types else spec

    def get(self, name: str) -> PolicySpec[Any]:
        """The policy of that name. Raises NotFound."""
        try:
            return self._specs[name]
        except KeyError:
            raise NotFound("There is no policy named {name}.", params={"name": name}) from None

    def all(self) -> tuple[PolicySpec[Any], ...]:
        """All policies in the order of registration."""
        return tuple(self._specs.values())
