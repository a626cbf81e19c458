"""The rules of the counter: a payment is taken once and has its receipt, whatever is pressed twice (BIL-3, MO-3, MO-4).
Callers commit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from core.sdk import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    Platform,
    PreconditionFailed,
    Site,
    Work,
    msgid,
    new_id,
)
from plugins.billing.access import enter
from plugins.billing.counter import repository
from plugins.billing.counter.model import (
    Invoice,
    IssuedInvoice,
    NewInvoice,
    NewPayment,
    OnPaper,
    Receipt,
    ReceiptDetail,
)
from plugins.billing.counter.plan import entries_of
from plugins.billing.counter.repository import NewLine, NewReceipt
from plugins.billing.ledger import together
from plugins.billing.ledger.repository import Beside, Written
from plugins.billing.ledger.together_repository import Payer
from plugins.billing.permissions import ROUND_OFF
from plugins.billing.policies import COUNTER
from plugins.billing.telling import yuan

INVOICED: Final = msgid("An invoice of this receipt is out. Have it cancelled with the tax office first.")
FREE: Final = msgid(
    "Months that are free with this receipt are billed already. Have that run discarded; or have the discount ended, "
    "and the charges corrected. Then void it."
)


async def take(platform: Platform, work: Work, site: Site, new: NewPayment) -> ReceiptDetail:
    """Take money on one or several accounts and give a receipt for it; the same key again gives the same one (MO-3).
    Raises Invalid, Forbidden for rounding off, NotFound for units, charges and people of elsewhere, and Conflict for
    more than is open by now, for another payment under the key, and where the month is closed (MO-4, MO-7)."""
    enter(work, site)
    await look_through(platform, work, site, new)
    return await give(work, site, new, key=f"payment {new.key}")


async def look_through(platform: Platform, work: Work, site: Site, new: NewPayment) -> None:
    """Raises Invalid for what no cashier should accept (BIL-3), and Forbidden for rounding off."""
    look_over(new)
    if new.rounded_fen:
        if ROUND_OFF.id not in work.ctx.permissions:
            raise Forbidden
        rules = await platform.policies.value(work, COUNTER, site.id)
        if new.rounded_fen > rules.round_off_most:
            raise Invalid.field(
                "rounded_fen", msgid("At most {yuan} yuan are rounded off."), yuan=yuan(rules.round_off_most)
            )


async def give(work: Work, site: Site, new: NewPayment, *, key: str, paper: OnPaper | None = None) -> ReceiptDetail:
    """Post money that came, and give a receipt for it; the same key again gives the same one. `paper` is what the
    household got at home. Raises what `take` raises but for what is asked of a cashier alone."""
    id, posted = new_id(), entries_of(new)

    def beside(payer: Payer, written: Sequence[Written]) -> Beside:
        return repository.issued(_receipt(work, site, id, new, payer, written, paper))

    entries, told = await together.post_all(work, site, posted, key=key, party_id=new.party_id, beside=beside)
    if not told:
        found = await repository.of_entry(work.uow, site.id, entries[0].id)
        if found is None:  # nobody else posts under such a key
            raise Conflict(msgid("Something else has been posted under this key."))
        return found
    taken = repository.read_issued(told)
    changes = {"number": taken.receipt.number, "amount_fen": new.amount_fen, "means": new.means}
    if paper is not None:
        changes["paper_number"] = paper.label
    work.audit("billing.receipt.issued", "billing_receipt", id, changes, site_id=site.id)
    return taken


async def void(work: Work, site: Site, receipt_id: UUID, reason: str, expected: int) -> Receipt:
    """Undo all that was posted with a receipt; it stays in the register. Months that are free with it are not any more.
    Raises NotFound, Invalid without a reason, PreconditionFailed, and Conflict where later entries build on it, an
    invoice is out, months that are free with it are billed already, or it is void for another reason."""
    _, told = await together.reverse_receipt(
        work, site, receipt_id, reason, repository.voided(receipt_id, expected, reason.strip())
    )
    if not told:  # for the same reason before
        found = (await get(work, site, receipt_id)).receipt
        if found.version != expected:
            raise PreconditionFailed
        return found
    if told == "invoiced":
        raise Conflict(INVOICED)
    if told == "free":
        raise Conflict(FREE)
    if told == "changed":
        raise PreconditionFailed
    receipt, discount_id = repository.read_voided(told)
    changes = {"number": receipt.number, "amount_fen": receipt.amount_fen}
    work.audit("billing.receipt.voided", "billing_receipt", receipt_id, changes, site_id=site.id)
    if discount_id is not None:
        work.audit("billing.discount.taken_back", "billing_discount", discount_id, site_id=site.id)
    return receipt


async def get(work: Work, site: Site, receipt_id: UUID) -> ReceiptDetail:
    """A receipt with its lines and its invoice. Raises NotFound."""
    enter(work, site)
    found = await repository.get(work.uow, site.id, receipt_id)
    if found is None:
        raise NotFound
    return found


async def printed(work: Work, site: Site, receipt_id: UUID) -> ReceiptDetail:
    """Put a print on record; every one but the first is marked as such. Raises NotFound."""
    enter(work, site)
    receipt = await repository.print_again(work.uow, site.id, receipt_id)
    if receipt is None:
        raise NotFound
    changes = {"number": receipt.number, "prints": receipt.prints}
    work.audit("billing.receipt.printed", "billing_receipt", receipt_id, changes, site_id=site.id)
    return await get(work, site, receipt_id)


async def ask_invoice(work: Work, site: Site, receipt_id: UUID, new: NewInvoice) -> Invoice:
    """Have an invoice made out; until it is, title and number can be put right. Raises NotFound, Invalid, Conflict for
    a receipt that is void or has its invoice."""
    enter(work, site)
    title, tax_number = new.title.strip(), "".join(new.tax_number.split()).upper()
    problems = []
    if not title:
        problems.append(FieldError("title", msgid("Say to whom the invoice is made out.")))
    if tax_number and not (tax_number.isascii() and tax_number.isalnum() and 15 <= len(tax_number) <= 20):
        problems.append(FieldError("tax_number", msgid("A tax number has 15 to 20 digits and letters.")))
    if problems:
        raise Invalid(fields=problems)
    by = work.ctx.actor.id, work.ctx.actor.name
    made = await repository.ask_invoice(work.uow, site.id, receipt_id, new_id(), title, tax_number, work.now, by)
    if made is None:
        await get(work, site, receipt_id)
        raise Conflict(msgid("The receipt is void, or its invoice is out already."))
    work.audit("billing.invoice.asked", "billing_receipt", receipt_id, site_id=site.id)
    return made


async def issue_invoice(work: Work, site: Site, receipt_id: UUID, issued: IssuedInvoice, expected: int) -> Invoice:
    """Record the number of an invoice that is out. Raises NotFound, Invalid, Conflict where none is asked for, and
    PreconditionFailed."""
    enter(work, site)
    number = issued.number.strip()
    if not number:
        raise Invalid.field("number", msgid("Enter the number of the invoice."))
    by = work.ctx.actor.id, work.ctx.actor.name
    made = await repository.issue_invoice(work.uow, site.id, receipt_id, expected, number, work.now, by)
    if made is None:
        found = await get(work, site, receipt_id)
        if found.invoice is not None and found.invoice.version != expected:
            raise PreconditionFailed
        raise Conflict(msgid("No invoice waits for its number here."))
    work.audit("billing.invoice.issued", "billing_receipt", receipt_id, {"number": number}, site_id=site.id)
    return made


def look_over(new: NewPayment) -> None:
    """Raises Invalid naming the fields."""
    problems = []
    if not new.identified:
        problems.append(FieldError("identified", msgid("Confirm who pays before you take the money.")))
    if new.agent_name.strip() and not new.agent_relation.strip():
        problems.append(FieldError("agent_relation", msgid("Say what the agent is to the payer.")))
    if new.agent_relation.strip() and not new.agent_name.strip():
        problems.append(FieldError("agent_name", msgid("Enter the agent's name.")))
    if new.given_fen is not None and new.means != "cash":
        problems.append(FieldError("given_fen", msgid("Only cash gives change.")))
    elif new.given_fen is not None and new.given_fen < new.amount_fen:
        problems.append(FieldError("given_fen", msgid("This is less than the amount.")))
    if problems:
        raise Invalid(fields=problems)


def _receipt(
    work: Work,
    site: Site,
    id: UUID,
    new: NewPayment,
    payer: Payer,
    written: Sequence[Written],
    paper: OnPaper | None,
) -> NewReceipt:
    return NewReceipt(
        id,
        new_id(),
        site.today(work.now).year,
        new.party_id,
        payer.name,
        new.agent_name.strip(),
        new.agent_relation.strip(),
        new.means,
        new.reference.strip(),
        new.amount_fen,
        new.rounded_fen,
        new.given_fen,
        new.remark.strip(),
        _lines(written),
        paper,
    )


def _lines(written: Sequence[Written]) -> list[NewLine]:
    """What stands on the receipt: charges that are paid, what is prepaid, what is rounded off."""
    lines: list[NewLine] = []
    for entry in written:
        for posting in entry.lines:
            if posting.amount_fen < 0 and posting.account in ("receivable", "prepayment"):
                kind = "rounding" if entry.kind == "waiver" else "charge"
                kind = "prepayment" if posting.account == "prepayment" else kind
                of = posting.unit_id, posting.item_id, posting.charge_id, -posting.amount_fen
                lines.append(NewLine(len(lines) + 1, entry.id, kind, *of))
    return lines
