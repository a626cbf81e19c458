"""The part of a demo company's past in which money moves: months are billed, households come to the counter, the cash
is counted, income and expenses are disclosed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import groupby
from typing import Final
from uuid import UUID
from zlib import crc32
from zoneinfo import ZoneInfo

import msgspec

from core.sdk import Chapter, Moment, Site, Teller, new_id
from plugins.billing.amounts.periods import period_with
from plugins.billing.amounts.spans import months_after
from plugins.billing.arrears import service as arrears
from plugins.billing.arrears.model import Wanted
from plugins.billing.closing import service as shifts
from plugins.billing.closing.counting import VALUES, Pieces, Slips
from plugins.billing.closing.days import service as days
from plugins.billing.closing.days.model import NewClosing
from plugins.billing.closing.model import CountedShift, NewHandover, NewShift
from plugins.billing.counter import reading, service
from plugins.billing.counter.model import NewPayment
from plugins.billing.counter.plan import Asked, plan
from plugins.billing.disclosure import service as disclosure
from plugins.billing.disclosure.model import Category, NewDisclosure, NewExpense
from plugins.billing.ledger.entries import Means
from plugins.billing.policies import COUNTER
from plugins.billing.runs import service as runs
from plugins.billing.runs.model import ItemTitle, NewRun
from plugins.billing.runs.work import compute_step, issue_step

_COUNTED: Final = timedelta(hours=8, minutes=30)  # after a shift was opened
_TILL_NEXT: Final = timedelta(minutes=17)  # household
_MEANS: Final[tuple[Means, ...]] = ("qr", "cash", "qr", "transfer", "card")


class Bills(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The present month and those before are billed on their second day: computed by one, agreed to by another. With
    the first of them come the longer periods that it lies in."""

    site: str
    by: str
    approved_by: str
    months: int


class Takings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A cashier's shifts: opened at `when`, so many households come and pay, counted in the evening, the cash brought
    to the bank; `closed_by` closes the day on the next morning."""

    site: str
    by: str
    when: tuple[str, ...]
    households: int
    closed_by: str
    float_fen: int = 20_000


class Spent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is spent every month."""

    category: Category
    amount_fen: int
    supplier: str = ""
    remark: str = ""


