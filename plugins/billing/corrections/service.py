"""The rules of corrections: computed anew, looked at, agreed to by somebody else, posted (BIL-7). Callers commit."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import msgspec

from core.sdk import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Platform,
    PreconditionFailed,
    Site,
    Work,
    enqueue,
    msgid,
    new_id,
    part_of,
    read_mark,
    sees_amounts,
    write_mark,
)
from plugins.billing.access import enter
from plugins.billing.amounts.spans import Days
from plugins.billing.corrections import repository
from plugins.billing.corrections.model import (
    AskBack,
    Correction,
    CorrectionPage,
    Credit,
    CreditPage,
    Explained,
    FreedDays,
    Line,
    LinePage,
    NewCorrection,
)
from plugins.billing.corrections.work import COMPUTE, POST, TOPIC, compute_step
from plugins.billing.counter import refunds
from plugins.billing.counter.model import AskedRefund, NewRefund
from plugins.billing.line import DEFINITION, Drift, replay
from plugins.billing.marks import place, read_place
from plugins.billing.runs import service as runs
from plugins.billing.runs.lines import kept_line
from plugins.billing.runs.model import ItemTitle
from plugins.billing.tariffs import assignments
from plugins.billing.tariffs.service import within_reason
from plugins.billing.telling import Step, tell

AT_ONCE: Final = 200  # charges that are looked at while whoever asks waits
EXPORTED: Final = 20_000  # rows of a workbook, which is made in memory
_days = msgspec.json.Decoder(list[Days])
_facts = msgspec.json.Decoder(list[msgspec.Raw])


async def listed(work: Work, site: Site, cursor: str | None, limit: int) -> CorrectionPage:
    """The corrections of the site, the latest first. Raises Malformed."""
    enter(work, site)
    at, id = read_mark(cursor) if cursor else (None, repository.FIRST)
    found = await repository.listed(work.uow, site.id, (at, id), limit + 1)
    more = write_mark(found[limit - 1].created_at, found[limit - 1].id) if len(found) > limit else None
    return CorrectionPage(found[:limit], more)


async def get(work: Work, site: Site, correction_id: UUID) -> Correction:
    """Raises NotFound, also for one of another site."""
    enter(work, site)
    found = await repository.get(work.uow, site.id, correction_id)
    if found is None:
        raise NotFound
    return found


async def items(work: Work, site: Site) -> list[ItemTitle]:
    """The items that may be named."""
    return await runs.choices(work, site)


async def unit_named(work: Work, site: Site, label: str) -> UUID | None:
    """The unit of that name; None for no name. Raises Invalid of the field `unit`."""
    return await assignments.unit_named(work, site, label) if label.strip() else None


async def create(work: Work, site: Site, new: NewCorrection) -> Correction:
    """Look which charges come to something else by the facts that are known now: at once where they are few, else in
    the background. Raises Invalid."""
    enter(work, site)
    new = msgspec.structs.replace(new, reason=new.reason.strip())
    if not new.reason:
        raise Invalid.field("reason", msgid("Say what was wrong."))
    within_reason("since", new.since)
    if new.since > site.today(work.now):
        raise Invalid.field("since", msgid("Nothing is billed yet from that day on."))
    id, by = new_id(), (work.ctx.actor.id, work.ctx.actor.name)
    charges = await repository.add(work.uow, site.id, id, new, work.now, by, AT_ONCE + 1)
    if charges is None:
        raise Invalid.field("unit_id", msgid("There is no such unit or fee item at this site."))
    if charges > AT_ONCE:
        await enqueue(work, COMPUTE, {"correction": str(id)})
    else:
        while await compute_step(work, id):
            pass
    correction = await get(work, site, id)
    _record(work, site, "created", correction, since=new.since)
    return correction


async def ask(work: Work, site: Site, correction_id: UUID, expected: int) -> Correction:
    """Ask somebody else to agree. Raises NotFound, Conflict, PreconditionFailed."""
    correction = await get(work, site, correction_id)
    if correction.version == expected:
        if correction.status != "preview":
            raise Conflict(msgid("Only what has been computed and not been asked for yet can be handed on."))
        if correction.lines == correction.unknown:
            raise Conflict(msgid("Nothing is to be corrected: mend the facts first, then look again."))
    changed = await repository.ask(work.uow, site.id, correction_id, expected, work.now)
    return _changed(work, site, changed, "asked")


async def approve(work: Work, site: Site, correction_id: UUID, expected: int) -> Correction:
    """Agree as somebody else than who had it computed, and have it posted in the background, once (MO-2, MO-7).

    Raises NotFound, Forbidden, Conflict, PreconditionFailed.
    """
    correction = await get(work, site, correction_id)
    if correction.created_by is not None and correction.created_by == work.ctx.actor.id:
        raise Forbidden(msgid("A correction is approved by somebody else than who had it computed."))
    if correction.version == expected and correction.status != "asked":
        raise Conflict(msgid("Only a correction that somebody has asked for can be approved."))
    if await repository.closed(work.uow, site.id, site.today(work.now)):
        raise Conflict(msgid("The present month is closed: nothing is posted into it."))
    by = work.ctx.actor.id, work.ctx.actor.name
    changed = await repository.approve(work.uow, site.id, correction_id, expected, work.now, by)
    if changed is not None:
        await enqueue(work, POST, {"correction": str(correction_id)})
    return _changed(work, site, changed, "approved")


async def discard(work: Work, site: Site, correction_id: UUID, expected: int) -> Correction:
    """Throw away what nobody has agreed to. Raises NotFound, Conflict, PreconditionFailed."""
    correction = await get(work, site, correction_id)
    if correction.version == expected and correction.status in ("approved", "posted", "discarded"):
        raise Conflict(msgid("What was approved stays. Mend the facts, and correct once more."))
    changed = await repository.discard(work.uow, site.id, correction_id, expected, work.now)
    return _changed(work, site, changed, "discarded")


async def lines(work: Work, site: Site, correction_id: UUID, *, unit: str, cursor: str | None, limit: int) -> LinePage:
    """Lines of a correction; `unit` is part of a unit's name. Raises NotFound, Malformed."""
    await get(work, site, correction_id)
    found = await repository.lines(work.uow, site.id, correction_id, _part(unit), read_place(cursor)[1], limit + 1)
    return LinePage(found[:limit], place("", found[limit - 1].id) if len(found) > limit else None)


