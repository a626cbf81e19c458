"""Brings what people type into household rolls to one form: buildings, rooms, phones, ID numbers, areas, dates.

Every `normalise_*` leaves its own result as it is."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from core.exchange.workbook import Cell

MAX_AREA = Decimal(10_000)
LONGEST_NAME = 40
"""Characters that name a building, entrance or room at most; anything longer is a text in the wrong column."""

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣ー"), "-")
# Control characters, zero-width spaces and text direction marks: invisible in a cell, refused or misread elsewhere.
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_SPACE = re.compile(r"\s+")
_SPACE_BY_HAN = re.compile(r"(?<=[\u3400-\u9fff·])\s+(?=[\u3400-\u9fff·])")

_BUILDING = re.compile(r"(?:第|#)?([0-9A-Z]+(?:-[0-9A-Z]+)*)[幢栋座楼号#]*")
_ENTRANCE = re.compile(r"第?([0-9A-Z]+)(?:单元|门|号|#)*|(.*?)(?:单元)*")
_ROOM = re.compile(r"(.*[0-9A-Z])(?:室|房|号|#)+")
_WHOLE_FLOAT = re.compile(r"([0-9]+)\.0+")

_CHINA = re.compile(r"(?:\+|00)86-?")
_MOBILE = r"1[3-9][0-9]{9}"
_SERVICE = r"[48]00[0-9]{7}"
_LOCAL = re.compile(r"([2-9][0-9]{2,3})-?([0-9]{4})")
_ABROAD = r"\+[1-9][0-9]{7,14}"
_PLAIN = re.compile("|".join((_MOBILE, _SERVICE, _ABROAD)))
_LANDLINE = re.compile(r"(?:(010|02\d)-?([1-9]\d{7})|(0[3-9]\d{2})-?([1-9]\d{6,7}))(?:(?:-|转|#)(\d{1,5}))?", re.ASCII)

_ID_NUMBER = re.compile(r"[1-9]\d{5}(\d{4})(\d{2})(\d{2})\d{3}[0-9X]", re.ASCII)
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"

_AREA = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:㎡|M2|M²|平方米|平米|平方|平)?", re.ASCII)
_DATE = re.compile(r"(\d{4})(?:[-./年](\d{1,2})(?:[-./月](\d{1,2})日?|月)?|(\d{2})(\d{2}))", re.ASCII)
_TIME_OF_DAY = re.compile(r"[ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2})?$")
_EXCEL_EPOCH = date(1899, 12, 30)
_EXCEL_DAYS = range(18_264, 73_051)  # 1950-01-01 to 2099-12-31: a date whose cell lost its date format


def half_width(text: str) -> str:
    """`text` with full-width ASCII and spaces in half width; other compatibility characters stay."""
    return text.translate(_HALF_WIDTH)


def cell_text(cell: Cell) -> str:
    """A cell as trimmed half-width text: whole floats without `.0`, dates in ISO form, an empty cell as ''."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    text = str(cell)
    if text.isascii() and text.isprintable():  # most cells of a long roll
        return text.strip()
    return _INVISIBLE.sub("", half_width(text)).strip()


def normalise_name(cell: Cell) -> str:
    """A person's or company's name: no space between Chinese characters, single ones elsewhere."""
    return _SPACE_BY_HAN.sub("", _SPACE.sub(" ", cell_text(cell)))


def normalise_building(cell: Cell) -> str:
    """`3` for 3幢, 3栋, 3#, 3号楼, 03 and 3.0; a building with a name keeps it."""
    text = _short(cell)
    match = _BUILDING.fullmatch(text)
    return _plain_number(match[1]) if match else text


def normalise_entrance(cell: Cell) -> str | None:
    """`2` for 2单元, 2门, 02 and 2.0; None where the building has no entrances of its own."""
    match = _ENTRANCE.fullmatch(_short(cell))
    number, name = match.groups() if match else (None, None)
    return _plain_number(number) if number else name or None


def normalise_room(cell: Cell) -> str:
    """`1802` for 1802室, ' 1802 ' and 1802.0. Leading zeros and letters stay; '' if nothing names a room."""
    text = _short(cell)
    match = _ROOM.fullmatch(text)
    room = match[1] if match else text
    return room if any(character.isalnum() for character in room) else ""


