"""What a complaint is besides its ticket: the shapes that rules, API and console share."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from core.sdk import Severity, msgid

Kind = Literal["staff", "neighbour", "own_cause", "municipal", "unfounded"]
StepKind = Literal[
    "contact", "care", "investigate", "hear_complainant", "hear_other", "mediate", "apologise", "remedy", "refer",
    "explain", "courtesy", "note",
]  # fmt: skip
State = Literal["proposed", "approved", "refused", "paid"]
Level = Literal["general", "major"]
Which = Literal["open", "closed", "all"]
KindAsked = Literal[Kind, "unknown"]
"""A kind to narrow a list to; `unknown`: not found out yet."""

KINDS: Final[dict[str, str]] = {
    "staff": msgid("Our staff at fault"),
    "neighbour": msgid("Between neighbours"),
    "own_cause": msgid("Caused by the resident"),
    "municipal": msgid("Municipal facilities"),
    "unfounded": msgid("Unfounded"),
}
STEPS: Final[dict[str, str]] = {
    "contact": msgid("Contact the complainant"),
    "care": msgid("See to the injury"),
    "investigate": msgid("Find out what happened"),
    "hear_complainant": msgid("Hear the complainant"),
    "hear_other": msgid("Hear the other side"),
    "mediate": msgid("Mediate"),
    "apologise": msgid("Apologise"),
    "remedy": msgid("Agree on a remedy"),
    "refer": msgid("Refer to the authority"),
    "explain": msgid("Explain"),
    "courtesy": msgid("Thank and keep courteous"),
    "note": msgid("Note"),
}
STATES: Final[dict[str, str]] = {
    "proposed": msgid("waits for a decision"),
    "approved": msgid("approved"),
    "refused": msgid("refused"),
    "paid": msgid("paid out"),
}
LEVELS: Final[dict[str, str]] = {"general": msgid("General"), "major": msgid("Major")}

Said = Annotated[str, msgspec.Meta(max_length=2000)]
Short = Annotated[str, msgspec.Meta(max_length=100)]
Fen = Annotated[int, msgspec.Meta(ge=1, le=100_000_000)]


class CaseStep(msgspec.Struct, frozen=True):
    """Something done, as it was written down then; `heard` is the other side that was heard."""

    id: UUID
    kind: StepKind
    heard: str
    text: str
    at: datetime
    by_name: str


class Referral(msgspec.Struct, frozen=True):
    """An authority that was asked; `chase_on` is when it is asked again unless it has answered."""

    id: UUID
    authority: str
    reference: str
    forwarded_on: date
    chase_on: date
    chased: int
    answered_on: date | None
    answer: str
    by_name: str


class Compensation(msgspec.Struct, frozen=True):
    """Compensation in fen. Nobody decides on what they have proposed."""

    id: UUID
    amount_fen: int
    reason: str
    state: State
    proposed_by: UUID | None
    proposed_by_name: str
    proposed_at: datetime
    decided_by_name: str
    decided_at: datetime | None
    decision: str
    paid_at: datetime | None
    paid_by_name: str
    paid_note: str
    version: int


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A complaint. `kind` None: not found out yet. `version` is the case's own, 0 before anything was recorded."""

    ticket_id: UUID
    number: str
    status: str
    severity: Severity
    description: str
    answered_at: datetime | None
    concerns_id: UUID | None
    concerns_name: str
    anonymous: bool
    kind: Kind | None = None
    cause: str = ""
    department: str = ""
    contractor: str = ""
    injury: bool = False
    contacted_at: datetime | None = None
    cared_at: datetime | None = None
    remedy: str = ""
    remedy_by: date | None = None
    major_at: datetime | None = None
    major_by_name: str = ""
    major_reason: str = ""
    version: int = 0
    steps: tuple[CaseStep, ...] = ()
    referrals: tuple[Referral, ...] = ()
    compensations: tuple[Compensation, ...] = ()

    @property
    def level(self) -> Level:
        """Major at the gravest severity, by which promises and escalation go (CMP-3)."""
        return "major" if self.severity == "critical" else "general"

    @property
    def done(self) -> frozenset[str]:
        """The kinds of step that are on record."""
        return frozenset(step.kind for step in self.steps)


class NewStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was done: `heard` whom, for the other side; `remedy_by` until when a remedy is due."""

    kind: StepKind
    text: Said
    heard: Short = ""
    remedy_by: date | None = None


class NewReferral(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An authority that the complaint is forwarded to; `chase_on` by the site's rules unless said."""

    authority: Short
    reference: Short = ""
    forwarded_on: date | None = None
    chase_on: date | None = None


class ReferralNews(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an authority answered, or, without an answer, that it was asked again."""

    answer: Said = ""
    reference: Short = ""
    chase_on: date | None = None


class Findings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was found out; a kind that changes needs a `reason`."""

    kind: Kind | None = None
    cause: Short = ""
    department: Short = ""
    contractor: Short = ""
    injury: bool = False
    reason: Said = ""


class LevelChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Major or general, and why."""

    level: Level
    reason: Said


class NewCompensation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is proposed, in fen, and what for."""

    amount_fen: Fen
    reason: Said


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Approved or refused; a refusal says why."""

    approve: bool
    text: Said = ""


class Payment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How it was paid out: receipt, transfer, waived fee."""

    note: Said


class Publication(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The answer to somebody unknown, as it is put up."""

    text: Said


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which complaints; `late` are those whose answer is overdue; `q` is looked for in
    number, place and description. `before` is the number a page begins after."""

    which: Which = "open"
    kind: KindAsked | None = None
    level: Level | None = None
    department: Short | None = None
    late: bool = False
    q: Short | None = None
    before: UUID | None = None


class CaseRow(msgspec.Struct, frozen=True):
    """A complaint in a list. `due_at` is when its answer is owed, None once it was given; `contacted` says too that
    nobody can be.
    """

    id: UUID
    number: str
    status: str
    severity: Severity
    place: str
    title: str
    kind: Kind | None
    cause: str
    department: str
    created_at: datetime
    due_at: datetime | None
    late: bool
    contacted: bool
    assignee_name: str
    compensation: State | None


class CasePage(msgspec.Struct, frozen=True):
    """One page; `before` goes into the next request."""

    items: list[CaseRow]
    before: UUID | None