async def credits(
    platform: Platform, work: Work, site: Site, correction_id: UUID, *, cursor: str | None, limit: int
) -> CreditPage:
    """Households that have something to get back through a correction. Raises NotFound, Malformed."""
    await get(work, site, correction_id)
    found = await repository.credits(work.uow, site.id, correction_id, read_place(cursor), limit + 1)
    more = place(found[limit - 1][1], found[limit - 1][0].party_id) if len(found) > limit else None
    shown = [credit for credit, _ in found[:limit]]
    asked = await refunds.waiting(platform, work, site, [(each.unit_id, each.party_id) for each in shown])
    return CreditPage([_asked(each, asked.get((each.unit_id, each.party_id))) for each in shown], more)


async def ask_back(platform: Platform, work: Work, site: Site, correction_id: UUID, new: AskBack) -> AskedRefund:
    """Ask a second person to agree that a household gets back what a correction left it (BIL-7). Raises NotFound, and
    Conflict where the household has no such credit, or it was given back meanwhile, is asked for, or used up."""
    correction = await get(work, site, correction_id)
    whose = new.unit_id, new.party_id
    found = await repository.credits(work.uow, site.id, correction_id, ("", repository.FIRST), 1, whose)
    if not found or new.amount_fen > found[0][0].left_fen:
        raise Conflict(msgid("There is not as much left to give back. Load the list again."))
    asked = NewRefund(*whose, new.amount_fen, correction.reason)
    return await refunds.ask(platform, work, site, asked)


async def exported(work: Work, site: Site, correction_id: UUID, unit: str) -> tuple[list[Line], list[Credit]]:
    """Lines and credits for a workbook; one more than EXPORTED of each says that there are more."""
    await get(work, site, correction_id)
    most = EXPORTED + 1
    found = await repository.lines(work.uow, site.id, correction_id, _part(unit), repository.FIRST, most)
    owed = await repository.credits(work.uow, site.id, correction_id, ("", repository.FIRST), most)
    return found, [credit for credit, _ in owed]


async def explain(work: Work, site: Site, line_id: UUID) -> tuple[Explained, list[list[Step]], list[list[Step]]]:
    """How a line came about: the steps before and after, for translation, charge by charge. Raises NotFound."""
    enter(work, site)
    found = await repository.line(work.uow, site.id, line_id)
    if found is None:
        raise NotFound
    line, was, now, freed = found
    days = [FreedDays(each.first, each.last) for each in _days.decode(freed)]
    try:
        before, after = _steps(was), _steps(now)
    except Drift:
        return Explained(line, [], [], False, days), [], []
    if not sees_amounts(work.ctx.permissions):
        return Explained(line, [], [], True, days), [], []
    told = [[str(step) for steps in each for step in steps] for each in (before, after)]
    return Explained(line, told[0], told[1], True, days), before, after


def _steps(facts: str) -> list[list[Step]]:
    """Raises Drift."""
    try:
        texts = _facts.decode(facts)
    except msgspec.DecodeError as error:
        raise Drift(f"the line cannot be read: {error}") from None
    kept = (kept_line(DEFINITION, bytes(each).decode())[1] for each in texts)
    return [list(tell(replay(line))) for line in kept]


def _asked(credit: Credit, approval_id: UUID | None) -> Credit:
    if approval_id is None:
        return credit
    return msgspec.structs.replace(credit, refund="asked", approval_id=approval_id)


def _changed(work: Work, site: Site, correction: Correction | None, action: str) -> Correction:
    if correction is None:
        raise PreconditionFailed
    _record(work, site, action, correction, lines=correction.lines)
    return correction


def _record(work: Work, site: Site, action: str, correction: Correction, **changes: Any) -> None:
    named = {f"billing.{name}": value for name, value in changes.items()}
    work.audit(f"billing.correction.{action}", "billing_correction", correction.id, named, site_id=site.id)
    work.announce(TOPIC, site.id, correction.id)


def _part(text: str) -> str:
    return part_of(text.strip()) if text.strip() else ""
