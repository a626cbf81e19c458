"""Requests for what is held about somebody, and to erase it: asked for by whoever may, carried out by a job (PI-4,
PI-5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

import msgspec
from piccolo.table import Table

from core.db.ids import new_id
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.estate.masking import mask_phone
from core.estate.sealing import Sealer
from core.files.model import Content
from core.hooks.types import JobSpec
from core.jobs.port import enqueue
from core.policies.privacy import PRIVACY
from core.privacy import erasing, leaving, people, repository
from core.privacy.exporting import archive
from core.privacy.finding import Finder, Row
from core.privacy.people import Hit, Subject, Who
from core.privacy.register import register
from core.privacy.repository import Kind, Request, Result, Taken
from core.tenancy.context import TenantContext
from core.tickets import repository as tickets
from core.work import Work

if TYPE_CHECKING:
    from core.files.service import Files
    from core.notify.residents import Residents
    from core.policies.service import Policies
    from core.tenancy.directory import Directory

JOB: Final = "core.privacy_request"
_PERMISSIONS: Final[Mapping[Kind, str]] = {"export": "privacy.export", "erasure": "privacy.erase"}
_SWEEP: Final = "core.sweep_files"


class NewRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose data, and why. An erasure takes the person's name or number typed once more, in `confirm`."""

    kind: Kind
    subject: Subject
    reason: Annotated[str, msgspec.Meta(max_length=200)]
    confirm: Annotated[str, msgspec.Meta(max_length=60)] = ""


