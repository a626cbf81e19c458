"""The tables of work contact sheets as the migrations leave them."""

from __future__ import annotations

from piccolo.columns import UUID, Boolean, Date, Integer, SmallInt, Text, Timestamptz

from core.sdk import Hold, Privacy, TenantTable, msgid


class RepairsContractor(TenantTable, tablename="repairs_contractor"):
    """A builder or contractor of the site, and whom to ask there."""

    privacy = Privacy(
        purpose="having builders mend",
        of="contractor",
        plain="name scope",
        name="contact",
        contact="phone",
        phone="phone",
        hold=Hold(where="active", reason=msgid("still works for the site")),
    )
    site_id = UUID(default=None)
    name = Text(default=None)
    scope = Text(default=None)
    contact = Text(default=None)
    phone = Text(default=None)
    active = Boolean(default=None)
    version = Integer(default=None)


class RepairsSheetYear(TenantTable, tablename="repairs_sheet_year"):
    """The last number that was given to a sheet in a year."""

    site_id = UUID(default=None)
    year = SmallInt(default=None)
    last = Integer(default=None)


class RepairsSheet(TenantTable, tablename="repairs_sheet"):
    """A work contact sheet: to whom, about what, and where it stands."""

    privacy = Privacy(
        purpose="having builders mend",
        of="contractor",
        plain="number ticket_number contractor",
        name="contact accepted_by",
        contact="phone",
        address="place",
        free_text="matter",
        staff="issued_by_name",
        phone="phone",
        parent={"ticket_id": "ticket.id"},
    )
    site_id = UUID(default=None)
    number = Text(default=None)
    ticket_id = UUID(default=None)
    ticket_number = Text(default=None)
    contractor_id = UUID(default=None)
    contractor = Text(default=None)
    contact = Text(default=None)
    phone = Text(default=None)
    place = Text(default=None)
    matter = Text(default=None)
    status = Text(default=None)
    round = SmallInt(default=None)
    promised_on = Date(null=True, default=None)
    chase_on = Date(null=True, default=None)
    issued_at = Timestamptz(default=None)
    issued_by = UUID(null=True, default=None)
    issued_by_name = Text(default=None)
    done_at = Timestamptz(null=True, default=None)
    closed_at = Timestamptz(null=True, default=None)
    accepted_by = Text(default=None)
    signature_id = UUID(null=True, default=None)
    overdue_at = Timestamptz(null=True, default=None)
    prints = SmallInt(default=None)


class RepairsSheetEntry(TenantTable, tablename="repairs_sheet_entry"):
    """What happened to a sheet, prints included; never changed."""

    privacy = Privacy(
        purpose="having builders mend",
        of="contractor",
        name="spoke_with",
        free_text="text",
        staff="by_name",
        parent={"sheet_id": "repairs_sheet.id"},
    )
    site_id = UUID(default=None)
    sheet_id = UUID(default=None)
    at = Timestamptz(default=None)
    kind = Text(default=None)
    text = Text(default=None)
    spoke_with = Text(default=None)
    via = Text(default=None)
    promised_on = Date(null=True, default=None)
    next_on = Date(null=True, default=None)
    print_no = SmallInt(null=True, default=None)
    by_id = UUID(null=True, default=None)
    by_name = Text(default=None)


ALL = (RepairsContractor, RepairsSheetYear, RepairsSheet, RepairsSheetEntry)
