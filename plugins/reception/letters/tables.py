"""The tables of letters and of the complaint box as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import UUID, SmallInt, Text, Timestamptz
from piccolo.columns import Integer as Number

from core.sdk import KeyedTable, Privacy, TenantTable


class ReceptionLetterNumber(KeyedTable, tablename="reception_letter_number"):
    """The running numbers of a site's letters, anew each year."""

    site_id = UUID(default=None)
    year = SmallInt(default=None)
    last = Number(default=None)


class ReceptionLetter(KeyedTable, tablename="reception_letter"):
    """A letter (REC-10). Whether it is answered, and by when that is due, the ticket says."""

    privacy = Privacy(
        purpose="answering letters",
        plain="number",
        name="sender_name",
        free_text="reference subject answer_text answer_reference",
        staff="registered_by_name answered_by_name",
        parent={"ticket_id": "ticket.id"},
    )
    ticket_id = UUID(default=None)
    site_id = UUID(default=None)
    number = Text(default=None)
    sender_name = Text(default=None)
    sender_kind = Text(default=None)
    reference = Text(default=None)
    via = Text(default=None)
    subject = Text(default=None)
    received_at = Timestamptz(default=None)
    registered_at = Timestamptz(default=None)
    registered_by = UUID(null=True, default=None)
    registered_by_name = Text(default=None)
    answer_text = Text(default=None)
    answer_reference = Text(default=None)
    answer_via = Text(default=None)
    answered_by = UUID(null=True, default=None)
    answered_by_name = Text(default=None)


class ReceptionLetterScan(KeyedTable, tablename="reception_letter_scan"):
    """A file of the ticket that is the letter, or its answer."""

    attachment_id = UUID(default=None)
    site_id = UUID(default=None)
    ticket_id = UUID(default=None)
    side = Text(default=None)


class ReceptionBox(TenantTable, tablename="reception_box"):
    """The emptying of a complaint box: `slips` were in it, `entered` of them are tickets."""

    privacy = Privacy(
        purpose="proving how the box was emptied",
        plain="box",
        staff="witness emptied_by_name",
    )
    site_id = UUID(default=None)
    box = Text(default=None)
    slips = SmallInt(default=None)
    entered = SmallInt(default=None)
    witness = Text(default=None)
    emptied_at = Timestamptz(default=None)
    emptied_by = UUID(null=True, default=None)
    emptied_by_name = Text(default=None)


class ReceptionSlip(KeyedTable, tablename="reception_slip"):
    """A slip from the box, and the ticket it became."""

    privacy = Privacy(
        plain="ticket_number",
    )
    ticket_id = UUID(default=None)
    site_id = UUID(default=None)
    box_id = UUID(default=None)
    number = SmallInt(default=None)
    ticket_number = Text(default=None)


ALL = (ReceptionLetterNumber, ReceptionLetter, ReceptionLetterScan, ReceptionBox, ReceptionSlip)