def normalise_phone(cell: Cell) -> str | None:
    """A Chinese mobile (11 digits), landline (`021-56807071`, an extension behind a second dash), local, 400/800 or
    foreign number (`+…`); None if it is none of these."""
    text = re.sub(r"[()]+", "-", _compact(cell).replace(".", "")).strip("-")
    national = _CHINA.sub("", text, count=1) if _CHINA.match(text) else text
    digits = national.replace("-", "")
    if _PLAIN.fullmatch(digits):
        return digits
    # Behind the country code the area code goes without its leading zero.
    trunk = "" if national == text or national.startswith("0") else "0"
    if match := _LANDLINE.fullmatch(trunk + national) or _LANDLINE.fullmatch(trunk + digits):
        return "-".join(filter(None, match.groups()))
    local = _LOCAL.fullmatch(text)
    return f"{local[1]}{local[2]}" if local else None


def normalise_id_number(cell: Cell) -> str:
    """A resident ID number or credit code without spaces, letters in upper case; not checked."""
    return _compact(cell).replace("-", "")


def valid_id_number(number: str) -> bool:
    """Whether `number` is a resident identity number (GB 11643-1999): 18 characters, a real birth date, check digit."""
    match = _ID_NUMBER.fullmatch(number)
    if match is None or _day(*map(int, match.groups())) is None:
        return False
    checksum = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(number[:17])) % 11
    return number[17] == "10X98765432"[checksum]


def valid_credit_code(code: str) -> bool:
    """Whether `code` is a company's unified social credit code (GB 32100-2015), by length, alphabet and check digit."""
    if len(code) != 18 or any(character not in _CREDIT_ALPHABET for character in code):
        return False
    values = [_CREDIT_ALPHABET.index(character) for character in code]
    return (sum(value * pow(3, i, 31) for i, value in enumerate(values[:17])) + values[17]) % 31 == 0


def parse_area(cell: Cell) -> Decimal | None:
    """Floor area in m², rounded half up to 0.01; None if not a number above 0 and up to 10,000 m²."""
    match = _AREA.fullmatch(_compact(cell).replace(",", ""))
    if match is None or not 0 < (area := Decimal(match[1])) <= MAX_AREA:
        return None
    return area.quantize(Decimal("0.01"), ROUND_HALF_UP) or None


def parse_date(cell: Cell) -> date | None:
    """The day of a real date, its Excel serial number, `2017.5.3`, `2017年5月3日`, `2017/5/3`, `20170503` or `2017-05`
    (the first of the month); None if it is none of these or no day of the years 1900 to 2100."""
    if isinstance(cell, date):
        return _day(cell.year, cell.month, cell.day)
    if isinstance(cell, float):
        if not cell.is_integer():  # 2017.1 could be January or October
            return None
        if int(cell) in _EXCEL_DAYS:
            return _EXCEL_EPOCH + timedelta(days=int(cell))
    match = _DATE.fullmatch(_SPACE.sub("", _TIME_OF_DAY.sub("", cell_text(cell))).translate(_DASHES))
    if match is None:
        return None
    year, month, day, packed_month, packed_day = match.groups()
    return _day(int(year), int(month or packed_month), int(day or packed_day or 1))


def mask(text: str) -> str:
    """`text` with all but its ends hidden: enough to find it in the roll, too little to use it (PI-2)."""
    return f"{text[:3]}****{text[-2:]}" if len(text) > 7 else f"{text[:1]}****"


def _compact(cell: Cell) -> str:
    """A cell in upper case, without any space, dashes as `-`, numbers written as text without `.0`."""
    text = _SPACE.sub("", cell_text(cell)).translate(_DASHES).upper()
    whole = _WHOLE_FLOAT.fullmatch(text)
    return whole[1] if whole else text


def _short(cell: Cell) -> str:
    text = _compact(cell)
    return text if len(text) <= LONGEST_NAME else ""


def _plain_number(text: str) -> str:
    return text.lstrip("0") or "0" if text.isdecimal() else text


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if 1900 <= year <= 2100 else None
    except ValueError:
        return None
