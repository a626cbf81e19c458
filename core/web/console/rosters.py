"""The pages of duty rosters: a team's week to read, to print and to fill in, its pattern, swaps and copies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.errors import FieldError, Invalid, LodgeError, Malformed, PreconditionFailed
from core.i18n import msgid
from core.platform import Platform
from core.policies.duty import DUTY_SHIFTS, ShiftKind
from core.teams import cells
from core.teams.model import WEEKDAYS, DayEntry, PatternEntry, Swap, Week, WeekEntry
from core.teams.roster import Shift
from core.tenancy.directory import Site
from core.web.console.teams import MANAGE, Form, last, version_of
from core.web.view import View
from core.web.views import Choice
from core.web.views.teams import RosterCell, RosterDay, RosterRow, RosterWeek
from core.work import Work

_DAYS: Final = (
    msgid("Monday"), msgid("Tuesday"), msgid("Wednesday"), msgid("Thursday"), msgid("Friday"), msgid("Saturday"),
    msgid("Sunday"),
)  # fmt: skip
_NO_SHIFT = msgid("Write shifts like 8-16 or 08:30-12:00, or use a short name.")


@get("/teams/{team_id:uuid}", permission="team.view")
async def roster(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    team_id: FromPath[UUID],
    day: FromQuery[date | None] = None,
) -> Response[str]:
    """The team's week that `day` is in."""
    return await _read_page(work, site, platform, view, team_id, day)


@get("/teams/{team_id:uuid}/plan", permission=MANAGE)
async def plan(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    team_id: FromPath[UUID],
    day: FromQuery[date | None] = None,
    pattern: FromQuery[bool] = False,
) -> Response[str]:
    """The week, or the weekly pattern from that week on, to be filled in."""
    week = await platform.teams.week(work, site, team_id, day or site.today(work.now))
    shown = await _shown(work, site, platform, week, pattern=pattern, members_only=True)
    return await view.html("teams/plan.html", week=shown, faults=(), refused=None)


@post("/teams/{team_id:uuid}/plan", permission=MANAGE, status_code=200)
async def save_plan(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    team_id: FromPath[UUID],
) -> Response[Any]:
    """Save the week or the pattern. A refusal comes back with the cells as they were filled in, and why."""
    form = await view.form_lists()
    day, pattern = _day(form, "day"), last(form, "pattern") == "true"
    week = await platform.teams.week(work, site, team_id, day)
    kinds = (await platform.policies.value(work, DUTY_SHIFTS, site.id)).shifts
    try:
        shifts = _written(form, week, kinds)
        if pattern:
            entry = PatternEntry(since=day, **dict(zip(WEEKDAYS, shifts, strict=True)))
            await platform.teams.save_pattern(work, site, team_id, entry, version_of(form))
        else:
            notes = [last(form, f"note-{n}")[:100] for n in range(7)]
            days = {
                name: DayEntry(*given) for name, given in zip(WEEKDAYS, zip(shifts, notes, strict=True), strict=True)
            }
            await platform.teams.save_week(work, site, team_id, WeekEntry(day=day, **days), version_of(form))
    except (Invalid, PreconditionFailed) as refused:
        shown = await _shown(work, site, platform, week, pattern=pattern, members_only=True, form=form, refused=refused)
        return await view.html(
            "teams/plan.html",
            status=int(refused.status),
            week=shown,
            faults=tuple(_faults(refused, view)),
            refused=None if refused.fields else refused,
        )
    return view.redirect(f"/s/{site.slug}/teams/{team_id}?day={day}")


@post("/teams/{team_id:uuid}/copy", permission=MANAGE, status_code=200)
async def copy_week(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    team_id: FromPath[UUID],
) -> Response[Any]:
    """Plan the week like the one before."""
    form = await view.form_lists()
    day = _day(form, "day")
    await platform.teams.copy_last_week(work, site, team_id, day, version_of(form))
    return view.redirect(f"/s/{site.slug}/teams/{team_id}?day={day}")


@post("/teams/{team_id:uuid}/swap", permission=MANAGE, status_code=200)
async def swap(
    work: NamedDependency[Work],
    site: NamedDependency[Site],
    platform: NamedDependency[Platform],
    view: NamedDependency[View],
    team_id: FromPath[UUID],
) -> Response[Any]:
    """Let a colleague take over, or two change days. A refusal says why, the dialog open as it was filled in."""
    form = await view.form_lists()
    day = _day(form, "day")
    try:
        back_on = _day(form, "back_on") if last(form, "back_on") else None
        wanted = Swap(day, UUID(last(form, "giver_id")), UUID(last(form, "taker_id")), back_on)
    except ValueError as error:
        raise Malformed from error
    try:
        await platform.teams.swap(work, site, team_id, wanted, version_of(form))
    except (Invalid, PreconditionFailed) as refused:
        return await _read_page(work, site, platform, view, team_id, day, form, refused)
    return view.redirect(f"/s/{site.slug}/teams/{team_id}?day={day}")


