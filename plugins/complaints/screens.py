"""What the complaint's panel and list show, in the console's own parts."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

from core.sdk import Site, amount_for, msgid, views, words
from plugins.complaints import compensation, permissions, rules
from plugins.complaints.model import KINDS, LEVELS, STATES, STEPS, Case, CaseRow, Compensation, Referral
from plugins.complaints.policies import Handling, Limits

_STATE_TONES: dict[str, views.Tone] = {"proposed": "warn", "approved": "info", "refused": "paused", "paid": "ok"}
RECORD, FOUND_OUT, PUT_UP = msgid("Record a step"), msgid("What was found out"), msgid("Put up the answer")


class Ask(msgspec.Struct, frozen=True):
    """A button that opens a dialog, whose form goes to `path` below the complaint's pages."""

    name: str
    label: str
    icon: str
    path: str
    fields: tuple[views.Field, ...]
    tone: Literal["", "primary"] = ""
    hidden: tuple[tuple[str, str], ...] = ()


class Check(msgspec.Struct, frozen=True):
    """A step of the complaint's kind, and whether it is on record."""

    label: str
    done: bool


class ReferralLine(msgspec.Struct, frozen=True):
    """An authority that was asked; `late` where it is to be asked again by today."""

    referral: Referral
    late: bool
    asks: tuple[Ask, ...]


class CompensationLine(msgspec.Struct, frozen=True):
    """Compensation in yuan and fen, how it stands, and what the reader may do about it."""

    compensation: Compensation
    amount: str
    state: views.Word
    asks: tuple[Ask, ...]


class Panel(msgspec.Struct, frozen=True):
    """A complaint on its ticket's page. `first` is what comes before it can be resolved."""

    case: Case
    level: views.Word
    kind: str
    first: str | None
    checks: tuple[Check, ...]
    asks: tuple[Ask, ...]
    referrals: tuple[ReferralLine, ...]
    compensations: tuple[CompensationLine, ...]


class Reader(msgspec.Struct, frozen=True):
    """Who looks at a complaint, with what permissions, on which day at the site."""

    granted: frozenset[str]
    member_id: UUID | None
    today: date


class Row(msgspec.Struct, frozen=True):
    """A complaint in the list; its clock runs to the answer that is owed."""

    id: UUID
    number: str
    href: str
    place: str
    title: str
    level: views.Word
    state: views.Word
    kind: str
    cause: str
    department: str
    assignee: str
    contacted: bool
    clock: views.Clock | None
    late: bool
    compensation: views.Word | None


def level_word(level: str) -> views.Word:
    return views.Word(level, LEVELS[level], "breach" if level == "major" else "")


def yuan(fen: int) -> str:
    """An amount as people write it: 1,234.50."""
    return f"{fen // 100:,}.{fen % 100:02}"


def row(site: Site, case: CaseRow) -> Row:
    """As a row of the list."""
    clock = None
    if case.due_at is not None:
        span = int((case.due_at - case.created_at).total_seconds())
        clock = views.Clock(case.due_at, max(1, span))
    state = case.compensation
    return Row(
        case.id,
        case.number,
        f"/s/{site.slug}/tickets/{case.id}",
        case.place,
        case.title,
        level_word("major" if case.severity == "critical" else "general"),
        words.STATES[case.status],
        KINDS[case.kind] if case.kind else "",
        case.cause,
        case.department,
        case.assignee_name,
        case.contacted,
        clock,
        case.late,
        views.Word(state, STATES[state], _STATE_TONES[state]) if state else None,
    )


def panel(case: Case, policy: Handling, limits: Limits, reader: Reader) -> Panel:
    """The complaint for whoever looks at its ticket."""
    open_ = case.status != "closed"
    needed = policy.steps_of(case.kind) if case.kind else ()
    return Panel(
        case,
        level_word(case.level),
        KINDS[case.kind] if case.kind else "",
        rules.before_done(case, policy) if open_ and case.status != "resolved" else None,
        tuple(Check(STEPS[step], step in case.done) for step in needed),
        _asks(case, policy, reader.granted) if open_ else (),
        tuple(
            ReferralLine(
                each, each.answered_on is None and each.chase_on <= reader.today, _of_referral(each, reader.granted)
            )
            for each in case.referrals
        ),
        tuple(_compensation(each, limits, reader) for each in case.compensations),
    )


def _asks(case: Case, policy: Handling, granted: frozenset[str]) -> tuple[Ask, ...]:
    asks: list[Ask] = []
    if permissions.HANDLE.id in granted:
        following = _next(case, policy)
        if following:
            told = (("kind", following),)
            asks.append(Ask("next", STEPS[following], "check", "steps", _step_fields(following), "primary", told))
        found, version = _finding_fields(case, policy), (("version", str(case.version)),)
        asks += [
            Ask("step", RECORD, "pencil", "steps", (_kind_of_step(), *_step_fields("note", extra=True))),
            Ask("findings", FOUND_OUT, "zoom-question", "findings", found, hidden=version),
            Ask("refer", STEPS["refer"], "building-community", "referrals", _REFER),
        ]
        if case.anonymous and case.answered_at is None:
            asks.append(Ask("publish", PUT_UP, "speakerphone", "publication", (_text(msgid("Answer")),)))
    if permissions.DECLARE.id in granted:
        to = "general" if case.level == "major" else "major"
        label = msgid("Declare it general") if to == "general" else msgid("Declare it major")
        reason = views.Field("reason", msgid("Reasons given"), "textarea", maximum=2000, required=True)
        asks.append(Ask("level", label, "flag", "level", (reason,), hidden=(("level", to),)))
    if permissions.PROPOSE.id in granted and not any(each.state == "proposed" for each in case.compensations):
        asks.append(Ask("propose", msgid("Propose compensation"), "coin-yuan", "compensations", _PROPOSE))
    return tuple(asks)


