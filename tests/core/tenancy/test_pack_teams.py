"""Teams and rosters in packs: set up once, put right as a whole, with the weeks that are over left as they were."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import pytest

from core.db.ids import company_id_of
from core.policies.layers import Overrides
from core.policies.ticket_categories import TICKET_CATEGORIES
from core.teams.roster import monday_of
from core.tenancy.context import Actor, TenantContext
from core.tenancy.packs.apply import Packs
from core.tenancy.packs.checks import check_pack
from core.tenancy.packs.model import PackError, PackFile
from core.tenancy.packs.plan import Change
from core.tenancy.packs.read import read_pack
from tests.core.tenancy.packs import known, pack_file
from tests.support.lodge import NOW, Lodge, SettableClock

_NUMBERS = count(1)
Edit = tuple[str, str]
MakePack = Callable[..., PackFile]
TEAM = """
[[sites.teams]]
name = "水电班"
categories = ["plumbing_electric"]
leads = ["ann"]
members = ["bob"]

[sites.teams.roster]
since = 2026-01-07

[sites.teams.roster.week]
ann = ["早", "早", "08:30-12:00, 13:30-17:30", "", "", "休", "休"]
bob = ["夜", "", "", "", "", "", "晚"]

"""
WITH_TEAM: Edit = ('[[sites]]\nslug = "tower"', f'{TEAM}[[sites]]\nslug = "tower"')
THIS_MONDAY = monday_of(NOW.date())


@pytest.fixture
def slug() -> str:
    return f"team-pack-{next(_NUMBERS)}"


@pytest.fixture
def pack(tmp_path: Path, slug: str) -> MakePack:
    """The pack of a company of this test's own, with a team at the first site."""

    def make(*changes: Edit) -> PackFile:
        file = Path(pack_file(tmp_path, WITH_TEAM, *changes, slug=slug).name)
        file.write_text(re.sub(r"\b(ann|bob)\b", rf"\1-{slug}", file.read_text()))
        return read_pack(file)

    return make


@pytest.fixture
def packs(lodge: Lodge) -> Packs:
    return Packs(lodge.owner, known(), lodge.platform.clock)


@pytest.fixture
async def ctx(lodge: Lodge, packs: Packs, pack: MakePack, slug: str) -> AsyncIterator[TenantContext]:
    """Whoever may touch both sites of the company, applied once."""
    await packs.apply(pack())
    lodge.forget()
    company = await lodge.platform.directory.company(company_id_of(slug))
    assert company is not None
    yield TenantContext(company.id, frozenset(site.id for site in company.sites), Actor("system", None, "Bob"))


def said(changes: list[Change]) -> list[str]:
    return [line for change in changes for line in change.lines()]


async def week(lodge: Lodge, ctx: TenantContext, day: date) -> list[tuple[str, str]]:
    """Who works when in the week that `day` is in: weekday and name of every shift."""
    company = await lodge.platform.directory.company(ctx.company_id)
    assert company is not None
    site = company.sites[0]
    async with lodge.platform.work(ctx, read_only=True) as work:
        (team,) = await lodge.platform.teams.all(work, site)
        found = await lodge.platform.teams.week(work, site, team.id, day)
    times = {480: "早", 510: "half", 810: "half", 0: "夜", 1200: "晚"}
    return [(f"{out.day:%a} {times[s.starts]}", found.names[s.membership_id]) for out in found.days for s in out.shifts]


FIRST_WEEK = [
    ("Mon 夜", "Bob"),
    ("Mon 早", "Ann"),
    ("Tue 早", "Ann"),
    ("Wed half", "Ann"),
    ("Wed half", "Ann"),
    ("Sun 晚", "Bob"),
]


async def test_a_team_is_set_up_with_its_roster_from_the_day_the_pack_says(
    lodge: Lodge, packs: Packs, pack: MakePack, slug: str, ctx: TenantContext
) -> None:
    company = await lodge.platform.directory.company(ctx.company_id)
    assert company is not None
    async with lodge.platform.work(ctx, read_only=True) as work:
        (team,) = await lodge.platform.teams.all(work, company.sites[0])
        assert await lodge.platform.teams.all(work, company.sites[1]) == []
    assert (team.name, team.categories, team.active) == ("水电班", ("plumbing_electric",), True)
    assert [(member.name, member.role) for member in team.members] == [("Ann", "lead"), ("Bob", "member")]
    assert await week(lodge, ctx, date(2026, 1, 5)) == FIRST_WEEK
    assert await week(lodge, ctx, date(2026, 1, 4)) == []
    assert await packs.preview(pack()) == await packs.apply(pack()) == []


