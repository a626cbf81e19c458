"""The rules of dunning (BIL-5): who is due for which step, and what is done about it. Callers commit."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Final
from uuid import UUID

from core.sdk import Conflict, Invalid, Malformed, NotFound, Platform, Site, Work, fill, msgid, new_id
from plugins.billing.access import enter
from plugins.billing.arrears.dunning import repository
from plugins.billing.arrears.dunning.ladder import STEPS, STERN, Step, due, rank
from plugins.billing.arrears.dunning.model import (
    Debt,
    Late,
    Outcomes,
    Press,
    Record,
    Row,
    Taken,
    TakeStep,
    Worklist,
)
from plugins.billing.arrears.policies import DUNNING, DunningRules
from plugins.billing.telling import yuan

MOST: Final = 200  # rows of a page
KEPT: Final = 200  # rows of each part of a household's record that are shown


async def worklist(
    platform: Platform,
    work: Work,
    site: Site,
    step: Step | None,
    text: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> Worklist:
    """Households that are due for a step (None: for any), by unit. Raises Malformed for a cursor that is none of
    ours."""
    enter(work, site)
    rules: DunningRules = await platform.policies.value(work, DUNNING, site.id)
    today, most, after = site.today(work.now), min(limit, MOST), _read(cursor)
    counts: Counter[str] = Counter()
    promised = broken = 0
    found: list[tuple[str, Row]] = []
    for late in await repository.late(work.uow, site.id, today):
        state = late.promised.state(today) if late.promised else None
        promised, broken = promised + (state == "open"), broken + (state == "broken")
        reached = due(rules, late.standing, today)
        if reached is None:
            continue
        counts[reached] += 1
        if step in (None, reached) and text.strip() in late.unit:
            found.append((late.sort_key, _row(late, reached, today, broken=state == "broken")))
    found = [each for each in found if (each[0], each[1].unit_id) > after] if after else found
    more = found[most - 1] if len(found) > most else None
    mark = _mark(more[0], more[1].unit_id) if more else None
    told: dict[str, int] = {name: counts[name] for name in STEPS}
    return Worklist([row for _, row in found[:most]], mark, told, promised, broken)


async def take(platform: Platform, work: Work, site: Site, asked: TakeStep | Press) -> Outcomes:
    """Take a step with households, as far as they are due for it now, and put it on record. A message is sent to
    whoever owes the most there. Raises Invalid, NotFound, and Conflict where the site cannot send messages."""
    enter(work, site)
    who, outcome = (asked.who.strip(), asked.outcome or "") if isinstance(asked, TakeStep) else ("", "")
    note = asked.note.strip()
    _check(asked.step, who, outcome, note)
    # two who carry out the same list: the second one finds what the first one did
    await work.uow.wait_for_turn(f"billing dunning {site.id}")
    rules: DunningRules = await platform.policies.value(work, DUNNING, site.id)
    today, units = site.today(work.now), list(dict.fromkeys(asked.unit_ids))
    fitting = [
        late
        for late in await repository.late(work.uow, site.id, today, units)
        if due(rules, late.standing, today) == asked.step
    ]
    not_due = sorted(set(units) - {late.unit_id for late in fitting})
    if not_due and not await repository.of_site(work.uow, site.id, not_due):
        raise NotFound
    if not fitting:
        return Outcomes(None, 0, 0, not_due, [])
    stern = asked.step in STERN
    debts = await repository.debts(
        work.uow, site.id, today, [late.unit_id for late in fitting], rank(asked.step), stern=stern
    )
    not_reached: list[UUID] = []
    if asked.step == "message":
        not_reached = await _send(platform, work, site, rules, fitting, debts)
    rows = [
        (new_id(), late.unit_id, late.party_id, _sum(debts[late.unit_id]), debts[late.unit_id])
        for late in fitting
        if late.unit_id not in not_reached
    ]
    if not rows:
        return Outcomes(None, 0, 0, not_due, not_reached)
    by = work.ctx.actor.id, work.ctx.actor.name
    batch_id, done = new_id(), (today, who, outcome, note, work.now, *by)
    await repository.take(work.uow, site.id, (batch_id, asked.step, rank(asked.step)), done, rows)
    total = sum(fen for _, _, _, fen, _ in rows)
    changes = {"billing.step": asked.step, "billing.households": len(rows), "amount_fen": total}
    work.audit("billing.dunning.taken", "billing_dunning", rows[0][0], changes, site_id=site.id)
    return Outcomes(rows[0][0], len(rows), total, not_due, not_reached)


async def together(work: Work, site: Site, dunning_id: UUID) -> list[Taken]:
    """What was carried out at once with that step, by unit. Raises NotFound."""
    enter(work, site)
    found = await repository.together(work.uow, site.id, dunning_id)
    if not found:
        raise NotFound
    return found


async def record(platform: Platform, work: Work, site: Site, unit_id: UUID) -> Record:
    """A household's dunning record, and the step that it is due for. Raises NotFound."""
    enter(work, site)
    rules: DunningRules = await platform.policies.value(work, DUNNING, site.id)
    today = site.today(work.now)
    label, payers, steps, promises, disputes = await repository.record(work.uow, site.id, unit_id, KEPT)
    if label is None:
        raise NotFound
    late = next(iter(await repository.late(work.uow, site.id, today, [unit_id])), None)
    promised = late.promised if late else None
    return Record(
        unit_id,
        label,
        due(rules, late.standing, today) if late else None,
        late.standing.asked_on if late else None,
        promised.state(today) if promised else None,
        promised.paid_fen if promised else 0,
        payers,
        steps,
        promises,
        disputes,
    )


