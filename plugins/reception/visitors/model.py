"""A visit, what happens in it, and who is not to be let in: the shapes that rules, API and console share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from plugins.reception.schemas import MOST, Instant, Phone

Status = Literal["expected", "waiting", "inside", "left", "turned_away", "cancelled"]
IdKind = Literal["", "id_card", "passport", "driving", "work", "other"]
Answer = Literal["", "accepted", "refused"]
Via = Literal["", "phone", "person", "link", "notice"]
# fmt: off
StepKind = Literal[
    "arrive", "ask", "ask_by_text", "accept", "refuse", "admit", "leave", "badge_back", "badge_lost", "security",
    "turn_away", "police", "cancel",
]
# fmt: on

Name = Annotated[str, msgspec.Meta(max_length=60)]
Note = Annotated[str, msgspec.Meta(max_length=500)]
Badge = Annotated[str, msgspec.Meta(max_length=20)]
Plate = Annotated[str, msgspec.Meta(max_length=20)]


class NewVisit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Somebody who stands at the desk or, with `expected_at`, is announced by the household (REC-7, REC-8).

    Either a unit or a place in words says where to. Of `id_number` only the end is kept. `accepted`: the household was
    asked and lets the visitor in, as `answered_by` said. `admit` lets them in at once. `found`: met inside without
    having been registered.
    """

    name: Name
    purpose: Annotated[str, msgspec.Meta(max_length=40)]
    phone: Phone = ""
    people: Annotated[int, msgspec.Meta(ge=1, le=99)] = 1
    unit_id: UUID | None = None
    place: Annotated[str, msgspec.Meta(max_length=100)] = ""
    host_name: Name = ""
    id_kind: IdKind = ""
    id_number: Annotated[str, msgspec.Meta(max_length=30)] = ""
    badge: Badge = ""
    escort: Name = ""
    plate: Plate = ""
    accepted: bool = False
    answered_by: Name = ""
    admit: bool = False
    found: bool = False
    expected_at: Instant | None = None


class NewStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What happens next in a visit: `text` says what was answered, whom was told, or why; `badge` and `escort` of
    `admit`; `at` of `refuse` is another time that the visitor agreed to; `badge_back` of `leave`: the badge was handed
    in. Of `ask`, `accept` and `refuse`, `who` is whoever of the household was asked, and `via` how. `ask_by_text`
    sends the occupant `party_id` a text message with a link to answer by."""

    kind: StepKind
    text: Note = ""
    badge: Badge = ""
    escort: Name = ""
    at: Instant | None = None
    badge_back: bool = True
    who: Name = ""
    via: Literal["phone", "person"] = "phone"
    party_id: UUID | None = None


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """A visit as stored; its fields are the columns that are read. `warning` is why a namesake is barred."""

    id: UUID
    site_id: UUID
    status: Status
    at: datetime
    name: str
    phone: str
    people: int
    purpose: str
    unit_id: UUID | None
    place: str
    host_name: str
    id_kind: IdKind
    id_number: str
    badge: str
    badge_out: bool
    escort: str
    found: bool
    warning: str
    expected_at: datetime | None
    arrived_at: datetime | None
    host_answer: Answer
    host_answered_at: datetime | None
    admitted_at: datetime | None
    left_at: datetime | None
    turned_away_at: datetime | None
    cancelled_at: datetime | None
    registered_by: UUID | None
    registered_by_name: str
    created_at: datetime
    follows_id: UUID | None
    plate: str
    answered_by: str
    answered_via: Via
    badge_lost_at: datetime | None
    erased_at: datetime | None


class Step(msgspec.Struct, frozen=True):
    """Something that happened in a visit."""

    at: datetime
    kind: str
    text: str
    by_name: str


class VisitDetail(msgspec.Struct, frozen=True):
    """A visit with all that happened in it, in order; `asked_until`: until then a text message
    may be answered. `badges_out` are all of the site's."""

    visit: Visit
    steps: list[Step]
    asked_until: datetime | None
    badges_out: list[str]


class Question(msgspec.Struct, frozen=True):
    """What a household is asked behind a link, and no more than it needs for the answer."""

    visit_id: UUID
    site_id: UUID
    asked_name: str
    expires_at: datetime
    name: str
    people: int
    purpose: str
    place: str


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The household's answer; with a refusal it may offer another time."""

    answer: Literal["accept", "refuse"]
    at: Instant | None = None


class VisitPage(msgspec.Struct, frozen=True):
    """A page of the register, the latest first; `cursor` goes into the next request, null at the end."""

    items: list[Visit]
    cursor: str | None


class VisitFilter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which visits to list; `since` is included, `until` is not. `text` is part of a name, a place or a badge, or a
    whole phone number."""

    status: Status | None = None
    since: Instant | None = None
    until: Instant | None = None
    text: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    cursor: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST)] = 50


class Day(msgspec.Struct, frozen=True):
    """The visitors of a day, each of a party counted. `registered` were let in as registered, `found` met inside
    without it; `counted` is what the guard counted through the gate, None where nobody did."""

    day: date
    came: int
    registered: int
    found: int
    turned_away: int
    counted: int | None

    @property
    def outsiders(self) -> int:
        """Who was in the house for all that is known: as counted, or more if more are on record."""
        return max(self.counted or 0, self.registered + self.found)

    @property
    def share(self) -> float | None:
        """In percent, one decimal; None on a day without any."""
        return share_of([self])


def share_of(days: Sequence[Day]) -> float | None:
    """Percentage of outsiders who were registered when they came in (REC-7), one decimal; None without any."""
    outsiders = sum(day.outsiders for day in days)
    return round(100 * sum(day.registered for day in days) / outsiders, 1) if outsiders else None


class DayShare(msgspec.Struct, frozen=True):
    """A day as the API tells of it."""

    day: date
    came: int
    registered: int
    found: int
    turned_away: int
    counted: int | None
    share: float | None


class GateCount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many outsiders the guard counted through the gate that day; said again, it replaces what was said."""

    day: date
    people: Annotated[int, msgspec.Meta(ge=0, le=99_999)]


class NewBarred(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Somebody who is not to be let in, and why; without `until` for good. Of `id_number` only the end is kept."""

    name: Name
    reason: Note
    phone: Phone = ""
    id_number: Annotated[str, msgspec.Meta(max_length=30)] = ""
    until: date | None = None


class Lift(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why somebody may come again."""

    reason: Note


class Barred(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody on the blacklist; in answers `phone` is masked."""

    id: UUID
    name: str
    phone: str
    id_number: str
    reason: str
    until: date | None
    barred_at: datetime
    barred_by_name: str


def masked_id(number: str) -> str:
    """A document's number by its last four characters, at least four others hidden; '' for none."""
    plain = "".join(number.split()).upper()
    return f"****{plain[max(4, len(plain) - 4) :]}" if plain else ""