def _next(case: Case, policy: Handling) -> str | None:
    """The step that comes next."""
    if policy.care_first and case.injury and case.cared_at is None:
        return "care"
    if policy.contact_first and case.contacted_at is None and not case.anonymous:
        return "contact"
    return next((step for step in rules.missing(case, policy) if step != "refer"), None)


def _text(label: str, name: str = "text") -> views.Field:
    return views.Field(name, label, "textarea", maximum=2000, required=True)


def _kind_of_step() -> views.Field:
    choices = tuple(views.Choice(code, label) for code, label in STEPS.items() if code != "refer")
    return views.Field("kind", msgid("Step"), "select", "note", choices=choices)


def _step_fields(kind: str, *, extra: bool = False) -> tuple[views.Field, ...]:
    heard = views.Field("heard", msgid("Who was heard"), maximum=100, required=kind == "hear_other")
    by = views.Field("remedy_by", msgid("Done by"), "date")
    said = _text(msgid("What was said or done"))
    more = [*([heard] if extra or kind == "hear_other" else []), *([by] if extra or kind == "remedy" else [])]
    return (*more, said)


def _finding_fields(case: Case, policy: Handling) -> tuple[views.Field, ...]:
    def select(name: str, label: str, value: str, options: dict[str, str]) -> views.Field:
        known = {**options, **({value: value} if value and value not in options else {})}
        choices = (views.Choice("", msgid("Not known yet")), *(views.Choice(k, v) for k, v in known.items()))
        return views.Field(name, label, "select", value, choices=choices)

    departments = {each.name: each.name for each in policy.departments}
    reason = msgid("Needed where the kind changes.")
    return (
        select("kind", msgid("Kind of complaint"), case.kind or "", KINDS),
        select("cause", msgid("Cause"), case.cause, {cause: cause for cause in policy.causes}),
        select("department", msgid("Department concerned"), case.department, departments),
        views.Field("contractor", msgid("Contractor concerned"), value=case.contractor, maximum=100),
        views.Field("injury", msgid("Somebody was hurt"), "checkbox", "true" if case.injury else ""),
        views.Field("reason", msgid("Reasons given"), "textarea", maximum=2000, help=reason if case.kind else ""),
    )


_REFER = (
    views.Field("authority", msgid("Authority"), maximum=100, required=True),
    views.Field("reference", msgid("Their reference"), maximum=100),
    views.Field("forwarded_on", msgid("Forwarded on"), "date"),
    views.Field("chase_on", msgid("Ask again on"), "date", help=msgid("Left empty: as the site's rules say.")),
)
_PROPOSE = (
    views.Field("amount", msgid("Amount of compensation"), required=True, maximum=12, unit=msgid("yuan")),
    views.Field("reason", msgid("What for"), "textarea", maximum=2000, required=True),
)


def _of_referral(referral: Referral, granted: frozenset[str]) -> tuple[Ask, ...]:
    if referral.answered_on is not None or permissions.HANDLE.id not in granted:
        return ()
    path = f"referrals/{referral.id}/news"
    answer = views.Field("answer", msgid("What they answered"), "textarea", maximum=2000, required=True)
    again = views.Field("chase_on", msgid("Ask again on"), "date")
    reference = views.Field("reference", msgid("Their reference"), value=referral.reference, maximum=100)
    return (
        Ask(f"answer-{referral.id}", msgid("They answered"), "mail-check", path, (answer, reference)),
        Ask(f"chase-{referral.id}", msgid("Asked again"), "phone-outgoing", path, (again,)),
    )


def _compensation(asked: Compensation, limits: Limits, reader: Reader) -> CompensationLine:
    granted, path = reader.granted, f"compensations/{asked.id}"
    asks: tuple[Ask, ...] = ()
    own = asked.proposed_by is not None and asked.proposed_by == reader.member_id
    if asked.state == "proposed" and not own and compensation.may_decide(granted, asked.amount_fen, limits):
        said = views.Field("text", msgid("Remark"), "textarea", maximum=2000)
        why = _text(msgid("Reasons given"))
        asks = (
            Ask(
                f"yes-{asked.id}", msgid("Approve"), "check", f"{path}/decision", (said,), hidden=(("approve", "true"),)
            ),
            Ask(f"no-{asked.id}", msgid("Refuse"), "x", f"{path}/decision", (why,), hidden=(("approve", "false"),)),
        )
    elif asked.state == "approved" and permissions.PAY.id in granted:
        note = views.Field("note", msgid("How it was paid out"), maximum=200, required=True)
        asks = (Ask(f"pay-{asked.id}", msgid("Paid out"), "cash", f"{path}/payment", (note,)),)
    state = views.Word(asked.state, STATES[asked.state], _STATE_TONES[asked.state])
    return CompensationLine(asked, amount_for(granted, yuan(asked.amount_fen)), state, asks)