def written(rules: DunningRules, step: Step, site: Site, day: date, values: tuple[str, str, int, date]) -> str:
    """The site's text of a step for a household: unit, name, what is asked for in fen, and since when it is due."""
    unit, name, fen, since = values
    text = {"message": rules.message_text, "notice": rules.notice_text}.get(step, rules.letter_text)
    said = {"site": site.name, "unit": unit, "name": name, "yuan": yuan(fen), "since": str(since), "day": str(day),
            "telephone": site.telephone}  # fmt: skip
    return fill(text, said)


async def _send(
    platform: Platform,
    work: Work,
    site: Site,
    rules: DunningRules,
    fitting: Iterable[Late],
    debts: dict[UUID, list[Debt]],
) -> list[UUID]:
    """Queue a message to each household; those who have no number. When it goes out, quiet hours decide."""
    residents = platform.notify.residents
    if not await residents.reachable(work, site.id):
        raise Conflict(msgid("The site has no text message service: have one set up, or phone them."))
    today, left = site.today(work.now), []
    for late in fitting:
        asked = debts[late.unit_id]
        since = min(debt.due_on for debt in asked)
        text = written(rules, "message", site, today, (late.unit, late.party, _sum(asked), since))
        if not await residents.send(work, site.id, late.party_id, text):
            left.append(late.unit_id)
    return left


def _check(step: Step, who: str, outcome: str, note: str) -> None:
    if step == "visit" and not who:
        raise Invalid.field("who", msgid("Say who went."))
    if step == "visit" and not outcome:
        raise Invalid.field("outcome", msgid("Say what came of the visit."))
    if step != "visit" and (who or outcome):
        raise Invalid.field("outcome", msgid("Only a visit has an outcome."))
    if step == "legal" and not note:
        raise Invalid.field("note", msgid("Say to whom it was handed over."))


def _row(late: Late, step: Step, today: date, *, broken: bool) -> Row:
    own, others = late.standing.own, late.standing.others
    asked = [share for share in ((own,) if step in STERN else (own, others)) if share.oldest_on is not None]
    oldest = min(share.oldest_on for share in asked if share.oldest_on is not None)
    fen = sum(share.fen for share in asked)
    return Row(
        late.unit_id, late.unit, late.party, step, fen, oldest, (today - oldest).days, late.standing.asked_on, broken
    )


def _sum(debts: Iterable[Debt]) -> int:
    return sum(debt.open_fen for debt in debts)


def _mark(sort_key: str, unit_id: UUID) -> str:
    return base64.urlsafe_b64encode(f"{unit_id} {sort_key}".encode()).decode().rstrip("=")


def _read(mark: str | None) -> tuple[str, UUID] | None:
    if not mark:
        return None
    try:
        id, _, key = base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)).decode().partition(" ")
        return key, UUID(id)
    except ValueError:
        raise Malformed("This page mark is not valid. Start from the first page.") from None
