"""What the counter looks at: a household with what it and its payer owe, the register of receipts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from core.sdk import NotFound, Site, Work, midnight, part_of, read_mark, write_mark
from plugins.billing.access import enter
from plugins.billing.counter import repository
from plugins.billing.counter.model import ROWS, MeansSum, Person, Receipt, ReceiptPage, Wanted
from plugins.billing.counter.plan import Ticked
from plugins.billing.ledger import reading
from plugins.billing.ledger.entries import Open
from plugins.billing.ledger.model import OpenCharge, UnitAccount

_Span = tuple[datetime | None, datetime | None]


class Household(msgspec.Struct, frozen=True):
    """A household at the counter: who may pay for it, who does, its account, and those of the payer's other units."""

    people: list[Person]
    payer: Person | None
    account: UnitAccount
    others: list[UnitAccount]

    @property
    def accounts(self) -> list[UnitAccount]:
        return [self.account, *self.others]

    def ticked(self, charges: set[UUID]) -> list[Ticked]:
        """Those of the charges that are open here."""
        return [
            Ticked(account.unit_id, Open(charge.charge_id, charge.item_id, charge.due_on, charge.open_fen))
            for account in self.accounts
            for charge in account.charges
            if charge.charge_id in charges
        ]

    def charges(self) -> dict[UUID, tuple[UnitAccount, OpenCharge]]:
        """All that is open, by charge."""
        return {each.charge_id: (account, each) for account in self.accounts for each in account.charges}


async def household(work: Work, site: Site, unit_id: UUID, party_id: UUID | None = None) -> Household:
    """A household, for which that person pays; without one the person who owes most, else the first owner. Other units
    of theirs that owe nothing are left out. Raises NotFound."""
    enter(work, site)
    present, known = await repository.household(work.uow, site.id, unit_id, site.today(work.now))
    units = dict.fromkeys([unit_id, *(each.unit_id for each in known)])
    accounts = {account.unit_id: account for account in await reading.accounts(work, site, list(units))}
    if unit_id not in accounts:
        raise NotFound
    own = accounts[unit_id]
    people = {each.party_id: each for each in present}
    known_here = {c.party_id: c.party for c in own.charges} | {p.party_id: p.party for p in own.prepaid}
    for id, name in known_here.items():
        people.setdefault(id, Person(id, name, ""))
    owed = {id: sum(charge.open_fen for charge in own.charges if charge.party_id == id) for id in people}
    first = max(people, key=lambda id: owed[id], default=None)  # the first of several that owe the same
    wanted = party_id or first
    payer = people.get(wanted) if wanted is not None else None
    if party_id is not None and payer is None:
        raise NotFound
    theirs = {each.unit_id for each in known if payer is not None and each.party_id == payer.party_id}
    others = [account for id, account in accounts.items() if id in theirs and account.charges]
    return Household(list(people.values()), payer, own, others)


async def register(work: Work, site: Site, wanted: Wanted, cursor: str | None = None, limit: int = 50) -> ReceiptPage:
    """A page of receipts, the newest first; `limit` is 200 at most (IN-9). Raises Malformed for a cursor that is not
    one of ours."""
    most = min(limit, ROWS)
    found = await listed(work, site, wanted, cursor, most + 1)
    more = write_mark(found[most - 1].at, found[most - 1].id) if len(found) > most else None
    return ReceiptPage(found[:most], more)


async def listed(work: Work, site: Site, wanted: Wanted, cursor: str | None, most: int) -> list[Receipt]:
    """Receipts behind that mark, the newest first."""
    enter(work, site)
    after = read_mark(cursor) if cursor else (None, None)
    return await repository.page(work.uow, site.id, *_which(site, wanted), after, most)


async def sums(work: Work, site: Site, wanted: Wanted) -> list[MeansSum]:
    """What valid ones of these receipts come to, by means."""
    enter(work, site)
    return await repository.sums(work.uow, site.id, *_which(site, wanted))


async def cashiers(work: Work, site: Site, since: datetime) -> dict[str, str]:
    """The names of those who have given receipts since then, by their ids."""
    enter(work, site)
    return {str(id): name for id, name in await repository.cashiers(work.uow, site.id, since)}


def _which(site: Site, wanted: Wanted) -> tuple[_Span, Wanted, str | None]:
    since = midnight(site, wanted.since) if wanted.since else None
    until = midnight(site, wanted.until, 1) if wanted.until else None
    text = wanted.text.strip()
    return (since, until), wanted, part_of(text) if text else None
