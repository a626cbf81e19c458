"""Whom a complaint is about: it leaves their hands, and they see nothing of it any more (CMP-6).

That they do not see it is a policy of the table (`core.db.rls`), so no statement can forget it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Invalid
from core.tickets import references
from core.tickets.model import Step
from core.tickets.placing import CONCERNED

if TYPE_CHECKING:
    from core.tickets.changes import Change


COMPLAINT = "complaint"
NO_COMPLAINT = "Only a complaint says whom it concerns."


async def concern(change: Change, step: Step) -> dict[str, str]:
    """Name the colleague a complaint is about, or nobody; it leaves that colleague's hands and sight (CMP-6).

    What they owned goes to the next one up. Raises Invalid, also where there is nobody.
    """
    if step.concerns_id is not None and change.recorded.colleague is None:
        raise Invalid.field("concerns_id", "There is no such colleague at this site.")
    change.set(concerns_id=step.concerns_id, concerns_name=change.recorded.colleague or "")
    said = {"concerned": change.after.concerns_name or "—"}
    if step.concerns_id is None:
        return said
    if change.before.assignee_id == step.concerns_id:
        change.set(assignee_id=None, assignee_name="")
    if change.before.owner_id == step.concerns_id:
        found = await references.owner_instead_of(change.work, change.before.site_id, step.concerns_id)
        if found is None:
            raise Invalid(fields=[references.NOBODY_ELSE])
        change.set(owner_id=found[0], owner_name=found[1])
        said["owner"] = found[1]
    return said


def keep_from_concerned(change: Change) -> None:
    """Raise where a complaint would be given to whom it concerns (CMP-6), who does not find it to handle it."""
    after = change.after
    if after.concerns_id is not None and after.assignee_id == after.concerns_id:
        raise Invalid(fields=[CONCERNED])
