"""The rules of attachments: what is taken, who may see and remove it, and that nothing is left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import asyncpg
import structlog
from piccolo.table import Table

from core.db.personal import of_table
from core.db.question import Row
from core.db.rows import under_accounts
from core.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge, Unavailable
from core.files import repository
from core.files.made import Made, accept, is_blank, make, named
from core.files.model import Attachment, Content, KeptFile, NewSignature, PreparedSignature, Signature, too_many
from core.files.repository import Blank, Stored
from core.files.sniff import KINDS, PICTURES, sniff
from core.files.store import FileStore, Missing
from core.hooks.types import JobSpec, KeptFor
from core.i18n import msgid
from core.policies.attachments import ATTACHMENTS
from core.tenancy.context import TenantContext
from core.tenancy.directory import Site
from core.tickets.entries import Entry, Held, hold, record
from core.work import Work

if TYPE_CHECKING:
    from core.policies.service import Policies
    from core.privacy.register import Held as Declared

log = structlog.get_logger(__name__)
REMOVE: Final = "ticket.attachment.remove"
KEPT: Final = ("files", msgid("Files of closed tickets"))  # what the time of files is called
_PREVIEW = KINDS["jpeg"]
_UNSIGNED: Final = "Nothing is signed yet: sign in the box."
_SIGNATURES = 50  # of a ticket, besides its other files
_PRINTED = 12  # pictures of a document
_NOTHING: Final = b"***\n"  # what stands in the place of an erased content
_BATCH = 1000


class Files:
    """The files of tickets, and those that records of modules name; one for the process."""

    def __init__(self, store: FileStore, policies: Policies, tables: Iterable[type[Table]]) -> None:
        self._store = store
        known = list(tables)
        self._tables = [table._meta.tablename for table in known]
        self._columns = tuple((t._meta.tablename, name) for t in known for name in of_table(t).image.split())
        self._policies = policies
        self.jobs = (JobSpec("core.sweep_files", self.sweep, every=86400, made_up=True),)

    async def add(
        self,
        work: Work,
        site: Site,
        ticket_id: UUID,
        name: str,
        data: bytes,
        beside: Callable[[Attachment], Row] | None = None,
    ) -> Attachment:
        """Attach a file. Pictures are made anew from their pixels (UP-1). `beside` is what a module writes about it, in
        the same statement: only if `provided`, which shares the company as $1, has a row.

        The content is durable before its row is committed. Raises NotFound, Invalid, TooLarge or Conflict (too many).
        """
        limits = await self._policies.value(work, ATTACHMENTS, site.id)
        _fits(data, limits.megabytes)
        made = make(work, ticket_id, name, await accept(name, data))
        ticket = await hold(work, site, ticket_id)
        entry = Entry(ticket_id, "attached", {"name": made.stored.attachment.name})
        also = None if beside is None else beside(made.stored.attachment)
        return await self._put(work, site, ticket, made, limits.per_ticket, entry, also)

    async def sign(self, work: Work, site: Site, ticket: UUID | Held, new: NewSignature) -> Signature:
        """Keep somebody's signature as a file of the ticket that nobody takes away, or that it is on paper. The ticket
        may be held already.

        Raises NotFound, Invalid (nothing drawn, nobody named, paper of which nothing is said), Conflict (too many).
        """
        signature, made, most = await self._signed(work, site, ticket.id if isinstance(ticket, Held) else ticket, new)
        held = ticket if isinstance(ticket, Held) else await hold(work, site, ticket)
        if made is not None:
            await self._put(work, site, held, made, most, Entry(held.id, "signed", {"signer": signature.signer}))
        else:
            details = {"signer": signature.signer, "remark": signature.remark}
            await record(work, site, Entry(held.id, "signed_on_paper", details))
            work.audit("ticket.signed", "ticket", held.id, {"number": held.number}, site_id=site.id)
        return signature

    async def prepare(self, work: Work, site: Site, ticket_id: UUID, new: NewSignature) -> PreparedSignature:
        """The same for a `Note` that says itself what was signed: it takes `rows` along, and `keep` comes after it.

        Raises Invalid.
        """
        signature, made, most = await self._signed(work, site, ticket_id, new)
        row = None if made is None else repository.added(site.id, made.stored, most)
        return PreparedSignature(signature, row, () if made is None else made.contents, most)

    async def keep(self, work: Work, site: Site, ticket_id: UUID, number: str, ready: PreparedSignature) -> None:
        """Keep the content of what was prepared, once its row has been written."""
        await self._store_all(work, ready.contents)
        if ready.signature.attachment is not None:
            _audit(work, site, number, ready.signature.attachment)
        else:
            work.audit("ticket.signed", "ticket", ticket_id, {"number": number}, site_id=site.id)

    async def _signed(
        self, work: Work, site: Site, ticket_id: UUID, new: NewSignature
    ) -> tuple[Signature, Made | None, int]:
        signer, remark = new.signer.strip(), new.remark.strip()
        if not signer:
            raise Invalid.field("signer", "Say who signs.")
        limits = await self._policies.value(work, ATTACHMENTS, site.id)
        most = limits.per_ticket + _SIGNATURES
        if new.picture is None:
            if not new.on_paper:
                raise Invalid.field("signature", _UNSIGNED)
            if not remark:
                raise Invalid.field("remark", "Say where the signed paper is kept, or attach a photo of it.")
            return Signature(signer, work.now, remark, None), None, most
        kind = sniff(new.picture)
        if kind is None or kind.name not in PICTURES:
            raise Invalid.field("signature", "A signature is a picture.")
        extension = kind.extensions[0]
        taken = await accept(f"signature.{extension}", new.picture)
        if not new.on_paper and is_blank(taken[2]):
            raise Invalid.field("signature", _UNSIGNED)
        made = make(work, ticket_id, f"{signer}.{extension}", taken, signer)
        return Signature(signer, work.now, remark, made.stored.attachment), made, most

    async def _put(
        self, work: Work, site: Site, ticket: Held, made: Made, most: int, entry: Entry, beside: Row | None = None
    ) -> Attachment:
        """Attachment, entry of the timeline and content; the content before anything of it is committed."""
        provided = repository.added(site.id, made.stored, most)
        if not await record(work, site, entry, provided=provided, beside=beside):
            raise too_many(most)
        await self._store_all(work, made.contents)
        _audit(work, site, ticket.number, made.stored.attachment)
        return made.stored.attachment

    async def _store_all(self, work: Work, contents: Iterable[bytes]) -> None:
        for each in contents:
            await self._store.put(work.ctx.company_id, each)

    async def open(self, work: Work, site: Site, ticket_id: UUID, attachment_id: UUID) -> Content:
        """The file itself. Raises NotFound, also for one of another ticket, site or company (TI-8)."""
        stored = await self._find(work, site, ticket_id, attachment_id)
        return Content(
            stored.attachment.name,
            KINDS[stored.attachment.kind].media_type,
            await self._read(work.ctx.company_id, stored.digest),
        )

    async def preview(self, work: Work, site: Site, ticket_id: UUID, attachment_id: UUID) -> Content:
        """A picture's small JPEG, made by us from its pixels. Raises NotFound."""
        stored = await self._find(work, site, ticket_id, attachment_id)
        if stored.thumbnail is None:
            raise NotFound
        data = await self._read(work.ctx.company_id, stored.thumbnail)
        return Content(f"{attachment_id}.jpg", _PREVIEW.media_type, data)

    async def pictures(self, work: Work, site: Site, ticket_id: UUID) -> list[tuple[Attachment, bytes]]:
        """A ticket's pictures as small JPEGs, signatures too, the latest first, for a document; twelve at most."""
        found = await repository.pictures(work.uow, site.id, ticket_id, _PRINTED)
        company_id = work.ctx.company_id
        return [(each.attachment, await self._read(company_id, each.thumbnail)) for each in found if each.thumbnail]

    async def remove(self, work: Work, site: Site, ticket_id: UUID, attachment_id: UUID) -> None:
        """Take a file away: whoever put it there, and those who may take away others'. The timeline keeps its name.

        Raises NotFound or Forbidden; Conflict for a signature and for what a record names, which stay. The content goes
        with the next sweep, if nothing else needs it.
        """
        ticket = await hold(work, site, ticket_id)
        try:
            removed = await repository.remove(work.uow, ticket_id, attachment_id)
        except asyncpg.ForeignKeyViolationError:  # the paper of a consent, the signature below a sheet
            raise Conflict("Something on record needs this file: it stays with its ticket.") from None
        if removed is None:
            raise NotFound
        name, uploaded_by_id, signed = removed
        if REMOVE not in work.ctx.permissions and uploaded_by_id != work.ctx.actor.id:
            raise Forbidden("Only whoever attached the file, or a supervisor, removes it.")
        if signed:
            raise Conflict("A signature stays with its ticket.")
        await record(work, site, Entry(ticket_id, "detached", {"name": name}))
        change = {"number": ticket.number, "attachment": str(attachment_id)}
        work.audit("ticket.detached", "ticket", ticket_id, change, site_id=site.id)

    async def take(self, work: Work, site: Site, name: str, data: bytes) -> KeptFile:
        """Keep a file for a record of a module, by the rules of attachments; the record's row, written in this work,
        names it. Raises Invalid or TooLarge."""
        limits = await self._policies.value(work, ATTACHMENTS, site.id)
        _fits(data, limits.megabytes)
        kind, content, thumbnail = await accept(name, data)
        await repository.share(work.uow)
        digest = await self._store.put(work.ctx.company_id, content)
        small = None if thumbnail is None else await self._store.put(work.ctx.company_id, thumbnail)
        return KeptFile(named(name, kind), kind, len(content), digest, small, limits.per_ticket)

    async def content(self, work: Work, name: str, kind: str, digest: str) -> Content:
        """Such a file, to be sent out. Raises Unavailable where its content is missing."""
        return Content(name, KINDS[kind].media_type, await self._read(work.ctx.company_id, digest))

    async def put(self, work: Work, content: bytes) -> str:
        """Keep a content that a row of this work is going to name; its digest."""
        await repository.share(work.uow)
        return await self._store.put(work.ctx.company_id, content)

    async def got(self, work: Work, digest: str) -> bytes:
        """A content that was kept by itself. Raises Unavailable where it is missing."""
        return await self._read(work.ctx.company_id, digest)

    async def of_tickets(self, work: Work, ticket_ids: Sequence[UUID]) -> dict[str, bytes]:
        """The contents of these tickets' files, by a name made of the file's id."""
        return await self._by_id(work, await repository.contents(work.uow, ticket_ids))

    async def of_rows(self, work: Work, rows: Iterable[Mapping[str, Any]]) -> dict[str, bytes]:
        """The same of rows of modules, as long as they name one."""
        return await self._by_id(work, [(row["id"], row["kind"], row["digest"]) for row in rows if row.get("digest")])

    async def empty(self, work: Work, ticket_ids: Sequence[UUID]) -> int:
        """Take the contents of all files of these tickets away (PI-5): that there were files stays on record. Contents
        go with the next sweep."""
        return await repository.empty(work.uow, ticket_ids, await self._blank(work), work.now)

    def kept_for(self, register: Iterable[Declared]) -> KeptFor:
        """How long files are kept; those of tickets under accounts stay."""
        held = [(each.name, each.privacy.hold) for each in register if each.privacy.parent.get("ticket_id")]
        accounts = under_accounts((name, hold) for name, hold in held if hold and hold.since)

        async def forget(work: Work, site_id: UUID, before: datetime) -> int:
            blank = await self._blank(work)
            return await repository.empty_old(work.uow, site_id, before, accounts, _BATCH, blank, work.now)

        return KeptFor(
            id=KEPT[0],
            title=KEPT[1],
            policy=ATTACHMENTS,
            field="keep_months",
            due=repository.COUNT_OLD.format(accounts=accounts),
            forget=forget,
        )

    async def _blank(self, work: Work) -> Blank:
        return Blank("***.txt", "text", await self.put(work, _NOTHING), len(_NOTHING))

    async def sweep(self, work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
        """Remove contents that no row names: of removed files, and of uploads that were never committed.

        Uploads of the company wait meanwhile, which takes seconds. Nothing goes while a module that has tables is in
        quarantine or gone: its rows may name contents that nobody here can ask for.
        """
        if await repository.has_others(work.uow, self._tables):
            log.warning("contents are not swept while a module is missing", company=str(ctx.company_id))
            return
        await repository.keep_out(work.uow)
        contents = await self._store.digests(ctx.company_id)
        swept = 0
        for start in range(0, len(contents), _BATCH):
            batch = contents[start : start + _BATCH]
            needed = await repository.named(work.uow, self._columns, batch)
            orphans = [digest for digest in batch if digest not in needed]
            await self._store.remove(ctx.company_id, orphans)
            swept += len(orphans)
        if swept:
            log.info("contents without a file were removed", company=str(ctx.company_id), contents=swept)

    async def _find(self, work: Work, site: Site, ticket_id: UUID, attachment_id: UUID) -> Stored:
        stored = await repository.find(work.uow, site.id, ticket_id, attachment_id)
        if stored is None:
            raise NotFound
        return stored

    async def _by_id(self, work: Work, found: Iterable[tuple[object, str, str]]) -> dict[str, bytes]:
        company_id = work.ctx.company_id
        return {f"{id}.{KINDS[kind].extensions[0]}": await self._read(company_id, digest) for id, kind, digest in found}

    async def _read(self, company_id: UUID, digest: str) -> bytes:
        try:
            return await self._store.read(company_id, digest)
        except Missing as missing:
            log.error("a file's content is missing", company=str(company_id), digest=digest)
            raise Unavailable(
                "The content of this file is missing on the server. Tell your administrator."
            ) from missing


def _fits(data: bytes, megabytes: int) -> None:
    if len(data) > megabytes << 20:
        raise TooLarge("The file has more than {megabytes} MB. Make it smaller.", params={"megabytes": megabytes})


def _audit(work: Work, site: Site, number: str, attachment: Attachment) -> None:
    change = {"number": number, "attachment": str(attachment.id), "size": attachment.size, "kind": attachment.kind}
    action = "ticket.signed" if attachment.signed_by else "ticket.attached"
    work.audit(action, "ticket", attachment.ticket_id, change, site_id=site.id)
