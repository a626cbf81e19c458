"""What repairs tell of a demo company's past: prices, trades, builders, days of handover, and steps on orders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from uuid import UUID

import msgspec

from core.sdk import Chapter, Moment, NewSignature, Site, StoryStep, Teller, TicketStep, Work
from plugins.repairs.charges import service as charges
from plugins.repairs.charges.model import ConfirmedBy, NewConsent, NewLine, Shown, Signing, Waiver
from plugins.repairs.forms import scaled
from plugins.repairs.kinds import Item
from plugins.repairs.orders import order
from plugins.repairs.prices import service as prices
from plugins.repairs.prices.model import NewPrice, NewPrices
from plugins.repairs.sheets import contractors
from plugins.repairs.sheets import model as sheets_model
from plugins.repairs.sheets import repository as sheets_repository
from plugins.repairs.sheets import service as sheets
from plugins.repairs.sheets.model import NewContractor
from plugins.repairs.visits import service as visits
from plugins.repairs.visits.model import NewVisit, TradeEntry
from plugins.repairs.warranty import service as warranty
from plugins.repairs.warranty.model import Decision, NewTerm, Warranty


class _Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where, by whom and when."""

    site: str
    by: str
    when: tuple[str, ...]


class Prices(_Told, frozen=True, kw_only=True):
    """A price list that somebody sets."""

    prices: tuple[NewPrice, ...]


class Trades(_Told, frozen=True, kw_only=True):
    """The trades of somebody."""

    person: str
    trades: tuple[TradeEntry, ...]


class Handovers(_Told, frozen=True, kw_only=True):
    """The day on which the units of buildings were handed over, up to 200 of each."""

    buildings: tuple[str, ...]
    on: date


class Builders(_Told, frozen=True, kw_only=True):
    """Builders that somebody enters."""

    builders: tuple[NewContractor, ...]


