"""The rules of the disclosure (BIL-8): it says what the ledger and the expenses say, and stays as it was published.
Callers commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from core.sdk import Conflict, Invalid, NotFound, Platform, PreconditionFailed, Site, Work, msgid, new_id
from plugins.billing.access import enter
from plugins.billing.amounts.spans import months_after
from plugins.billing.disclosure import repository
from plugins.billing.disclosure.model import (
    CATEGORIES,
    HEADINGS,
    Draft,
    EditionDetail,
    EditionPage,
    Expense,
    ExpensePage,
    Heading,
    ItemHeading,
    Kind,
    Line,
    NewDisclosure,
    NewExpense,
    OwnCategory,
    Sums,
    days_of,
)
from plugins.billing.disclosure.policy import PUBLIC
from plugins.billing.disclosure.repository import Figure

# In this order they are told: the company's own categories before all that is other.
_SPENT: Final = (*(code for code in CATEGORIES if code != "other"), "own", "other")
_PLACES: Final[dict[str, Sequence[str]]] = {"income": tuple(HEADINGS), "expense": _SPENT}
_YEARS: Final = 10  # back that an expense may be of
_EARLIEST: Final = 2000  # year of a disclosure


async def expenses(
    work: Work, site: Site, month: date | None = None, cursor: UUID | None = None, limit: int = 50
) -> ExpensePage:
    """What the site has spent, the latest month first; or of that month."""
    enter(work, site)
    found = await repository.expenses(work.uow, site.id, month, cursor, min(limit, 200) + 1)
    more = found[limit - 1].id if len(found) > limit else None
    return ExpensePage(found[:limit], more)


async def add_expenses(work: Work, site: Site, new: Sequence[NewExpense]) -> list[UUID]:
    """Enter expenses; once entered they stay. Raises Invalid naming the field of the first that is wrong."""
    enter(work, site)
    today = site.today(work.now)
    clean = [_checked(each, today) for each in new]
    rows = [(new_id(), each) for each in clean]
    try:
        await repository.enter(work.uow, site.id, rows, work.now, _by(work))
    except asyncpg.ForeignKeyViolationError:
        raise Invalid.field("category_id", msgid("Choose one of your company's categories.")) from None
    for id, each in rows:
        changes = {"month": f"{each.month:%Y-%m}", "amount_fen": each.amount_fen}
        work.audit("billing.expense.entered", "billing_expense", id, changes, site_id=site.id)
    return [id for id, _ in rows]


async def reverse(work: Work, site: Site, expense_id: UUID, reason: str) -> Expense:
    """Take an expense back, by an entry of the other sign in its month. Raises NotFound, Invalid, Conflict."""
    enter(work, site)
    found = await repository.expense(work.uow, site.id, expense_id)
    if found is None:
        raise NotFound
    if not reason.strip():
        raise Invalid.field("reason", msgid("Say why it is taken back."))
    if found.reverses is not None:
        raise Conflict(msgid("This entry takes another one back: enter what is right anew."))
    try:
        id = await repository.reverse(work.uow, site.id, expense_id, reason.strip(), work.now, _by(work))
    except asyncpg.UniqueViolationError:
        raise Conflict(msgid("This expense is taken back already.")) from None
    changes = {"month": f"{found.month:%Y-%m}", "amount_fen": -found.amount_fen}
    work.audit("billing.expense.reversed", "billing_expense", expense_id, changes, site_id=site.id)
    return msgspec.structs.replace(
        found, id=id, amount_fen=-found.amount_fen, remark=reason.strip(), reverses=expense_id, reversed_by=None,
        at=work.now, by_name=work.ctx.actor.name,
    )  # fmt: skip


async def get_expense(work: Work, site: Site, expense_id: UUID) -> Expense:
    """An expense. Raises NotFound, also for one of another site."""
    enter(work, site)
    found = await repository.expense(work.uow, site.id, expense_id)
    if found is None:
        raise NotFound
    return found


async def categories(work: Work, site: Site) -> list[OwnCategory]:
    """The company's own categories."""
    enter(work, site)
    return await repository.categories(work.uow)


async def add_category(work: Work, site: Site, title: str) -> OwnCategory:
    """Another category, for all sites of the company. Raises Invalid, Conflict for one that there is."""
    enter(work, site)
    title = title.strip()
    if not title:
        raise Invalid.field("title", msgid("Give the category a name."))
    id = await repository.add_category(work.uow, title, work.now, _by(work))
    if id is None:
        raise Conflict(msgid("There is a category of this name already."))
    work.audit("billing.expense_category.added", "billing_expense_category", id, {}, site_id=site.id)
    return OwnCategory(id, title)


async def headings(work: Work, site: Site) -> list[ItemHeading]:
    """Under which heading each item's money is told."""
    enter(work, site)
    return await repository.headings(work.uow, site.id)


async def set_heading(work: Work, site: Site, item_id: UUID, heading: Heading, expected: int) -> ItemHeading:
    """Tell an item's money under that heading, in editions from now on. Raises NotFound, PreconditionFailed."""
    enter(work, site)
    found = await repository.headings(work.uow, site.id, item_id)
    if not found:
        raise NotFound
    if not await repository.set_heading(work.uow, site.id, item_id, heading, expected):
        raise PreconditionFailed
    changes = {"heading": [found[0].heading, heading]}
    work.audit("billing.heading.set", "billing_item", item_id, changes, site_id=site.id)
    return msgspec.structs.replace(found[0], heading=heading, version=expected + 1)


