"""The rules of damages (BIL-5): computed by `amounts/damages.py` from what the ledger has, charged by hand, waived once
a second person has agreed. Callers commit."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from core.sdk import ApprovalKind, Conflict, Invalid, NotFound, Platform, Site, Work, msgid, new_id
from plugins.billing.access import enter
from plugins.billing.amounts.damages import Damages, damages
from plugins.billing.arrears.damages import repository
from plugins.billing.arrears.damages.model import (
    MOST,
    Charged,
    DamagesPage,
    HouseholdDamages,
    LateCharge,
    OpenDamages,
    UnitDamages,
    WaiverAsked,
)
from plugins.billing.arrears.damages.policy import DAMAGES, DamagesRules
from plugins.billing.arrears.damages.repository import Principal
from plugins.billing.ledger import service as ledger
from plugins.billing.ledger.entries import Charge, Part, Waiver
from plugins.billing.marks import place, read_place
from plugins.billing.permissions import DAMAGES_WAIVE
from plugins.billing.telling import yuan


async def of_unit(platform: Platform, work: Work, site: Site, unit_id: UUID) -> UnitDamages:
    """What a household's damages come to until today. Nothing for a unit that there is not."""
    enter(work, site)
    found = await _of_units(platform, work, site, [unit_id])
    if unit_id in found:
        return found[unit_id]
    return UnitDamages(unit_id, site.today(work.now), [], 0, 0, [], 0, False)


async def listed(platform: Platform, work: Work, site: Site, cursor: str | None, limit: int) -> DamagesPage:
    """Households whose damages until today can be charged, by unit. Raises Malformed for a cursor that is not ours."""
    enter(work, site)
    rules: DamagesRules = await platform.policies.value(work, DAMAGES, site.id)
    if not rules.codes:
        return DamagesPage([], None, 0, False, False)
    today, most = site.today(work.now), min(limit, MOST)
    units = await repository.accruing(work.uow, site.id, rules.codes, today, read_place(cursor), most + 1)
    shown = units[:most]
    told = await _told_of(rules, work, site, [unit_id for unit_id, _, _ in shown])
    items = [_household(label, told[unit_id]) for unit_id, label, _ in shown if unit_id in told]
    items = [each for each in items if each.left_fen]
    more = place(shown[-1][2], shown[-1][0]) if len(units) > most else None
    return DamagesPage(items, more, sum(each.left_fen for each in items), True, bool(rules.charged_by))


async def charge(platform: Platform, work: Work, site: Site, unit_ids: Collection[UUID]) -> Charged:
    """Charge the damages of households until today, each day of a charge once: what was charged before is taken off.
    Raises Conflict where the site has no item to charge them by, or the month is closed."""
    enter(work, site)
    await work.uow.wait_for_turn(f"billing damages {site.id}")
    rules: DamagesRules = await platform.policies.value(work, DAMAGES, site.id)
    item_id = await repository.item_of(work.uow, site.id, rules.charged_by) if rules.charged_by else None
    if item_id is None:
        raise Conflict(msgid("No fee item for damages is chosen yet: choose one in the rules of damages."))
    found = await _of_units(platform, work, site, unit_ids)
    charges, rows, units = [], [], set()
    for unit_id, told in found.items():
        for late in told.charges:
            if late.left_fen:
                made = Charge(unit_id, late.party_id, item_id, new_id(), late.left_fen)
                charges.append(made)
                rows.append((made.charge_id, unit_id, late.charge_id, late.left_fen))
                units.add(unit_id)
    if not charges:
        return Charged(0, 0, 0)
    await ledger.issue(work, site, charges)
    by = work.ctx.actor.id, work.ctx.actor.name
    await repository.add(work.uow, site.id, site.today(work.now), work.now, by, rows)
    total = sum(each.amount_fen for each in charges)
    changes = {"billing.households": len(units), "billing.charges": len(charges), "amount_fen": total}
    work.audit("billing.damages.charged", "site", site.id, changes, site_id=site.id)
    return Charged(len(units), len(charges), total)


