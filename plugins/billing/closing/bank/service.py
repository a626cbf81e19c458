"""The rules of bank statements: each line is kept once, and is an entry of the ledger or said to be none (BIL-4)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from core.sdk import Conflict, Invalid, Malformed, NotFound, PreconditionFailed, Site, Work, msgid, new_id, part_of
from plugins.billing.access import enter
from plugins.billing.closing.bank import reading, repository
from plugins.billing.closing.bank.matching import DAYS, Booked, Household, Proposal, Roll, Transfer, paired
from plugins.billing.closing.bank.model import (
    OPEN,
    BankDetail,
    BankLine,
    BankPage,
    Matched,
    Settle,
    State,
    Taken,
)
from plugins.billing.closing.bank.reading import Line, Mistake
from plugins.billing.closing.model import PAGE
from plugins.billing.counter import service as counter
from plugins.billing.counter.model import NewPart, NewPayment
from plugins.billing.ledger import reading as accounts
from plugins.billing.ledger import repository as ledger_repository
from plugins.billing.ledger.entries import Open, oldest_first

_LOOKED_AT: Final = 5_000  # lines, and entries of the ledger, that are looked at together
_HOUSEHOLDS: Final = 50_000  # of a site


async def take_in(work: Work, site: Site, account: str, name: str, data: bytes) -> Taken:
    """Keep a statement's lines, each once by account ('' where there is one alone) and serial number, and find them in
    the ledger. Rows that are wrong are told, and left out. Raises Invalid for what is no statement, or TooLarge."""
    enter(work, site)
    account = account.strip()
    if len(account) > 40:
        raise Invalid.field("account", msgid("Use at most {n} characters."), n=40)
    statement = await reading.read(name, data)
    lines, mistakes, twice = _once(statement.lines)
    by = work.ctx.actor.id, work.ctx.actor.name
    new: set[str] = set()
    if lines:
        rows = [(new_id(), line) for _, line in lines.values()]
        new = await repository.add(work.uow, site.id, account, rows, work.now, by)
    left = [serial for serial in lines if serial not in new]
    before = await repository.known(work.uow, site.id, account, left) if left else {}
    for serial, (day, fen) in before.items():
        row, line = lines[serial]
        if (line.booked_on, line.amount_fen) != (day, fen):
            mistakes.append(Mistake(row, msgid("Another line has this serial number already.")))
    found = (await match(work, site)).reconciled if new else 0
    wrong = sorted([*statement.mistakes, *mistakes], key=lambda mistake: mistake.row)
    taken = Taken(len(new), len(lines) + twice - len(new), found, wrong)
    changes = {"lines": taken.new, "reconciled": found, "mistakes": len(wrong)}
    work.audit("billing.bank.taken_in", "site", site.id, changes, site_id=site.id)
    return taken


async def match(work: Work, site: Site) -> Matched:
    """Find open lines in the ledger: the same amount within three days, each entry once."""
    enter(work, site)
    await work.uow.wait_for_turn(f"billing bank {site.id}")
    lines = await repository.open_lines(work.uow, site.id, _LOOKED_AT)
    if not lines:
        return Matched(0)
    await ledger_repository.hold_alone(work.uow, site.id)  # nobody undoes what is found
    days = lines[0].booked_on - timedelta(DAYS), lines[-1].booked_on + timedelta(DAYS)
    entries = await repository.transfers(work.uow, site.id, days, None, _LOOKED_AT)
    pairs = paired(lines, entries)
    by = work.ctx.actor.id, work.ctx.actor.name
    number = await repository.pair(work.uow, site.id, pairs, work.now, by) if pairs else 0
    if number:
        work.audit("billing.bank.matched", "site", site.id, {"reconciled": number}, site_id=site.id)
    return Matched(number)


async def settle(work: Work, site: Site, line_id: UUID, expected: int, what: Settle) -> BankLine:
    """Say what a line is. A household's payment is posted; an entry must have moved the amount by transfer; what is
    neither is set aside with a note. Raises NotFound, PreconditionFailed, Invalid, Conflict."""
    enter(work, site)
    line = await _known(work, site, line_id)
    if line.version != expected:
        raise PreconditionFailed
    if line.status != "open":
        raise Conflict(msgid("This line is settled. Take that back first."))
    note = what.note.strip()
    given = [what.unit_id is not None and what.party_id is not None, what.entry_id is not None, bool(note)]
    if given.count(True) != 1:
        raise Invalid.field("note", msgid("Choose a household or an entry of the ledger, or say what it is instead."))
    entry_id = what.entry_id
    if what.unit_id is not None and what.party_id is not None:
        entry_id = await accept(work, site, line, what.unit_id, what.party_id)
    elif entry_id is not None:
        await ledger_repository.hold_alone(work.uow, site.id)  # nobody undoes it meanwhile
        if not await repository.is_transfer(work.uow, site.id, entry_id, line.amount_fen):
            raise NotFound
    return await _settled(work, site, line, entry_id, note, "settled")


async def accept(work: Work, site: Site, line: BankLine, unit_id: UUID, party_id: UUID) -> UUID:
    """Post a line as the payment of a household by transfer, its oldest charges first, the rest prepaid, with a receipt
    (BIL-3); the entry. Raises NotFound for a unit or party of elsewhere, Conflict for money that went."""
    if line.amount_fen <= 0:
        raise Conflict(msgid("Money that went is no payment: choose its entry of the ledger, or set it aside."))
    if not await repository.lives(work.uow, site.id, unit_id, party_id):
        raise NotFound
    await ledger_repository.hold(work.uow, site.id, unit_id)
    account = await accounts.account(work, site, unit_id)
    charges = [Open(each.charge_id, each.item_id, each.due_on, each.open_fen) for each in account.charges]
    parts = [NewPart(unit_id, each.charge_id, each.amount_fen) for each in oldest_first(line.amount_fen, charges)]
    key = f"bank {line.id} {line.version}"  # taken back and accepted anew it is another entry
    paid = NewPayment(
        key=key,
        unit_id=unit_id,
        party_id=party_id,
        means="transfer",
        amount_fen=line.amount_fen,
        parts=tuple(parts),
        reference=line.serial[:60],
    )
    return (await counter.give(work, site, paid, key=key)).lines[0].entry_id


async def take_back(work: Work, site: Site, line_id: UUID, expected: int) -> BankLine:
    """A line is open again: what was said of it was wrong. What was posted for it stays; undo that in the ledger.
    Raises NotFound, PreconditionFailed, Conflict."""
    enter(work, site)
    line = await _known(work, site, line_id)
    if line.version != expected:
        raise PreconditionFailed
    if line.status == "open":
        raise Conflict(msgid("This line is open already."))
    return await _settled(work, site, line, None, "", "taken_back")


async def detail(work: Work, site: Site, line_id: UUID, text: str = "") -> BankDetail:
    """A line with whose payment it may be; households whose unit has the text in its name, if there is one. Raises
    NotFound."""
    enter(work, site)
    line = await _known(work, site, line_id)
    if line.status != "open":
        return BankDetail(line, [], [])
    today, text = site.today(work.now), text.strip()
    near = line.booked_on - timedelta(31), line.booked_on + timedelta(31)
    entries = await repository.transfers(work.uow, site.id, near, line.amount_fen, 20)
    if text:
        some = await repository.households(work.uow, site.id, today, part_of(text), 20)
        found = [Proposal(h.unit_id, h.label, id, name, h.open_fen, "unit") for h in some for id, name in h.parties]
        return BankDetail(line, found if line.amount_fen > 0 else [], entries)
    if line.amount_fen < 0:
        return BankDetail(line, [], entries)
    return BankDetail(line, Roll(await _households(work, site)).proposals(_booked(line)), entries)


async def proposed(work: Work, site: Site, lines: list[BankLine]) -> dict[UUID, Proposal]:
    """The likeliest household of each open line by which money came."""
    open_lines = [line for line in lines if line.status == "open" and line.amount_fen > 0]
    if not open_lines:
        return {}
    roll = Roll(await _households(work, site))
    each = {line.id: roll.proposals(_booked(line)) for line in open_lines}
    return {id: found[0] for id, found in each.items() if found}


async def listed(
    work: Work, site: Site, state: State | None = None, since: date | None = None, until: date | None = None,
    cursor: str | None = None, limit: int = 50,
) -> BankPage:  # fmt: skip
    """Lines of the site's accounts, the latest first. Raises Malformed for a cursor that is not one of ours."""
    enter(work, site)
    most = min(limit, PAGE)
    found = await repository.listed(work.uow, site.id, state, (since, until), _read(cursor), most + 1)
    items = found[:most]
    return BankPage(items, f"{items[-1].booked_on}_{items[-1].id}" if len(found) > most else None)


