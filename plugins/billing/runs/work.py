"""The work behind a run, some units or lines at a time: each step and the job for the next commit together, so that a
worker that is killed loses one step, and whoever comes next goes on from there (BIL-2)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

import msgspec

from core.sdk import Event, JobSpec, Platform, TenantContext, Work, enqueue
from plugins.billing import events
from plugins.billing.amounts.spans import DAY, months_after
from plugins.billing.ledger import service as ledger
from plugins.billing.policies import RUN
from plugins.billing.runs import chunks_repository as repository
from plugins.billing.runs.chunks_repository import Facts, Standing
from plugins.billing.runs.engine import Engine, months_of
from plugins.billing.runs.facts import BilledItem, Owed, Skipped
from plugins.billing.runs.model import Figures
from plugins.billing.runs.service import COMPUTE, ISSUE, TOPIC

UNITS: Final = 2000  # a step of computing
LINES: Final = 5000  # a step of issuing
_STUCK: Final = timedelta(minutes=5)
_figures = msgspec.json.Decoder(dict[UUID, Figures])


async def compute(work: Work, ctx: TenantContext, ids: Mapping[str, str], platform: Platform) -> None:
    """A job: look at the next units of a run."""
    run_id = UUID(ids["run"])
    if await compute_step(platform, work, run_id):
        await enqueue(work, COMPUTE, {"run": str(run_id)})


async def issue(work: Work, ctx: TenantContext, ids: Mapping[str, str], platform: Platform) -> None:
    """A job: post the next lines of a run."""
    run_id = UUID(ids["run"])
    if await issue_step(platform, work, run_id):
        await enqueue(work, ISSUE, {"run": str(run_id)})


async def go_on(work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
    """A job: take up runs that have come to a halt, because their job failed too often."""
    for run_id, _, status in await repository.stuck(work.uow, sorted(ctx.site_ids), work.now - _STUCK):
        await enqueue(work, COMPUTE if status == "computing" else ISSUE, {"run": str(run_id)})


JOBS = (
    JobSpec(COMPUTE, compute),
    JobSpec(ISSUE, issue),
    JobSpec("billing.go_on", go_on, every=300, made_up=True),
)


async def compute_step(platform: Platform, work: Work, run_id: UUID, units: int = UNITS) -> bool:
    """Look at the next units; whether there are more. Nothing happens to a run that is not being computed."""
    run = await repository.lock(work.uow, run_id)
    if run is None or run.status != "computing":
        return False
    # two runs of a site never charge the same days: the second one sees what the first has written
    await work.uow.wait_for_turn(f"billing run {run.site_id}")
    items = await repository.items(work.uow, run.site_id, run.item_ids)
    since = {item.id: months_after(run.month, -months_of(item)) for item in items}
    metered = {i.id: months_after(run.month, months_of(i)) - DAY for i in items if i.basis == "meter"}
    shared = [item.id for item in items if item.basis == "shared"]
    rented = [item.id for item in items if item.basis == "rent"]
    of = metered, shared, rented
    facts = await repository.facts(work.uow, run.site_id, run.month, since, run.reached, units, *of)
    if facts.units:
        percent = (await platform.policies.value(work, RUN, run.site_id)).differs_percent
        await _write(work, run, items, facts, percent)
    if len(facts.units) == units:
        work.announce(TOPIC, run.site_id, run.id)
        return True
    await repository.computed(work.uow, run.id, work.now)
    work.announce(TOPIC, run.site_id, run.id)
    return False


async def issue_step(platform: Platform, work: Work, run_id: UUID, lines: int = LINES) -> bool:
    """Post the next lines (MO-1); whether there are more. A run that was issued is left alone (MO-2)."""
    run = await repository.lock(work.uow, run_id)
    if run is None or run.status != "issuing":
        return False
    company = platform.directory.known(work.ctx.company_id)
    site = next(site for site in company.sites if site.id == run.site_id) if company else None
    assert site is not None  # the run has one
    found = await repository.lines_to_post(work.uow, run, lines)
    await ledger.issue(work, site, [charge for charge in found if charge.amount_fen])
    if found:
        await repository.posted(work.uow, run.id, len(found), found[-1].charge_id, work.now)
    work.announce(TOPIC, run.site_id, run.id)
    if len(found) == lines:
        return True
    await repository.issued(work.uow, run.id, work.now)
    posted = run.posted + len(found)
    work.audit("billing.run.issued", "billing_run", run.id, {"billing.charges": posted}, site_id=run.site_id)
    told: dict[str, str | int] = {"month": run.month.isoformat(), "charges": posted}
    work.emit(Event(events.RUN_ISSUED, run.site_id, run.id, told))
    return False


async def _write(work: Work, run: Standing, items: list[BilledItem], facts: Facts, percent: int) -> None:
    engine = Engine(run.month, items)
    found = await asyncio.to_thread(list, engine.compute(facts.units))
    owed = [each for each in found if isinstance(each, Owed)]
    skips = [each for each in found if isinstance(each, Skipped)]
    differing = _differing(items, facts, owed, percent)
    await repository.charge(work.uow, run, owed)
    await repository.skip(work.uow, run, skips)
    await repository.differ(work.uow, run, differing)
    figures = _added(run, facts, owed, skips, differing)
    total = sum(each.amount_fen for each in owed)
    last = facts.units[-1].id
    await repository.reached(work.uow, run.id, len(facts.units), last, len(owed), total, figures, work.now)


def _differing(
    items: list[BilledItem], facts: Facts, owed: list[Owed], percent: int
) -> list[tuple[UUID, UUID, int, int]]:
    """Units that come to something else than the period before, by more than so much of it: also to nothing at all."""
    now = dict(facts.now)
    for each in owed:
        key = each.unit_id, each.item_id
        now[key] = now.get(key, 0) + each.amount_fen
    yearly = {item.id for item in items if item.cycle == "anniversary"}
    return [
        (item_id, unit_id, amount, last)
        for (unit_id, item_id), last in facts.last.items()
        if not (item_id in yearly and (unit_id, item_id) not in now)
        and abs((amount := now.get((unit_id, item_id), 0)) - last) * 100 > percent * abs(last)
    ]


def _added(
    run: Standing,
    facts: Facts,
    owed: list[Owed],
    skips: list[Skipped],
    differing: list[tuple[UUID, UUID, int, int]],
) -> str:
    """The run's figures with those of these units."""
    figures = {**{id: Figures() for id in run.item_ids}, **_figures.decode(run.figures or "{}")}
    for line in owed:
        of = figures[line.item_id]
        of.charges += 1
        of.total_fen += line.amount_fen
    for skip in skips:
        figures[skip.item_id].skips += 1
    for item_id, *_ in differing:
        figures[item_id].differing += 1
    for (_, item_id), fen in facts.last.items():
        figures[item_id].last_units += 1
        figures[item_id].last_fen += fen
    return msgspec.json.encode(figures).decode()
