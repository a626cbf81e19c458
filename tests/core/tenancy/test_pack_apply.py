"""Packs on a database: applied as a whole or not at all, once, audited, announced, and without taking anything away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path

import pytest

from core.auth.passwords import matches
from core.db.ids import company_id_of
from core.policies.calendar import CALENDAR
from core.policies.layers import Overrides
from core.policies.sla_targets import SLA_TARGETS
from core.tenancy.context import Actor, TenantContext
from core.tenancy.packs.apply import Packs
from core.tenancy.packs.model import PackError, PackFile
from core.tenancy.packs.plan import Change as PackChange
from tests.core.tenancy.packs import known, pack_file
from tests.support.lodge import Lodge

_NUMBERS = count(1)
Edit = tuple[str, str]
MakePack = Callable[..., PackFile]


@pytest.fixture
def slug() -> str:
    return f"pack-{next(_NUMBERS)}"


@pytest.fixture
def pack(tmp_path: Path, slug: str) -> MakePack:
    """The pack of a company of this test's own; its people have logins of their own."""

    def make(*changes: Edit) -> PackFile:
        own = (('login = "ann"', f'login = "ann.{slug}"'), ('login = "bob"', f'login = "bob.{slug}"'))
        return pack_file(tmp_path, *changes, *own, slug=slug)

    return make


@pytest.fixture
def packs(lodge: Lodge) -> Packs:
    return Packs(lodge.owner, known(), lodge.platform.clock)


@pytest.fixture
async def ctx(lodge: Lodge, packs: Packs, pack: MakePack, slug: str) -> AsyncIterator[TenantContext]:
    """The administrator of the company, applied once."""
    await packs.apply(pack())
    lodge.forget()
    company = await lodge.platform.directory.company(company_id_of(slug))
    assert company is not None
    actor = Actor("system", None, "Bob")
    yield TenantContext(company.id, frozenset(site.id for site in company.sites), actor)


def said(changes: list[PackChange]) -> list[str]:
    return [line for change in changes for line in change.lines()]


async def audited(lodge: Lodge, ctx: TenantContext) -> list[tuple[str, str]]:
    async with lodge.platform.work(ctx, read_only=True) as work:
        sql = "SELECT action, changes::text FROM audit_entry WHERE company_id = $1 ORDER BY id"
        return await work.uow.fetch(lambda action, changes: (action, changes), sql, ctx.company_id)


async def test_an_applied_pack_is_what_the_platform_sees(lodge: Lodge, ctx: TenantContext, slug: str) -> None:
    company = await lodge.platform.directory.company(ctx.company_id)
    assert company is not None
    park, tower = company.site("park"), company.site("tower")
    assert park is not None and tower is not None
    assert (company.name, park.name, park.telephone, tower.kind) == ("Acme", "Park", "021-5555 0100", "office")
    now = lodge.platform.clock()
    assert (company.is_on("reception", park, now), company.is_on("reception", tower, now)) == (True, False)
    async with lodge.platform.work(ctx, read_only=True) as work:
        calendars = [await lodge.platform.policies.value(work, CALENDAR, site.id) for site in (park, tower)]
        targets = [await lodge.platform.policies.value(work, SLA_TARGETS, site.id) for site in (park, tower)]
    assert [calendar.week.mon[0] for calendar in calendars] == [("08:00", "12:00"), ("08:30", "12:00")]
    assert {calendar.week.sat for calendar in calendars} == {(("09:00", "12:00"),)}
    assert ["noise" in target.categories for target in targets] == [False, True]
    (ann,) = await lodge.platform.sign_in.memberships(f"ann.{slug}", "a published password", "192.0.2.1")
    assert ann.company_id == ctx.company_id


async def test_applying_twice_changes_nothing(lodge: Lodge, packs: Packs, pack: MakePack, ctx: TenantContext) -> None:
    before = await audited(lodge, ctx)
    assert await packs.preview(pack()) == []
    assert await packs.apply(pack()) == []
    assert await audited(lodge, ctx) == before