async def _read_page(
    work: Work,
    site: Site,
    platform: Platform,
    view: View,
    team_id: UUID,
    day: date | None,
    form: Form | None = None,
    refused: LodgeError | None = None,
) -> Response[str]:
    week = await platform.teams.week(work, site, team_id, day or site.today(work.now))
    return await view.html(
        "teams/roster.html",
        status=int(refused.status) if refused else 200,
        week=await _shown(work, site, platform, week),
        active=week.team.active,
        can_manage=MANAGE in work.ctx.permissions,
        swap={name: last(form or {}, name) for name in ("day", "giver_id", "taker_id", "back_on")},
        faults=tuple(refused.fields) if refused else (),
        refused=refused if refused and not refused.fields else None,
    )


async def _shown(
    work: Work,
    site: Site,
    platform: Platform,
    week: Week,
    *,
    pattern: bool = False,
    members_only: bool = False,
    form: Form | None = None,
    refused: LodgeError | None = None,
) -> RosterWeek:
    """The week as a grid of people and days; with `form` as it was filled in."""
    kinds = (await platform.policies.value(work, DUTY_SHIFTS, site.id)).shifts
    today = site.today(work.now)
    empty: tuple[Shift, ...] = ()
    plans = (
        [week.pattern.week[n] if week.pattern else empty for n in range(7)]
        if pattern
        else [d.shifts for d in week.days]
    )
    wrong = {fault.field for fault in refused.fields} if refused else set()
    people = {m.membership_id: (m.name, False) for m in week.team.members}
    if not members_only:
        people |= {id: (name, True) for id, name in week.names.items() if id not in people}

    def cell(person: UUID, n: int) -> RosterCell:
        name = f"c-{person}-{n}"
        spans = [(s.starts, s.ends) for s in plans[n] if s.membership_id == person]
        text = last(form, name) if form is not None else cells.write(spans, kinds)
        return RosterCell(name, text, " ".join(cells.times(span) for span in sorted(spans)), name in wrong)

    return RosterWeek(
        team=week.team.name,
        href=f"/s/{site.slug}/teams/{week.team.id}",
        # what was refused stays refused until somebody has looked at what is there now
        version=version_of(form) if form is not None else week.team.version,
        monday=week.monday,
        days=tuple(
            RosterDay(
                _DAYS[n],
                None if pattern else day.day,
                "" if pattern else last(form, f"note-{n}") if form is not None else day.note,
                day.dated and not pattern,
                day.day == today and not pattern,
            )
            for n, day in enumerate(week.days)
        ),
        rows=tuple(
            RosterRow(name, tuple(cell(id, n) for n in range(7)), former) for id, (name, former) in people.items()
        ),
        codes=tuple((kind.code, f"{kind.starts}-{kind.ends}") for kind in kinds),
        previous=week.monday - timedelta(days=7),
        following=week.monday + timedelta(days=7),
        people=tuple(Choice(str(m.membership_id), m.name) for m in week.team.members),
        is_pattern=pattern,
    )


def _written(form: Form, week: Week, kinds: Sequence[ShiftKind]) -> list[tuple[Shift, ...]]:
    """What the grid says, a day each. Raises Invalid naming every cell that cannot be read."""
    days: list[tuple[Shift, ...]] = []
    wrong = []
    for n in range(7):
        shifts: list[Shift] = []
        for member in week.team.members:
            name = f"c-{member.membership_id}-{n}"
            try:
                shifts += [Shift(*span, member.membership_id) for span in cells.read(last(form, name)[:100], kinds)]
            except ValueError:
                wrong.append(FieldError(name, _NO_SHIFT))
        days.append(tuple(sorted(shifts)))
    if wrong:
        raise Invalid(fields=wrong)
    return days


def _faults(refused: LodgeError, view: View) -> Iterator[tuple[str, FieldError]]:
    """Each thing that is wrong once, with the day it is about."""
    seen = set()
    for fault in refused.fields:
        name = fault.field.partition(".")[0]
        n = WEEKDAYS.index(name) if name in WEEKDAYS else int(name[-1]) if name.startswith("c-") else None
        told = view.say(_DAYS[n]) if n is not None else ""
        if (told, fault.message) not in seen:
            seen.add((told, fault.message))
            yield told, fault


def _day(form: Form, name: str) -> date:
    try:
        return date.fromisoformat(last(form, name))
    except ValueError as error:
        raise Malformed from error


HANDLERS = [roster, plan, save_plan, copy_week, swap]
