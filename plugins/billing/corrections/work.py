"""The work behind a correction, some units or lines at a time: each step and the job for the next commit together, so
that a worker that is killed loses one step, and whoever comes next goes on from there (BIL-7)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID

import msgspec

from core.sdk import JobSpec, Platform, Site, TenantContext, Work, enqueue
from plugins.billing.amounts.spans import Days
from plugins.billing.corrections import steps_repository as repository
from plugins.billing.corrections.anew import Anew, Billed, anew
from plugins.billing.corrections.steps_repository import Figures, Settled, Standing, ToSettle
from plugins.billing.ledger import repository as ledger_repository
from plugins.billing.ledger import service as ledger
from plugins.billing.ledger.entries import Adjustment, Charge
from plugins.billing.runs import chunks_repository as facts
from plugins.billing.runs.engine import Engine
from plugins.billing.runs.facts import UnitFacts

COMPUTE, POST, TOPIC = "billing.compute_correction", "billing.post_correction", "billing"
UNITS: Final = 300  # a step of computing
LINES: Final = 200  # a step of posting
_STUCK: Final = timedelta(minutes=5)
_days = msgspec.json.Decoder(list[Days])


async def compute(work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
    """A job: look at the charges of the next units."""
    correction_id = UUID(ids["correction"])
    if await compute_step(work, correction_id):
        await enqueue(work, COMPUTE, {"correction": str(correction_id)})


async def post(work: Work, ctx: TenantContext, ids: Mapping[str, str], platform: Platform) -> None:
    """A job: post the next lines of a correction."""
    correction_id = UUID(ids["correction"])
    if await post_step(platform, work, correction_id):
        await enqueue(work, POST, {"correction": str(correction_id)})


async def go_on(work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
    """A job: take up corrections that have come to a halt, because their job failed too often."""
    for id, status in await repository.stuck(work.uow, sorted(ctx.site_ids), work.now - _STUCK):
        await enqueue(work, COMPUTE if status == "computing" else POST, {"correction": str(id)})


JOBS: Final = (
    JobSpec(COMPUTE, compute),
    JobSpec(POST, post),
    JobSpec("billing.go_on_correcting", go_on, every=300, made_up=True),
)


async def compute_step(work: Work, correction_id: UUID, units: int = UNITS) -> bool:
    """Look at the next units; whether there are more. Nothing happens to a correction that is not being computed."""
    correction = await repository.lock(work.uow, correction_id)
    if correction is None or correction.status != "computing":
        return False
    rows = await repository.units(work.uow, correction, units)
    if rows:
        charges = await repository.billed(work.uow, correction, [row[0] for row in rows])
        found = await _anew(work, correction, rows, charges) if charges else []
        await repository.add(work.uow, correction, found)
        figures = _figures(len(charges), found)
        await repository.reached(work.uow, correction.id, len(rows), rows[-1][0], figures, work.now)
    more = len(rows) == units and correction.unit_id is None
    if not more:
        await repository.computed(work.uow, correction.id, work.now)
    work.announce(TOPIC, correction.site_id, correction.id)
    return more


async def post_step(platform: Platform, work: Work, correction_id: UUID, lines: int = LINES) -> bool:
    """Post the next lines, each once (MO-3); whether there are more. What was posted is left alone.

    Lines go by their units' ids, so that two corrections that are posted at once wait for each other, and never both.
    """
    correction = await repository.lock(work.uow, correction_id)
    if correction is None or correction.status != "approved":
        return False
    company = platform.directory.known(work.ctx.company_id)
    site = next(site for site in company.sites if site.id == correction.site_id) if company else None
    assert site is not None  # the correction has one
    found = await repository.to_settle(work.uow, correction, lines)
    done: list[Settled] = []
    for unit_id, of_unit in groupby(found, lambda line: line.unit_id):
        done += await _settle(work, site, correction, unit_id, list(of_unit))
    await repository.settle(work.uow, correction, done, work.now)
    work.announce(TOPIC, correction.site_id, correction.id)
    if len(found) == lines:
        return True
    posted, passed = await repository.posted(work.uow, correction.id, work.now)
    changes = {"billing.lines": posted, "billing.passed": passed}
    work.audit("billing.correction.posted", "billing_correction", correction.id, changes, site_id=site.id)
    return False


async def _anew(
    work: Work, correction: Standing, rows: Sequence[tuple[UUID, str, date | None]], charges: Sequence[Billed]
) -> list[Anew]:
    since = min(charge.first_day for charge in charges)
    with_charges = {charge.unit_id for charge in charges}
    item_ids = sorted({charge.item_id for charge in charges})
    items = await facts.items(work.uow, correction.site_id, item_ids)
    of_units = [row for row in rows if row[0] in with_charges]
    units = await facts.facts_of(work.uow, of_units, item_ids, since)
    rented = [item.id for item in items if item.basis == "rent"]
    await facts.rent(work.uow, correction.site_id, units, rented, since)
    gone = await facts.freed(work.uow, sorted(with_charges), since)
    engine = Engine(correction.since.replace(day=1), items)
    return await asyncio.to_thread(_compute, engine, units, charges, gone)


def _compute(
    engine: Engine, units: Mapping[UUID, UnitFacts], charges: Sequence[Billed], gone: Mapping[UUID, Sequence[Days]]
) -> list[Anew]:
    found = []
    for charge in charges:
        period = charge.period
        if period is not None:
            one = anew(engine, units[charge.unit_id], charge, period, gone.get(charge.id, ()))
            found += [one] if one is not None else []
    return found


def _figures(looked: int, found: Sequence[Anew]) -> Figures:
    differences = [each.difference_fen for each in found]
    unknown = sum(each.right_fen is None for each in found)
    credit = -sum(fen for fen in differences if fen < 0)
    return Figures(looked, len(found), unknown, credit, sum(fen for fen in differences if fen > 0))


async def _settle(
    work: Work, site: Site, correction: Standing, unit_id: UUID, lines: Sequence[ToSettle]
) -> list[Settled]:
    """Post a unit's lines, while nobody else posts on its account. A charge that no longer comes to what it came to
    when it was looked at is passed over: nothing is posted that nobody has agreed to."""
    await ledger_repository.hold(work.uow, site.id, unit_id)
    ids = [line.charge_id for line in lines]
    books = (await ledger_repository.look(work.uow, site.id, unit_id, "", ids)).books
    done, issued = [], []
    for line in lines:
        charge = books.charges.get(line.charge_id)
        if (charge.charged_fen if charge else 0) != line.was_fen:
            done.append(Settled(line, "passed"))
            continue
        entry_id = None
        if charge is None and line.right_fen:  # it came to nothing, and was never issued
            issued.append(line)
        elif charge is not None and line.right_fen != line.was_fen:
            adjustment = Adjustment(unit_id, line.charge_id, line.right_fen - line.was_fen)
            entry = await ledger.post(work, site, adjustment, key=f"correction {line.id}", note=correction.reason)
            entry_id = entry.id
        done.append(Settled(line, "posted", entry_id, _days.decode(line.freed)))
    if not issued:
        return done
    keys = {f"charge {line.charge_id}": line.id for line in issued}
    await ledger.issue(
        work,
        site,
        [Charge(unit_id, each.party_id, each.item_id, each.charge_id, each.right_fen) for each in issued],
    )
    of_line = {keys[key]: id for key, id in (await repository.entries(work.uow, site.id, list(keys))).items()}
    return [
        msgspec.structs.replace(each, entry_id=of_line[each.line.id]) if each.line.id in of_line else each
        for each in done
    ]