class Disclosures(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Each of the last months is disclosed on the eighth day after it: somebody enters what was spent, another
    publishes. `public` are items whose income is that of common parts."""

    site: str
    by: str
    published_by: str
    months: int
    spent: tuple[Spent, ...]
    public: tuple[str, ...] = ()
    note: str = ""


def bills(teller: Teller, told: Bills) -> Iterator[Moment]:
    """Months that are billed, as far as they have come."""
    site = teller.site(told.site)
    zone = ZoneInfo(site.timezone)
    present = teller.now.astimezone(zone).date().replace(day=1)
    first = months_after(present, 1 - told.months)
    for back in range(told.months):
        month = months_after(first, back)
        at = datetime.combine(month + timedelta(days=1), time(10), zone)
        if at <= teller.now:
            yield at, partial(_bill, teller, site, told, month, opening=month == first)


def takings(teller: Teller, told: Takings) -> Iterator[Moment]:
    """Shifts, and the mornings after them."""
    site = teller.site(told.site)
    for at in teller.instants(site, *told.when):
        coming: list[UUID] = []
        yield at, partial(_open, teller, site, told, coming)
        for number in range(told.households):
            yield at + (number + 1) * _TILL_NEXT, partial(_pay, teller, site, told, coming, number)
        yield at + _COUNTED, partial(_count, teller, site, told)
        yield at + timedelta(days=1), partial(_close, teller, site, told, at.date())


def disclosures(teller: Teller, told: Disclosures) -> Iterator[Moment]:
    """Months that are disclosed, as far as it is time."""
    site = teller.site(told.site)
    zone = ZoneInfo(site.timezone)
    present = teller.now.astimezone(zone).date().replace(day=1)
    for back in range(told.months, 0, -1):
        month = months_after(present, -back)
        at = datetime.combine(months_after(month, 1) + timedelta(days=7), time(15), zone)
        if at <= teller.now:
            yield at, partial(_disclose, teller, site, told, month)


async def _bill(teller: Teller, site: Site, told: Bills, month: date, *, opening: bool) -> None:
    def begins(item: ItemTitle) -> date:
        return month if item.cycle == "anniversary" else period_with(item.cycle, _read_to(item, month)).first

    work = teller.work_as(told.by)
    charged = [item for item in await runs.choices(work, site) if item.basis not in ("once", "shared")]
    fitting = [item for item in charged if begins(item) == _read_to(item, month) or opening]
    fitting.sort(key=begins)
    for first, items in groupby(fitting, begins):
        run = await runs.create(work, site, NewRun(first, [item.id for item in items]))
        while await compute_step(teller.platform, work, run.id):
            pass
        run = await runs.get(work, site, run.id)
        if not run.charges:
            await runs.discard(work, site, run.id, run.version)
            continue
        run = await runs.approve(teller.work_as(told.approved_by), site, run.id, run.version)
        await runs.issue(work, site, run.id, run.version)
        while await issue_step(teller.platform, work, run.id):
            pass


def _read_to(item: ItemTitle, month: date) -> date:
    """The month that is charged: of a meter the one before, which is read to its end."""
    return months_after(month, -1) if item.basis == "meter" else month


async def _open(teller: Teller, site: Site, told: Takings, coming: list[UUID]) -> None:
    work = teller.work_as(told.by)
    await shifts.open_shift(work, site, NewShift(told.float_fen))
    owing = [each for each in await arrears.exported(teller.platform, work, site, Wanted()) if _ever_pays(each.unit)]
    owing.sort(key=lambda each: crc32(f"{each.unit} {work.now:%W}".encode()))  # anybody, but the same in every demo
    coming += [each.unit_id for each in owing[: told.households]]


def _ever_pays(unit: str) -> bool:
    """Some do not, or there would be nobody to remind."""
    return crc32(unit.encode()) % 6 > 0


async def _pay(teller: Teller, site: Site, told: Takings, coming: list[UUID], number: int) -> None:
    if number >= len(coming):
        return
    work, unit_id = teller.work_as(told.by), coming[number]
    household = await reading.household(work, site, unit_id)
    assert household.payer is not None  # somebody owes it
    own = {charge.charge_id for charge in household.account.charges}
    means, charges = _MEANS[number % len(_MEANS)], household.ticked(own)
    most = (await teller.platform.policies.value(work, COUNTER, site.id)).round_off_most
    if means == "cash" and sum(each.charge.open_fen for each in charges) % 100 > most:
        means = "qr"  # there are no coins for it
    spread = plan(charges, Asked(round_off=means == "cash"), most)
    await service.take(
        teller.platform,
        work,
        site,
        NewPayment(
            key=str(new_id()),
            unit_id=unit_id,
            party_id=household.payer.party_id,
            means=means,
            amount_fen=spread.amount_fen,
            parts=spread.parts,
            rounded_fen=spread.rounded_fen,
            identified=True,
        ),
    )


async def _count(teller: Teller, site: Site, told: Takings) -> None:
    work = teller.work_as(told.by)
    shift = await shifts.own(work, site)
    assert shift is not None  # it was opened
    counts = {count.means: count for count in (await shifts.get(work, site, shift.id)).counts}
    taken = counts["cash"].expected_fen
    slips = [Slips(count.means, count.entries, count.ledger_fen) for count in counts.values() if count.means != "cash"]
    closed = await shifts.close(
        teller.platform, work, site, shift.id, shift.version, CountedShift(_pieces(taken), slips)
    )
    if cash := closed.in_drawer_fen - told.float_fen:
        slip = f"XJ{work.now:%m%d}01"
        await shifts.hand_over(work, site, shift.id, NewHandover("bank", cash, slip))


async def _close(teller: Teller, site: Site, told: Takings, day: date) -> None:
    new = NewClosing("day", day, "已逐笔核对，情况属实。")
    await days.close(teller.platform, teller.work_as(told.closed_by), site, new)


async def _disclose(teller: Teller, site: Site, told: Disclosures, month: date) -> None:
    work, leads = teller.work_as(told.by), teller.work_as(told.published_by)
    for item in await disclosure.headings(leads, site):
        if item.item in told.public and item.heading != "public":
            await disclosure.set_heading(leads, site, item.item_id, "public", item.version)
    each = [msgspec.structs.asdict(spent) for spent in told.spent]
    await disclosure.add_expenses(work, site, [NewExpense(month=month, **spent) for spent in each])
    draft = await disclosure.draft(teller.platform, leads, site, "month", month)
    new = NewDisclosure(kind="month", first_day=month, digest=draft.digest, note=told.note)
    await disclosure.publish(teller.platform, leads, site, new)


def _pieces(fen: int) -> list[Pieces]:
    """The fewest notes and coins."""
    counted = []
    for value in VALUES:
        pieces, fen = divmod(fen, value)
        if pieces:
            counted.append(Pieces(value, pieces))
    return counted


ALL: Final = (
    Chapter("bills", Bills, bills),
    Chapter("takings", Takings, takings),
    Chapter("disclosures", Disclosures, disclosures),
)