class Found(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What turned out to be out of order; `text` says where exactly."""

    item: Item
    text: str = ""


class Agreed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A visit that was agreed: who comes, in how many minutes, for how many."""

    to: str
    minutes: int
    lasts: int = 60
    text: str = ""


class Used(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So much of something on the price list."""

    code: str
    quantity: str = "1"
    text: str = ""


class Confirmed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`text` is who confirms the charge."""

    how: ConfirmedBy = "telephone"
    text: str = ""


class Signed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`text` is who signs on paper for what the order comes to."""

    text: str = ""


class Waived(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`text` is why."""

    text: str = ""


class Judged(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A decision on the warranty; `text` is what it rests on."""

    warranty: Warranty
    text: str = ""


class Issued(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A work contact sheet to that builder, who promises the day in so many `days`; `text` is the matter."""

    to: str
    days: int | None = None
    text: str = ""


class Chased(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What came of the latest sheet; `days` until the day that is promised. Of `accept`, `text` is the owner who signs
    on paper."""

    kind: sheets_model.Kind
    spoke: str = ""
    days: int | None = None
    text: str = ""


def _moments(teller: Teller, told: Prices | Trades | Handovers | Builders) -> Iterator[Moment]:
    site = teller.site(told.site)
    for at in teller.instants(site, *told.when):
        yield at, partial(_happen, teller, site, told)


async def _happen(teller: Teller, site: Site, told: Prices | Trades | Handovers | Builders) -> None:
    work = teller.work_as(told.by)
    if isinstance(told, Prices):
        await prices.put(work, site, NewPrices(site.today(work.now), told.prices))
    elif isinstance(told, Handovers):
        for building in told.buildings:
            page = await teller.platform.estate.units(work, site, "", None, 200, building=building)
            await warranty.put(work, site, [NewTerm(unit.id, told.on) for unit in page.items])
    elif isinstance(told, Builders):
        for builder in told.builders:
            await contractors.add(work, site, builder)
    else:
        await visits.learn(teller.platform, work, site, teller.person(told.person), told.trades)


async def _found(teller: Teller, found: Found, work: Work, site: Site, ticket_id: UUID) -> None:
    fields: dict[str, str | int | float | bool | None] = {"item": found.item, "spot": found.text}
    await teller.platform.tickets.act(work, site, ticket_id, "amend", TicketStep(fields=fields), None)


async def _agreed(teller: Teller, agreed: Agreed, work: Work, site: Site, ticket_id: UUID) -> None:
    starts = work.now.replace(second=0, microsecond=0) + timedelta(minutes=agreed.minutes)
    new = NewVisit(teller.person(agreed.to), starts, starts + timedelta(minutes=agreed.lasts), agreed.text)
    await visits.book(teller.platform, work, site, ticket_id, new)


async def _used(teller: Teller, used: Used, work: Work, site: Site, ticket_id: UUID) -> None:
    new = NewLine(used.code, scaled(used.quantity, 1000, "quantity"), used.text)
    await charges.add(teller.platform, work, site, ticket_id, new)


async def _confirmed(teller: Teller, said: Confirmed, work: Work, site: Site, ticket_id: UUID) -> None:
    due = (await order.get(teller.platform, work, site, ticket_id)).due_fen
    if due:
        new = NewConsent("charge", due, said.how, said.text)
        await charges.agree(teller.platform, work, site, ticket_id, new)


async def _signed(teller: Teller, said: Signed, work: Work, site: Site, ticket_id: UUID) -> None:
    now = await order.get(teller.platform, work, site, ticket_id)
    signature = NewSignature(signer=said.text, on_paper=True, remark="签字的维修单已归档")
    signing = Signing(Shown("charge", now.due_fen, now.revision), signature)
    await charges.sign(teller.platform, work, site, ticket_id, signing)


async def _waived(teller: Teller, said: Waived, work: Work, site: Site, ticket_id: UUID) -> None:
    due = (await order.get(teller.platform, work, site, ticket_id)).due_fen
    if due:
        await charges.waive(teller.platform, work, site, ticket_id, Waiver(due, said.text))


async def _judged(teller: Teller, judged: Judged, work: Work, site: Site, ticket_id: UUID) -> None:
    await warranty.decide(teller.platform, work, site, ticket_id, Decision(judged.warranty, judged.text))


async def _issued(teller: Teller, told: Issued, work: Work, site: Site, ticket_id: UUID) -> None:
    builder = next((each for each in await contractors.listed(work, site) if each.name == told.to), None)
    if builder is None:
        raise ValueError(f"there is no builder {told.to}")
    new = sheets_model.NewSheet(
        ticket_id=ticket_id, contractor_id=builder.id, matter=told.text, promised_on=_ahead(work, site, told.days)
    )
    await sheets.issue(teller.platform, work, site, new)


async def _chased(teller: Teller, told: Chased, work: Work, site: Site, ticket_id: UUID) -> None:
    latest = max(await sheets_repository.of_ticket(work.uow, site.id, ticket_id), key=lambda sheet: sheet.issued_at)
    signs = told.kind == "accept"
    step = sheets_model.NewStep(
        kind=told.kind,
        text="" if signs else told.text,
        spoke_with=told.spoke,
        via="call" if told.kind == "chase" else "",
        promised_on=_ahead(work, site, told.days),
        signature=NewSignature(signer=told.text, on_paper=True, remark="签字的联系单已存档") if signs else None,
    )
    await sheets.step(teller.platform, work, site, latest.id, step)


def _ahead(work: Work, site: Site, days: int | None) -> date | None:
    return None if days is None else site.today(work.now) + timedelta(days=days)


CHAPTERS: list[Chapter | StoryStep] = [
    Chapter("prices", Prices, _moments),
    Chapter("trades", Trades, _moments),
    Chapter("handovers", Handovers, _moments),
    Chapter("builders", Builders, _moments),
    StoryStep("item", Found, _found),
    StoryStep("visit", Agreed, _agreed),
    StoryStep("material", Used, _used),
    StoryStep("confirm", Confirmed, _confirmed),
    StoryStep("sign", Signed, _signed),
    StoryStep("waive", Waived, _waived),
    StoryStep("warranty", Judged, _judged),
    StoryStep("sheet", Issued, _issued),
    StoryStep("builder", Chased, _chased),
]
