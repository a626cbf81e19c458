"""Policies at run time: what is in force for a site, changing it by a new revision, and its history."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid5

import msgspec

from core.db.ids import new_id
from core.errors import Conflict, FieldError, Invalid, NotFound, PreconditionFailed
from core.policies import revisions
from core.policies.calendar import CALENDAR, to_calendar
from core.policies.layers import Layer, Overrides, Resolved, diff, resolve, validate
from core.policies.revisions import LayerKey, Revision
from core.policies.revisions import Origin as Origin
from core.policies.spec import PolicyRegistry, PolicySpec
from core.remembered import Remembered
from core.sla import Calendar
from core.tenancy.directory import KEEP
from core.work import Work

T = TypeVar("T", bound=msgspec.Struct)
REASON = 200  # characters that say why a policy was changed
_RESOLVED = 10_000  # values kept by the revisions that they come from
_TICK = timedelta(microseconds=1)
Listener = Callable[[Work, Revision], Awaitable[None]]
"""Told of a revision in its transaction."""


class Stretch(msgspec.Struct, Generic[T], frozen=True):
    """What a policy was for a site from `since` on, and the revisions that made it so, the company's before the site's.

    `asked`: the author wanted tickets taken in before to be held to it as well.
    """

    since: datetime
    value: T
    revisions: tuple[Revision, ...]
    asked: bool = False


class _InForce(msgspec.Struct):
    """A company's revisions that are in force, what they resolved to, and by policy those before them."""

    revisions: dict[LayerKey, Revision]
    resolved: dict[LayerKey, Resolved[Any]] = {}
    past: dict[str, list[Revision]] = {}