async def test_a_preview_says_what_applying_does_and_writes_nothing(
    lodge: Lodge, packs: Packs, pack: MakePack, slug: str
) -> None:
    changes = await packs.preview(pack())
    async with lodge.owner.begin(company_id_of(slug), read_only=True) as uow:
        assert await uow.value("SELECT count(*) FROM company WHERE company_id = $1", company_id_of(slug)) == 0
    assert await packs.apply(pack()) == changes
    assert said(changes) == [
        f"+ company {slug}",
        "+ site park",
        "+ site tower",
        "+ subscription reception @park",
        f"+ person ann.{slug}",
        f"+ person bob.{slug}",
        "+ policy core.calendar",
        "+ policy core.calendar @park",
        "+ policy core.sla_targets @park",
    ]


CHANGES: dict[str, tuple[Edit, str]] = {
    "a name": (('name = "Acme"', 'name = "Acme & Co"'), "~ company {slug} name: Acme -> Acme & Co"),
    "a site": (('"021-5555 0100"', '"021-5555 0199"'), "~ site park telephone: 021-5555 0100 -> 021-5555 0199"),
    "a subscription": (
        ("to = 2026-12-31", "to = 2027-12-31"),
        "~ subscription reception @park ends_on: 2026-12-31 -> 2027-12-31",
    ),
    "a switch": (
        ("to = 2026-12-31", "enabled = false\nto = 2026-12-31"),
        "~ subscription reception @park enabled: true -> false",
    ),
    "roles": (('["admin"]', '["admin", "manager"]'), '~ person bob.{slug} roles: ["admin"] -> ["admin","manager"]'),
    "sites": (('sites = "all"', 'sites = ["park"]'), '~ person bob.{slug} sites: all -> ["park"]'),
    "leaving": (('staff_no = "2"', 'staff_no = "2"\nactive = false'), "~ person bob.{slug} active: true -> false"),
    "a leaf": (
        ('sat = "09:00-12:00"', 'sat = "10:00-12:00"'),
        '~ policy core.calendar week.sat: [["09:00","12:00"]] -> [["10:00","12:00"]]',
    ),
    "a leaf taken out": (
        ('sat = "09:00-12:00"', 'sun = "09:00-12:00"'),
        '~ policy core.calendar week.sun: none -> [["09:00","12:00"]]',
    ),
}


@pytest.mark.parametrize(("change", "line"), CHANGES.values(), ids=CHANGES)
async def test_a_change_is_told_and_made(
    packs: Packs, pack: MakePack, ctx: TenantContext, slug: str, change: Edit, line: str
) -> None:
    changes = await packs.apply(pack(change))
    assert line.format(slug=slug) in said(changes)
    again = await packs.preview(pack(change))
    assert [change for change in again if change.action != "keep"] == []


async def test_what_a_pack_no_longer_names_is_told_and_stays(
    lodge: Lodge, packs: Packs, pack: MakePack, ctx: TenantContext, slug: str
) -> None:
    tower = '[[sites]]\nslug = "tower"\nname = "Tower"\nkind = "office"\ntimezone = "Asia/Shanghai"\n'
    changes = await packs.apply(
        pack((tower, ""), ('"park", "tower"', '"park"'), ("mon = ", "tue = "), ("sat = ", "sun = "))
    )
    assert [line for line in said(changes) if line.startswith("=")] == [
        "= policy core.calendar: week.sat is not in the pack; it stays as it is",
        "= policy core.calendar @park: week.mon is not in the pack; it stays as it is",
        "= site tower is not in the pack; it stays as it is",
    ]
    lodge.forget()
    company = await lodge.platform.directory.company(ctx.company_id)
    assert company is not None and company.site("tower") is not None
    async with lodge.platform.work(ctx, read_only=True) as work:
        calendar = await lodge.platform.policies.value(work, CALENDAR, None)
    assert calendar.week.sat == calendar.week.sun == (("09:00", "12:00"),)


async def test_a_password_is_set_only_when_the_person_is_made(
    lodge: Lodge, packs: Packs, pack: MakePack, ctx: TenantContext, slug: str
) -> None:
    await packs.apply(pack(("a published password", "another password"), ('["admin"]', '["manager"]')))
    async with lodge.owner.begin(None) as uow:
        encoded = await uow.value("SELECT password_hash FROM person WHERE login = $1", f"bob.{slug}")
    assert matches(encoded, "a published password")


