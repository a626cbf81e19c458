"""The rules of proof (BIL-5): photos, slips and scans that show that a step was taken. Callers commit."""

from __future__ import annotations

from uuid import UUID

from core.sdk import Conflict, Content, Invalid, NotFound, Platform, Site, Work, msgid, new_id
from plugins.billing.access import enter
from plugins.billing.arrears.dunning import repository as dunning
from plugins.billing.arrears.dunning.model import Taken
from plugins.billing.arrears.proofs import repository
from plugins.billing.arrears.proofs.model import Proof, Strike


async def of_step(work: Work, site: Site, dunning_id: UUID) -> tuple[Taken, list[Proof]]:
    """A step on record, and the files that prove it. Raises NotFound."""
    enter(work, site)
    taken = await dunning.one(work.uow, site.id, dunning_id)
    if taken is None:
        raise NotFound
    return taken, await repository.of_step(work.uow, site.id, dunning_id)


async def add(platform: Platform, work: Work, site: Site, dunning_id: UUID, name: str, data: bytes) -> Proof:
    """Keep a file with a step, by the rules of attachments: what it is, is told by its content, and of pictures only
    the pixels are kept. Raises NotFound, Invalid, TooLarge, and Conflict where the step has as many as it may."""
    enter(work, site)
    kept = await platform.files.take(work, site, name, data)
    id, by = new_id(), work.ctx.actor
    values = id, kept.name, kept.kind, kept.size, kept.digest, kept.thumbnail, work.now, by.id, by.name
    if not await repository.add(work.uow, site.id, dunning_id, values, kept.most):
        _, proofs = await of_step(work, site, dunning_id)
        raise Conflict(msgid("This step has {n} files already: it can take no more."), params={"n": len(proofs)})
    changes = {"size": kept.size, "kind": kept.kind, "proof": str(id)}
    work.audit("billing.dunning.proved", "billing_dunning", dunning_id, changes, site_id=site.id)
    preview = kept.thumbnail is not None
    return Proof(id, kept.name, kept.kind, kept.size, preview, True, work.now, by.name, None, "", "")


async def strike(work: Work, site: Site, dunning_id: UUID, proof_id: UUID, said: Strike) -> None:
    """Strike out a file that proves nothing, with the reason; it stays to be seen. Raises NotFound, Invalid, and
    Conflict for one that is struck out."""
    enter(work, site)
    if not (reason := said.reason.strip()):
        raise Invalid.field("reason", msgid("Say what is wrong with it."))
    values = work.now, work.ctx.actor.id, work.ctx.actor.name, reason
    if not await repository.strike(work.uow, site.id, dunning_id, proof_id, values):
        await _find(work, site, dunning_id, proof_id)
        raise Conflict(msgid("This file was struck out already."))
    work.audit("billing.dunning.struck", "billing_dunning", dunning_id, {"proof": str(proof_id)}, site_id=site.id)


async def file(platform: Platform, work: Work, site: Site, dunning_id: UUID, proof_id: UUID) -> Content:
    """The file itself. Raises NotFound, also where its content was erased."""
    enter(work, site)
    stored = await _find(work, site, dunning_id, proof_id)
    if stored.digest is None:
        raise NotFound
    return await platform.files.content(work, stored.name, stored.kind, stored.digest)


async def preview(platform: Platform, work: Work, site: Site, dunning_id: UUID, proof_id: UUID) -> Content:
    """A picture's small JPEG. Raises NotFound."""
    enter(work, site)
    stored = await _find(work, site, dunning_id, proof_id)
    if stored.thumbnail is None:
        raise NotFound
    return await platform.files.content(work, f"{proof_id}.jpg", "jpeg", stored.thumbnail)


async def _find(work: Work, site: Site, dunning_id: UUID, proof_id: UUID) -> repository.Stored:
    stored = await repository.find(work.uow, site.id, dunning_id, proof_id)
    if stored is None:
        raise NotFound
    return stored