class Policies:
    """What is in force, cached per company; `forget` is called when a change is announced."""

    def __init__(self, registry: PolicyRegistry) -> None:
        self.registry = registry
        self._listeners: list[Listener] = []
        self._known: Remembered[None, _InForce] = Remembered()
        self.forget = self._known.forget
        self._calendars: dict[tuple[UUID, UUID], Calendar] = {}
        self._resolved: dict[tuple[object, ...], Resolved[Any]] = {}

    def on_revision(self, listener: Listener) -> None:
        """Have `listener` called in the transaction of every revision."""
        self._listeners.append(listener)

    async def hold(self, work: Work) -> None:
        """Wait for revisions under way, and keep others from being made until the work is over."""
        await work.uow.wait_for_turn(_turn(work), shared=True)

    async def value(self, work: Work, spec: PolicySpec[T], site_id: UUID | None) -> T:
        """The policy's value for the site (None: the company as a whole) at the work's instant."""
        return (await self.resolved(work, spec, site_id)).value

    async def resolved(self, work: Work, spec: PolicySpec[T], site_id: UUID | None) -> Resolved[T]:
        """Value and provenance."""
        in_force = await self._in_force(work)
        key = (spec.name, site_id)
        if key not in in_force.resolved:
            in_force.resolved[key] = self._resolved_by(spec, self._layers(in_force, *key))
        return in_force.resolved[key]

    async def inherited(self, work: Work, spec: PolicySpec[T], site_id: UUID | None) -> T:
        """What the layer of `site_id` builds on: the company's value for a site, the default for the company."""
        return spec.default if site_id is None else await self.value(work, spec, None)

    async def current(self, work: Work, name: str, site_id: UUID | None) -> Revision | None:
        """The revision in force of that layer alone."""
        return (await self._in_force(work)).revisions.get((name, site_id))

    async def in_force(self, work: Work, site_id: UUID | None, *specs: PolicySpec[Any]) -> list[Revision]:
        """The revisions that make these policies what they are at the site, the company's layer before the site's."""
        known = (await self._in_force(work)).revisions
        keys = ((spec.name, layer) for spec in specs for layer in dict.fromkeys((None, site_id)))
        return [known[key] for key in keys if key in known]

    async def origins(self, work: Work, ids: Collection[UUID]) -> list[Origin]:
        """What is told of these revisions; they stay for good, so all that were ever in force are found."""
        return await revisions.origins(work.uow, ids)

    async def history(self, work: Work, name: str, site_id: UUID | None) -> list[Revision]:
        """Revisions of a layer, the newest first."""
        return await revisions.history(work.uow, name, site_id)

    async def course(self, work: Work, spec: PolicySpec[T], site_id: UUID | None, since: datetime) -> list[Stretch[T]]:
        """What the policy was from `since` until now, in order of time. The first stretch begins at `since`; another
        one begins where the value changed, or where tickets taken in before were to be held to it."""
        in_force = await self._in_force(work)
        layers = (spec.name, None), (spec.name, site_id)
        if all(known.effective_at <= since for key in layers if (known := in_force.revisions.get(key))):
            value = (await self.resolved(work, spec, site_id)).value
            return [Stretch(since, value, tuple(await self.in_force(work, site_id, spec)))]
        if spec.name not in in_force.past:
            in_force.past[spec.name] = await revisions.past(work.uow, spec.name, work.now)
        past = [revision for revision in in_force.past[spec.name] if revision.site_id in (None, site_id)]
        course: list[Stretch[T]] = []
        for at in (since, *sorted({revision.effective_at for revision in past if revision.effective_at > since})):
            newest = {revision.site_id: revision for revision in past if revision.effective_at <= at}
            made_by = tuple(newest[layer] for layer in dict.fromkeys((None, site_id)) if layer in newest)
            value = resolve(spec, [_layer(revision) for revision in made_by]).value
            asked = any(revision.open_tickets and revision.effective_at == at for revision in made_by)
            if not course or asked or course[-1].value != value:
                course.append(Stretch(at, value, made_by, asked))
        return course

    async def drafted(
        self, work: Work, spec: PolicySpec[T], layer: UUID | None, overrides: Overrides, site_id: UUID
    ) -> T:
        """What the policy would be at the site if the layer of a site, or the company's (None), had these overrides."""
        known = (await self._in_force(work)).revisions
        draft = Layer("company" if layer is None else "site", UUID(int=0), overrides)
        layers = [
            draft if each == layer else _layer(known[spec.name, each])
            for each in (None, site_id)
            if each == layer or (spec.name, each) in known
        ]
        return resolve(spec, layers).value

    async def revise(
        self,
        work: Work,
        spec: PolicySpec[Any],
        site_id: UUID | None,
        overrides: Overrides,
        *,
        reason: str,
        expected: int,
        effective_at: datetime | None = None,
        open_tickets: bool = False,
    ) -> int:
        """Append a revision, in force from `effective_at` (default: now); its number. `open_tickets`: they shall be
        held to it as well.

        Raises Invalid naming every wrong leaf, PreconditionFailed unless `expected` is the latest revision's number.
        """
        if site_id is not None and (spec.company_only or site_id not in work.ctx.site_ids):
            raise NotFound
        await work.uow.wait_for_turn(_turn(work))
        effective_at = effective_at or work.now
        faults = list(_faults(work, reason, effective_at))
        try:
            validate(spec, overrides, await self.inherited(work, spec, site_id))
        except Invalid as invalid:
            faults += invalid.fields
        if faults:
            raise Invalid(fields=faults)
        before = (await self.history(work, spec.name, site_id))[:1]
        revision = Revision(
            new_id(),
            spec.name,
            site_id,
            expected + 1,
            overrides,
            work.ctx.actor.name,
            reason.strip(),
            max(effective_at, await self._earliest(work)),
            work.now,
            open_tickets,
        )
        changes = diff(spec, before[0].overrides if before else {}, overrides)
        told = {change.path: [_shown(change.before), _shown(change.after)] for change in changes}
        await self._append(work, revision, "policy.revised", told)
        return revision.number

    async def withdraw(
        self, work: Work, spec: PolicySpec[Any], site_id: UUID | None, number: int, *, reason: str, expected: int
    ) -> int:
        """Take back a revision that is still to come, on record as a revision of its own; that one's number.

        Raises NotFound, Conflict for one that is in force already, Invalid without a reason, PreconditionFailed unless
        `expected` is the latest revision's number.
        """
        if site_id is not None and site_id not in work.ctx.site_ids:
            raise NotFound
        if faults := list(_faults(work, reason, work.now)):
            raise Invalid(fields=faults)
        await work.uow.wait_for_turn(_turn(work))
        history = await self.history(work, spec.name, site_id)
        taken_back = {revision.withdraws for revision in history}
        standing = [revision for revision in history if revision.withdraws is None and revision.id not in taken_back]
        planned = next((revision for revision in standing if revision.number == number), None)
        if planned is None:
            raise NotFound
        if planned.effective_at <= max(work.now, await self._earliest(work)):
            raise Conflict("This revision is in force already. Put an earlier one in force again instead.")
        before = next((revision for revision in standing if revision is not planned), None)
        revision = Revision(
            new_id(),
            spec.name,
            site_id,
            expected + 1,
            before.overrides if before else {},
            work.ctx.actor.name,
            reason.strip(),
            work.now,
            work.now,
            withdraws=planned.id,
        )
        await self._append(work, revision, "policy.withdrawn", {"withdrawn": number})
        return revision.number

    async def _earliest(self, work: Work) -> datetime:
        """The first instant at which a revision can take effect: open tickets that follow a later one already would be
        passed by."""
        reached = await revisions.reached(work.uow)
        return work.now if reached is None else reached + _TICK

    async def _append(self, work: Work, revision: Revision, action: str, changes: Mapping[str, Any]) -> None:
        if not await revisions.insert(work.uow, revision, work.ctx.actor.id):
            raise PreconditionFailed
        told = {"number": revision.number, **changes}
        work.audit(action, "policy", revision.policy, told, site_id=revision.site_id)
        for listener in self._listeners:
            await listener(work, revision)
        work.announce("policy", revision.site_id)
        self._known.changed_in(work.uow)

    async def calendar(self, work: Work, site_id: UUID) -> tuple[UUID, Calendar]:
        """The site's calendar in force, and the id under which its value is kept for good."""
        calendar = to_calendar(await self.value(work, CALENDAR, site_id))
        encoded = msgspec.json.encode(calendar, order="sorted")
        calendar_id = uuid5(work.ctx.company_id, encoded.hex())
        key = (work.ctx.company_id, calendar_id)
        if key not in self._calendars and not work.uow.read_only:  # what only reads leaves nothing that refers to it
            sql = "INSERT INTO calendar_value (company_id, id, value) VALUES ($1, $2, $3::jsonb) ON CONFLICT DO NOTHING"
            await work.uow.execute(sql, *key, encoded.decode())
            # only a committed row may be relied on by later transactions
            work.uow.after_commit(lambda: self._calendars.update({key: calendar}))
        return calendar_id, calendar

    async def calendar_by_id(self, work: Work, calendar_id: UUID) -> Calendar:
        """The calendar that a ticket's clocks run on."""
        key = (work.ctx.company_id, calendar_id)
        known = self._calendars.get(key)
        if known is None:
            value = await work.uow.value("SELECT value FROM calendar_value WHERE company_id = $1 AND id = $2", *key)
            calendar = known = msgspec.json.decode(value, type=Calendar)
            # not at once: this very transaction may have written the row, and may yet undo it
            work.uow.after_commit(lambda: self._calendars.update({key: calendar}))
        return known

    async def _in_force(self, work: Work) -> _InForce:
        known = self._known.get(work.ctx.company_id, None, work.now, work.uow)
        if known is None:
            since = self._known.changes
            in_force = await revisions.in_force(work.uow, work.now)
            following = await revisions.next_instant(work.uow, work.now)
            known = _InForce(in_force)
            until = min(work.now + KEEP, following or work.now + KEEP)
            self._known.keep(work.ctx.company_id, None, known, until, since=since, uow=work.uow)
        return known

    def _resolved_by(self, spec: PolicySpec[T], layers: list[Layer]) -> Resolved[T]:
        """What these revisions make of the policy: always the same, so also when they are read again after a while."""
        made_by = (spec.name, *(layer.revision_id for layer in layers))
        if made_by not in self._resolved:
            if len(self._resolved) >= _RESOLVED:
                self._resolved.clear()
            self._resolved[made_by] = resolve(spec, layers)
        return self._resolved[made_by]

    @staticmethod
    def _layers(in_force: _InForce, name: str, site_id: UUID | None) -> list[Layer]:
        known = (in_force.revisions.get((name, layer)) for layer in dict.fromkeys((None, site_id)))
        return [_layer(revision) for revision in known if revision is not None]


def _layer(revision: Revision) -> Layer:
    return Layer("company" if revision.site_id is None else "site", revision.id, revision.overrides)


def _faults(work: Work, reason: str, effective_at: datetime) -> Iterator[FieldError]:
    if not 1 <= len(reason.strip()) <= REASON:
        yield FieldError("reason", "Say why in 1 to {maximum} characters.", {"maximum": REASON})
    if effective_at < work.now:
        yield FieldError("effective_at", "A change cannot take effect in the past.")


def _turn(work: Work) -> str:
    """Revisions of a company are made one after the other."""
    return f"{work.ctx.company_id} policies"


def _shown(value: Any) -> Any:
    return None if value is msgspec.UNSET else value
