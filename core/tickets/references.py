"""What a new matter names, and whose it is: places and people of the site, in one statement (TKT-2, CMP-6)."""

from __future__ import annotations

from uuid import UUID

import msgspec

from core.db.question import Question
from core.errors import FieldError, Invalid
from core.tenancy.context import Actor
from core.tickets.model import NewTicket
from core.tickets.placing import CONCERNED, NO_COLLEAGUE
from core.work import Work

ANSWERABLE = ("supervisor", "manager", "duty_officer", "admin")
"""Who answers for a site, the first there is."""
_FOR_PROGRAMS = ("manager", "duty_officer", "supervisor", "clerk")  # who owns what a program reports
NOBODY_ELSE = FieldError("concerns_id", "Nobody else works at this site who could own the complaint.")
_REFERENCES = """
WITH asked AS (
    SELECT r.* FROM jsonb_to_record({row}) AS r (unit_id uuid, party_id uuid, assignee_id uuid, concerns_id uuid,
        staff_no text, roles text[])
), colleague AS (
    SELECT id, name, staff_no, roles_at(roles, posts, $2, NULL) AS roles, all_sites FROM membership
    WHERE company_id = $1 AND active AND (all_sites OR $2 = ANY (site_ids))
)
SELECT (SELECT label FROM unit WHERE company_id = $1 AND site_id = $2 AND id = asked.unit_id),
       (SELECT name FROM party WHERE company_id = $1 AND site_id = $2 AND id = asked.party_id),
       (SELECT name FROM colleague WHERE id = asked.assignee_id),
       (SELECT name FROM colleague WHERE id = asked.concerns_id),
       CASE WHEN asked.roles IS NOT NULL THEN (
           SELECT jsonb_build_array(c.id, c.name)::text FROM colleague c
           WHERE c.id IS DISTINCT FROM asked.concerns_id
           ORDER BY (c.staff_no = asked.staff_no) DESC,
               (SELECT min(array_position(asked.roles, r)) FROM unnest(c.roles) r) NULLS LAST, c.all_sites, c.staff_no
           LIMIT 1) END
FROM asked
"""
_owner = msgspec.json.Decoder(tuple[UUID, str]).decode


class _Asked(msgspec.Struct, frozen=True):
    """`roles` None: whoever takes the matter in owns it, and nobody is looked for."""

    unit_id: UUID | None = None
    party_id: UUID | None = None
    assignee_id: UUID | None = None
    concerns_id: UUID | None = None
    staff_no: str = ""
    roles: tuple[str, ...] | None = None


class References(msgspec.Struct, frozen=True):
    """The labels of what was named, None for what is not at the site; `owner` is who was found to own the matter."""

    unit: str | None = None
    party: str | None = None
    assignee: str | None = None
    concerned: str | None = None
    owner: str | None = None

    def owned_by(self, actor: Actor) -> tuple[UUID | None, str]:
        """Who owns the matter: whoever takes it in, else the colleague found for it."""
        if self.owner is None:
            return (actor.id if actor.kind == "person" else None), actor.name
        return _owner(self.owner)

    def check(self, new: NewTicket, actor: Actor) -> None:
        """Raise Invalid alike for ids that are not and that are another's, and where nobody could own the matter."""
        wrong = []
        if new.unit_id is not None and self.unit is None:
            wrong.append(FieldError("unit_id", "There is no such unit at this site."))
        if new.party_id is not None and self.party is None:
            wrong.append(FieldError("party_id", "There is no such party at this site."))
        if new.assignee_id is not None and self.assignee is None:
            wrong.append(NO_COLLEAGUE)
        elif new.assignee_id is not None and new.assignee_id == new.concerns_id:
            wrong.append(CONCERNED)
        if new.concerns_id is not None and self.concerned is None:
            wrong.append(FieldError("concerns_id", "There is no such colleague at this site."))
        elif concerns(new, actor) and self.owner is None:
            wrong.append(NOBODY_ELSE)
        if wrong:
            raise Invalid(fields=wrong)


def concerns(new: NewTicket, actor: Actor) -> bool:
    """Whether the matter is a complaint about whoever takes it in, whose it then cannot be (CMP-6)."""
    return new.concerns_id is not None and new.concerns_id == actor.id


def question(new: NewTicket, actor: Actor, default_owner: str) -> Question[References] | None:
    """What is to be looked up for a new matter, company and site being $1 and $2; None: nothing is.

    `default_owner` is the staff number of who owns what programs report, "" for whoever answers for the site.
    """
    ids = (new.unit_id, new.party_id, new.assignee_id, new.concerns_id)
    if actor.kind != "person":
        return Question(References, _REFERENCES, _Asked(*ids, default_owner, _FOR_PROGRAMS))
    if concerns(new, actor):
        return Question(References, _REFERENCES, _Asked(*ids, roles=ANSWERABLE))
    return Question(References, _REFERENCES, _Asked(*ids)) if any(ids) else None


async def owner_instead_of(work: Work, site_id: UUID, member_id: UUID) -> tuple[UUID | None, str] | None:
    """Who would own a complaint that concerns the member, who then cannot (CMP-6); None: nobody else could."""
    question = Question(References, _REFERENCES, _Asked(concerns_id=member_id, roles=ANSWERABLE))
    await question.ask(work.uow, work.ctx.company_id, site_id)
    found = question.answer
    return found.owned_by(work.ctx.actor) if found is not None and found.owner is not None else None
