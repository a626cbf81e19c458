"""Setting teams up and planning their weeks, in the database."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from core.db.ids import new_id
from core.errors import Invalid, NotFound, PreconditionFailed
from core.teams.model import DayEntry, MemberEntry, PatternEntry, Swap, Team, TeamEntry, Week, WeekEntry
from core.teams.roster import Shift
from tests.core.teams.crew import DAYTIME, NIGHT, TODAY, Crew
from tests.support.statements import recording

NEXT_WEEK = TODAY + timedelta(days=7)


async def week(crew: Crew, team: Team, day: object = TODAY) -> Week:
    async with crew.work("clerk", read_only=True) as work:
        return await crew.teams.week(work, crew.site, team.id, day)  # type: ignore[arg-type]


async def save(crew: Crew, team: Team, version: int, **days: DayEntry) -> int:
    async with crew.work("supervisor") as work:
        return await crew.teams.save_week(work, crew.site, team.id, WeekEntry(day=TODAY, **days), version)


async def on_duty(crew: Crew) -> list[str]:
    async with crew.work("clerk", read_only=True) as work:
        return [duty.name for duty in await crew.teams.on_duty(work, crew.site, work.now)]


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (TeamEntry(name="  "), "name"),
        (TeamEntry(name="水电班"), "name"),
        (TeamEntry(name="x", categories=("no_such",)), "categories"),
        (TeamEntry(name="x", members=(MemberEntry(new_id()),)), "members"),
    ],
)
async def test_a_team_that_cannot_be_is_refused_by_field(entry: TeamEntry, field: str, crew: Crew) -> None:
    await crew.team("水电班")
    with pytest.raises(Invalid) as caught:
        async with crew.work("supervisor") as work:
            await crew.teams.create(work, crew.site, entry)
    assert [fault.field for fault in caught.value.fields] == [field]


async def test_members_are_listed_leads_first_and_changed_as_a_whole(crew: Crew) -> None:
    team = await crew.team("水电班", "technician", "engineering")
    assert [(m.name, m.role) for m in team.members] == [
        (crew.name("technician"), "lead"), (crew.name("engineering"), "member"),
    ]  # fmt: skip
    entry = TeamEntry(name="水电一班", members=(MemberEntry(crew.id("engineering"), "lead"),), active=False)
    async with crew.work("supervisor") as work:
        changed = await crew.teams.replace(work, crew.site, team.id, entry, 1)
    async with crew.work("clerk", read_only=True) as work:
        assert await crew.teams.get(work, crew.site, team.id) == changed
    assert (changed.version, changed.active, [m.role for m in changed.members]) == (2, False, ["lead"])


async def test_of_two_who_change_the_same_team_the_later_is_told(crew: Crew) -> None:
    team = await crew.team("水电班")

    async def rename(name: str) -> bool:
        try:
            async with crew.work("supervisor") as work:
                await crew.teams.replace(work, crew.site, team.id, TeamEntry(name=name), 1)
        except PreconditionFailed:
            return False
        return True

    assert sorted(await asyncio.gather(rename("甲班"), rename("乙班"))) == [False, True]


async def test_a_team_of_another_site_is_not_there(crew: Crew) -> None:
    team = await crew.team("水电班", "technician")
    other = crew.house.sites[1]
    async with crew.work("supervisor") as work:
        for attempt in (
            crew.teams.get(work, other, team.id),
            crew.teams.replace(work, other, team.id, TeamEntry(name="x"), 1),
            crew.teams.week(work, other, team.id, TODAY),
            crew.teams.copy_last_week(work, other, team.id, TODAY, 1),
        ):
            with pytest.raises(NotFound):
                await attempt
        assert await crew.teams.all(work, other) == []


async def test_somebody_who_left_is_in_no_team_and_on_no_duty(crew: Crew) -> None:
    team = await crew.team("水电班", "technician", "engineering")
    await crew.plan(team, technician=DAYTIME, engineering=DAYTIME)
    assert sorted(await on_duty(crew)) == sorted([crew.name("technician"), crew.name("engineering")])
    async with crew.lodge.owner.begin(crew.house.company_id) as uow:
        sql = "UPDATE membership SET active = false WHERE company_id = $1 AND id = $2"
        await uow.execute(sql, crew.house.company_id, crew.id("technician"))
    assert await on_duty(crew) == [crew.name("engineering")]


async def test_a_pattern_says_who_is_on_duty_through_the_night(crew: Crew) -> None:
    team = await crew.team("水电班", "technician", "engineering")
    await crew.plan(team, technician=DAYTIME, engineering=NIGHT)
    assert await on_duty(crew) == [crew.name("technician")]
    crew.clock.advance(hours=11)
    assert await on_duty(crew) == [crew.name("engineering")]
    crew.clock.advance(hours=10, minutes=59)
    assert await on_duty(crew) == [crew.name("engineering")]
    crew.clock.advance(minutes=1)
    assert await on_duty(crew) == [crew.name("technician")]


async def test_a_week_keeps_only_what_differs_from_the_pattern(crew: Crew) -> None:
    team = await crew.team("水电班", "technician", "engineering")
    version = await crew.plan(team, technician=DAYTIME)
    usual = DayEntry((Shift(*DAYTIME, crew.id("technician")),))
    odd = DayEntry((Shift(*NIGHT, crew.id("engineering")),), "替班")
    days = {**dict.fromkeys(("mon", "wed", "thu", "fri", "sat", "sun"), usual), "tue": odd}
    version = await save(crew, team, version, **days)
    assert [day.dated for day in (await week(crew, team)).days] == [False, True] + [False] * 5
    assert (await week(crew, team)).days[1].shifts == odd.shifts

    await save(crew, team, version, **{**days, "tue": usual})
    assert not any(day.dated for day in (await week(crew, team)).days)
    assert [len(day.shifts) for day in (await week(crew, team, NEXT_WEEK)).days] == [1] * 7


async def test_last_week_is_copied_without_those_who_left_the_team(crew: Crew) -> None:
    team = await crew.team("水电班", "technician", "engineering")
    both = DayEntry((Shift(*DAYTIME, crew.id("technician")), Shift(*NIGHT, crew.id("engineering"))))
    await save(crew, team, team.version, mon=both, tue=both)
    entry = TeamEntry(name="水电班", members=(MemberEntry(crew.id("technician")),))
    async with crew.work("supervisor") as work:
        version = (await crew.teams.replace(work, crew.site, team.id, entry, 2)).version
        await crew.teams.copy_last_week(work, crew.site, team.id, NEXT_WEEK, version)
    copied = await week(crew, team, NEXT_WEEK)
    assert [[s.membership_id for s in day.shifts] for day in copied.days] == [[crew.id("technician")]] * 2 + [[]] * 5
    # what was planned for the past stays as it was
    assert len((await week(crew, team)).days[0].shifts) == 2
    assert (await week(crew, team)).names[crew.id("engineering")] == crew.name("engineering")


async def test_two_change_days_and_the_roster_says_so(crew: Crew) -> None:
    team = await crew.team("水电班", "technician", "engineering")
    tech, eng = crew.id("technician"), crew.id("engineering")
    version = await save(crew, team, 1, mon=DayEntry((Shift(*DAYTIME, tech),)), wed=DayEntry((Shift(*DAYTIME, eng),)))
    swap = Swap(TODAY, tech, eng, TODAY + timedelta(days=2))
    async with crew.work("supervisor") as work:
        await crew.teams.swap(work, crew.site, team.id, swap, version)
    days = (await week(crew, team)).days
    assert [[s.membership_id for s in days[n].shifts] for n in (0, 2)] == [[eng], [tech]]
    assert days[0].note == f"{crew.name('technician')} → {crew.name('engineering')}"


@pytest.mark.parametrize(
    ("giver", "taker", "day", "field"),
    [
        ("engineering", "technician", 0, "day"),  # has no shift to give
        ("technician", "engineering", 1, "day"),  # works at that time already
        ("technician", "guard", 0, "taker_id"),  # is not in the team
        ("technician", "technician", 0, "taker_id"),
    ],
)
async def test_a_swap_that_cannot_be_is_refused(giver: str, taker: str, day: int, field: str, crew: Crew) -> None:
    team = await crew.team("水电班", "technician", "engineering")
    tech, eng = crew.id("technician"), crew.id("engineering")
    both = DayEntry((Shift(*DAYTIME, tech), Shift(*DAYTIME, eng)))
    version = await save(crew, team, 1, mon=DayEntry((Shift(*DAYTIME, tech),)), tue=both)
    with pytest.raises(Invalid) as caught:
        async with crew.work("supervisor") as work:
            swap = Swap(TODAY + timedelta(days=day), crew.id(giver), crew.id(taker))
            await crew.teams.swap(work, crew.site, team.id, swap, version)
    assert [fault.field for fault in caught.value.fields] == [field]


async def test_a_pattern_cannot_change_weeks_that_are_over(crew: Crew) -> None:
    team = await crew.team("水电班")
    with pytest.raises(Invalid):
        async with crew.work("supervisor") as work:
            entry = PatternEntry(since=TODAY - timedelta(days=1))
            await crew.teams.save_pattern(work, crew.site, team.id, entry, 1)


async def test_shifts_of_strangers_and_overlaps_are_refused_by_day(crew: Crew) -> None:
    team = await crew.team("水电班", "technician")
    tech = crew.id("technician")
    with pytest.raises(Invalid) as caught:
        await save(
            crew,
            team,
            1,
            mon=DayEntry((Shift(480, 720, crew.id("guard")),)),
            tue=DayEntry((Shift(480, 720, tech), Shift(600, 900, tech))),
        )
    assert [fault.field for fault in caught.value.fields] == ["mon.shifts.0.membership_id", "tue.shifts"]


async def test_planning_costs_few_round_trips(crew: Crew) -> None:
    team = await crew.team("水电班", "technician")
    await crew.candidates()  # the policies are read
    async with recording(crew.lodge.platform.db) as sent:
        version = await crew.plan(team, technician=DAYTIME)
    assert len(sent) <= 6
    async with recording(crew.lodge.platform.db) as sent:
        version = await save(crew, team, version, mon=DayEntry((Shift(*NIGHT, crew.id("technician")),)))
    assert len(sent) <= 6
    async with recording(crew.lodge.platform.db) as sent, crew.work("supervisor") as work:
        await crew.teams.replace(work, crew.site, team.id, TeamEntry(name="甲班"), version)
    assert len(sent) <= 6