CHANGES: dict[str, tuple[Edit, str]] = {
    "categories": (
        ('["plumbing_electric"]', '["lift"]'),
        '~ team 水电班 @park categories: ["plumbing_electric"] -> ["lift"]',
    ),
    "a new lead": (
        ('leads = ["ann"]', 'leads = ["ann", "cid"]'),
        '~ team 水电班 @park leads: ["ann"] -> ["ann","cid"]',
    ),
    "an end": (('members = ["bob"]', 'members = ["bob"]\nactive = false'), "~ team 水电班 @park active: true -> false"),
    "a shift": (
        ('bob = ["夜", ', 'bob = ["", '),
        "~ roster 水电班 @park bob: 夜 / 休 / 休 / 休 / 休 / 休 / 晚 -> 休 / 休 / 休 / 休 / 休 / 休 / 晚",
    ),
    "a row that is gone": (
        ('bob = ["夜", "", "", "", "", "", "晚"]', ""),
        "~ roster 水电班 @park bob: 夜 / 休 / 休 / 休 / 休 / 休 / 晚 -> none",
    ),
    "a roster that is gone": (
        (TEAM[TEAM.index("[sites.teams.roster]") :], ""),
        "= roster 水电班 @park is not in the pack; it stays as it is",
    ),
    "a team that is gone": ((TEAM, ""), "= team 水电班 @park is not in the pack; it stays as it is"),
}


@pytest.mark.parametrize(("change", "line"), CHANGES.values(), ids=CHANGES)
async def test_a_change_of_a_team_is_told_and_made_once(
    packs: Packs, pack: MakePack, ctx: TenantContext, slug: str, change: Edit, line: str
) -> None:
    cid = (
        "[[people]]",
        '[[people]]\nlogin = "cid"\nname = "Cid"\nstaff_no = "3"\nroles = ["guard"]\nsites = "all"\n\n[[people]]',
    )
    told = said(await packs.preview(pack(cid, change)))
    assert re.sub(r"\b(ann|bob)\b", rf"\1-{slug}", line) in told
    assert said(await packs.apply(pack(cid, change))) == told
    assert [change for change in await packs.preview(pack(cid, change)) if change.action != "keep"] == []


async def test_a_changed_roster_holds_from_the_present_week_on(
    lodge: Lodge, packs: Packs, pack: MakePack, ctx: TenantContext, clock: SettableClock
) -> None:
    swapped = pack(('bob = ["夜", "", "", "", "", "", "晚"]', 'bob = ["夜", "", "", "", "", "", ""]'))
    await packs.apply(swapped)
    assert await week(lodge, ctx, THIS_MONDAY - timedelta(days=1)) == FIRST_WEEK
    assert await week(lodge, ctx, THIS_MONDAY) == FIRST_WEEK[:-1]
    clock.advance(days=7)
    assert await packs.preview(swapped) == []
    await packs.apply(pack())
    assert await week(lodge, ctx, THIS_MONDAY) == FIRST_WEEK[:-1]
    assert await week(lodge, ctx, THIS_MONDAY + timedelta(days=7)) == FIRST_WEEK


async def test_a_team_that_does_not_fit_what_is_there_is_told_by_its_key(
    lodge: Lodge, packs: Packs, pack: MakePack, ctx: TenantContext
) -> None:
    company = await lodge.platform.directory.company(ctx.company_id)
    assert company is not None
    async with lodge.platform.work(ctx) as work:
        only: Overrides = {
            "categories": [
                {"key": "odd", "title_zh": "杂", "title_en": "Odd", "icon": "dots", "ticket_type": "request"}
            ]
        }
        await lodge.platform.policies.revise(
            work, TICKET_CATEGORIES, company.sites[0].id, only, reason="fewer", expected=0
        )
    wrong = pack(('["plumbing_electric"]', '["plumbing_electric", "lift"]'))
    with pytest.raises(PackError, match=r"sites\[0\].teams\[0\].categories: Choose from the site's categories."):
        await packs.apply(wrong)


MISTAKES = {
    "a category": ('["plumbing_electric"]', '["plumbing"]', "categories[0]", "use one such as plumbing_electric"),
    "a stranger": (
        'members = ["bob"]',
        'members = ["eve"]',
        "members[0]",
        "there is no person who works at the site 'eve'",
    ),
    "somebody twice": ('members = ["bob"]', 'members = ["bob", "ann"]', "members[1]", "name each person once"),
    "a row of a stranger": ("bob = [", "eve = [", "roster.week.eve", "there is no member of the team 'eve'"),
    "a shift": ('"夜"', '"大夜"', "roster.week.bob[0]", "'大夜' is no shift; use 早, 中, 夜, 白, 晚, times like"),
    "shifts that overlap": ('"夜"', '"早 白"', "roster.week.bob[0]", "shifts overlap"),
    "no name": ('name = "水电班"', 'name = " "', "name", "without spaces around"),
}


@pytest.mark.parametrize(("before", "after", "key", "mend"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_a_team_names_its_key_and_the_mend(
    tmp_path: Path, before: str, after: str, key: str, mend: str
) -> None:
    file = pack_file(tmp_path, WITH_TEAM, (before, after))
    told = {mistake.key: mistake.message for mistake in check_pack(file.pack, known())}
    assert mend in told[f"sites[0].teams[0].{key}"]


def test_a_week_has_seven_days(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"teams\[0\].roster.week\[...\]: give 7 of them, not 6"):
        pack_file(tmp_path, WITH_TEAM, ('"晚"]', "]"))
