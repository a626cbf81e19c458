"""The rules of runs: computed, looked at, approved by somebody else, issued (BIL-2). Callers commit."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from core.sdk import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
    Site,
    Work,
    enqueue,
    msgid,
    new_id,
    part_of,
    sees_amounts,
)
from plugins.billing.access import enter
from plugins.billing.amounts.periods import period_with
from plugins.billing.amounts.spans import months_after
from plugins.billing.line import Drift, replay
from plugins.billing.marks import place, read_place
from plugins.billing.runs import repository
from plugins.billing.runs.lines import kept_line
from plugins.billing.runs.model import (
    DifferencePage,
    Explained,
    Figures,
    ItemFigures,
    ItemTitle,
    Line,
    LinePage,
    NewRun,
    Run,
    RunLine,
    RunSkip,
    RunSummary,
    SkipPage,
)
from plugins.billing.telling import Step, tell

COMPUTE, ISSUE = "billing.compute_run", "billing.issue_run"
TOPIC = "billing"
MOST = 200  # rows of a page
EXPORTED = 20_000  # rows of a workbook, which is made in memory
_figures = msgspec.json.Decoder(dict[UUID, Figures])


async def listed(work: Work, site: Site) -> list[RunSummary]:
    """The runs of the site, the latest first; 100 at most."""
    enter(work, site)
    runs = await repository.listed(work.uow, site.id)
    titles = await _titles(work, site)
    return [_summary(run, titles) for run in runs]


async def get(work: Work, site: Site, run_id: UUID) -> RunSummary:
    """Raises NotFound, also for one of another site."""
    run = await _known(work, site, run_id)
    return _summary(run, await _titles(work, site))


async def choices(work: Work, site: Site) -> list[ItemTitle]:
    """The items that can be charged."""
    enter(work, site)
    return await repository.items(work.uow, site.id)


async def create(work: Work, site: Site, new: NewRun) -> RunSummary:
    """A run, computed in the background. What is billed already stays as it is: it fills gaps. Raises Invalid."""
    titles = {item.id: item for item in await choices(work, site)}
    month, ids = new.month, list(dict.fromkeys(new.item_ids))
    problems = []
    if month.day != 1 or not months_after(site.today(work.now), -120) <= month <= months_after(
        site.today(work.now), 12
    ):
        problems.append(FieldError("month", "Give the first day of a month, at most a year ahead."))
    for item_id in ids:
        problem = _unfit(titles.get(item_id), month)
        if problem is not None:
            problems.append(problem)
    if problems:
        raise Invalid(fields=problems)
    title = new.title.strip() or f"{month:%Y-%m} " + "、".join(titles[id].title for id in ids)[:70]
    by = work.ctx.actor.id, work.ctx.actor.name
    run = await repository.add(work.uow, site.id, new_id(), title, month, ids, work.now, by)
    await enqueue(work, COMPUTE, {"run": str(run.id)})
    _record(work, site, "created", run, month=f"{month:%Y-%m}", items=len(ids))
    return _summary(run, {id: item.title for id, item in titles.items()})


async def approve(work: Work, site: Site, run_id: UUID, expected: int) -> RunSummary:
    """Agree to a preview, as somebody else than who made it.

    Raises NotFound, Forbidden, Conflict, PreconditionFailed.
    """
    run = await _known(work, site, run_id)
    if run.created_by is not None and run.created_by == work.ctx.actor.id:
        raise Forbidden("A run is approved by somebody else than who had it computed.")
    if run.version == expected:
        _in_state(run, "preview", msgid("Only a preview that is computed can be approved."))
        if not run.charges:
            raise Conflict("The run has no lines: mend what was skipped, and have it computed again.")
    by = work.ctx.actor.id, work.ctx.actor.name
    changed = await repository.approve(work.uow, site.id, run_id, expected, work.now, by)
    return await _changed(work, site, changed, "approved")


async def issue(work: Work, site: Site, run_id: UUID, expected: int) -> RunSummary:
    """Have what was approved posted to the ledger, in the background, once (MO-2, MO-7).

    Raises NotFound, Conflict, PreconditionFailed.
    """
    run = await _known(work, site, run_id)
    if run.version == expected:
        _in_state(run, "approved", msgid("Only what was approved can be issued."))
    if await repository.closed(work.uow, site.id, site.today(work.now)):
        raise Conflict("The present month is closed: nothing is posted into it.")
    changed = await repository.issue(work.uow, site.id, run_id, expected, work.now)
    if changed is not None:
        await enqueue(work, ISSUE, {"run": str(run_id)})
    return await _changed(work, site, changed, "issuing")


async def discard(work: Work, site: Site, run_id: UUID, expected: int) -> RunSummary:
    """Throw away what was not issued, with its lines. Raises NotFound, Conflict, PreconditionFailed."""
    run = await _known(work, site, run_id)
    if run.version == expected and run.status in ("issuing", "issued", "discarded"):
        raise Conflict("What was issued stays: correct it with an adjustment.")
    changed = await repository.discard(work.uow, site.id, run_id, expected, work.now)
    return await _changed(work, site, changed, "discarded")


async def lines(
    work: Work, site: Site, run_id: UUID, *, unit: str, item_id: UUID | None, cursor: str | None, limit: int
) -> LinePage:
    """Lines by unit; `unit` is part of a unit's name. Raises NotFound, Malformed."""
    await _known(work, site, run_id)
    key, after = read_place(cursor)
    found = await repository.lines(work.uow, site.id, run_id, _part_of(unit), item_id, (key, after), limit + 1)
    more = place(found[limit - 1].sort_key, found[limit - 1].id) if len(found) > limit else None
    return LinePage([_line(each) for each in found[:limit]], more)


