"""A small pack for tests, written to a file with one place changed."""

from __future__ import annotations

from pathlib import Path

import msgspec

from core.policies.builtin import register_builtin
from core.policies.spec import PolicyRegistry, PolicySpec
from core.policies.values import Unfit
from core.tenancy.packs.model import Known, PackFile
from core.tenancy.packs.read import read_pack

TEXT = """
demo = true
password = "a published password"

[company]
slug = "acme"
name = "Acme"

[policies.core.calendar.week]
sat = "09:00-12:00"

[[sites]]
slug = "park"
name = "Park"
kind = "residential"
timezone = "Asia/Shanghai"
telephone = "021-5555 0100"

[[sites.subscriptions]]
plugin = "reception"
from = 2026-01-01
to = 2026-12-31

[sites.policies.core.calendar.week]
mon = "08:00-12:00, 13:00-20:00"

[sites.policies.core.sla_targets.categories]
noise = {}

[[sites]]
slug = "tower"
name = "Tower"
kind = "office"
timezone = "Asia/Shanghai"

[[people]]
login = "ann"
name = "Ann"
staff_no = "1"
department = "Front desk"
roles = ["clerk", "cashier"]
sites = ["park", "tower"]

[[people]]
login = "bob"
name = "Bob"
staff_no = "2"
roles = ["admin"]
sites = "all"
"""


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two leaves that have to fit together."""

    low: int = 1
    high: int = 10

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise Unfit.field("low", "Give no more than the high one.")


LIMITS = PolicySpec(
    name="reception.limits",
    struct=Limits,
    default=Limits(),
    title="Limits",
    help="",
    permission="reception.manage",
    plugin="reception",
)


def known() -> Known:
    """Core's policies, and reception as the one plugin that runs."""
    registry = PolicyRegistry()
    register_builtin(registry)
    registry.register(LIMITS)
    return Known(frozenset({"reception"}), registry)


def pack_file(folder: Path, *changes: tuple[str, str], slug: str = "acme") -> PackFile:
    """The pack with texts replaced, for the company `slug`; each text must be there."""
    text = TEXT
    for before, after in (*changes, ('slug = "acme"', f'slug = "{slug}"')):
        assert before in text
        text = text.replace(before, after, 1)
    file = folder / "acme.toml"
    file.write_text(text)
    return read_pack(file)
