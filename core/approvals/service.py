"""Four eyes: something counts once somebody else who may has agreed, and then in the same transaction (ARC-3)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from uuid import UUID

import asyncpg
import msgspec

from core.approvals import repository
from core.approvals.model import MOST_SAID, Approval, State, Verdict
from core.approvals.repository import NewApproval
from core.auth.permissions import PermissionRegistry
from core.db.ids import new_id
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.hooks.types import ApprovalKind, Event, JobSpec, NoticeSpec
from core.i18n import msgid
from core.policies.approvals import APPROVALS
from core.policies.service import Policies
from core.tenancy.context import TenantContext
from core.tenancy.directory import MadeRole, Site
from core.work import Work

ASKED, DECIDED = "approval.asked.v1", "approval.decided.v1"
NOTICES = (
    NoticeSpec(event=ASKED, to="to", text=msgid("A colleague asks for your second look."), page="{id}"),
    NoticeSpec(event=DECIDED, to="to", text=msgid("What you asked a second look for has an answer."), page="{id}"),
)
_PLACE = "approvals"  # the page below a site where notices lead
_EVERY = 300  # seconds
_MOST_WAITING = 99
IsOn = Callable[[TenantContext, str, UUID | None], bool]


class Approvals:
    """The service of approvals; one for the process. `kinds` are core's own with '' and plugins' with their ids."""

    def __init__(
        self,
        policies: Policies,
        permissions: PermissionRegistry,
        made: Callable[[UUID], Collection[MadeRole]],
        kinds: Iterable[tuple[str, ApprovalKind]],
        is_on: IsOn,
    ) -> None:
        self._policies, self._permissions, self._made, self._is_on = policies, permissions, made, is_on
        self.kinds: Mapping[str, tuple[str, ApprovalKind]] = {kind.id: (plugin, kind) for plugin, kind in kinds}

    @property
    def notices(self) -> list[tuple[str, NoticeSpec]]:
        """What colleagues are told, by the place where it leads."""
        return [(_PLACE, notice) for notice in NOTICES]

    @property
    def jobs(self) -> tuple[JobSpec, ...]:
        return (JobSpec("core.approvals", self.lapse, every=_EVERY),)

    async def ask(
        self,
        work: Work,
        site: Site,
        kind: str,
        subject: str,
        payload: msgspec.Struct,
        *,
        permission: str,
        reason: str = "",
        concerns_id: UUID | None = None,
    ) -> UUID:
        """Ask others at the site who have `permission` to agree; the approval's id.

        Neither who asks nor whom it concerns decides, nor do they hear of it. `subject` names what it is about: of a
        kind it is asked once at a time. Raises KeyError for a kind that was not registered, Forbidden where a program
        asks, Conflict where the same is asked already or nobody else could decide.
        """
        _, known = self.kinds[kind]
        asker = _person(work)
        reason = reason.strip()
        if len(reason) > MOST_SAID:
            raise Invalid.field("reason", "Give at most {maximum} characters.", maximum=MOST_SAID)
        policy = await self._policies.value(work, APPROVALS, site.id)
        roles = self._permissions.roles_of(permission, self._made(work.ctx.company_id))
        others = await repository.others(work.uow, site.id, roles, asker, concerns_id)
        if not others:
            raise Conflict("Nobody else here may decide on this. Give a colleague the permission first.")
        id = new_id()
        new = NewApproval(
            kind,
            subject,
            msgspec.json.encode(msgspec.convert(payload, known.payload)).decode(),
            permission,
            reason,
            work.now,
            work.now + timedelta(hours=policy.answer_hours),
            asker,
            work.ctx.actor.name,
            concerns_id,
        )
        try:
            await repository.ask(work.uow, id, site.id, new)
        except asyncpg.UniqueViolationError:
            raise Conflict("This waits for a second look already.") from None
        work.audit("approval.asked", "approval", id, {"kind": kind, "subject": subject}, site_id=site.id)
        self._tell(work, ASKED, site.id, id, kind, others)
        return id

    async def page(self, work: Work, site: Site, cursor: UUID | None, limit: int) -> list[Approval]:
        """What the actor asked or may decide at the site, the newest first. Raises NotFound."""
        _enter(work, site)
        ctx, permissions = work.ctx, sorted(work.ctx.permissions)
        return await repository.page(work.uow, site.id, work.now, ctx.actor.member_id, permissions, cursor, limit)

    async def waiting(self, work: Work, site: Site) -> int:
        """How many wait for the actor's decision, as far as it is worth counting. Raises NotFound."""
        _enter(work, site)
        ctx, permissions = work.ctx, sorted(work.ctx.permissions)
        return await repository.decidable(work.uow, site.id, work.now, ctx.actor.member_id, permissions, _MOST_WAITING)

    async def get(self, work: Work, site: Site, id: UUID) -> Approval:
        """Raises NotFound, also for one that the actor neither asked nor may decide."""
        _enter(work, site)
        ctx, permissions = work.ctx, sorted(work.ctx.permissions)
        found = await repository.one(work.uow, site.id, work.now, ctx.actor.member_id, permissions, id)
        if found is None:
            raise NotFound
        return found

    async def standing(self, work: Work, site: Site, kind: str, subjects: Collection[str]) -> dict[str, UUID]:
        """Which of the subjects of that kind wait for a second look, each with its approval. Raises NotFound."""
        _enter(work, site)
        return await repository.standing(work.uow, site.id, kind, subjects, work.now)

    def decidable(self, work: Work, approval: Approval) -> bool:
        """Whether the actor may decide on it now."""
        actor = work.ctx.actor
        return (
            approval.state == "asked"
            and actor.kind == "person"
            and actor.id != approval.asked_by
            and approval.permission in work.ctx.permissions
        )

    async def decide(self, work: Work, site: Site, id: UUID, said: Verdict, platform: object) -> Approval:
        """Agree, which has its effect at once, or refuse, saying why.

        Raises NotFound, Forbidden, Invalid, Conflict for one's own and for what is decided or lapsed, and whatever the
        effect raises: then nothing is decided.
        """
        _person(work)
        found, text = await self.get(work, site, id), said.text.strip()
        if found.asked_by == work.ctx.actor.id:
            raise Conflict("Somebody else decides on what you have asked.")
        if found.permission not in work.ctx.permissions:
            raise Forbidden
        if not said.approve and not text:
            raise Invalid.field("text", "Say why it is refused.")
        plugin, kind = self.kinds.get(found.kind, ("", None))
        if kind is None or (plugin and not self._is_on(work.ctx, plugin, site.id)):
            raise Conflict("The module that asks for this does not run here at present.")
        decided = await self._close(work, site, found, "approved" if said.approve else "refused", text)
        if said.approve:
            await kind.carry_out(work, site, msgspec.convert(found.payload, kind.payload), platform)
        return decided

    async def withdraw(self, work: Work, site: Site, id: UUID) -> Approval:
        """Take back what one has asked. Raises NotFound, and Conflict for what others asked and once it is decided."""
        found = await self.get(work, site, id)
        if found.asked_by != _person(work):
            raise Conflict("Only whoever asked for a second look can take that back.")
        return await self._close(work, site, found, "withdrawn", "")

    async def lapse(self, work: Work, ctx: TenantContext, ids: Mapping[str, str]) -> None:
        """Close what nobody decided in time, and tell who had asked."""
        for each in await repository.lapse(work.uow, ctx.site_ids, work.now):
            work.audit("approval.lapsed", "approval", each.id, site_id=each.site_id)
            self._tell(work, DECIDED, each.site_id, each.id, each.kind, [each.asked_by], state="lapsed")

    async def _close(self, work: Work, site: Site, found: Approval, state: State, text: str) -> Approval:
        """One of many at once closes it: the row says so, not what was read before."""
        actor = work.ctx.actor
        by = (None, "") if state == "withdrawn" else (actor.id, actor.name)
        if not await repository.decide(work.uow, site.id, found.id, state, by, work.now, text):
            raise Conflict("This has been decided or taken back, or it has lapsed.")
        work.audit(f"approval.{state}", "approval", found.id, {"kind": found.kind}, site_id=site.id)
        if state != "withdrawn":
            self._tell(work, DECIDED, site.id, found.id, found.kind, [found.asked_by], state=state)
        return msgspec.structs.replace(found, state=state, decided_by_name=by[1], decided_at=work.now, decision=text)

    def _tell(
        self, work: Work, event: str, site_id: UUID, id: UUID, kind: str, to: Iterable[UUID], state: State = "asked"
    ) -> None:
        work.emit(Event(event, site_id, id, {"kind": kind, "state": state, "to": ",".join(map(str, to))}))
        work.announce("desk", site_id)


def _person(work: Work) -> UUID:
    if work.ctx.actor.kind != "person" or work.ctx.actor.id is None:
        raise Forbidden("Only people ask for a second look and decide.")
    return work.ctx.actor.id


def _enter(work: Work, site: Site) -> None:
    if site.id not in work.ctx.site_ids:
        raise NotFound
