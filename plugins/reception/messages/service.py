"""The rules of messages for absent colleagues (REC-6): who called, for whom, and whether in time. Callers commit."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import msgspec

from core.sdk import Conflict, Event, Invalid, NotFound, Platform, Site, TenantContext, Work, masked
from plugins.reception import events
from plugins.reception.messages import repository
from plugins.reception.messages.model import Done, Message, NewMessage, Which
from plugins.reception.permissions import MESSAGE


async def take(platform: Platform, work: Work, site: Site, new: NewMessage) -> Message:
    """Take a message down. Raises Invalid naming the fields."""
    _enter(work, site)
    names = {c.id: c.name for c in platform.directory.colleagues(work.ctx.company_id, site)}
    if new.colleague_id not in names:
        raise Invalid.field("colleague_id", "Choose a colleague of this site.")
    new = msgspec.structs.replace(new, caller_name=new.caller_name.strip(), matter=new.matter.strip())
    if not new.caller_name:
        raise Invalid.field("caller_name", "Write down who called.")
    if not new.matter:
        raise Invalid.field("matter", "Write down what it is about.")
    if new.call_back_by is not None and new.call_back_by <= work.now:
        raise Invalid.field("call_back_by", "Promise a time that lies ahead.")
    if new.call_back_by is not None and not new.phone.strip():
        raise Invalid.field("phone", "Write down the number to call back.")
    actor = work.ctx.actor
    by = actor.id if actor.kind == "person" else None, actor.name
    message = await repository.add(work.uow, site.id, new, names[new.colleague_id], work.now, by)
    _changed(work, "taken", message)
    work.emit(Event(events.MESSAGE_TAKEN, site.id, message.id, {"for_id": str(message.for_id)}))
    return message


async def get(work: Work, site: Site, message_id: UUID) -> Message:
    """Raises NotFound, also for one that is neither one's own nor the desk's to see."""
    _enter(work, site)
    message = await repository.get(work.uow, site.id, message_id)
    if message is None or not _concerns(work, message):
        raise NotFound
    return message


async def listed(work: Work, site: Site, which: Which, *, mine: bool) -> list[Message]:
    """One's own messages or, for the desk, everybody's."""
    _enter(work, site)
    own = mine or MESSAGE.id not in work.ctx.permissions
    if own and work.ctx.actor.id is None:
        return []
    return await repository.listed(work.uow, site.id, which, work.ctx.actor.id if own else None)


async def waiting(work: Work, site: Site) -> int:
    """How many wait for whoever asks."""
    _enter(work, site)
    me = work.ctx.actor.id
    return await repository.count(work.uow, site.id, me) if me is not None else 0


async def finish(work: Work, site: Site, message_id: UUID, said: Done) -> Message:
    """Called back, or otherwise done with. Raises NotFound, Conflict for one that is done."""
    message = await get(work, site, message_id)
    done = await repository.finish(work.uow, message, work.now, work.ctx.actor.name, said.outcome.strip())
    if done is None:
        raise Conflict("This message is done already.")
    _changed(work, "done", done)
    return done


async def miss(work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
    """A job: callbacks that were promised for a time that has passed are missed, and that shows."""
    for message in await repository.miss(work.uow, ctx.site_ids, work.now):
        work.emit(Event(events.MESSAGE_MISSED, message.site_id, message.id, {"for_id": str(message.for_id)}))
        work.announce("desk", message.site_id, message.id)


def shown(work: Work, message: Message) -> Message:
    """As it is told: the number in full for whom the message is, until it is done (ARC-4)."""
    mine = message.for_id == work.ctx.actor.id and message.done_at is None
    return message if mine else msgspec.structs.replace(message, phone=masked(message.phone))


def _concerns(work: Work, message: Message) -> bool:
    return message.for_id == work.ctx.actor.id or MESSAGE.id in work.ctx.permissions


def _enter(work: Work, site: Site) -> None:
    if site.id not in work.ctx.site_ids:
        raise NotFound


def _changed(work: Work, action: str, message: Message) -> None:
    changes = {"for": str(message.for_id)}
    work.audit(f"reception.message.{action}", "reception_message", message.id, changes, site_id=message.site_id)
    work.announce("desk", message.site_id, message.id)