async def draft(platform: Platform, work: Work, site: Site, kind: Kind, day: date | None = None) -> Draft:
    """What would be published now of the month, quarter or year that the day is in; without one, of the last that is
    over. Raises Invalid for one that has not begun."""
    if day is None:
        day = days_of(kind, site.today(work.now))[0] - timedelta(days=1)
    return (await _draft(platform, work, site, kind, days_of(kind, day)[0]))[0]


async def publish(platform: Platform, work: Work, site: Site, new: NewDisclosure) -> UUID:
    """Publish the draft that was seen; it stays as it is. The edition before it is replaced, and says by which.

    Raises Invalid, Conflict where the period is not over, the figures have changed since they were looked at, or
    somebody else was first.
    """
    shown, replaces = await _draft(platform, work, site, new.kind, new.first_day)
    new = msgspec.structs.replace(new, note=new.note.strip(), reason=new.reason.strip())
    if not shown.over:
        raise Conflict(msgid("This period is not over yet."))
    if new.digest != shown.digest:
        raise Conflict(msgid("The figures have changed since you looked at them. Look at them again, then publish."))
    if replaces is not None and not new.reason:
        raise Invalid.field("reason", msgid("Say why this edition replaces the one before: everybody reads it."))
    if replaces is None and new.reason:
        raise Invalid.field("reason", msgid("Only an edition that replaces another one has a reason."))
    try:
        id = await repository.publish(work.uow, site.id, shown, new, replaces, work.now, _by(work))
    except asyncpg.UniqueViolationError:
        raise Conflict(msgid("Somebody else has published this period just now.")) from None
    changes = {"first_day": shown.first_day, "until": shown.last_day, "edition": shown.edition}
    work.audit("billing.disclosure.published", "billing_disclosure", id, changes, site_id=site.id)
    return id


async def editions(
    work: Work, site: Site, cursor: UUID | None = None, limit: int = 50, *, standing: bool = False
) -> EditionPage:
    """What was published, the latest first; `standing`: without what was replaced."""
    enter(work, site)
    found = await repository.editions(work.uow, site.id, cursor, min(limit, 200) + 1, standing=standing)
    return EditionPage(found[:limit], found[limit - 1].id if len(found) > limit else None)


async def edition(work: Work, site: Site, disclosure_id: UUID) -> EditionDetail:
    """An edition with its lines, as it was published. Raises NotFound, also for one of another site."""
    enter(work, site)
    found = await repository.edition(work.uow, site.id, disclosure_id)
    if found is None:
        raise NotFound
    return EditionDetail(found, await repository.lines(work.uow, site.id, disclosure_id))


async def _draft(platform: Platform, work: Work, site: Site, kind: Kind, first_day: date) -> tuple[Draft, UUID | None]:
    enter(work, site)
    (begins, last), today = days_of(kind, first_day), site.today(work.now)
    if first_day != begins or first_day > today or first_day.year < _EARLIEST:
        raise Invalid.field("first_day", msgid("Give the first day of a month, quarter or year that has begun."))
    rules = await platform.policies.value(work, PUBLIC, site.id)
    figures = await repository.figures(work.uow, site.id, first_day, last)
    closed, before, edition = await repository.state(work.uow, site.id, kind, first_day, last)
    lines = [
        Line(f.part, f.heading, f.title, f.charged_fen, f.received_fen, f.spent_fen)
        for f in sorted(figures, key=_place)
        if f.charged_fen or f.received_fen or f.spent_fen
    ]
    sums = _sums(rules.balance_fen, figures)
    whole = msgspec.json.encode([kind, first_day, edition, sums, lines])
    months = (last.year - first_day.year) * 12 + last.month - first_day.month + 1
    shown = Draft(
        kind, first_day, last, last < today, closed == months, edition + 1, sums, lines, sha256(whole).hexdigest()
    )
    return shown, before


def _sums(balance_fen: int, figures: Sequence[Figure]) -> Sums:
    own = [each for each in figures if each.heading != "collected"]
    before = sum(each.before_fen if each.part == "income" else -each.before_fen for each in own)
    charged, received, spent = (
        sum(getattr(each, name) for each in own) for name in ("charged_fen", "received_fen", "spent_fen")
    )
    opening = balance_fen + before
    return Sums(opening, charged, received, spent, opening + received - spent)


def _place(figure: Figure) -> tuple[bool, int, str]:
    return figure.part == "expense", _PLACES[figure.part].index(figure.heading), figure.title


def _checked(new: NewExpense, today: date) -> NewExpense:
    if new.month.day != 1 or not months_after(today.replace(day=1), -12 * _YEARS) <= new.month <= today:
        raise Invalid.field("month", msgid("Give the first day of a month that has begun."))
    if (new.category == "own") != (new.category_id is not None):
        raise Invalid.field("category_id", msgid("Choose one of your company's categories."))
    return msgspec.structs.replace(
        new, supplier=new.supplier.strip(), document=new.document.strip(), remark=new.remark.strip()
    )


def _by(work: Work) -> tuple[UUID | None, str]:
    return work.ctx.actor.id, work.ctx.actor.name