async def ask_waiver(platform: Platform, work: Work, site: Site, unit_id: UUID, reason: str) -> UUID:
    """Ask a second person to agree that all of a household's open damages need not be paid; the approval's id. Raises
    NotFound, Invalid, and Conflict where none are open or the same is asked already."""
    enter(work, site)
    if not (reason := reason.strip()):
        raise Invalid.field("reason", msgid("Say why."))
    label = await repository.label(work.uow, site.id, unit_id)
    if label is None:
        raise NotFound
    told = await of_unit(platform, work, site, unit_id)
    if not told.open:
        raise Conflict(msgid("No damages of this household are open."))
    parts = tuple(Part(each.charge_id, each.open_fen) for each in told.open)
    asked = WaiverAsked(new_id(), unit_id, label, yuan(told.open_fen), reason, parts)
    return await platform.approvals.ask(
        work, site, WAIVER.id, str(unit_id), asked, permission=DAMAGES_WAIVE.id, reason=reason
    )


async def waive(work: Work, site: Site, asked: WaiverAsked) -> None:
    """What agreeing does: the waiver is posted, once. Raises Conflict where some of it was paid meanwhile."""
    await ledger.post(
        work, site, Waiver(asked.unit_id, asked.parts), key=f"damages {asked.waiver_id}", note=asked.reason
    )


WAIVER = ApprovalKind(
    id="billing.damages_waiver",
    title=msgid("Waiver of damages"),
    text=msgid("Waive {yuan} yuan of damages of {unit}"),
    payload=WaiverAsked,
    effect=waive,
    page="billing/arrears/units/{unit_id}",
)


def accrued(rules: DamagesRules, principal: Principal, until: date) -> LateCharge:
    """What a charge's damages come to until that day; nothing accrues on days on which it was disputed."""
    told = damages(
        Damages(
            principal.charged_fen, principal.due_on, rules.grace_days, rules.from_due, rules.rate, rules.cap,
            principal.payments, principal.disputed, until,
        )
    )  # fmt: skip
    of = principal.charge_id, principal.item, principal.party_id, principal.due_on, principal.open_fen
    return LateCharge(*of, told.damages_fen, principal.billed_fen)


async def _of_units(platform: Platform, work: Work, site: Site, unit_ids: Collection[UUID]) -> dict[UUID, UnitDamages]:
    return await _told_of(await platform.policies.value(work, DAMAGES, site.id), work, site, unit_ids)


async def _told_of(
    rules: DamagesRules, work: Work, site: Site, unit_ids: Collection[UUID]
) -> dict[UUID, UnitDamages]:  # fmt: skip
    if not unit_ids or (not rules.codes and not rules.charged_by):
        return {}
    today = site.today(work.now)
    found = await repository.facts(work.uow, site.id, unit_ids, rules.codes, rules.charged_by, today)
    return {
        unit_id: _told(unit_id, today, [accrued(rules, each, today) for each in principals], opened, rules)
        for unit_id, (principals, opened) in found.items()
    }


def _household(label: str, told: UnitDamages) -> HouseholdDamages:
    late = [each for each in told.charges if each.left_fen]
    oldest = min((each.due_on for each in late), default=told.until)
    opened, accrued = sum(each.open_fen for each in late), sum(each.accrued_fen for each in late)
    return HouseholdDamages(told.unit_id, label, len(late), oldest, opened, accrued, told.left_fen)


def _told(
    unit_id: UUID, today: date, lates: list[LateCharge], opened: list[OpenDamages], rules: DamagesRules
) -> UnitDamages:
    lates = [late for late in lates if late.accrued_fen or late.billed_fen]
    sums = sum(late.accrued_fen for late in lates), sum(late.left_fen for late in lates)
    owed = sum(each.open_fen for each in opened)
    return UnitDamages(unit_id, today, lates, *sums, opened, owed, bool(rules.charged_by))
