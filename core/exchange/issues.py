"""What can be wrong with a row of a household roll. Messages are English message ids that say the mend."""

from __future__ import annotations

from typing import Literal

import msgspec

from core.exchange.headings import Field

Code = Literal["missing_room", "bad_area", "duplicate_unit", "bad_phone", "bad_id_number", "bad_date"]

NO_ROOM = "Fill in the room number."
NO_BUILDING = "Fill in the building."
NO_AREA = "Fill in the floor area in m²."
BAD_AREA = "Enter the floor area as a number of m² above 0 and up to 10,000."
DUPLICATE_UNIT = "{unit} is already in row {first_row}. Keep one of the two rows."
BAD_PHONE = "Not a mobile or landline number, so it is left out. Correct it, or empty the cell."
PHONE_WITHOUT_OWNER = "A phone number without an owner is left out. Fill in the owner's name."
BAD_ID_NUMBER = "Not a valid ID number (check digit), so it is left out. Correct it, or empty the cell."
ROUNDED_ID_NUMBER = "Excel has rounded this ID number, so it is left out. Format the cell as text and enter it again."
ID_NUMBER_WITHOUT_OWNER = "There are more ID numbers than owners; the rest is left out. Fill in the owners' names."
BAD_DATE = "Not a date, so it is left out. Enter it like 2017-05-03, or empty the cell."


class Flaw(msgspec.Struct, frozen=True):
    """Something wrong with one field. `value` is what was found, personal data masked; `params` fill the `message`."""

    field: Field
    code: Code
    message: str
    value: str = ""
    params: dict[str, int | str] = {}


class RowIssue(msgspec.Struct, frozen=True):
    """A flaw and where it is: `row` as the spreadsheet counts, `column` the heading as the file writes it."""

    row: int
    code: Code
    column: str
    value: str
    message: str
    params: dict[str, int | str]
