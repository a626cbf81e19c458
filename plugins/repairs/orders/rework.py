"""Work that has to be done again (REP-5): a new order of the same place, matter and reporter, tied to the first."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

import msgspec

from core.sdk import Conflict, NewTicket, NotFound, Platform, Site, Ticket, Tied, Work
from plugins.repairs.kinds import ORDER
from plugins.repairs.orders.state import Rework

_FIRST = """
SELECT to_jsonb(t)::text, coalesce((
    SELECT n.number FROM ticket_relation r JOIN ticket n ON n.company_id = $1 AND n.id = r.from_id
    WHERE r.company_id = $1 AND r.to_id = t.id AND r.kind = 'rework_of' AND n.status NOT IN ('resolved', 'closed')
    LIMIT 1), '')
FROM ticket t WHERE t.company_id = $1 AND t.site_id = $2 AND t.id = $3 AND t.type = $4
"""
_decode = msgspec.json.Decoder(Ticket).decode
_LONGEST: Final = 4000  # characters of a description


class NewRework(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is wrong with the work, if there is more to say than that it has to be done again."""

    text: Annotated[str, msgspec.Meta(max_length=1000)] = ""


async def begin(platform: Platform, work: Work, site: Site, ticket_id: UUID, said: NewRework) -> Rework:
    """Take the order in in which a done one's work is done again. Raises NotFound, Conflict."""
    if site.id not in work.ctx.site_ids:
        raise NotFound
    await work.uow.lock_row("ticket", ticket_id)
    found = await work.uow.fetch_one(
        lambda ticket, going_on: (_decode(ticket), str(going_on)),
        _FIRST,
        work.ctx.company_id,
        site.id,
        ticket_id,
        ORDER,
    )
    if found is None:
        raise NotFound
    first, going_on = found
    if first.status not in ("resolved", "closed"):
        raise Conflict("This order is not done yet: work goes on in it.")
    if going_on:
        raise Conflict("The work is done again in {number} already.", params={"number": going_on})
    # in the language of residents, as what was reported is
    text = f"返工：{said.text.strip() or first.description}（原工单 {first.number}）"
    new = NewTicket(
        description=text[:_LONGEST],
        category=first.category,
        severity=first.severity,
        unit_id=first.unit_id,
        party_id=first.party_id,
        place=first.place,
        reporter_name=first.reporter_name,
        reporter_phone=first.reporter_phone,
        convenient_time=first.convenient_time,
        fields=first.fields,
    )
    made = await platform.tickets.create(work, site, new, tied=Tied("rework_of", first.id, first.number))
    return Rework(made.id, made.number, made.status)