class DataRequests:
    """One for the process. `tables` are all there are, `secret` seals what is made."""

    def __init__(
        self,
        tables: Iterable[type[Table]],
        sealer: Sealer,
        policies: Policies,
        directory: Directory,
        files: Files,
        residents: Residents,
    ) -> None:
        self.register = register(tables)
        self._sealer = sealer
        self._policies = policies
        self._directory = directory
        self._files = files
        self._residents = residents
        self.jobs = (JobSpec(JOB, self.carry_out),)

    async def search(self, work: Work, text: str) -> list[Hit]:
        """Residents and colleagues of exactly that name, number or staff number; numbers masked (PI-2)."""
        self._enter(work)
        found = await people.search(work.uow, text)
        return [msgspec.structs.replace(hit, phone=mask_phone(hit.phone) if hit.phone else "") for hit in found]

    async def holds(self, work: Work, subject: Subject) -> list[erasing.Kept]:
        """What stands against erasing somebody now. Raises NotFound or Invalid."""
        self._enter(work)
        return await self._holds(work, self._finder(work, await people.identify(work.uow, subject)))

    async def ask(self, work: Work, new: NewRequest) -> Request:
        """Put a request; the job carries it out. An erasure that something stands against is refused at once.

        Raises Forbidden, NotFound, or Invalid: no reason, no such number, something else typed.
        """
        self._enter(work)
        if _PERMISSIONS[new.kind] not in work.ctx.permissions:
            raise Forbidden("You may not do this. Ask a company administrator.")
        reason = new.reason.strip()
        if not reason:
            raise Invalid.field("reason", "Say why.")
        who = await people.identify(work.uow, new.subject)
        kept: list[erasing.Kept] = []
        if new.kind == "erasure":
            if new.confirm.strip() != who.label:
                raise Invalid.field("confirm", "Type {label} to confirm.", label=who.label)
            kept = await self._holds(work, self._finder(work, who))
        asked = Request(
            id=new_id(),
            kind=new.kind,
            subject=new.subject.kind,
            subject_id=new.subject.id,
            name=who.label if new.subject.kind != "phone" else "",
            reason=reason,
            state="refused" if kept else "waiting",
            result=Result(kept=tuple(kept)),
            size=None,
            asked_by=work.ctx.actor.member_id,
            asked_by_name=work.ctx.actor.name,
            asked_at=work.now,
            finished_at=work.now if kept else None,
            expires_at=None,
        )
        phone = new.subject.phone.strip()
        sealed = self._sealer.seal(work.ctx.company_id, asked.id, phone.encode()) if phone and not kept else None
        await repository.add(work.uow, asked, sealed)
        change = {"kind": new.kind, "subject": new.subject.kind, "state": asked.state}
        work.audit("privacy.requested", "privacy_request", asked.id, change)
        if not kept:
            await enqueue(work, JOB, {"request": str(asked.id)})
        return asked

    async def requests(self, work: Work) -> list[Request]:
        """The latest hundred, the newest first."""
        self._enter(work)
        return await repository.requests(work.uow)

    async def request(self, work: Work, request_id: UUID) -> Request:
        """Raises NotFound."""
        self._enter(work)
        found = await repository.request(work.uow, request_id)
        if found is None:
            raise NotFound
        return found

    async def fetch(self, work: Work, request_id: UUID) -> Content:
        """The export's file, on record each time. Raises NotFound, and Conflict where there is none (any more)."""
        await self.request(work, request_id)
        digest = await repository.digest(work.uow, request_id, work.now)
        if digest is None:
            raise Conflict("There is no file: the export is not ready, or its days are over. Ask for a new one.")
        sealed = await self._files.got(work, digest)
        work.audit("privacy.fetched", "privacy_request", request_id)
        data = self._sealer.unseal(work.ctx.company_id, request_id, sealed)
        return Content(f"personal-data-{work.now:%Y%m%d}.zip", "application/zip", data)

    async def carry_out(self, work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
        """The job: gather or erase, once."""
        taken = await repository.take(work.uow, UUID(ids["request"]))
        if taken is None:
            return
        try:
            who = await people.identify(work.uow, self._subject(work, taken))
        except (NotFound, Invalid):  # erased meanwhile, or a resident now
            await repository.finish(work.uow, taken.id, "refused", Result(), work.now)
            return
        finder = self._finder(work, who)
        await (self._export if taken.kind == "export" else self._erase)(work, taken.id, finder)
        work.announce("privacy", None, taken.id)

    async def _export(self, work: Work, request_id: UUID, finder: Finder) -> None:
        found: dict[str, Sequence[Row]] = {}
        for held in self.register:
            if rows := await finder.rows(held):
                found[held.name] = rows
        if finder.who.member is not None:
            found["person"] = [{"login": await people.login(work.uow, finder.who.member)}]
        messages = await self._residents.told(work, finder.who.parties)
        if messages:
            found["text_messages"] = [{"at": told.at.isoformat(), "text": told.text} for told in messages]
        files = await self._files.of_tickets(work, await self._tickets(finder))
        for held in self.register:
            if held.privacy.image and held.privacy.party:
                files |= await self._files.of_rows(work, found.get(held.name, ()))
        made = archive(finder.who.label, found, files, work.now)
        digest = await self._files.put(work, self._sealer.seal(work.ctx.company_id, request_id, made))
        days = (await self._policies.value(work, PRIVACY, None)).export_days
        result = Result({name: len(rows) for name, rows in found.items()}, len(files), len(messages))
        expires_at = work.now + timedelta(days=days)
        await repository.finish(
            work.uow, request_id, "done", result, work.now, file=(digest, len(made)), expires_at=expires_at
        )
        work.audit("privacy.exported", "privacy_request", request_id, {"rows": sum(result.rows.values())})

    async def _erase(self, work: Work, request_id: UUID, finder: Finder) -> None:
        if kept := await self._holds(work, finder):
            await repository.finish(work.uow, request_id, "refused", Result(kept=tuple(kept)), work.now)
            return
        mine = await self._tickets(finder)
        counts = await erasing.erase(finder, self.register)
        left = await self._leave(work, finder, finder.who.member) if finder.who.member else Result()
        counts |= {table: counts.get(table, 0) + rows for table, rows in left.rows.items()}
        files = await self._files.empty(work, mine)
        await tickets.index_again(work.uow, mine)
        messages = await self._residents.forget(work, finder.who.parties)
        earlier = [
            id for id, sealed in await repository.phones(work.uow) if self._is_about(work, id, sealed, finder.who)
        ]
        subjects = (*finder.who.parties, *([finder.who.member] if finder.who.member else []))
        await repository.forget(work.uow, subjects, earlier, request_id)
        result = Result(counts, files, messages, left.kept)
        await repository.finish(work.uow, request_id, "done", result, work.now)
        work.audit("privacy.erased", "privacy_request", request_id, {"rows": sum(counts.values()), "files": files})
        await enqueue(work, _SWEEP, {})

    async def _leave(self, work: Work, finder: Finder, member: UUID) -> Result:
        """Take a colleague's name from what they did, and empty their account; where the name stays is `kept`."""
        years, today = await self._years(work), work.now.date()
        kept = await leaving.stays(finder, self.register, years, today)
        renamed = await leaving.rename(finder, self.register, people.mark(member), years, today)
        await people.leave(work.uow, member, work.now)
        work.announce("access", None)
        return Result(renamed, kept=tuple(kept))

    async def _holds(self, work: Work, finder: Finder) -> list[erasing.Kept]:
        return await erasing.holds(finder, self.register, await self._years(work), work.now.date())

    async def _years(self, work: Work) -> int:
        return (await self._policies.value(work, PRIVACY, None)).accounts_years

    async def _tickets(self, finder: Finder) -> list[UUID]:
        [attachments] = [held for held in self.register if held.name == "ticket_attachment"]
        return (await finder.parents(attachments))["ticket_id"] if finder.who.member is None else []

    def _finder(self, work: Work, who: Who) -> Finder:
        return Finder(work.uow, self.register, self._sealer, who)

    def _subject(self, work: Work, taken: Taken) -> Subject:
        phone = b"" if taken.phone_sealed is None else self._unseal(work, taken.id, taken.phone_sealed)
        return Subject(taken.subject, taken.subject_id, phone.decode())

    def _is_about(self, work: Work, request_id: UUID, sealed: bytes, who: Who) -> bool:
        return people.digits(self._unseal(work, request_id, sealed).decode()) in who.phones

    def _unseal(self, work: Work, request_id: UUID, sealed: bytes) -> bytes:
        return self._sealer.unseal(work.ctx.company_id, request_id, sealed)

    def _enter(self, work: Work) -> None:
        """What is held about somebody lies at every site: whoever works at some of them sees none of it."""
        company = self._directory.known(work.ctx.company_id)
        if company is None or {site.id for site in company.sites} - work.ctx.site_ids:
            raise Forbidden("Personal data of the company is for those who work at all of its sites.")