async def test_without_a_password_in_the_pack_nobody_knows_one(
    lodge: Lodge, packs: Packs, pack: MakePack, slug: str
) -> None:
    await packs.apply(pack(('demo = true\npassword = "a published password"', "")))
    async with lodge.owner.begin(None) as uow:
        encoded = await uow.value("SELECT password_hash FROM person WHERE login = $1", f"bob.{slug}")
    assert encoded.startswith("$argon2id$")
    assert not matches(encoded, "")


async def test_what_people_changed_since_stays_unless_the_pack_changes(
    lodge: Lodge, packs: Packs, pack: MakePack, ctx: TenantContext
) -> None:
    async with lodge.platform.work(ctx) as work:
        changed: Overrides = {"week": {"sat": []}}
        await lodge.platform.policies.revise(work, CALENDAR, None, changed, reason="closed", expected=1)
    assert await packs.apply(pack(), again=False) == []
    changes = await packs.apply(pack(('name = "Tower"', 'name = "Spire"')), again=False)
    assert said(changes) == [
        "~ site tower name: Tower -> Spire",
        '~ policy core.calendar week.sat: [] -> [["09:00","12:00"]]',
    ]


async def test_a_pack_that_does_not_fit_what_is_there_leaves_nothing_behind(
    lodge: Lodge, packs: Packs, pack: MakePack, ctx: TenantContext
) -> None:
    await packs.apply(pack(("[policies.core", "[policies.reception.limits]\nlow = 2\nhigh = 3\n\n[policies.core")))
    before = await audited(lodge, ctx)
    wrong = ("[policies.core", "[policies.reception.limits]\nlow = 5\n\n[policies.core")
    with pytest.raises(PackError, match=r"acme.toml: policies.reception.limits.low: Give no more than the high one"):
        await packs.apply(pack(wrong, ('name = "Tower"', 'name = "Spire"')))
    assert await audited(lodge, ctx) == before


async def test_two_people_may_swap_their_staff_numbers(packs: Packs, pack: MakePack, ctx: TenantContext) -> None:
    swapped = pack(('staff_no = "1"', 'staff_no = "3"'), ('staff_no = "2"', 'staff_no = "1"'), ('"3"', '"2"'))
    assert len(await packs.apply(swapped)) == 2
    assert await packs.preview(swapped) == []


async def test_a_staff_number_of_somebody_not_in_the_pack_is_refused(
    packs: Packs, pack: MakePack, ctx: TenantContext, slug: str
) -> None:
    stranger = (
        "[[people]]",
        '[[people]]\nlogin = "eve"\nname = "Eve"\nstaff_no = "2"\nroles = ["guard"]\nsites = []\n\n[[people]]',
    )
    bob = '[[people]]\nlogin = "bob"\nname = "Bob"\nstaff_no = "2"\nroles = ["admin"]\nsites = "all"\n'
    file = pack(stranger, (bob, '# login = "bob"\n'))
    with pytest.raises(PackError, match=rf"people\[0\].staff_no: 'bob.{slug}' has this number; use another"):
        await packs.preview(file)


async def test_the_audit_log_says_what_the_pack_did_without_names_of_people(lodge: Lodge, ctx: TenantContext) -> None:
    entries = await audited(lodge, ctx)
    assert [action for action, _ in entries] == [
        "company.added",
        "site.added",
        "site.added",
        "subscription.added",
        "person.added",
        "person.added",
        "policy.revised",
        "policy.revised",
        "policy.revised",
        "pack.applied",
    ]
    assert "Ann" not in str(entries)


async def test_a_running_server_notices_at_once(lodge: Lodge, packs: Packs, pack: MakePack, ctx: TenantContext) -> None:
    await lodge.platform.live.connected.wait()
    async with lodge.platform.live.subscribe(ctx.company_id) as news:
        await packs.apply(pack(('name = "Tower"', 'name = "Spire"'), ('sat = "09:00-12:00"', 'sat = "10:00-12:00"')))
        topics: set[str] = set()
        while not {"access", "policy"} <= topics:
            message = await asyncio.wait_for(news.get(), 5)
            topics |= {message.topic} if message else set()
    company = await lodge.platform.directory.company(ctx.company_id)
    assert company is not None
    assert {site.name for site in company.sites} == {"Park", "Spire"}
