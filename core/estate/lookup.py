"""What somebody may mean by the words typed into the unit lookup: a unit, a name, a phone. Pure."""

from __future__ import annotations

import re

import msgspec

from core.exchange.normalise import cell_text, normalise_building, normalise_entrance, normalise_name, normalise_phone

LONGEST = 100  # characters looked at
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_WORD = r"[0-9A-Z]+"
_UNIT = re.compile(
    rf"第?(?P<building>{_WORD})(?:[幢栋座#]|号?楼|-)(?:第?(?P<entrance>{_WORD})(?:单元|门|-))?(?P<room>(?:{_WORD})?)[室号房]?"
)
_ROOM = re.compile(rf"({_WORD})[室号房]?")
_PHONE = re.compile(r"\+?[0-9]{5,}|0[0-9]{2,3}-[0-9]+")  # the beginning of one
_TAIL = re.compile(r"[0-9]{4}")


class Query(msgspec.Struct, frozen=True):
    """Meanings of one text, None where it cannot mean that. `label`, `name` and `phone` are beginnings; `room` is one
    in `building` and, if given, `entrance`; `any_room` is one in any building; `tail` are a phone's last digits."""

    label: str | None = None
    building: str | None = None
    entrance: str | None = None
    room: str | None = None
    any_room: str | None = None
    name: str | None = None
    phone: str | None = None
    tail: str | None = None


def read_query(text: str) -> Query | None:
    """The meanings of `3幢2单元18`, `3-2-1802`, `3幢1802`, `1802`, a name, a phone or its last four digits; None for
    nothing typed."""
    # What PostgreSQL cannot store, half a surrogate pair, cannot be found either.
    plain = cell_text(text[:LONGEST].encode(errors="ignore").decode())
    compact = "".join(plain.split()).translate(_DASHES).upper()
    if not compact:
        return None
    unit = _UNIT.fullmatch(compact)
    room = _ROOM.fullmatch(compact)
    phone = normalise_phone(plain) or (compact if _PHONE.fullmatch(compact) else None)
    return Query(
        label=None if unit else compact,
        building=normalise_building(unit["building"]) if unit else None,
        entrance=normalise_entrance(unit["entrance"]) if unit and unit["entrance"] else None,
        room=unit["room"] if unit else None,
        any_room=room[1] if room else None,
        name=None if unit or compact.isdecimal() else normalise_name(plain),
        phone=phone,
        tail=compact if _TAIL.fullmatch(compact) else None,
    )
