"""The rules of the ledger: what is posted once, on whose account, in which month (MO-2 to MO-7). Callers commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from core.sdk import Conflict, Invalid, NotFound, Site, Work, msgid, new_id
from plugins.billing.access import enter
from plugins.billing.ledger import entries, repository
from plugins.billing.ledger.entries import Charge, Entry, Posting
from plugins.billing.ledger.model import Period, Posted
from plugins.billing.ledger.repository import Seen, Written

OTHER_CONTENT: Final = msgid("Something else has been posted under this key.")
CLOSED: Final = msgid("The month is closed. Post into the open one.")
_encode = msgspec.json.Encoder(order="deterministic").encode


async def post(work: Work, site: Site, entry: Entry, *, key: str, note: str = "", held: bool = False) -> Posted:
    """Post an entry on a unit's account, under the site's day. The same under the same key posts nothing and answers
    with the first (MO-3). `held`: the caller has the account alone already. Raises NotFound for units and charges of
    elsewhere, Invalid, and Conflict for more than is there, for another content under the key, and where the month is
    closed (MO-4, MO-5, MO-7)."""
    enter(work, site)
    key = f"post {key}"  # charges and what undoes an entry have keys of their own
    if not held:
        await repository.hold(work.uow, site.id, entry.unit_id)
    seen = await repository.look(work.uow, site.id, entry.unit_id, key, entries.charges_of(entry))
    digest = digest_of(entry, note)
    if seen.id is not None:
        return _known(seen, digest, OTHER_CONTENT)
    if not seen.of_site:
        raise NotFound
    lines = entries.postings(entry, seen.books)
    kind = type(entry).__struct_config__.tag
    written = Written(new_id(), str(kind), key, digest, lines, note)
    return await _write(work, site, seen.closed, written)


async def reverse(work: Work, site: Site, entry_id: UUID, reason: str) -> Posted:
    """Undo an entry by its mirror, once; the same again answers with the first. Raises NotFound, Invalid without a
    reason, Conflict where it has been undone, is an undoing itself, or what came later builds on it."""
    enter(work, site)
    if not (reason := reason.strip()):
        raise Invalid.field("reason", msgid("Say why."))
    found = await repository.hold_entry(work.uow, site.id, entry_id)
    if found is None:
        raise NotFound
    kind, unit_id, undone = found
    if kind == "reversal":
        raise Conflict(msgid("What undoes an entry is not undone itself. Post what is right anew."))
    key, digest = f"reversal {entry_id}", digest_of(entry_id, reason)
    charges = {line.charge_id for line in undone if line.charge_id is not None}
    seen = await repository.look(work.uow, site.id, unit_id, key, charges)
    if seen.id is not None:
        return _known(seen, digest, msgid("This entry has been undone already."))
    lines = entries.reversal(undone, seen.books)
    return await _write(work, site, seen.closed, Written(new_id(), "reversal", key, digest, lines, reason, entry_id))


async def issue(work: Work, site: Site, charges: Sequence[Charge]) -> int:
    """Charges are owed from now on, each once, whoever asks how often; how many are new (BIL-2, MO-3). Raises Invalid,
    NotFound for a unit of elsewhere, and Conflict where a charge was issued otherwise, or the month is closed."""
    enter(work, site)
    if not charges:
        return 0
    await repository.share(work.uow, site.id)
    units = {charge.unit_id for charge in charges}
    of_site, closed = await repository.look_at_units(work.uow, site.id, units)
    if of_site < len(units):
        raise NotFound
    each = {
        f"charge {c.charge_id}": Written(
            new_id(), "charge", f"charge {c.charge_id}", digest_of(c, ""), entries.issued(c)
        )
        for c in charges
    }
    if len(each) < len(charges):
        raise Invalid.field("charges", msgid("Name each charge once."))
    new = await _entered(work, site, closed, list(each.values()))
    known = [written.key for written in each.values() if written.id not in new]
    for key, digest in (await repository.digests(work.uow, site.id, known)).items() if known else ():
        if digest != each[key].digest:
            raise Conflict(OTHER_CONTENT)
    if new:
        total = sum(c.amount_fen for c in charges if each[f"charge {c.charge_id}"].id in new)
        changes = {"charges": len(new), "amount_fen": total}
        work.audit("billing.ledger.issued", "site", site.id, changes, site_id=site.id)
    return len(new)


async def close(work: Work, site: Site, month: date) -> Period:
    """Close a month for good: what debits is what credits, and nothing is posted into it or before it any more (MO-7).
    Raises Conflict before it has ended, before an earlier one that has entries, and for one that is closed."""
    enter(work, site)
    if month.day != 1:
        raise Invalid.field("month", msgid("Name the month by its first day."))
    if site.today(work.now) < following(month):
        raise Conflict(msgid("The month is not over yet."))
    await repository.hold_alone(work.uow, site.id)
    closed, first, debit, credit = await repository.sums(work.uow, site.id, month)
    if closed is not None and month <= closed:
        raise Conflict(msgid("The month is closed already."))
    if first is not None and first < month:
        raise Conflict(msgid("Close {month} first."), params={"month": f"{first:%Y-%m}"})
    if debit != credit:  # the database lets no entry in that does not cancel out
        raise Conflict(msgid("Debit and credit of the month differ."))
    id, by = new_id(), (work.ctx.actor.id, work.ctx.actor.name)
    await repository.close(work.uow, site.id, id, month, (debit, credit), work.now, by)
    changes = {"month": f"{month:%Y-%m}", "debit_fen": debit, "credit_fen": credit}
    work.audit("billing.period.closed", "billing_period", id, changes, site_id=site.id)
    return Period(month, 0, debit, credit, work.now, by[1])


def following(month: date) -> date:
    """The first day of the month after."""
    return (month + timedelta(days=31)).replace(day=1)


async def _write(work: Work, site: Site, closed: date | None, entry: Written) -> Posted:
    if entry.id not in await _entered(work, site, closed, [entry]):
        raise Conflict(OTHER_CONTENT)  # of another unit, just now: whoever posts on this one waits for us
    changes = {"kind": entry.kind, "amount_fen": moved(entry.lines)}
    work.audit("billing.ledger.posted", "billing_entry", entry.id, changes, site_id=site.id)
    return Posted(entry.id, site.today(work.now), True)


async def _entered(work: Work, site: Site, closed: date | None, written: Sequence[Written]) -> set[UUID]:
    day = open_day(work, site, closed)
    try:
        return await repository.write(work.uow, site.id, day, work.now, who(work), written)
    except asyncpg.ForeignKeyViolationError:
        raise NotFound from None  # an item of another site, or of none


def open_day(work: Work, site: Site, closed: date | None) -> date:
    """The site's day, under which everything is posted. Raises Conflict where its month is closed."""
    day = site.today(work.now)
    if closed is not None and day < following(closed):
        raise Conflict(CLOSED)
    return day


def who(work: Work) -> tuple[UUID | None, str]:
    """Who posts."""
    actor = work.ctx.actor
    return actor.id, actor.name if actor.id else ""  # the system has no name that is the same in every language


def _known(seen: Seen, digest: bytes, otherwise: str) -> Posted:
    assert seen.id is not None and seen.posted_on is not None  # there is an entry
    if seen.digest != digest:
        raise Conflict(otherwise)
    return Posted(seen.id, seen.posted_on, False)


def digest_of(content: object, note: str) -> bytes:
    """Of what is to be posted: two are the same if it is."""
    return sha256(_encode((content, note))).digest()


def moved(lines: Sequence[Posting]) -> int:
    """The sum of the debits."""
    return sum(line.amount_fen for line in lines if line.amount_fen > 0)