async def skips(work: Work, site: Site, run_id: UUID, *, unit: str, cursor: str | None, limit: int) -> SkipPage:
    """What was not charged. Raises NotFound, Malformed."""
    await _known(work, site, run_id)
    found = await repository.skips(work.uow, site.id, run_id, _part_of(unit), read_place(cursor)[1], limit + 1)
    return SkipPage(found[:limit], place("", found[limit - 1].id) if len(found) > limit else None)


async def differences(
    work: Work, site: Site, run_id: UUID, *, unit: str, cursor: str | None, limit: int
) -> DifferencePage:
    """Units that come to much more or less than the period before. Raises NotFound, Malformed."""
    await _known(work, site, run_id)
    found = await repository.differences(work.uow, site.id, run_id, _part_of(unit), read_place(cursor)[1], limit + 1)
    return DifferencePage(found[:limit], place("", found[limit - 1].id) if len(found) > limit else None)


async def exported(work: Work, site: Site, run_id: UUID, unit: str) -> tuple[str, list[RunLine], list[RunSkip]]:
    """The run's title, lines and skips for a workbook; one more than EXPORTED of each says that there are more."""
    run = await _known(work, site, run_id)
    pattern, most = _part_of(unit), EXPORTED + 1
    found = await repository.lines(work.uow, site.id, run_id, pattern, None, read_place(None), most)
    return run.title, found, await repository.skips(work.uow, site.id, run_id, pattern, repository.FIRST, most)


async def explain(work: Work, site: Site, charge_id: UUID) -> tuple[Explained, list[Step], UUID | None]:
    """How a line came about, from what it keeps, with the steps for translation, and its run, if it is of one. Raises
    NotFound."""
    enter(work, site)
    kept = await repository.line(work.uow, site.id, charge_id)
    if kept is None:
        raise NotFound
    sees, version = sees_amounts(work.ctx.permissions), 0
    try:
        version, line = kept_line(kept.definition, kept.facts)
        calculation = replay(line)
    except Drift as drift:
        return Explained(_line(kept.line), version, False, [str(drift)] if sees else []), [], kept.run_id
    amount = msgspec.json.decode(line.outcome)["amount_fen"]
    steps = list(tell(calculation)) if sees else []
    explained = Explained(_line(kept.line), version, amount == kept.line.amount_fen, [str(step) for step in steps])
    return explained, steps, kept.run_id


def _unfit(item: ItemTitle | None, month: date) -> FieldError | None:
    if item is None:
        return FieldError("item_ids", "There is no such item at this site.")
    if item.ended_on is not None and item.ended_on < month:
        return FieldError("item_ids", "{title} has ended.", {"title": item.title})
    if item.cycle != "anniversary" and period_with(item.cycle, month).first != month:
        return FieldError("item_ids", "No period of {title} begins in this month.", {"title": item.title})
    if item.basis == "shared" and month not in item.costs:
        return FieldError("item_ids", "The cost of {title} in this month is not entered yet.", {"title": item.title})
    return None


def _summary(run: Run, titles: dict[UUID, str]) -> RunSummary:
    figures = _figures.decode(run.figures or "{}")
    items = [
        ItemFigures(id, titles.get(id, "—"), *msgspec.structs.astuple(figures.get(id, Figures())))
        for id in run.item_ids
    ]
    values = {name: getattr(run, name) for name in RunSummary.__struct_fields__ if name != "items"}
    return RunSummary(**values, items=items)


def _line(line: RunLine) -> Line:
    return Line(*(getattr(line, name) for name in Line.__struct_fields__))


async def _titles(work: Work, site: Site) -> dict[UUID, str]:
    return {item.id: item.title for item in await repository.items(work.uow, site.id)}


async def _known(work: Work, site: Site, run_id: UUID) -> Run:
    enter(work, site)
    run = await repository.get(work.uow, site.id, run_id)
    if run is None:
        raise NotFound
    return run


async def _changed(work: Work, site: Site, run: Run | None, action: str) -> RunSummary:
    if run is None:
        raise PreconditionFailed
    _record(work, site, action, run, charges=run.charges)
    return _summary(run, await _titles(work, site))


def _in_state(run: Run, status: str, message: str) -> None:
    if run.status != status:
        raise Conflict(message)


def _record(work: Work, site: Site, action: str, run: Run, **changes: Any) -> None:
    named = {f"billing.{name}": value for name, value in changes.items()}
    work.audit(f"billing.run.{action}", "billing_run", run.id, named, site_id=site.id)
    work.announce(TOPIC, site.id, run.id)


def _part_of(text: str) -> str:
    return part_of(text.strip()) if text.strip() else ""
