"""Whether a caller is who they say (REC-5): what they confirmed, what that is enough for. Callers commit."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from core.sdk import Conflict, NotFound, Platform, Site, Work, ticket_queue
from plugins.reception import reading
from plugins.reception.identity.policy import IDENTITY, parts_of
from plugins.reception.schemas import PARTS, Call, Part

_COLUMNS = ", ".join(Call.__struct_fields__)
# Only of a caller who is known: of nobody there is nothing to confirm.
_CONFIRM = f"""
UPDATE reception_call SET confirmed = $4, confirmed_at = CASE WHEN $4::text[] <> '{{}}' THEN $5::timestamptz END,
    confirmed_by_name = CASE WHEN $4::text[] <> '{{}}' THEN $6 ELSE '' END
WHERE company_id = $1 AND site_id = $2 AND id = $3 AND unit_id IS NOT NULL RETURNING {_COLUMNS}
"""  # noqa: S608


class Confirm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the caller has said rightly, all of it; none takes a confirmation back."""

    parts: list[Part]


class Purpose(msgspec.Struct, frozen=True):
    """A kind of matter that needs more, and what is still missing for it."""

    category: str
    title: str
    missing: list[Part]


class Identity(msgspec.Struct, frozen=True):
    """What the caller confirmed. `enough`: the household may be spoken of; `missing` is what that still needs."""

    known: bool
    confirmed: list[Part]
    missing: list[Part]
    enough: bool
    by: str
    purposes: list[Purpose]


async def confirm(work: Work, site: Site, call_id: UUID, said: Confirm) -> Call:
    """Record what the caller confirmed, in whose hearing. Raises NotFound, Conflict for a caller nobody knows."""
    if site.id not in work.ctx.site_ids:
        raise NotFound
    parts = [part for part in PARTS if part in said.parts]
    call = await work.uow.fetch_one(
        Call, _CONFIRM, work.ctx.company_id, site.id, call_id, parts, work.now, work.ctx.actor.name
    )
    if call is None:
        if await reading.get(work.uow, site.id, call_id) is None:
            raise NotFound
        raise Conflict("Choose who is calling first.")
    changes = {"confirmed": ", ".join(parts)}
    work.audit("reception.call.identity_confirmed", "reception_call", call_id, changes, site_id=site.id)
    work.announce("call", site.id, call_id)
    return call


async def of(platform: Platform, work: Work, site: Site, call: Call) -> Identity:
    """How the caller of a call stands. Asks nothing where policies are known."""
    rules = await platform.policies.value(work, IDENTITY, site.id)
    missing = _missing(parts_of(rules), call)
    asked = {each.category for each in rules.purposes}
    categories = await platform.tickets.categories(work, site) if asked else []
    titles = {c.key: ticket_queue.title(c, work.ctx.locale) for c in categories if c.key in asked}
    purposes = [
        Purpose(each.category, titles[each.category], _missing(parts_of(each), call))
        for each in rules.purposes
        if each.category in titles
    ]
    known = call.unit_id is not None
    return Identity(known, list(call.confirmed), missing, known and not missing, call.confirmed_by_name, purposes)


def _missing(needed: Sequence[Part], call: Call) -> list[Part]:
    return [part for part in needed if part not in call.confirmed]