async def lonely(work: Work, site: Site, first: date, last: date) -> list[Transfer]:
    """Entries by transfer of those days that no line of the bank is: 200 at most."""
    return await repository.transfers(work.uow, site.id, (first, last), None, OPEN)


def _once(rows: list[tuple[int, Line]]) -> tuple[dict[str, tuple[int, Line]], list[Mistake], int]:
    """Lines by serial number, those that contradict another of the same file, and how many stand there twice."""
    lines: dict[str, tuple[int, Line]] = {}
    mistakes, twice = [], 0
    for row, line in rows:
        _, before = lines.setdefault(line.serial, (row, line))
        if before is line:
            continue
        if before == line:
            twice += 1
        else:
            mistakes.append(Mistake(row, msgid("Another line has this serial number already.")))
    return lines, mistakes, twice


async def _households(work: Work, site: Site) -> list[Household]:
    return await repository.households(work.uow, site.id, site.today(work.now), "", _HOUSEHOLDS)


async def _known(work: Work, site: Site, line_id: UUID) -> BankLine:
    line = await repository.get(work.uow, site.id, line_id)
    if line is None:
        raise NotFound
    return line


async def _settled(
    work: Work, site: Site, line: BankLine, entry_id: UUID | None, note: str, action: str
) -> BankLine:  # fmt: skip
    at = None if action == "taken_back" else work.now
    by = (work.ctx.actor.id, work.ctx.actor.name) if at else (None, "")
    try:
        changed = await repository.settle(work.uow, site.id, line, entry_id, note, at, by, work.now)
    except asyncpg.UniqueViolationError:
        raise Conflict(msgid("Another line of the bank is this entry already.")) from None
    if changed is None:
        raise PreconditionFailed
    changes = {"amount_fen": line.amount_fen, "status": [line.status, changed.status]}
    work.audit(f"billing.bank.{action}", "billing_bank_line", line.id, changes, site_id=site.id)
    return changed


def _booked(line: BankLine) -> Booked:
    return Booked(line.id, line.booked_on, line.amount_fen, line.payer, line.remark)


def _read(cursor: str | None) -> tuple[date | None, UUID | None]:
    if not cursor:
        return None, None
    try:
        day, _, id = cursor.partition("_")
        return date.fromisoformat(day), UUID(id)
    except ValueError:
        raise Malformed("This page mark is not valid. Start from the first page.") from None
