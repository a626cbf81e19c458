"""The rules of draws: opened once a period with a seed that nobody sees before its end, entered in order (VIS-5)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import msgspec

from core.sdk import NotFound, Site, Work
from plugins.returnvisits.sampling import repository
from plugins.returnvisits.sampling.draw import commitment, is_drawn, sample
from plugins.returnvisits.sampling.model import Draw, DrawDetail

MANAGER, STEWARD = "regular_manager", "regular_steward"
"""Rules of regular visits; of stewards' each area has one of its own, and what is drawn are households (VIS-3)."""
OF_HOUSEHOLDS = (MANAGER, STEWARD)
"""Rules of regular visits: what is drawn are households (VIS-3)."""
_MOST = 200
Subject = tuple[UUID, str]
"""What may be drawn: the id of a ticket or a unit, and what it is called."""


def month_of(day: date) -> tuple[date, date]:
    """The first day of the month, and of the next one."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1)


async def open_draw(work: Work, site: Site, rule: str, title: str, percent: int, period: tuple[date, date]) -> None:
    """Fix share and seed of a period, unless that was done before. The seed's digest is told at once."""
    seed = secrets.token_bytes(32)
    told = commitment(seed)
    if await repository.open_draw(work.uow, site.id, rule, title, period, percent, told, seed, work.now):
        changes = {"rule": rule, "since": period[0], "percent": percent, "commitment": told}
        work.audit("returnvisits.draw.opened", "returnvisits_draw", rule, changes, site_id=site.id)


async def enter(
    work: Work, site: Site, rule: str, title: str, percent: int, period: tuple[date, date], subjects: Sequence[Subject]
) -> list[bool]:
    """Which of these are drawn, entering them after those that came before in the period. One after the other: whoever
    else enters into the same draw waits."""
    await work.uow.wait_for_turn(f"returnvisits draw {site.id} {rule}")
    found = await repository.of_period(work.uow, site.id, rule, period[0])
    if found is None:
        await open_draw(work, site, rule, title, percent, period)
        found = await repository.of_period(work.uow, site.id, rule, period[0])
    assert found is not None  # it was there, or has been opened
    draw, drawn, answers = found.draw, found.draw.drawn, []
    for position, (subject_id, _) in enumerate(subjects, draw.candidates + 1):
        answers.append(is_drawn(found.seed, draw.percent, position, drawn, subject_id))
        drawn += answers[-1]
    await repository.add(work.uow, site.id, draw, subjects, answers, work.now)
    return answers


async def listed(work: Work, site: Site) -> list[Draw]:
    """The draws of the site, the latest first."""
    _enter(work, site)
    return await repository.listed(work.uow, site.id, _MOST)


async def detail(work: Work, site: Site, draw_id: UUID) -> DrawDetail:
    """A draw with its candidates; once its period is over also with the seed, and drawn again. Raises NotFound."""
    _enter(work, site)
    found = await repository.get(work.uow, site.id, draw_id)
    if found is None:
        raise NotFound
    draw = found.draw
    listed = await repository.candidates(work.uow, site.id, draw_id, f"{STEWARD}%")
    if site.today(work.now) < draw.until:
        return DrawDetail(draw, None, None, listed)
    again = sample(found.seed, draw.percent, (each.subject_id for each in listed))
    same = again == [each.drawn for each in listed] and commitment(found.seed) == draw.commitment
    shown = [msgspec.structs.replace(each, again=answer) for each, answer in zip(listed, again, strict=True)]
    return DrawDetail(draw, found.seed.hex(), same, shown)


def _enter(work: Work, site: Site) -> None:
    if site.id not in work.ctx.site_ids:
        raise NotFound
