"""Who should get a ticket: candidates in order, each with the reasons for its place. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import msgspec

from core.policies.assignment import Assignment

DutyState = Literal["on", "unknown", "off"]
Fit = Literal["category", "general", "none"]

DUTIES: tuple[DutyState, ...] = ("on", "unknown", "off")
FITS: tuple[Fit, ...] = ("category", "general", "none")
_NEVER = datetime.min.replace(tzinfo=UTC)


class Skill(msgspec.Struct, frozen=True):
    """What a module knows of somebody: how well they do what a ticket needs, `title` in words for people (3: best)."""

    membership_id: UUID
    title: str
    level: int


class Load(msgspec.Struct, frozen=True):
    """Tickets in hand: those being worked on by severity, and those that wait for something."""

    routine: int = 0
    urgent: int = 0
    critical: int = 0
    paused: int = 0

    @property
    def tickets(self) -> int:
        return self.routine + self.urgent + self.critical + self.paused

    def points(self, policy: Assignment) -> int:
        """How much work that is, in the policy's points."""
        return (
            self.routine * policy.routine_points
            + self.urgent * policy.urgent_points
            + self.critical * policy.critical_points
            + self.paused * policy.paused_points
        )


class Facts(msgspec.Struct, frozen=True):
    """What is known of somebody who could get the ticket.

    `duty` is unknown where the person's team keeps no roster. `fit`: the person's team takes this category, or takes
    any, or there is no such team. `given_at` is when the person was last given a ticket that is still theirs.
    """

    membership_id: UUID
    name: str
    staff_no: str
    load: Load = Load()
    fit: Fit = "none"
    duty: DutyState = "off"
    duty_until: datetime | None = None
    given_at: datetime | None = None
    team_id: UUID | None = None
    team_name: str = ""


class Candidate(msgspec.Struct, frozen=True):
    """A candidate in their place, with what decided on it."""

    membership_id: UUID
    name: str
    team_id: UUID | None
    team_name: str
    fit: Fit
    duty: DutyState
    duty_until: datetime | None
    tickets: int
    paused: int
    points: int
    given_at: datetime | None
    skill: str = ""


def rank(facts: Iterable[Facts], policy: Assignment, skills: Iterable[Skill] = ()) -> list[Candidate]:
    """Best first: whose team takes such matters, then who is on duty, then who is skilled in it (REP-2), then the
    specialists, then who has least work, then whose last turn is longest ago, then by staff number. The same facts give
    the same order."""
    best = {skill.membership_id: skill for skill in sorted(skills, key=lambda skill: skill.level)}

    def key(person: Facts) -> tuple[object, ...]:
        return (
            person.fit == "none",
            DUTIES.index(person.duty),
            -best[person.membership_id].level if person.membership_id in best else 0,
            FITS.index(person.fit),
            person.load.points(policy),
            person.given_at or _NEVER,
            person.staff_no,
            person.membership_id,
        )

    return [
        Candidate(
            person.membership_id,
            person.name,
            person.team_id,
            person.team_name,
            person.fit,
            person.duty,
            person.duty_until,
            person.load.tickets,
            person.load.paused,
            person.load.points(policy),
            person.given_at,
            best[person.membership_id].title if person.membership_id in best else "",
        )
        for person in sorted(facts, key=key)
    ]


def at_once(candidates: Sequence[Candidate], policy: Assignment) -> Candidate | None:
    """Who gets a new ticket without anybody deciding, if the policy gives it so; None leaves it to people."""
    if policy.mode != "round_robin":
        return None
    fitting = (c for c in candidates if c.fit != "none" and (c.duty != "off" or not policy.only_on_duty))
    return next(fitting, None)
