"""Entries on the accounts of several units that are posted, or undone, together: all or none, with their receipt
beside them (MO-2 to MO-5). Callers commit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from uuid import UUID

import asyncpg
import msgspec

from core.sdk import Conflict, Invalid, NotFound, Site, Work, msgid, new_id
from plugins.billing.access import enter
from plugins.billing.ledger import entries, repository, together_repository
from plugins.billing.ledger.entries import Books, Entry, Owed, Posting
from plugins.billing.ledger.model import Posted
from plugins.billing.ledger.repository import Beside, Written
from plugins.billing.ledger.service import OTHER_CONTENT, digest_of, moved, open_day, who
from plugins.billing.ledger.together_repository import Payer


async def post_all(
    work: Work,
    site: Site,
    posted: Sequence[Entry],
    *,
    key: str,
    party_id: UUID,
    beside: Callable[[Payer, Sequence[Written]], Beside],
) -> tuple[list[Posted], str]:
    """Post entries on accounts of several units, all or none, and write what is `beside` them, which gets who the party
    is and what will be written; what that told. The same under the same key posts nothing, tells nothing, and answers
    with the first (MO-3). Raises what `post` raises, and NotFound for a party who has nothing to do with a unit."""
    enter(work, site)
    units = sorted({entry.unit_id for entry in posted})
    keys = [f"post {key}" if not n else f"post {key} {n}" for n in range(len(posted))]
    payer = await together_repository.hold_for(work.uow, site.id, units, party_id)
    charges = [charge_id for entry in posted for charge_id in entries.charges_of(entry)]
    seen = await together_repository.look_at_all(work.uow, site.id, units, keys, charges)
    digest = digest_of(list(posted), "")
    if keys[0] in seen.known:
        if seen.known[keys[0]][2] != digest:
            raise Conflict(OTHER_CONTENT)
        return [Posted(id, day, False) for id, day, _ in seen.known.values()], ""
    if payer is None or seen.of_site < len(units):
        raise NotFound
    for unit_id, own_books in seen.books.items():
        owing = {owed.party_id for owed in own_books.charges.values()}
        if unit_id not in payer.units and party_id not in owing | own_books.prepaid.keys():
            raise NotFound(msgid("This person has nothing to do with one of the units."))
    books, written = dict(seen.books), []
    for entry, own in zip(posted, keys, strict=True):
        lines = entries.postings(entry, books[entry.unit_id])
        books[entry.unit_id] = after(books[entry.unit_id], lines)
        written.append(Written(new_id(), str(type(entry).__struct_config__.tag), own, digest, lines))
    told = await _write_all(work, site, seen.closed, written, beside(payer, written))
    return [Posted(each.id, site.today(work.now), True) for each in written], told


async def reverse_receipt(
    work: Work, site: Site, receipt_id: UUID, reason: str, beside: Beside
) -> tuple[list[Posted], str]:
    """Undo all that was posted with a receipt, and write what is `beside` it; what that told. The same again undoes
    nothing and tells nothing. Raises what `reverse` raises."""
    enter(work, site)
    if not (reason := reason.strip()):
        raise Invalid.field("reason", msgid("Say why."))
    found = await together_repository.hold_receipt(work.uow, site.id, receipt_id)
    if not found:
        raise NotFound
    keys = {f"reversal {entry_id}": digest_of(entry_id, reason) for entry_id, _, _ in found}
    units = sorted({unit_id for _, unit_id, _ in found})
    charges = {line.charge_id for _, _, lines in found for line in lines if line.charge_id is not None}
    seen = await together_repository.look_at_all(work.uow, site.id, units, list(keys), charges)
    if seen.known:
        if {key: digest for key, (_, _, digest) in seen.known.items()} != keys:
            raise Conflict(msgid("This entry has been undone already."))
        return [Posted(id, day, False) for id, day, _ in seen.known.values()], ""
    books, written = dict(seen.books), []
    for entry_id, unit_id, undone in found:
        lines = entries.reversal(undone, books[unit_id])
        books[unit_id] = after(books[unit_id], lines)
        key = f"reversal {entry_id}"
        written.append(Written(new_id(), "reversal", key, keys[key], lines, reason, entry_id))
    told = await _write_all(work, site, seen.closed, written, beside)
    return [Posted(each.id, site.today(work.now), True) for each in written], told


def after(books: Books, lines: Iterable[Posting]) -> Books:
    """The account once these are posted on it: what is posted beside them is measured by that."""
    charges: dict[UUID, Owed] = dict(books.charges)
    prepaid, deposits = Counter(books.prepaid), Counter(books.deposits)
    for line in lines:
        match line:
            case Posting("receivable", fen, _, _, _, UUID() as of):
                charges[of] = msgspec.structs.replace(charges[of], open_fen=charges[of].open_fen + fen)
            case Posting("income", fen, _, _, _, UUID() as of):
                charges[of] = msgspec.structs.replace(charges[of], charged_fen=charges[of].charged_fen - fen)
            case Posting("prepayment", fen, _, _, UUID() as party_id):
                prepaid[party_id] -= fen
            case Posting("deposit", fen, _, item_id, UUID() as party_id):
                deposits[party_id, item_id] -= fen
    return Books(books.unit_id, charges, prepaid, deposits)


async def _write_all(work: Work, site: Site, closed: date | None, written: Sequence[Written], beside: Beside) -> str:
    day, by = open_day(work, site, closed), who(work)
    try:
        told, new = await repository.write_beside(work.uow, site.id, day, work.now, by, written, beside)
    except asyncpg.ForeignKeyViolationError as error:
        if error.table_name == "billing_posting":
            raise NotFound from None
        raise Conflict(OTHER_CONTENT) from None  # under this key, on other accounts, just now: an entry is missing
    if len(new) < len(written):
        raise Conflict(OTHER_CONTENT)
    for entry in written:
        changes = {"kind": entry.kind, "amount_fen": moved(entry.lines)}
        work.audit("billing.ledger.posted", "billing_entry", entry.id, changes, site_id=site.id)
    return told
