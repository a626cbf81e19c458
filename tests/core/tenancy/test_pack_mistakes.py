"""What is wrong with a pack is told by file, key and mend, all of it at once where the file can be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.tenancy.packs.checks import check_pack
from core.tenancy.packs.model import PackError
from core.tenancy.packs.read import read_pack
from tests.core.tenancy.packs import known, pack_file

UNREADABLE = {
    "no TOML": ("[company]", "[company", "is not TOML: .*line"),
    "an unknown key": ('kind = "residential"', 'sort = "residential"', r"sites\[0\].sort: there is no such key; take"),
    "a missing key": ('staff_no = "1"\n', "", r"people\[0\].staff_no: is missing; fill it in"),
    "a wrong type": ('telephone = "021-5555 0100"', "telephone = 21", r"sites\[0\].telephone: give text, not a number"),
    "a text for a list": ('["admin"]', '"admin"', r"people\[1\].roles: give a list, not text"),
    "an unknown word": ('kind = "office"', 'kind = "tower"', r"sites\[1\].kind: 'tower' is not one of the words"),
    "a date as a word": ("from = 2026-01-01", 'from = "soon"', r"sites\[0\].subscriptions\[0\].from: give a date like"),
}
MISTAKES = {
    "a slug": ('slug = "park"', 'slug = "Park"', "sites[0].slug", "small letters"),
    "a time zone": (
        'timezone = "Asia/Shanghai"\n\n[[people]]',
        'timezone = "Asia/Shanghay"\n\n[[people]]',
        "sites[1].timezone",
        "there is no time zone 'Asia/Shanghay'; use one such as Asia/Shanghai",
    ),
    "a plugin": ('"reception"', '"recption"', "sites[0].subscriptions[0].plugin", "use one such as reception"),
    "a period": ("to = 2026-12-31", "to = 2025-12-31", "sites[0].subscriptions[0].to", "use 2026-01-01 or later"),
    "a role": ('"cashier"', '"chashier"', "people[0].roles[1]", "there is no role 'chashier'; use one such as cashier"),
    "no role": ('["admin"]', "[]", "people[1].roles", "name at least one role"),
    "a site": ('"tower"]', '"castle"]', "people[0].sites[1]", "there is no site in this pack 'castle'"),
    "a login": ('login = "ann"', 'login = "Ann Lee"', "people[0].login", "small letters"),
    "a login twice": ('login = "bob"', 'login = "ann"', "people[1].login", "use each once"),
    "a staff number twice": ('staff_no = "2"', 'staff_no = "1"', "people[1].staff_no", "use each once"),
    "a site twice": ('slug = "tower"', 'slug = "park"', "sites[1].slug", "use each once"),
    "a policy": (
        "[policies.core.calendar.week]",
        "[policies.core.calender.week]",
        "policies.core.calender",
        "calendar",
    ),
    "a leaf": ("sat =", "sato =", "policies.core.calendar.week.sato", "There is no such setting. Take it out."),
    "shifts": ('"09:00-12:00"', '"nine to noon"', "policies.core.calendar.week.sat", "Give shifts like 08:30-12:00"),
    "a leaf of a site": (
        "13:00-20:00",
        "11:00-20:00",
        "sites[0].policies.core.calendar.week.mon",
        "Let every shift end after it starts, and none overlap.",
    ),
    "a policy that only the company sets": (
        "[sites.policies.core.calendar.week]",
        "[sites.policies.core.sign_in]\nattempts = 5\n[sites.policies.core.calendar.week]",
        "sites[0].policies.core.sign_in",
        "there is no policy",
    ),
    "a password elsewhere": ("demo = true", "demo = false", "password", "only a pack with demo = true may hold one"),
    "a short password": ("a published password", "short", "password", "at least 8 characters"),
    "an empty name": ('name = "Tower"', 'name = " "', "sites[1].name", "fill it in"),
}


@pytest.mark.parametrize(("before", "after", "told"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_is_no_pack_is_refused_at_its_key(tmp_path: Path, before: str, after: str, told: str) -> None:
    with pytest.raises(PackError, match=rf"^{tmp_path}/acme.toml: {told}"):
        pack_file(tmp_path, (before, after))


@pytest.mark.parametrize(("content", "told"), [(None, "cannot be read: No such file"), (b"\xff", "is not UTF-8 text")])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None, told: str) -> None:
    file = tmp_path / "pack.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(PackError, match=f"pack.toml: {told}"):
        read_pack(file)


@pytest.mark.parametrize(("before", "after", "key", "mend"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_names_its_key_and_the_mend(tmp_path: Path, before: str, after: str, key: str, mend: str) -> None:
    told = {mistake.key: mistake.message for mistake in check_pack(pack_file(tmp_path, (before, after)).pack, known())}
    assert mend in told[key]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    file = pack_file(tmp_path, ('["admin"]', '["boss"]'), ('"reception"', '"lobby"'))
    mistakes = check_pack(file.pack, known())
    assert str(PackError(file.name, mistakes)).splitlines() == [
        f"{file.name}: sites[0].subscriptions[0].plugin: there is no running plugin 'lobby'; there are: reception",
        f"{file.name}: people[1].roles[0]: there is no role 'boss'; there are: {', '.join(sorted(known().roles))}",
    ]


def test_a_pack_without_mistakes_passes(tmp_path: Path) -> None:
    assert check_pack(pack_file(tmp_path).pack, known()) == []
